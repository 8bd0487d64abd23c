/* passkey_int.h: what the files of this room share. */
#ifndef PASSKEY_INT_H
#define PASSKEY_INT_H

#include "latchkey/passkey.h"
#include "latchkey/settings.h"
#include "latchkey/webauthn.h"

void passkey_from_row(const struct db_rows *rows, int row, struct passkey *passkey);
/* As the rules want them. */
struct webauthn_credential *passkey_credentials(struct request *req, const struct passkey *list, size_t count);
int passkeys_count(struct request *req, const struct user *user); /* 422 too_many_passkeys where there is no room for one more */

/* 500 where no relying party can be set up under these settings. */
int ceremony_ready(struct request *req);
/* Stores the challenge of options that are otherwise complete; user NULL: of a sign-in. */
int ceremony_begin(struct request *req, struct webauthn_options *options, const struct user *user, struct passkey_ceremony *ceremony);
/* Takes the challenge away, for once, and reads what was stored with it. user NULL: of a sign-in. */
int ceremony_consume(struct request *req, const struct uuid *id, const struct user *user, struct webauthn_session *session);
int ceremony_unreadable(struct request *req, const char *why); /* 400 "Invalid credential response" */
int ceremony_refuse(struct request *req, const char *why);     /* 400 "Credential verification failed" */

#endif
