/* session.h: sessions, refresh tokens, access tokens, bearer gates, flow states (contract 04). */
#ifndef LATCHKEY_SESSION_H
#define LATCHKEY_SESSION_H

#include "latchkey/account.h"

struct amr_claim {
	const char *method;
	moment updated_at;
};

struct session {
	struct uuid id, user_id;
	moment created_at, updated_at, refreshed_at, not_after;
	struct uuid factor_id, oauth_client_id; /* nil: none */
	const char *aal;			/* column: "aal1"…; "" for NULL */
	const char *tag, *scopes;		/* "" for NULL */
	const char *refresh_hmac_key;		/* stored form; NULL: none */
	int64_t refresh_counter;
	bool has_counter;
	struct amr_claim *amr;
	size_t amr_count;
};

/* ---- who asks (sections 3, 01 section 8) -------------------------------------------------------------------------------------- */

struct claims { /* of section 3.3 */
	struct text sub, email, phone, role, aal, session_id, client_id, scope, iss;
	struct text_list aud;
	struct json_object *app_metadata, *user_metadata, *amr; /* NULL: absent */
	bool is_anonymous;
	moment exp, iat;
};

struct bearer {
	struct claims claims;
	struct user *user;	 /* NULL for an admin without session */
	struct session *session; /* NULL: the token names none */
	bool admin;
};

int bearer_token(struct request *req, struct text *token);			  /* 401 no_authorization */
int bearer_claims(struct request *req, struct text token, struct claims *claims); /* 403 bad_jwt */
int gate_bearer(struct request *req);						  /* AUTH of 01 section 8.3; sets req->bearer */
int gate_admin(struct request *req);						  /* ADM of 01 section 8.4 */
int gate_not_anonymous(struct request *req);
/* True where the request would pass ADM; leaves no failure (captcha). */
bool bearer_is_admin(struct request *req);

/* ---- sessions --------------------------------------------------------------------------------------------------------------------- */

enum session_validity { SESSION_VALID, SESSION_EXPIRED, SESSION_INACTIVE, SESSION_LOW_AAL };
enum session_validity session_validity(const struct request *req, const struct session *session, moment token_time, bool user_can_aal2);
const char *session_aal_computed(const struct session *session); /* from its AMR rows (2.4) */
int session_by_id(struct request *req, const struct uuid *id, struct session **session);
void session_from_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct session *session);

/* What a sign-in gives. */
struct grant {
	const char *method;	     /* AMR method, 2.4 */
	moment not_after;	     /* MOMENT_NONE unless SAML */
	struct uuid oauth_client_id; /* nil unless the OAuth server */
	const char *scopes;	     /* NULL or "" unless the OAuth server */
	struct uuid factor_id;
};
struct tokens {
	struct text access_token, refresh_token;
	int64_t expires_at;
	struct user *user;
	struct session *session;
	const char *provider_token, *provider_refresh_token; /* NULL or "": left out */
};
/* Section 5, within the caller's transaction. */
int session_issue(struct request *req, struct user *user, const struct grant *grant, struct tokens *tokens);
/* After that transaction has failed, where an audit entry came first: sb-auth-* headers go that come after the write that failed. */
void session_issue_failed(struct request *req);
/* The access token of sections 2.3 to 2.5; hook included. method for the hook. */
int access_token_make(struct request *req, const struct user *user, const struct session *session, const char *method, const struct uuid *client_id,
		      struct text *token, int64_t *expires_at);
/* The claims that a hook gave (section 2.5, 11 section 5.4): -1 with its failure. */
struct hook_answer;
int claims_check(struct request *req, const struct hook_answer *answer, struct json_object **claims);
/* POST /token refresh_token (section 8.3); client nil: none authenticated. */
int session_refresh(struct request *req, struct text refresh_token, const struct uuid *client_id, struct tokens *tokens);
/* Section 10: after a second factor, inside the caller's transaction. */
int session_raise(struct request *req, struct user *user, const char *method, const struct uuid *factor_id, struct tokens *tokens);
/* A row of mfa_amr_claims (upsert). */
int session_add_method(struct request *req, struct session *session, const char *method);

enum weak_shape { WEAK_ABSENT, WEAK_PRESENT };
/* Response of section 4; weak NULL with WEAK_PRESENT writes null. */
int reply_tokens(struct request *req, const struct tokens *tokens, enum weak_shape shape, unsigned weak, const char *weak_message);
/* URL + fragment of the implicit flow; extra pairs name, value alternating, NULL-terminated. */
struct text tokens_fragment(struct request *req, struct text url, const struct tokens *tokens, const char *const *extra);

enum logout_scope { LOGOUT_GLOBAL, LOGOUT_LOCAL, LOGOUT_OTHERS };
int session_logout(struct request *req, const struct bearer *bearer, enum logout_scope scope);
int session_delete_all(struct request *req, const struct uuid *user_id, const struct uuid *except); /* except NULL: all */

/* The metering line `Login` (02 section 7.6). provider NULL: left out. */
void log_login(struct request *req, const char *method, const struct uuid *user_id, const char *provider, bool after_signup);

/* ---- refresh token forms (section 7) ------------------------------------------------------------------------------------------------ */

char *refresh_v1_new(TALLOC_CTX *mem);
struct text refresh_v2_make(TALLOC_CTX *mem, const struct uuid *session, int64_t counter, const unsigned char key[32]);
struct refresh_v2 {
	struct uuid session;
	int64_t counter;
	unsigned char signed_part[64];
	size_t signed_len;
	unsigned char signature[16];
};
bool refresh_v2_parse(struct text token, struct refresh_v2 *parsed);		      /* all but the signature */
bool refresh_v2_verify(const struct refresh_v2 *parsed, const unsigned char key[32]); /* constant time */

/* ---- flow states and PKCE (section 9) -------------------------------------------------------------------------------------------------- */

struct flow_state {
	struct uuid id, user_id;
	const char *auth_code, *code_challenge, *code_challenge_method; /* NULL for implicit flows */
	const char *provider_type, *authentication_method, *provider_access_token, *provider_refresh_token;
	moment created_at, auth_code_issued_at;
	const char *invite_token, *referrer; /* NULL: none */
	struct uuid oauth_client_state_id, linking_target_id;
	bool email_optional;
};
/* The authentication method that a text names (03 section 6.9): whatever ends in "signup" is "email/signup"; NULL: none. */
const char *session_method(struct text text);
/* Both or none, 43 to 128 characters, alphabet: 400 validation_failed (section 9.1). */
int pkce_validate(struct request *req, struct text challenge, struct text method);
int flow_state_create(struct request *req, struct flow_state *flow, struct text challenge, struct text method); /* fills id and code */
int flow_state_by_code(struct request *req, struct text code, struct flow_state **flow);
int flow_state_by_id(struct request *req, const struct uuid *id, struct flow_state **flow);
bool flow_state_expired(const struct request *req, const struct flow_state *flow);
int pkce_verify(struct request *req, const struct flow_state *flow, struct text verifier);
int flow_state_issue_code(struct request *req, const struct uuid *user_id, const char *method, struct text *code); /* section 9.4, e-mail links */

#endif
