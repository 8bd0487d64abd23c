/* custom_providers.c: /admin/custom-providers: shown and deleted (contract 07 sections 12.1 to 12.3, 12.5). */
#include <string.h>

#include "cgi-src/api/custom_providers.h"

/* ---- the object (12.1) ---------------------------------------------------------------------------------------------------------------------------------- */

static void member_texts(struct json_writer *out, const char *name, const struct text_list *list)
{
	json_name(out, name);
	json_open_array(out);
	for (size_t i = 0; i < list->count; i++)
		json_text(out, list->items[i]);
	json_close_array(out);
}

static void member_object(struct json_writer *out, const char *name, struct json_object *object)
{
	json_name(out, name);
	if (object)
		json_value(out, object);
	else
		json_raw(out, TEXT("{}"));
}

static void member_if_there(struct json_writer *out, const char *name, const char *value)
{
	if (value)
		json_member_string(out, name, value);
}

static void member_discovery(struct json_writer *out, struct json_object *document)
{
	static const char *const names[] = {
		"issuer",	    "authorization_endpoint",	"token_endpoint",	 "userinfo_endpoint",	   "jwks_uri",
		"scopes_supported", "response_types_supported", "grant_types_supported", "subject_types_supported"};

	if (!document)
		return;
	json_name(out, "discovery_document");
	json_open_object(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_get(document, names[i]))
			json_member_value(out, names[i], json_get(document, names[i]));
	json_close_object(out);
}

/* The secret is never shown. */
static void write_provider(struct json_writer *out, const struct custom_provider *custom)
{
	json_open_object(out);
	json_member_uuid(out, "id", &custom->id);
	json_member_string(out, "provider_type", custom->provider_type);
	json_member_string(out, "identifier", custom->identifier);
	json_member_string(out, "name", custom->name);
	json_member_string(out, "client_id", custom->client_id);
	member_texts(out, "acceptable_client_ids", &custom->acceptable_client_ids);
	member_texts(out, "scopes", &custom->scopes);
	json_member_truth(out, "pkce_enabled", custom->pkce_enabled);
	member_object(out, "attribute_mapping", custom->attribute_mapping);
	member_texts(out, "custom_claims_allowlist", &custom->custom_claims_allowlist);
	member_object(out, "authorization_params", custom->authorization_params);
	json_member_truth(out, "enabled", custom->enabled);
	json_member_truth(out, "email_optional", custom->email_optional);
	member_if_there(out, "issuer", custom->issuer);
	member_if_there(out, "discovery_url", custom->discovery_url);
	json_member_truth(out, "skip_nonce_check", custom->skip_nonce_check);
	member_discovery(out, custom->discovery);
	member_if_there(out, "authorization_url", custom->authorization_url);
	member_if_there(out, "token_url", custom->token_url);
	member_if_there(out, "userinfo_url", custom->userinfo_url);
	member_if_there(out, "jwks_uri", custom->jwks_uri);
	json_member_moment(out, "created_at", custom->created_at);
	json_member_moment(out, "updated_at", custom->updated_at);
	json_close_object(out);
}

int reply_custom_provider(struct request *req, int status, const struct custom_provider *custom)
{
	struct json_writer out = http_reply(req, status);

	write_provider(&out, custom);
	return 0;
}

/* ---- the path (12.3) ---------------------------------------------------------------------------------------------------------------------------------------- */

int custom_path_check(struct request *req)
{
	struct text segment = req->http->captures[0];

	if (text_starts(segment, "custom:"))
		return 0;
	return fail(req, 400, "validation_failed", "identifier must start with 'custom:' prefix, e.g. 'custom:%s'", text_string(req, segment));
}

int custom_provider_of_path(struct request *req, struct custom_provider **custom)
{
	if (custom_provider_by_identifier(req, req->http->captures[0], custom) < 0)
		return fail_server(req, "Error retrieving custom OAuth provider");
	return *custom ? 0 : fail(req, 404, "custom_provider_not_found", "Custom OAuth provider not found");
}

/* ---- endpoints -------------------------------------------------------------------------------------------------------------------------------------------------- */

int api_custom_providers_list(struct request *req)
{
	struct text type = http_query(req, "type");
	struct custom_provider *list;
	struct json_writer out;
	size_t count;

	if (type.len && !text_is(type, "oauth2") && !text_is(type, "oidc"))
		return fail(req, 400, "validation_failed", "type must be either 'oauth2' or 'oidc'");
	if (custom_providers_list(req, type, &list, &count) < 0)
		return fail_server(req, "Error retrieving custom OAuth providers");
	out = http_reply(req, 200);
	json_open_object(&out);
	json_name(&out, "providers");
	json_open_array(&out);
	for (size_t i = 0; i < count; i++)
		write_provider(&out, &list[i]);
	json_close_array(&out);
	json_close_object(&out);
	return 0;
}

int api_custom_provider_get(struct request *req)
{
	struct custom_provider *custom;

	if (custom_path_check(req) < 0 || custom_provider_of_path(req, &custom) < 0)
		return -1;
	return reply_custom_provider(req, 200, custom);
}

int api_custom_provider_delete(struct request *req)
{
	struct custom_provider *custom;

	if (custom_path_check(req) < 0 || custom_provider_of_path(req, &custom) < 0)
		return -1;
	if (custom_provider_delete(req, custom) < 0)
		return fail_server(req, "Error deleting custom OAuth provider");
	if (custom_provider_is_oidc(custom) && oidc_forget(req, custom->issuer, custom->discovery_url) < 0)
		return -1;
	return reply_empty(req, 204);
}
