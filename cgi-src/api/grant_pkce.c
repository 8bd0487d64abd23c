/* grant_pkce.c: POST /token?grant_type=pkce: an authorization code becomes a session, once (contract 04 section 8.6). */
#include <string.h>

#include "cgi-src/api/grants.h"
#include "latchkey/hook.h"
#include "latchkey/session.h"

#define NOT_FOUND "invalid flow state, no valid flow state found"

struct body {
	struct text auth_code, code_verifier;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, auth_code, "auth_code", JSON_TEXT),
	JSON_FIELD(struct body, code_verifier, "code_verifier", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("PKCEGrantParams", fields);

struct exchange {
	const struct flow_state *flow;
	struct user *user;
	struct tokens *tokens;
};

/* The code is spent first: of two at once one finds nothing (chapter 12). */
static int exchange_code(struct request *req, void *arg)
{
	struct exchange *exchange = arg;
	const struct flow_state *flow = exchange->flow;
	struct grant grant = {.method = session_method(text_of(flow->authentication_method)), .not_after = MOMENT_NONE};
	struct db_rows *rows;

	if (!grant.method)
		return fail_unexpected(req, "unsupported authentication method \"%s\"", flow->authentication_method);
	if (db_fetch(req, STMT_FLOW_STATE_SPEND, DB_ARGS(db_uuid(&flow->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail(req, 404, "flow_state_not_found", NOT_FOUND);
	audit(req, AUDIT_LOGIN, exchange->user, audit_traits(req, "provider_type", flow->provider_type, NULL), false);
	return session_issue(req, exchange->user, &grant, exchange->tokens);
}

static int find_flow(struct request *req, struct text code, struct flow_state **flow)
{
	if (flow_state_by_code(req, code, flow) < 0)
		return -1;
	if (!*flow || uuid_is_nil(&(*flow)->user_id))
		return fail(req, 404, "flow_state_not_found", NOT_FOUND);
	if (flow_state_expired(req, *flow))
		return fail(req, 422, "flow_state_expired", "invalid flow state, flow state has expired");
	return 0;
}

/* Steps 5 and 6; the ban stands between them (chapter 12). */
static int find_user(struct request *req, const struct flow_state *flow, struct user **user)
{
	if (user_by_id(req, &flow->user_id, user) < 0)
		return -1;
	if (!*user)
		return fail_unexpected(req, "the user of the flow state is gone");
	if (user_is_banned(*user, req->started))
		return fail(req, 403, "user_banned", "User is banned");
	return 0;
}

int grant_pkce(struct request *req)
{
	struct body body = {0};
	struct tokens tokens = {0};
	struct flow_state *flow;
	struct user *user;
	int lane;

	if (http_json(req, &shape, &body) < 0)
		return -1;
	if (!body.auth_code.len || !body.code_verifier.len)
		return fail(req, 400, "validation_failed", "invalid request: both auth code and code verifier should be non-empty");
	lane = hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (lane != 0)
		return lane;
	if (find_flow(req, body.auth_code, &flow) < 0 || find_user(req, flow, &user) < 0 || pkce_verify(req, flow, body.code_verifier) < 0)
		return -1;
	if (db_transaction(req, exchange_code, &(struct exchange){flow, user, &tokens}) < 0) {
		session_issue_failed(req);
		return -1;
	}
	tokens.provider_token = flow->provider_access_token;
	tokens.provider_refresh_token = flow->provider_refresh_token;
	log_login(req, "pkce", &user->id, flow->provider_type, false);
	return reply_tokens(req, &tokens, WEAK_ABSENT, 0, NULL);
}
