/* exchange.c: a code becomes a session of the application, once (contract 10 section 12.3, RFC 6749 section 4.1.3). */
#include "idp_int.h"

#define METHOD "oauth_provider/authorization_code"
#define EXCHANGE_FAILED "Error exchanging authorization code"

struct exchange {
	const struct oauth_authorization *authorization;
	struct user *user;
	struct tokens *tokens;
};

static int invalid_grant(struct request *req, const char *why)
{
	return fail_oauth(req, "invalid_grant", "%s", why);
}

/* *user NULL: the code's user is gone. */
static int find(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked, struct oauth_authorization **found,
		struct user **user)
{
	struct db_rows *rows;

	if (!asked->code.len)
		return fail_oauth(req, "invalid_request", "code is required for authorization_code grant");
	if (db_fetch(req, STMT_OAUTH_AUTHORIZATION_BY_CODE, DB_ARGS(db_text(asked->code)), &rows) < 0)
		return fail_server(req, "Error finding authorization code");
	if (db_row_count(rows) == 0)
		return code_replayed(req, client, asked) < 0 ? -1 : invalid_grant(req, "Invalid authorization code");
	*found = authorization_from_row(req, rows);
	if (db_is_null(rows, 0, AUTHORIZATION_COLUMNS))
		return 0;
	*user = must(talloc(req, struct user));
	user_from_row(req, rows, 0, AUTHORIZATION_COLUMNS, *user);
	return 0;
}

/* Rows 3 to 8. */
static int check(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked, const struct oauth_authorization *found)
{
	const char *why;

	if (moment_now() > found->expires_at)
		return invalid_grant(req, "Authorization code has expired");
	if (!uuid_equal(&found->client_id, &client->id))
		return invalid_grant(req, "Authorization code was not issued for this client");
	if (asked->resource.len && !text_equal(asked->resource, found->resource))
		return invalid_grant(req, "Authorization code resource does not match the resource parameter");
	if (asked->redirect_uri.len && !text_equal(asked->redirect_uri, found->redirect_uri))
		return invalid_grant(req, "Invalid redirect_uri");
	why = verifier_complaint(req, found->challenge, found->challenge_method, asked->verifier);
	if (why)
		return fail_oauth(req, "invalid_grant", "PKCE verification failed: %s", why);
	return uuid_is_nil(&found->user_id) ? invalid_grant(req, "Authorization code has no associated user") : 0;
}

/* Rows 9 and 10. A deleted account gets no session, even where its row is kept (section 20, point 14). */
static int check_user(struct request *req, const struct user *user)
{
	if (!user || user->deleted_at != MOMENT_NONE)
		return invalid_grant(req, "User not found for authorization code");
	return user_is_banned(user, req->started) ? fail_oauth(req, "access_denied", "User is banned") : 0;
}

static int exchange_locked(struct request *req, void *arg)
{
	struct exchange *exchange = arg;
	const struct oauth_authorization *authorization = exchange->authorization;
	struct grant grant = {.method = METHOD,
			      .not_after = MOMENT_NONE,
			      .oauth_client_id = authorization->client_id,
			      .scopes = text_string(req, authorization->scope)};
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_CODE_SPEND, DB_ARGS(db_uuid(&authorization->id), db_text(authorization->code)), &rows) < 0)
		return fail_server(req, "Error locking authorization code");
	if (db_row_count(rows) == 0)
		return invalid_grant(req, "Invalid authorization code");
	audit_or(req, AUDIT_LOGIN, exchange->user,
		 audit_traits(req, "client_id", uuid_string(req, &authorization->client_id), "provider_type", "oauth_provider_authorization_code",
			      NULL),
		 false, EXCHANGE_FAILED);
	if (session_issue(req, exchange->user, &grant, exchange->tokens) < 0)
		return -1;
	code_mark(req, authorization, exchange->tokens->session);
	return 0;
}

int oauth_exchange(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked, struct tokens *tokens,
		   struct text *id_token)
{
	struct oauth_authorization *found = NULL;
	struct user *user = NULL;
	bool openid;

	*id_token = TEXT_NONE;
	if (find(req, client, asked, &found, &user) < 0 || check(req, client, asked, found) < 0 || check_user(req, user) < 0)
		return -1;
	openid = oauth_scope_has(req, found->scope, "openid");
	if (openid && !id_token_possible(req)) {
		fail_server(req, "Error generating ID token"); /* found out before anything is spent */
		return fail_cause(req, "HS256 is not supported for ID token signing");
	}
	if (db_transaction(req, exchange_locked, &(struct exchange){found, user, tokens}) < 0)
		return -1;
	return openid ? id_token_make(req, user, found, id_token) : 0;
}
