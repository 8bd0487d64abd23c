/* oauth_consent.c: /oauth/authorizations/{authorization_id}: what the consent page shows, and the user's decision (contract 10 sections 9, 10). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"
#include "latchkey/session.h"

int oauth_check_origin(struct request *req)
{
	struct text origin = http_header(req, "Origin");

	if (text_is_empty(origin) || redirect_allowed(req->settings, origin))
		return 0;
	return fail(req, 400, "validation_failed", "unauthorized request origin");
}

static int check_id(struct request *req, struct text *id)
{
	*id = req->http->captures[0];
	if (text_is_empty(*id))
		return fail(req, 400, "validation_failed", "authorization_id is required");
	request_log_field(req, log_bytes("authorization_id", *id));
	return 0;
}

static int reply_target(struct request *req, struct text target)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_text(&out, "redirect_url", target);
	json_close_object(&out);
	return 0;
}

static int reply_details(struct request *req, const struct oauth_authorization *authorization, const struct oauth_client *client)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_text(&out, "authorization_id", authorization->authorization_id);
	json_member_text(&out, "redirect_uri", authorization->redirect_uri);
	json_name(&out, "client");
	json_open_object(&out);
	json_member_uuid(&out, "id", &client->id);
	json_member_string_opt(&out, "name", client->name);
	json_member_string_opt(&out, "uri", client->uri);
	json_member_string_opt(&out, "logo_uri", client->logo_uri);
	json_close_object(&out);
	json_name(&out, "user");
	json_open_object(&out);
	json_member_uuid(&out, "id", &req->bearer->user->id);
	json_member_string_opt(&out, "email", req->bearer->user->email);
	json_close_object(&out);
	json_member_text(&out, "scope", authorization->scope);
	json_close_object(&out);
	return 0;
}

int api_oauth_authorization_get(struct request *req)
{
	struct oauth_authorization *authorization;
	struct oauth_client *client;
	struct text id, redirect;

	if (oauth_check_origin(req) < 0 || check_id(req, &id) < 0 || oauth_open(req, id, &authorization, &client, &redirect) < 0)
		return -1;
	if (!redirect.len)
		return reply_details(req, authorization, client);
	request_log_field(req, log_truth("auto_approved", true));
	return reply_target(req, redirect);
}

struct body {
	struct text action;
};
static const struct json_field fields[] = {JSON_FIELD(struct body, action, "action", JSON_TEXT)};
static const struct json_shape shape = JSON_SHAPE("ConsentRequest", fields);

int api_oauth_consent(struct request *req)
{
	struct body body = {0};
	struct text id, redirect;
	bool approve;

	if (oauth_check_origin(req) < 0)
		return -1;
	if (oauth_json_first(req, &shape, &body) < 0)
		return fail(req, 400, "bad_json", "invalid JSON body");
	approve = text_is(body.action, "approve");
	if (!approve && !text_is(body.action, "deny"))
		return fail(req, 400, "validation_failed", "action must be 'approve' or 'deny'");
	if (check_id(req, &id) < 0)
		return -1;
	request_log_field(req, log_text("oauth_consent_action", approve ? "approve" : "deny"));
	return oauth_decide(req, id, approve, &redirect) < 0 ? -1 : reply_target(req, redirect);
}
