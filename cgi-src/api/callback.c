/* callback.c: GET and POST /callback: back from a provider (contract 07 sections 4.2 to 4.6). */
#include <string.h>

#include "cgi-src/api/external.h"
#include "latchkey/settings.h"

#define CLIENT_STATE_LIFE (5 * MINUTE)

struct callback {
	const struct flow_state *flow;
	struct user *target; /* who links; NULL: nobody */
	struct oauth_provider *provider;
	struct oauth_answer answer;
	struct external_login login;
	struct tokens tokens;
};

static struct text param(struct request *req, const char *name)
{
	return req->http->method == METHOD_POST ? http_form(req, name) : http_query(req, name);
}

static bool is_pkce(const struct callback *callback)
{
	return callback->flow->code_challenge != NULL;
}

/* ---- what the browser brings (4.2 steps 1 and 2) ----------------------------------------------------------------------------------------------------- */

static int read_params(struct request *req, struct callback *callback)
{
	struct oauth_answer *answer = &callback->answer;
	struct text error = param(req, "error");

	answer->oauth1 = strcmp(callback->flow->provider_type, "twitter") == 0;
	answer->oauth_token = http_query(req, "oauth_token");
	answer->oauth_verifier = http_query(req, "oauth_verifier");
	answer->user = param(req, "user");
	answer->code = param(req, "code");
	if (answer->oauth1)
		return 0;
	if (error.len)
		return fail_oauth(req, text_string(req, error), "%s", text_string(req, param(req, "error_description")));
	return answer->code.len ? 0 : fail(req, 400, "bad_oauth_callback", "OAuth callback with missing authorization code missing");
}

/* ---- the provider (steps 3 to 8) ------------------------------------------------------------------------------------------------------------------------ */

static int open_provider(struct request *req, struct callback *callback)
{
	const char *why;

	if (oauth_provider_find(req, text_of(callback->flow->provider_type), TEXT_NONE, &callback->provider, &why) == 0 &&
	    oauth_provider_open(req, callback->provider, &why) == 0)
		return 0;
	return why ? fail(req, 400, "oauth_provider_not_supported", "Unsupported provider: %s", why) : -1;
}

/* The verifier is good once, for the provider that it was made for. */
static int take_verifier(struct request *req, struct callback *callback)
{
	const struct flow_state *flow = callback->flow;
	struct oauth_client_state state;
	bool found;

	if (uuid_is_nil(&flow->oauth_client_state_id)) {
		if (oauth_provider_has_pkce(callback->provider))
			return fail(req, 400, "oauth_invalid_state", "OAuth PKCE code verifier missing");
		return 0;
	}
	if (oauth_client_state_take(req, &flow->oauth_client_state_id, &state, &found) < 0)
		return fail_server(req, "Failed to find OAuth state");
	if (!found)
		return fail(req, 422, "oauth_client_state_not_found", "OAuth state not found");
	if (strcmp(state.provider_type, flow->provider_type) != 0)
		return fail(req, 400, "oauth_invalid_state", "OAuth provider mismatch");
	if (req->started > moment_add(state.created_at, CLIENT_STATE_LIFE))
		return fail(req, 422, "oauth_client_state_expired", "OAuth state expired");
	callback->answer.verifier = text_of(state.code_verifier);
	return 0;
}

static int ask_provider(struct request *req, struct callback *callback)
{
	struct oauth_profile *profile = &callback->answer.profile;

	if (open_provider(req, callback) < 0)
		return -1;
	if (!callback->answer.oauth1 && take_verifier(req, callback) < 0)
		return -1;
	if (oauth_ask(req, callback->provider, &callback->answer) < 0)
		return -1;
	if (!profile->email_count && !callback->flow->email_optional)
		return fail_server(req, "Error getting user email from external provider");
	oauth_profile_settle(profile);
	return 0;
}

/* ---- the transaction (4.5) --------------------------------------------------------------------------------------------------------------------------------- */

/* Step 4: what goes wrong with state and tokens is the server's error. */
static int as_server_error(struct request *req)
{
	const struct failure failure = req->failure;
	const char *text = failure.kind == FAILURE_UNEXPECTED ? failure.cause : format(req, "%d: %s", failure.status, failure.message);

	if (failure.final || failure.db)
		return -1; /* the database's errors have words of their own */
	return fail_oauth(req, "server_error", "%s", text ? text : failure.message);
}

