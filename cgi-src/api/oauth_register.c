/* oauth_register.c: POST /oauth/clients/register: a client registers itself (contract 10 section 5.3). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"
#include "latchkey/settings.h"

int oauth_register(struct request *req, const char *registration_type)
{
	struct oauth_client_fields fields = {0};
	struct oauth_client *client;
	struct json_writer out;
	char *secret;

	if (oauth_json_first(req, &oauth_client_shape, &fields) < 0)
		return fail(req, 400, "bad_json", "Invalid JSON body");
	if (oauth_client_register(req, &fields, registration_type, &client, &secret) < 0)
		return -1;
	out = http_reply(req, 201);
	oauth_client_json(&out, client, secret);
	return 0;
}

int api_oauth_register(struct request *req)
{
	if (!req->settings->oauth_server.allow_dynamic_registration)
		return fail(req, 403, "oauth_dynamic_client_registration_disabled", "Dynamic client registration is not enabled");
	return oauth_register(req, "dynamic");
}
