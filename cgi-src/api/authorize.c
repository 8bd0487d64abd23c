/* authorize.c: GET /authorize and /user/identities/authorize: the way to a provider (contract 07 sections 2 and 9). */
#include "cgi-src/api/external.h"
#include "latchkey/settings.h"

struct authorize {
	struct text provider_name, challenge, method, invite_token;
	struct oauth_provider *provider;
	struct user *target; /* who links; NULL: nobody */
	struct oauth_client_state client_state;
	struct flow_state flow;
};

static int unsupported(struct request *req, const char *why)
{
	return why ? fail(req, 400, "validation_failed", "Unsupported provider: %s", why) : -1;
}

/* Steps 2: moves to the outbound lane where somebody has to be asked. */
static int take_provider(struct request *req, struct authorize *authorize)
{
	const char *why;
	int moved;

	if (oauth_provider_find(req, authorize->provider_name, http_query(req, "scopes"), &authorize->provider, &why) < 0)
		return unsupported(req, why);
	moved = oauth_provider_waits(authorize->provider) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	return oauth_provider_open(req, authorize->provider, &why) < 0 ? unsupported(req, why) : 0;
}

static int check_invite(struct request *req, struct text token)
{
	struct user *user;

	if (!token.len)
		return 0;
	if (external_invited_user(req, token, &user) < 0)
		return -1;
	return user ? 0 : fail(req, 404, "user_not_found", "User identified by token not found");
}

static int check_method(struct request *req, const struct authorize *authorize)
{
	if (!authorize->challenge.len || text_equal_nocase(authorize->method, TEXT("s256")) || text_equal_nocase(authorize->method, TEXT("plain")))
		return 0;
	return fail(req, 400, "validation_failed", "Invalid code_challenge_method");
}

/* Steps 6 to 8, each a transaction of its own. */
static int remember(struct request *req, struct authorize *authorize)
{
	struct flow_state *flow = &authorize->flow;

	if (oauth_provider_has_pkce(authorize->provider)) {
		if (oauth_client_state_create(req, authorize->provider_name, &authorize->client_state) < 0)
			return -1;
		flow->oauth_client_state_id = authorize->client_state.id;
	}
	if (check_method(req, authorize) < 0)
		return -1;
	flow->provider_type = text_string(req, authorize->provider_name);
	flow->authentication_method = "oauth";
	flow->invite_token = authorize->invite_token.len ? text_string(req, authorize->invite_token) : NULL;
	flow->referrer = text_string(req, redirect_referrer(req));
	flow->email_optional = oauth_provider_email_optional(authorize->provider);
	if (authorize->target)
		flow->linking_target_id = authorize->target->id;
	if (flow_state_create(req, flow, authorize->challenge, authorize->method) < 0)
		return fail_server(req, "Error creating flow state");
	return 0;
}

static int start(struct request *req, struct user *target, struct text *url)
{
	struct authorize authorize = {
		.provider_name = http_query(req, "provider"),
		.challenge = http_query(req, "code_challenge"),
		.method = http_query(req, "code_challenge_method"),
		.invite_token = http_query(req, "invite_token"),
		.target = target,
	};
	int taken = take_provider(req, &authorize);

	if (taken)
		return taken;
	if (check_invite(req, authorize.invite_token) < 0 || pkce_validate(req, authorize.challenge, authorize.method) < 0 ||
	    remember(req, &authorize) < 0)
		return -1;
	*url = oauth_authorization_url(req, authorize.provider, &authorize.flow.id, text_of(authorize.client_state.code_verifier));
	return 0;
}

int api_authorize(struct request *req)
{
	struct text url;
	int started = start(req, NULL, &url);

	return started ? started : reply_redirect(req, 302, url);
}

int api_identity_authorize(struct request *req)
{
	struct json_writer out;
	struct text url;
	int started = start(req, req->bearer->user, &url);

	if (started)
		return started;
	if (!text_is(http_query(req, "skip_http_redirect"), "true"))
		return reply_redirect(req, 302, url);
	out = http_reply(req, 200);
	json_open_object(&out);
	json_member_text(&out, "url", url);
	json_close_object(&out);
	return 0;
}
