/* custom_provider_write.c: POST and PUT of /admin/custom-providers (contract 07 sections 12.4 and 12.5). */
#include <string.h>

#include "cgi-src/api/custom_providers.h"
#include "latchkey/crypto.h"
#include "latchkey/outbound.h"
#include "latchkey/settings.h"

static const struct json_field fields[] = {
	JSON_FIELD(struct custom_body, provider_type, "provider_type", JSON_TEXT),
	JSON_FIELD(struct custom_body, identifier, "identifier", JSON_TEXT),
	JSON_FIELD(struct custom_body, name, "name", JSON_TEXT),
	JSON_FIELD(struct custom_body, client_id, "client_id", JSON_TEXT),
	JSON_FIELD(struct custom_body, client_secret, "client_secret", JSON_TEXT),
	JSON_FIELD(struct custom_body, acceptable_client_ids, "acceptable_client_ids", JSON_TEXTS),
	JSON_FIELD(struct custom_body, scopes, "scopes", JSON_TEXTS),
	JSON_FIELD(struct custom_body, pkce_enabled, "pkce_enabled", JSON_BOOL_OPT),
	JSON_FIELD(struct custom_body, attribute_mapping, "attribute_mapping", JSON_MAP),
	JSON_FIELD(struct custom_body, custom_claims_allowlist, "custom_claims_allowlist", JSON_TEXTS),
	JSON_FIELD(struct custom_body, authorization_params, "authorization_params", JSON_MAP),
	JSON_FIELD(struct custom_body, enabled, "enabled", JSON_BOOL_OPT),
	JSON_FIELD(struct custom_body, email_optional, "email_optional", JSON_BOOL_OPT),
	JSON_FIELD(struct custom_body, issuer, "issuer", JSON_TEXT),
	JSON_FIELD(struct custom_body, discovery_url, "discovery_url", JSON_TEXT_OPT),
	JSON_FIELD(struct custom_body, skip_nonce_check, "skip_nonce_check", JSON_BOOL_OPT),
	JSON_FIELD(struct custom_body, authorization_url, "authorization_url", JSON_TEXT),
	JSON_FIELD(struct custom_body, token_url, "token_url", JSON_TEXT),
	JSON_FIELD(struct custom_body, userinfo_url, "userinfo_url", JSON_TEXT),
	JSON_FIELD(struct custom_body, jwks_uri, "jwks_uri", JSON_TEXT_OPT),
};
const struct json_shape custom_body_shape = JSON_SHAPE("AdminCustomOAuthProviderParams", fields);

static int invalid(struct request *req, const char *message)
{
	return fail(req, 400, "validation_failed", "%s", message);
}

/* ---- checks 9 to 11 ---------------------------------------------------------------------------------------------------------------------------------------- */

static bool is_among(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static int check_params(struct request *req, struct json_object *params)
{
	static const char *const reserved[] = {"client_id", "client_secret",  "redirect_uri",	       "response_type", "state",
					       "nonce",	    "code_challenge", "code_challenge_method", "code_verifier"};

	if (!params)
		return 0;
	json_object_object_foreach(params, name, value)
	{
		if (is_among(name, reserved, sizeof(reserved) / sizeof(reserved[0])))
			return fail(req, 400, "validation_failed", "Cannot override reserved OAuth parameter: %s", name);
		if (!json_object_is_type(value, json_type_string))
			return fail(req, 400, "validation_failed", "Authorization parameter %s must be a string", quote_go(req, text_of(name)).data);
	}
	return 0;
}

static int check_mapping(struct request *req, struct json_object *mapping)
{
	static const char *const system_fields[] = {"id",
						    "aud",
						    "role",
						    "app_metadata",
						    "created_at",
						    "updated_at",
						    "confirmed_at",
						    "email_confirmed_at",
						    "phone_confirmed_at",
						    "email_verified",
						    "phone_verified",
						    "banned_until",
						    "is_super_admin"};

	if (!mapping)
		return 0;
	json_object_object_foreach(mapping, target, value)
	{
		(void)value;
		if (is_among(target, system_fields, sizeof(system_fields) / sizeof(system_fields[0])))
			return fail(req, 400, "validation_failed", "Cannot map to protected system field: %s", target);
	}
	return 0;
}

int custom_body_check(struct request *req, const struct custom_body *body)
{
	if (check_params(req, body->authorization_params) < 0 || check_mapping(req, body->attribute_mapping) < 0)
		return -1;
	for (size_t i = 0; i < body->custom_claims_allowlist.count; i++)
		if (!text_trim_unicode_space(body->custom_claims_allowlist.items[i]).len)
			return invalid(req, "custom_claims_allowlist entries must be non-empty strings");
	return 0;
}

struct text_list custom_oidc_scopes(struct request *req, struct text_list scopes)
{
	struct text_list with = {must(talloc_array(req, struct text, (unsigned)scopes.count + 1)), 0, true};

	if (!text_list_has(&scopes, TEXT("openid")))
		with.items[with.count++] = TEXT("openid");
	for (size_t i = 0; i < scopes.count; i++)
		with.items[with.count++] = scopes.items[i];
	return with;
}

/* ---- POST: what has to be there (2 to 8) ------------------------------------------------------------------------------------------------------------------- */

static int check_needed(struct request *req, const struct custom_body *body)
{
	bool oidc = text_is(body->provider_type, "oidc");
	const struct {
		struct text value;
		bool applies;
		const char *message;
	} needed[] = {
		{body->name, true, "name is required"},
		{body->client_id, true, "client_id is required"},
		{body->client_secret, true, "client_secret is required"},
		{body->issuer, oidc, "issuer is required for OIDC providers"},
		{body->authorization_url, !oidc, "authorization_url is required for OAuth2 providers"},
		{body->token_url, !oidc, "token_url is required for OAuth2 providers"},
		{body->userinfo_url, !oidc, "userinfo_url is required for OAuth2 providers"},
	};

	if (!oidc && !text_is(body->provider_type, "oauth2"))
		return invalid(req, "provider_type must be either 'oauth2' or 'oidc'");
	if (!body->identifier.len)
		return invalid(req, "identifier is required");
	if (!text_starts(body->identifier, "custom:"))
		return fail(req, 400, "validation_failed", "identifier must start with 'custom:' prefix, e.g. 'custom:%s'",
			    text_string(req, body->identifier));
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i].applies && !needed[i].value.len)
			return invalid(req, needed[i].message);
	return custom_body_check(req, body);
}

