/* passkey.h: credentials that sign somebody in by themselves (contract 08 section 9). */
#ifndef LATCHKEY_PASSKEY_H
#define LATCHKEY_PASSKEY_H

#include "latchkey/session.h"

struct passkey {
	struct uuid id, user_id;
	struct text credential_id, public_key; /* bytes */
	int64_t sign_count;
	bool backup_eligible;
	const char *friendly_name;
	moment created_at, last_used_at;
};

/* ---- ceremonies ----------------------------------------------------------------------------------------------------------------------------------- */

struct passkey_ceremony {
	struct uuid id;
	struct text options; /* JSON */
	moment expires_at;
};
/* SSO users and sessions of a too low level are refused: first thing on both registration routes. */
int passkey_may_register(struct request *req);
int passkey_begin_registration(struct request *req, struct passkey_ceremony *ceremony);
int passkey_begin_sign_in(struct request *req, struct passkey_ceremony *ceremony);
/* credential: JSON of what the client got. The challenge is gone whatever comes of it. */
int passkey_finish_registration(struct request *req, const struct uuid *challenge, struct text credential, struct passkey *passkey);
int passkey_finish_sign_in(struct request *req, const struct uuid *challenge, struct text credential, struct tokens *tokens);

/* ---- management ------------------------------------------------------------------------------------------------------------------------------------- */

/* 403 insufficient_aal where the user has a verified factor and the session is not at the second level. */
int passkey_may_manage(struct request *req);
/* In order of their making. */
int passkeys_of_user(struct request *req, const struct uuid *user_id, struct passkey **list, size_t *count);
/* The {passkey_id} of the path, at this place among its parameters; 404 where it is no UUID or not this user's. */
int passkey_find(struct request *req, size_t capture, const struct uuid *user_id, struct passkey *passkey);
int passkey_rename(struct request *req, struct passkey *passkey, struct text name);
/* by_admin: the audit log names the administrator and the user. */
int passkey_remove(struct request *req, const struct passkey *passkey, bool by_admin);
void passkey_json(struct json_writer *out, const struct passkey *passkey, bool with_use); /* with_use: last_used_at too */

/* The name of the authenticator's make (section 16); "Passkey" where it is not known. */
const char *passkey_name(const unsigned char aaguid[16]);

#endif
