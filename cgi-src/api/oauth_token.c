/* oauth_token.c: POST /oauth/token: codes and refresh tokens of applications (contract 10 section 12). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"
#include "latchkey/hook.h"
#include "latchkey/session.h"

struct body {
	struct text grant_type, code, redirect_uri, code_verifier, refresh_token, resource, client_id, client_secret;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, grant_type, "grant_type", JSON_TEXT),	    JSON_FIELD(struct body, code, "code", JSON_TEXT),
	JSON_FIELD(struct body, redirect_uri, "redirect_uri", JSON_TEXT),   JSON_FIELD(struct body, code_verifier, "code_verifier", JSON_TEXT),
	JSON_FIELD(struct body, refresh_token, "refresh_token", JSON_TEXT), JSON_FIELD(struct body, resource, "resource", JSON_TEXT),
	JSON_FIELD(struct body, client_id, "client_id", JSON_TEXT),	    JSON_FIELD(struct body, client_secret, "client_secret", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("OAuthTokenParams", fields);

static int read_body(struct request *req, struct body *body)
{
	if (oauth_body_is_json(req))
		return oauth_json_first(req, &shape, body) < 0 ? fail_oauth(req, "invalid_request", "Invalid JSON body") : 0;
	if (!oauth_form_readable(req))
		return fail_oauth(req, "invalid_request", "Failed to parse form data");
	*body = (struct body){
		.grant_type = http_form(req, "grant_type"),
		.code = http_form(req, "code"),
		.redirect_uri = http_form(req, "redirect_uri"),
		.code_verifier = http_form(req, "code_verifier"),
		.refresh_token = http_form(req, "refresh_token"),
	};
	return 0;
}

/* Section 12.2; members sorted by name. */
static int reply(struct request *req, const struct tokens *tokens, struct text id_token)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_text(&out, "access_token", tokens->access_token);
	json_member_int(&out, "expires_in", tokens->expires_at - moment_now() / 1000000);
	if (id_token.len)
		json_member_text(&out, "id_token", id_token);
	json_member_text(&out, "refresh_token", tokens->refresh_token);
	json_member_string(&out, "token_type", "bearer");
	json_close_object(&out);
	return 0;
}

static int grant_code(struct request *req, const struct oauth_client *client, const struct body *body)
{
	struct oauth_exchange asked = {body->code, body->redirect_uri, body->code_verifier, body->resource};
	struct tokens tokens = {0};
	struct text id_token;

	return oauth_exchange(req, client, &asked, &tokens, &id_token) < 0 ? -1 : reply(req, &tokens, id_token);
}

static int grant_refresh(struct request *req, const struct oauth_client *client, const struct body *body)
{
	struct tokens tokens = {0};

	if (!body->refresh_token.len)
		return fail_oauth(req, "invalid_request", "refresh_token is required for refresh_token grant");
	return session_refresh(req, body->refresh_token, &client->id, &tokens) < 0 ? -1 : reply(req, &tokens, TEXT_NONE);
}

static const struct grant_type {
	const char *name;
	int (*handler)(struct request *req, const struct oauth_client *client, const struct body *body);
} grants[] = {
	{"authorization_code", grant_code},
	{"refresh_token", grant_refresh},
};

static bool client_may(const struct oauth_client *client, struct text grant_type)
{
	for (size_t i = 0; i < client->grant_types.count; i++)
		if (text_equal(text_trim_unicode_space(client->grant_types.items[i]), grant_type))
			return true;
	return false;
}

static int unsupported(struct request *req, const char *what, struct text grant_type)
{
	struct buffer *why = buffer_new(req, grant_type.len + 64);

	buffer_string(why, what);
	buffer_text(why, grant_type);
	return fail_oauth_text(req, "unsupported_grant_type", buffer_as_text(why));
}

int api_oauth_token(struct request *req)
{
	const struct oauth_client *client = req->http->oauth_client;
	struct body body = {0};
	int lane;

	if (read_body(req, &body) < 0)
		return -1;
	if (!body.grant_type.len)
		return fail_oauth(req, "invalid_request", "grant_type is required");
	if (!client)
		return fail_oauth(req, "invalid_client", "Client authentication required");
	if (!client_may(client, body.grant_type))
		return unsupported(req, "Client is not allowed to use grant type: ", body.grant_type);
	lane = hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (lane != 0)
		return lane;
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (text_is(body.grant_type, grants[i].name))
			return grants[i].handler(req, client, &body);
	return unsupported(req, "Unsupported grant type: ", body.grant_type);
}
