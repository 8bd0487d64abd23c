/* session_int.h: what the files of this room share. */
#ifndef SESSION_INT_H
#define SESSION_INT_H

#include "latchkey/http.h"
#include "latchkey/session.h"
#include "latchkey/settings.h"

/* How many columns the fragments of sql/statements/ have. */
enum { USER_COLUMNS = 35, SESSION_COLUMNS = 14, REFRESH_TOKEN_COLUMNS = 5 };

/* ---- sessions ------------------------------------------------------------------------------------------------------------------------ */

moment session_last_refreshed(const struct session *session, moment token_time);
/* The tag of section 6; NULL where there are no tags. */
struct text session_tag(const struct settings *settings, const struct session *session);
duration seconds_span(int64_t seconds); /* saturates */
bool is_aal2_method(const char *method);

/* What a row of sessions says about the client: text without NUL and with valid UTF-8, an address that inet takes; NULL otherwise. */
struct db_value session_user_agent(struct request *req);
struct db_value session_address(struct request *req);

/* ---- keys of version 2 tokens (section 7.2) ------------------------------------------------------------------------------------------ */

struct session_key {
	unsigned char bytes[32];
};
/* A new key; *stored is its column value. */
void session_key_new(struct request *req, const struct uuid *session, struct session_key *key, struct text *stored);
/* -1: no failure is set, *why is a cause for the log. */
int session_key_open(struct request *req, const struct session *session, struct session_key *key, const char **why);
/* The column value of a key, under the newest encryption key. */
struct text session_key_seal(struct request *req, const struct uuid *session, const struct session_key *key);

/* ---- access tokens ------------------------------------------------------------------------------------------------------------------- */

/* The claims object of section 2.3; listed: with aud as an array. */
struct text access_claims(struct request *req, const struct user *user, const struct session *session, const struct uuid *client_id, moment now,
			  bool listed, int64_t *expires_at);

/* Claim types and times of an input token (sections 3.2 and 3.3). false: *detail says what is wrong. */
bool claims_read(TALLOC_CTX *mem, struct json_object *from, struct claims *claims, const char **detail);

/* ---- refreshing ------------------------------------------------------------------------------------------------------------------------ */

/* One refresh on its way (section 8.3). */
struct refresh {
	struct text token; /* as presented */
	bool is_v2;
	struct refresh_v2 parsed;
	struct uuid client; /* nil: no OAuth client is authenticated */
	struct user *user;
	struct session *session; /* NULL: there is none */
	struct {
		int64_t id;
		moment created_at, updated_at;
		bool revoked;
	} row;			/* version 1 */
	moment token_time;	/* updated_at of the presented token before the lock; MOMENT_NONE for version 2 */
	struct session_key key; /* version 2 */
	bool busy;		/* a row is locked by another: try again */
	struct tokens *tokens;
};

#define REFRESH_BUSY "Too many concurrent token refresh requests on the same session or refresh token"

/* The plain case in one statement; *done false: go the general way. */
int refresh_plain(struct request *req, struct refresh *refresh, bool *done);
/* Look-up of section 7.4, with or without lock. *found false: nothing (or, with lock, not now). */
int refresh_lookup(struct request *req, struct refresh *refresh, bool lock, bool *found);
int refresh_single(struct request *req, struct refresh *refresh); /* the single-session rule */
int refresh_with_v1(struct request *req, struct refresh *refresh);
int refresh_with_v2(struct request *req, struct refresh *refresh);
/* Chapter 12, 04 section 14.4: where a session's tokens of the higher level begin; 0 where nothing is known. */
struct level {
	int64_t counter, token_id;
};
int refresh_level(struct request *req, const struct session *session, struct level *level);
void session_mark_refreshed(struct request *req, const struct session *session); /* step 13; queued */
int refresh_is_busy(struct request *req, struct refresh *refresh);		 /* -1 */

/* Revokes the old token and queues its successor, revoked at once where replaced by version 2 (section 8.4 step 4). */
const char *refresh_swap(struct request *req, struct user *user, const struct session *session, int64_t old_id, struct text old_token, bool revoked);

/* ---- reply headers (section 4) --------------------------------------------------------------------------------------------------------- */

void header_uuid(struct request *req, const char *name, const struct uuid *uuid);
void header_counter(struct request *req, int64_t counter);
void session_refresh_failed(struct request *req, bool is_v2); /* takes headers back that come after the write that failed */
void header_prefix(struct request *req, struct text refresh_token);

#define HEADER_USER "sb-auth-user-id"
#define HEADER_SESSION "sb-auth-session-id"
#define HEADER_PREFIX "sb-auth-refresh-token-prefix"
#define HEADER_COUNTER "sb-auth-refresh-token-counter"
#define HEADER_REUSE "sb-auth-refresh-token-reuse"
#define HEADER_REUSE_CAUSE "sb-auth-refresh-token-reuse-cause"
#define HEADER_ROTATED "sb-auth-refresh-token-rotated"

#endif
