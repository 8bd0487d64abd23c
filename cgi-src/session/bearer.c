/* bearer.c: who asks: the gates of user and admin endpoints (contract 04 section 3, 01 section 8). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "latchkey/jose.h"
#include "session_int.h"

#define SCHEME "Bearer "

int bearer_token(struct request *req, struct text *token)
{
	struct text header = http_authorization(req);
	size_t scheme = sizeof(SCHEME) - 1;
	bool fits = header.len > scheme && strncasecmp(header.data, SCHEME, scheme) == 0;

	for (size_t i = scheme; fits && i < header.len; i++)
		fits = !isspace((unsigned char)header.data[i]);
	if (!fits)
		return fail(req, 401, "no_authorization", "This endpoint requires a valid Bearer token");
	*token = (struct text){header.data + scheme, header.len - scheme};
	return 0;
}

/* Types come before the signature (section 3.2, check 5 before 9), so a token with both wrong is malformed. */
static const char *detail_of_unverified(struct request *req, struct text token, const char *detail)
{
	struct jose_parts parts;
	struct claims claims;
	const char *other = NULL, *prefix = "token is malformed: ";

	if (jose_split(req, token, &parts, &other) == 0 && !claims_read(req, parts.payload, &claims, &other) &&
	    strncmp(other, prefix, strlen(prefix)) == 0)
		return other;
	return detail;
}

int bearer_claims(struct request *req, struct text token, struct claims *claims)
{
	struct json_object *payload;
	const char *detail = NULL;

	if (jose_verify(req, req->settings->jwt.keys, token, &payload, &detail) < 0)
		detail = detail_of_unverified(req, token, detail);
	else if (claims_read(req, payload, claims, &detail))
		return 0;
	return fail(req, 403, "bad_jwt", "invalid JWT: unable to parse or verify signature, %s", detail);
}

static bool names_session(const struct claims *claims)
{
	return claims->session_id.len && !text_is(claims->session_id, "00000000-0000-0000-0000-000000000000");
}

/* User and session in one round trip. */
static int load(struct request *req, const struct uuid *user_id, const struct uuid *session_id, struct bearer *bearer)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_BEARER_SESSION, DB_ARGS(db_uuid(user_id), db_uuid(session_id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	bearer->user = must(talloc(bearer, struct user));
	user_from_row(req, rows, 0, 0, bearer->user);
	if (db_is_null(rows, 0, USER_COLUMNS))
		return 0;
	bearer->session = must(talloc(bearer, struct session));
	session_from_row(req, rows, 0, USER_COLUMNS, bearer->session);
	return 0;
}

/* Steps 1 to 5 of section 3.4; a session of somebody else counts as none. */
static int load_user_and_session(struct request *req, struct bearer *bearer)
{
	bool with_session = names_session(&bearer->claims), session_valid;
	struct uuid user_id, session_id = {{0}};

	if (bearer->claims.sub.len == 0)
		return fail(req, 403, "bad_jwt", "invalid claim: missing sub claim");
	if (!uuid_parse(bearer->claims.sub, &user_id))
		return fail(req, 400, "bad_jwt", "invalid claim: sub claim must be a UUID");
	session_valid = with_session && uuid_parse(bearer->claims.session_id, &session_id);
	if (session_valid ? load(req, &user_id, &session_id, bearer) < 0 : user_by_id(req, &user_id, &bearer->user) < 0)
		return -1;
	if (!bearer->user)
		return fail(req, 403, "user_not_found", "User from sub claim in JWT does not exist");
	if (with_session && !session_valid)
		return fail(req, 403, "bad_jwt", "invalid claim: session_id claim must be a UUID");
	if (with_session && (!bearer->session || !uuid_equal(&bearer->session->user_id, &user_id)))
		return fail(req, 403, "session_not_found", "Session from session_id claim in JWT does not exist");
	return 0;
}

static struct bearer *read_bearer(struct request *req)
{
	struct bearer *bearer = must(talloc_zero(req, struct bearer));
	struct text token;

	if (bearer_token(req, &token) < 0 || bearer_claims(req, token, &bearer->claims) < 0)
		return NULL;
	bearer->admin = bearer->claims.role.len && text_list_has(&req->settings->jwt.admin_roles, bearer->claims.role);
	return bearer;
}

int gate_bearer(struct request *req)
{
	struct bearer *bearer = read_bearer(req);

	if (!bearer || load_user_and_session(req, bearer) < 0)
		return -1;
	if (user_is_banned(bearer->user, req->started))
		return fail(req, 403, "user_banned", "User is banned");
	req->bearer = bearer;
	return 0;
}

int gate_admin(struct request *req)
{
	struct bearer *bearer = read_bearer(req);

	if (!bearer)
		return -1;
	if (names_session(&bearer->claims)) {
		if (load_user_and_session(req, bearer) < 0)
			return -1;
		if (bearer->session && session_validity(req, bearer->session, MOMENT_NONE, user_has_verified_factor(bearer->user)) != SESSION_VALID)
			return fail(req, 403, "session_expired", "Session is no longer valid");
	}
	if (!bearer->admin) {
		fail(req, 403, "not_admin", "User not allowed");
		return fail_cause(req, "this token needs one of the roles of GOTRUE_JWT_ADMIN_ROLES");
	}
	req->bearer = bearer;
	return 0;
}

int gate_not_anonymous(struct request *req)
{
	if (req->bearer && req->bearer->claims.is_anonymous)
		return fail(req, 403, "no_authorization", "Anonymous user not allowed to perform these actions");
	return 0;
}

bool bearer_is_admin(struct request *req)
{
	struct failure before = req->failure;
	struct bearer *bearer = req->bearer;
	bool admin = gate_admin(req) == 0;

	req->failure = before;
	req->bearer = bearer;
	return admin;
}
