/* admin_oauth_clients.c: /admin/oauth/clients: clients as an admin sees and changes them (contract 10 section 6). */
#include "cgi-src/api/gates.h"
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"

/* The client that the path names (section 2). */
int gate_oauth_client(struct request *req)
{
	struct text name = req->http->captures[0];
	struct uuid id;

	if (text_is_empty(name))
		return fail(req, 400, "validation_failed", "client_id is required");
	if (!uuid_parse(name, &id))
		return fail(req, 400, "validation_failed", "invalid client_id format");
	request_log_field(req, log_text("oauth_client_id", uuid_string(req, &id)));
	if (oauth_client_by_id(req, &id, &req->http->oauth_client) < 0)
		return fail_server(req, "Error loading OAuth client");
	return req->http->oauth_client ? 0 : fail(req, 404, "oauth_client_not_found", "OAuth client not found");
}

static int reply_client(struct request *req, const struct oauth_client *client, const char *secret)
{
	struct json_writer out = http_reply(req, 200);

	oauth_client_json(&out, client, secret);
	return 0;
}

int api_admin_oauth_clients_list(struct request *req)
{
	struct oauth_client *clients;
	struct json_writer out;
	size_t count;

	if (oauth_clients_all(req, &clients, &count) < 0)
		return -1;
	if (count == 0)
		return reply_empty_object(req);
	out = http_reply(req, 200);
	json_open_object(&out);
	json_name(&out, "clients");
	json_open_array(&out);
	for (size_t i = 0; i < count; i++)
		oauth_client_json(&out, &clients[i], NULL);
	json_close_array(&out);
	json_close_object(&out);
	return 0;
}

int api_admin_oauth_client_create(struct request *req)
{
	return oauth_register(req, "manual");
}

int api_admin_oauth_client_get(struct request *req)
{
	return reply_client(req, req->http->oauth_client, NULL);
}

int api_admin_oauth_client_update(struct request *req)
{
	struct oauth_client_fields fields = {0};

	if (oauth_json_first(req, &oauth_client_shape, &fields) < 0)
		return fail(req, 400, "bad_json", "Invalid JSON body");
	if (oauth_client_update(req, &fields, req->http->oauth_client) < 0)
		return -1;
	return reply_client(req, req->http->oauth_client, NULL);
}

int api_admin_oauth_client_delete(struct request *req)
{
	return oauth_client_delete(req, req->http->oauth_client) < 0 ? -1 : reply_empty(req, 204);
}

int api_admin_oauth_client_new_secret(struct request *req)
{
	char *secret;

	if (oauth_client_new_secret(req, req->http->oauth_client, &secret) < 0)
		return -1;
	return reply_client(req, req->http->oauth_client, secret);
}
