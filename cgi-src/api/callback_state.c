/* callback_state.c: the gate of /callback: the flow that the browser comes back to (contract 07 section 4.1). */
#include "cgi-src/api/external.h"
#include "cgi-src/api/gates.h"
#include "latchkey/session.h"

static int bad_state(struct request *req, const char *message)
{
	return fail(req, 400, "bad_oauth_state", "%s", message);
}

static int load(struct request *req, const struct uuid *id, struct flow_state **flow)
{
	if (flow_state_by_id(req, id, flow) < 0)
		return fail_server(req, "Error loading flow state");
	if (!*flow)
		return bad_state(req, "OAuth state not found or expired");
	if (flow_state_expired(req, *flow))
		return bad_state(req, "OAuth state has expired");
	if ((*flow)->code_challenge && !uuid_is_nil(&(*flow)->user_id))
		return fail(req, 400, "flow_state_already_used", "State has already been used");
	return 0;
}

static int find_flow(struct request *req, struct flow_state **flow)
{
	struct text state = req->http->method == METHOD_POST ? http_form(req, "state") : http_query(req, "state");
	struct uuid id;

	if (!state.len)
		return fail(req, 400, "bad_oauth_callback", "OAuth state parameter missing");
	if (!uuid_parse(state, &id))
		return bad_state(req, "OAuth state parameter is invalid");
	return load(req, &id, flow);
}

static int find_target(struct request *req, const struct flow_state *flow, struct user **target)
{
	if (uuid_is_nil(&flow->linking_target_id))
		return 0;
	if (user_by_id(req, &flow->linking_target_id, target) < 0)
		return fail_server(req, "Error loading flow state");
	return *target ? 0 : fail(req, 422, "user_not_found", "Linking target user not found");
}

/* Whatever the method: what is wrong with the state sends the browser back to the site. */
int gate_flow_state(struct request *req)
{
	struct http *http = req->http;

	if (find_flow(req, &http->flow) == 0 && find_target(req, http->flow, &http->linking_target) == 0)
		return 0;
	if (req->failure.final)
		return -1;
	return callback_redirect_state_failure(req) < 0 ? -1 : REQUEST_ANSWERED;
}
