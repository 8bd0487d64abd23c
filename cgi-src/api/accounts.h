/* accounts.h: what the endpoints of accounts share. */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H

#include "cgi-src/api/handlers.h"
#include "latchkey/account.h"
#include "latchkey/hook.h"
#include "latchkey/http.h"
#include "latchkey/session.h"

#define EMAIL_TAKEN "A user with this email address has already been registered"

int reply_user(struct request *req, const struct user *user); /* 200 with the user object */

/* passwords.c: the lane for a handler that hashes a password and, where waits is set, waits for somebody else too (hook, mail, SMS); as
 * lane_require. */
int lane_for_password(struct request *req, bool waits);
/* The same before the strength check, where that asks another service. */
int lane_for_strength(struct request *req);

/* ---- passwords ------------------------------------------------------------------------------------------------------------------------ */

/* 500 where the stored hash is of no known form or cannot be opened. *right false without a password. */
int password_matches(struct request *req, const struct user *user, struct text password, bool *right);
/* The hash as it is stored: sealed where seal is set and encryption is on (else user may be NULL). 400 for more than 72 bytes. Both work the same
 * thing out once for a request, also when it moves, and wait at the gate outside of the hashing lane: 503 where no place is free in time. */
int password_stored_form(struct request *req, const struct user *user, struct text password, bool seal, const char **stored);

/* ---- making users ------------------------------------------------------------------------------------------------------------------------ */

struct json_object *app_metadata_of(struct request *req, const char *provider, const char *second); /* NULL provider: {} */
int hook_before_user_created(struct request *req, const struct user *user);
int hook_after_user_created(struct request *req, const struct user *user);

/* ---- flows that go on by mail ------------------------------------------------------------------------------------------------------------ */

/* The flow state of a PKCE flow (04 section 9.1); nothing where the challenge is empty. */
int remember_flow(struct request *req, const struct user *user, const char *provider_type, const char *method, struct text challenge,
		  struct text challenge_method);
int reply_message_id(struct request *req, const char *message_id); /* 200 {} or {"message_id":…} (06 section 12.4) */

/* ---- the request's user ------------------------------------------------------------------------------------------------------------------- */

/* Contract 05 section 5: the token's first audience is the request's. */
bool audience_matches(struct request *req);

/* user_id, user_email and user_phone of an audit entry about a user. */
struct json_object *traits_of_user(struct request *req, const struct user *user, bool with_phone);

#endif