static int check_quota(struct request *req)
{
	int64_t max = req->settings->custom_oauth.max_providers, count;

	if (max <= 0)
		return 0;
	if (custom_providers_count(req, &count) < 0)
		return fail_server(req, "Error checking provider quota");
	if (count >= max)
		return fail(req, 400, "over_custom_provider_quota", "Maximum number of custom OAuth/OIDC providers reached");
	return 0;
}

/* ---- URLs (13) ------------------------------------------------------------------------------------------------------------------------------------------------- */

static int check_urls(struct request *req, const struct custom_body *body, bool oidc)
{
	const struct text urls[] = {
		oidc ? body->issuer : body->authorization_url,
		oidc ? body->discovery_url.text : body->token_url,
		oidc ? TEXT_NONE : body->userinfo_url,
		oidc ? TEXT_NONE : body->jwks_uri.text,
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (urls[i].len && outbound_guard(req, urls[i]) < 0)
			return -1;
	return 0;
}

/* ---- POST --------------------------------------------------------------------------------------------------------------------------------------------------------- */

static const char *string_of(struct request *req, struct text text)
{
	return text_string(req, text.data ? text : TEXT(""));
}

static struct json_object *object_or_empty(struct request *req, struct json_object *object)
{
	return object ? object : json_hold(req, must(json_object_new_object()));
}

static void make(struct request *req, const struct custom_body *body, struct custom_provider *custom)
{
	bool oidc = text_is(body->provider_type, "oidc");

	*custom = (struct custom_provider){
		.id = uuid_v4(),
		.provider_type = oidc ? "oidc" : "oauth2",
		.identifier = string_of(req, body->identifier),
		.name = string_of(req, body->name),
		.client_id = string_of(req, body->client_id),
		.acceptable_client_ids = body->acceptable_client_ids,
		.scopes = oidc ? custom_oidc_scopes(req, body->scopes) : body->scopes,
		.custom_claims_allowlist = body->custom_claims_allowlist,
		.pkce_enabled = !body->pkce_enabled.set || body->pkce_enabled.value,
		.enabled = !body->enabled.set || body->enabled.value,
		.email_optional = body->email_optional.value,
		.skip_nonce_check = oidc && body->skip_nonce_check.value,
		.attribute_mapping = object_or_empty(req, body->attribute_mapping),
		.authorization_params = object_or_empty(req, body->authorization_params),
	};
	if (oidc) {
		custom->issuer = string_of(req, body->issuer);
		custom->discovery_url = body->discovery_url.set ? string_of(req, body->discovery_url.text) : NULL;
		return;
	}
	custom->authorization_url = string_of(req, body->authorization_url);
	custom->token_url = string_of(req, body->token_url);
	custom->userinfo_url = string_of(req, body->userinfo_url);
	custom->jwks_uri = body->jwks_uri.set ? string_of(req, body->jwks_uri.text) : NULL;
}

static int check_free(struct request *req, struct text identifier)
{
	struct custom_provider *there;

	if (text_has_nul(identifier) || custom_provider_by_identifier(req, identifier, &there) < 0)
		return fail_server(req, "Error checking for existing provider");
	return there ? fail(req, 400, "conflict", "A custom OAuth provider with this identifier already exists") : 0;
}

/* What the database cannot hold (contract 07 section 16.24). */
static bool holds_nul(const struct request *req, const struct custom_body *body)
{
	return text_has_nul(body->name) || text_has_nul(body->client_id) || (!req->settings->security.encrypt && text_has_nul(body->client_secret));
}

static void seal_secret(struct request *req, struct custom_provider *custom, struct text secret)
{
	custom->client_secret = text_string(req, envelope_seal(req, req->settings, &custom->id, secret));
}

int api_custom_provider_create(struct request *req)
{
	struct custom_body body = {0};
	struct custom_provider custom;
	int moved;

	if (http_json(req, &custom_body_shape, &body) < 0 || check_needed(req, &body) < 0 || check_quota(req) < 0)
		return -1;
	moved = lane_require(req, LANE_OUTBOUND); /* names are looked up, documents fetched */
	if (moved)
		return moved;
	make(req, &body, &custom);
	if (check_urls(req, &body, custom_provider_is_oidc(&custom)) < 0 || check_free(req, body.identifier) < 0)
		return -1;
	if (custom_provider_is_oidc(&custom) && custom_provider_discover(req, &custom) < 0)
		return -1;
	seal_secret(req, &custom, body.client_secret);
	if (holds_nul(req, &body) || custom_provider_insert(req, &custom) < 0)
		return fail_server(req, "Error creating custom OAuth provider");
	return reply_custom_provider(req, 201, &custom);
}

/* ---- PUT: what is given replaces; empty texts leave what there is ----------------------------------------------------------------------------------------------- */

static void set_text(struct request *req, const char **place, struct text given)
{
	if (given.len)
		*place = text_string(req, given);
}

static void set_list(struct text_list *place, const struct text_list *given)
{
	if (given->set)
		*place = *given;
}

static void set_truth(bool *place, struct json_opt_bool given)
{
	if (given.set)
		*place = given.value;
}

static void apply(struct request *req, const struct custom_body *body, struct custom_provider *custom)
{
	bool oidc = custom_provider_is_oidc(custom);

	set_text(req, &custom->name, body->name);
	set_text(req, &custom->client_id, body->client_id);
	set_list(&custom->acceptable_client_ids, &body->acceptable_client_ids);
	set_list(&custom->custom_claims_allowlist, &body->custom_claims_allowlist);
	set_list(&custom->scopes, &body->scopes);
	if (oidc && body->scopes.set)
		custom->scopes = custom_oidc_scopes(req, body->scopes);
	set_truth(&custom->pkce_enabled, body->pkce_enabled);
	set_truth(&custom->enabled, body->enabled);
	set_truth(&custom->email_optional, body->email_optional);
	if (body->attribute_mapping)
		custom->attribute_mapping = body->attribute_mapping;
	if (body->authorization_params)
		custom->authorization_params = body->authorization_params;
	if (oidc) {
		set_text(req, &custom->issuer, body->issuer);
		set_text(req, &custom->discovery_url, body->discovery_url.text);
		set_truth(&custom->skip_nonce_check, body->skip_nonce_check);
		return;
	}
	set_text(req, &custom->authorization_url, body->authorization_url);
	set_text(req, &custom->token_url, body->token_url);
	set_text(req, &custom->userinfo_url, body->userinfo_url);
	set_text(req, &custom->jwks_uri, body->jwks_uri.text);
}

/* Documents of the provider as it was and as it is are fetched anew. */
static int forget(struct request *req, const struct custom_provider *before, const struct custom_provider *after)
{
	if (!custom_provider_is_oidc(after))
		return 0;
	return oidc_forget(req, before->issuer, before->discovery_url) < 0 || oidc_forget(req, after->issuer, after->discovery_url) < 0 ? -1 : 0;
}

static bool asks_discovery(const struct custom_body *body, const struct custom_provider *custom)
{
	return custom_provider_is_oidc(custom) && (body->issuer.len || body->discovery_url.set);
}

static int update(struct request *req, const struct custom_body *body, struct custom_provider *custom)
{
	const struct custom_provider before = *custom;

	apply(req, body, custom);
	if (check_urls(req, body, custom_provider_is_oidc(custom)) < 0)
		return -1;
	if (asks_discovery(body, custom) && custom_provider_discover(req, custom) < 0)
		return -1;
	if (body->client_secret.len)
		seal_secret(req, custom, body->client_secret);
	if (holds_nul(req, body) || custom_provider_update(req, custom) < 0)
		return fail_server(req, "Error updating custom OAuth provider");
	if (asks_discovery(body, custom) && forget(req, &before, custom) < 0)
		return -1;
	return reply_custom_provider(req, 200, custom);
}

int api_custom_provider_update(struct request *req)
{
	struct custom_body body = {0};
	struct custom_provider *custom;
	int moved;

	if (custom_path_check(req) < 0 || http_json(req, &custom_body_shape, &body) < 0 || custom_body_check(req, &body) < 0 ||
	    custom_provider_of_path(req, &custom) < 0)
		return -1;
	moved = lane_require(req, LANE_OUTBOUND);
	return moved ? moved : update(req, &body, custom);
}
