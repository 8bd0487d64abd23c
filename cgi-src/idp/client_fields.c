/* client_fields.c: what a client says of itself, checked (contract 10 sections 5.1 and 6.3). */
#include "idp_int.h"

#define URIS_MAX 10
#define NAME_MAX_BYTES 1024
#define URI_MAX_BYTES 2048

static const struct json_field fields_table[] = {
	JSON_FIELD(struct oauth_client_fields, redirect_uris, "redirect_uris", JSON_TEXTS),
	JSON_FIELD(struct oauth_client_fields, type, "client_type", JSON_TEXT_OPT),
	JSON_FIELD(struct oauth_client_fields, auth_method, "token_endpoint_auth_method", JSON_TEXT_OPT),
	JSON_FIELD(struct oauth_client_fields, grant_types, "grant_types", JSON_TEXTS),
	JSON_FIELD(struct oauth_client_fields, name, "client_name", JSON_TEXT_OPT),
	JSON_FIELD(struct oauth_client_fields, uri, "client_uri", JSON_TEXT_OPT),
	JSON_FIELD(struct oauth_client_fields, logo_uri, "logo_uri", JSON_TEXT_OPT),
};
const struct json_shape oauth_client_shape = JSON_SHAPE("OAuthServerClientParams", fields_table);

bool is_auth_method(struct text method)
{
	return text_is(method, "none") || text_is(method, "client_secret_basic") || text_is(method, "client_secret_post");
}

/* The URI is repeated as it came, NUL included. */
static struct text invalid_redirect_uri(TALLOC_CTX *mem, struct text uri, const char *why)
{
	struct buffer *text = buffer_new(mem, uri.len + 80);

	buffer_string(text, "invalid redirect_uri '");
	buffer_text(text, uri);
	buffer_format(text, "': %s", why);
	return buffer_as_text(text);
}

struct text redirect_uris_complaint(TALLOC_CTX *mem, const struct text_list *uris)
{
	if (uris->count > URIS_MAX)
		return TEXT("redirect_uris cannot exceed 10 items");
	for (size_t i = 0; i < uris->count; i++) {
		const char *why = redirect_uri_complaint(mem, uris->items[i]);

		if (why)
			return invalid_redirect_uri(mem, uris->items[i], why);
	}
	return TEXT_NONE;
}

static const char *grant_types_complaint(const struct text_list *types)
{
	for (size_t i = 0; i < types->count; i++)
		if (!text_is(types->items[i], "authorization_code") && !text_is(types->items[i], "refresh_token"))
			return "grant_types must only contain 'authorization_code' and/or 'refresh_token'";
	return NULL;
}

static const char *uri_complaint(TALLOC_CTX *mem, const char *name, struct text uri)
{
	if (uri.len > URI_MAX_BYTES)
		return format(mem, "%s cannot exceed %d characters", name, URI_MAX_BYTES);
	return shown_uri_valid(mem, uri) ? NULL : format(mem, "%s must be a valid URL", name);
}

struct text client_details_complaint(TALLOC_CTX *mem, const struct oauth_client_fields *fields)
{
	const char *why = grant_types_complaint(&fields->grant_types);

	if (!why && fields->name.text.len > NAME_MAX_BYTES)
		why = "client_name cannot exceed 1024 characters";
	if (!why)
		why = uri_complaint(mem, "client_uri", fields->uri.text);
	return text_of(why ? why : uri_complaint(mem, "logo_uri", fields->logo_uri.text));
}
