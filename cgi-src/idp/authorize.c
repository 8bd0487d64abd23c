/* authorize.c: an application sends a browser to us: what it asks for is checked and remembered (contract 10 section 8). */
#include <string.h>

#include "idp_int.h"

#define CHALLENGE_MIN 43
#define CHALLENGE_MAX 128
#define ID_BYTES 20

/* ---- before the redirect URI is trusted: answered as JSON (section 8.1) ------------------------------------------------------------------- */

static int find_client(struct request *req, const struct oauth_authorize *asked, struct oauth_client **client)
{
	struct uuid id;

	if (!asked->client_id.len)
		return fail(req, 400, "validation_failed", "client_id is required");
	if (!asked->redirect_uri.len)
		return fail(req, 400, "validation_failed", "redirect_uri is required");
	if (!uuid_parse(asked->client_id, &id))
		return fail(req, 400, "oauth_client_not_found", "invalid client_id format");
	if (oauth_client_by_id(req, &id, client) < 0)
		return fail_server(req, "error validating client");
	if (!*client)
		return fail(req, 400, "oauth_client_not_found", "invalid client_id");
	if (!text_list_has(&(*client)->redirect_uris, asked->redirect_uri))
		return fail(req, 400, "validation_failed", "invalid redirect_uri");
	return 0;
}

/* ---- after that: told to the application by redirect (section 8.2); empty: nothing to complain about ------------------------------------------- */

static struct text check_response_type(struct request *req, struct oauth_authorize *asked)
{
	(void)req;
	return asked->response_type.len && !text_is(asked->response_type, "code") ? TEXT("only response_type=code is supported") : TEXT_NONE;
}

static bool is_scope(struct text name)
{
	static const char *const names[] = {"openid", "profile", "email", "phone", "offline_access"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

static struct text unsupported_scope(TALLOC_CTX *mem, struct text scope)
{
	struct buffer *why = buffer_new(mem, scope.len + 32);

	buffer_string(why, "unsupported scope: ");
	buffer_text(why, scope);
	return buffer_as_text(why);
}

static struct text check_scope(struct request *req, struct oauth_authorize *asked)
{
	struct text_list scopes;

	if (!asked->scope.len)
		asked->scope = text_of(req->settings->oauth_server.default_scope);
	if (!asked->scope.len)
		return TEXT("scope parameter is required");
	scopes = oauth_scopes(req, asked->scope);
	if (scopes.count == 0)
		return TEXT("scope parameter cannot be empty");
	for (size_t i = 0; i < scopes.count; i++)
		if (!is_scope(scopes.items[i]))
			return unsupported_scope(req, scopes.items[i]);
	return TEXT_NONE;
}

static struct text check_resource(struct request *req, struct oauth_authorize *asked)
{
	struct url url;
	const char *why;

	if (!asked->resource.len)
		return TEXT_NONE;
	if (url_parse(req, asked->resource, &url, &why) < 0)
		return TEXT("resource must be a valid URI");
	if (!url.scheme.len)
		return TEXT("resource must be an absolute URI");
	if (url.fragment.len)
		return TEXT("resource must not include a fragment component");
	return url.query.len ? TEXT("resource must not include a query component") : TEXT_NONE;
}

/* The method is stored in lower case. */
static struct text check_challenge(struct request *req, struct oauth_authorize *asked)
{
	if (!asked->challenge.len || !asked->challenge_method.len)
		return TEXT("PKCE flow requires both code_challenge and code_challenge_method");
	asked->challenge_method = text_lower(req, asked->challenge_method);
	if (!text_is(asked->challenge_method, "s256") && !text_is(asked->challenge_method, "plain"))
		return TEXT("code_challenge_method must be 'S256' or 'plain'");
	if (asked->challenge.len < CHALLENGE_MIN || asked->challenge.len > CHALLENGE_MAX)
		return TEXT("code_challenge must be between 43 and 128 characters");
	return TEXT_NONE;
}

/* ---- what is remembered (section 8.3) ------------------------------------------------------------------------------------------------------ */

static struct db_value text_or_null(struct text text)
{
	return text.len ? db_text(text) : db_null();
}

static int remember(struct request *req, const struct oauth_authorize *asked, const struct oauth_client *client, const char *authorization_id)
{
	struct uuid id = uuid_v4();
	moment now = moment_now();

	return db_execute(req, STMT_OAUTH_AUTHORIZATION_INSERT,
			  DB_ARGS(db_uuid(&id), db_string(authorization_id), db_uuid(&client->id), db_text(asked->redirect_uri),
				  db_text(asked->scope), text_or_null(asked->state), text_or_null(asked->resource), db_text(asked->challenge),
				  db_text(asked->challenge_method), text_or_null(asked->nonce), db_moment(now),
				  db_moment(moment_add(now, req->settings->oauth_server.authorization_ttl))));
}

static char *new_authorization_id(TALLOC_CTX *mem)
{
	unsigned char bytes[ID_BYTES];

	random_bytes(bytes, sizeof(bytes));
	return base32_lower_raw(mem, bytes, sizeof(bytes));
}

static struct text consent_page(struct request *req, const char *authorization_id)
{
	struct text site = text_of(req->settings->site_url);
	const char *path = req->settings->oauth_server.authorization_path;

	while (site.len && site.data[site.len - 1] == '/')
		site.len--;
	return text_of(format(req, "%.*s%s%s?authorization_id=%s", (int)site.len, site.data, path[0] == '/' ? "" : "/", path, authorization_id));
}

/* Remembers, and gives the consent page; empty, or what is told to the application as server_error. */
static struct text begin(struct request *req, const struct oauth_authorize *asked, const struct oauth_client *client, struct text *target)
{
	const char *id = new_authorization_id(req), *path = req->settings->oauth_server.authorization_path;

	if (remember(req, asked, client, id) < 0)
		return TEXT("error creating authorization");
	request_log_field(req, log_text("authorization_id", id));
	if (!path || !*path)
		return TEXT("oauth authorization path not configured");
	*target = consent_page(req, id);
	return TEXT_NONE;
}

int oauth_authorize(struct request *req, struct oauth_authorize *asked, struct text *target)
{
	static struct text (*const checks[])(struct request * req, struct oauth_authorize * asked) = {check_response_type, check_scope,
												      check_resource, check_challenge};
	struct oauth_client *client;
	const char *error = "invalid_request";
	struct text why = TEXT_NONE;

	if (find_client(req, asked, &client) < 0)
		return -1;
	request_log_field(req, log_text("client_id", uuid_string(req, &client->id)));
	for (size_t i = 0; !why.len && i < sizeof(checks) / sizeof(checks[0]); i++)
		why = checks[i](req, asked);
	if (!why.len) {
		if (http_limit_of(req, LIMIT_OAUTH_AUTHORIZE, text_of(uuid_string(req, &client->id))) < 0)
			return -1;
		error = "server_error";
		why = begin(req, asked, client, target);
		if (req->failure.final)
			return -1;
	}
	if (why.len) {
		failure_clear(req);
		*target = redirect_with_error(req, asked->redirect_uri, error, why, asked->state);
	}
	return 0;
}
