/* signup_anonymous.c: POST /signup with neither e-mail nor phone (contract 05 section 4). */
#include "cgi-src/api/accounts.h"
#include "cgi-src/api/signup.h"

struct anonymous {
	struct user *user;
	struct tokens tokens;
};

static int write_user(struct request *req, void *arg)
{
	struct anonymous *anonymous = arg;
	struct grant grant = {.method = "anonymous", .not_after = MOMENT_NONE};

	if (user_create(req, anonymous->user) < 0)
		return -1;
	return session_issue(req, anonymous->user, &grant, &anonymous->tokens);
}

int signup_anonymous(struct request *req, const struct signup_params *params)
{
	struct anonymous anonymous = {0};
	bool waits =
		hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED) || hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN);
	int moved;

	if (!req->settings->external.anonymous_users_enabled)
		return fail(req, 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
	if (http_limit(req, LIMIT_ANONYMOUS) < 0 || signup_check_open(req) < 0)
		return -1;
	moved = waits ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	anonymous.user = user_new(req, TEXT_NONE, TEXT_NONE, request_audience(req));
	anonymous.user->user_metadata = params->data;
	anonymous.user->app_metadata = app_metadata_of(req, NULL, NULL);
	anonymous.user->is_anonymous = true;
	if (hook_before_user_created(req, anonymous.user) < 0)
		return -1;
	if (db_transaction(req, write_user, &anonymous) < 0) {
		req->failure.db = NULL; /* the inner error is replaced, whatever it was */
		return fail_server(req, "Database error creating anonymous user");
	}
	if (hook_after_user_created(req, anonymous.user) < 0)
		return -1;
	log_login(req, "anonymous", &anonymous.user->id, NULL, false);
	return reply_tokens(req, &anonymous.tokens, WEAK_ABSENT, 0, NULL);
}