static int arrive_pkce(struct request *req, struct callback *callback)
{
	const struct flow_state *flow = callback->flow;
	const struct oauth_answer *answer = &callback->answer;
	struct db_rows *rows;
	struct uuid user;

	if (db_fetch(req, STMT_FLOW_STATE_LOCK, DB_ARGS(db_uuid(&flow->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail_unexpected(req, "Flow State not found");
	user = db_get_uuid(rows, 0, 0);
	if (!uuid_is_nil(&user))
		return fail(req, 400, "flow_state_already_used", "State has already been used");
	if (db_execute(req, STMT_FLOW_STATE_ARRIVE,
		       DB_ARGS(db_uuid(&flow->id), db_uuid(&callback->login.user->id),
			       db_text(answer->access_token.data ? answer->access_token : TEXT("")),
			       db_text(answer->refresh_token.data ? answer->refresh_token : TEXT("")), db_moment(moment_now()))) < 0)
		return as_server_error(req);
	return 0;
}

/* The state is spent before anything is issued: of two callbacks at once one finds nothing. */
static int arrive_implicit(struct request *req, struct callback *callback)
{
	struct grant grant = {.method = "oauth", .not_after = MOMENT_NONE};
	struct db_rows *rows;

	if (db_fetch(req, STMT_FLOW_STATE_SPEND, DB_ARGS(db_uuid(&callback->flow->id)), &rows) < 0)
		return as_server_error(req);
	if (db_row_count(rows) == 0)
		return fail(req, 400, "flow_state_already_used", "State has already been used");
	return session_issue(req, callback->login.user, &grant, &callback->tokens) < 0 ? as_server_error(req) : 0;
}

static int sign_in(struct request *req, struct callback *callback)
{
	if (callback->target) {
		callback->login.user = callback->target;
		return external_link(req, &callback->login);
	}
	if (callback->flow->invite_token && callback->flow->invite_token[0])
		return external_accept_invite(req, &callback->login, text_of(callback->flow->invite_token));
	return external_sign_in(req, &callback->login);
}

static int transaction(struct request *req, void *arg)
{
	struct callback *callback = arg;

	if (sign_in(req, callback) < 0)
		return -1;
	return is_pkce(callback) ? arrive_pkce(req, callback) : arrive_implicit(req, callback);
}

/* ---- where it goes on (4.6) ---------------------------------------------------------------------------------------------------------------------------------- */

static struct text destination(struct request *req, const struct flow_state *flow)
{
	const char *fixed = req->settings->external.redirect_url;

	if (fixed[0])
		return text_of(fixed);
	return text_of(flow->referrer && flow->referrer[0] ? flow->referrer : req->settings->site_url);
}

static int redirect(struct request *req, struct callback *callback)
{
	struct text target = destination(req, callback->flow);
	struct text access = callback->answer.access_token, refresh = callback->answer.refresh_token;
	struct url_param code = {"code", text_of(callback->flow->auth_code)};
	const char *extra[5] = {"provider_token", access.data ? text_string(req, access) : ""};

	if (refresh.len) {
		extra[2] = "provider_refresh_token";
		extra[3] = text_string(req, refresh);
	}
	if (is_pkce(callback))
		return reply_redirect(
			req, 302, url_edited(req, target, &(struct url_edit){.new_query = true, .params = &code, .count = 1, .fragment = TEXT_NONE}));
	return reply_redirect(req, 302, tokens_fragment(req, target, &callback->tokens, extra));
}

static int run(struct request *req, struct callback *callback)
{
	const struct flow_state *flow = callback->flow;
	bool automatic = !callback->target && !(flow->invite_token && flow->invite_token[0]);

	if (ask_provider(req, callback) < 0)
		return -1;
	callback->login = (struct external_login){
		.provider = flow->provider_type, .profile = &callback->answer.profile, .email_optional = flow->email_optional};
	if (automatic && hook_enabled(req, HOOK_BEFORE_USER_CREATED) && external_ask_hook(req, &callback->login, hook_before_user_created) < 0)
		return -1;
	if (db_transaction(req, transaction, callback) < 0)
		return -1;
	if (automatic && hook_after_user_created(req, callback->login.user) < 0)
		return -1;
	if (!is_pkce(callback))
		log_login(req, "oauth", &callback->login.user->id, flow->provider_type, false);
	return redirect(req, callback);
}

int api_callback(struct request *req)
{
	struct callback callback = {.flow = req->http->flow, .target = req->http->linking_target};
	int moved;

	if (read_params(req, &callback) < 0)
		return callback_redirect_failure(req, destination(req, callback.flow));
	moved = lane_require(req, LANE_OUTBOUND);
	if (moved)
		return moved;
	return run(req, &callback) < 0 ? callback_redirect_failure(req, destination(req, callback.flow)) : 0;
}
