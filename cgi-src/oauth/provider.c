/* provider.c: a provider as this request uses it: from its row and its settings, or from its row in the database (contract 07 sections 1, 14.1). */
#include <string.h>

#include "latchkey/crypto.h"
#include "oauth_int.h"

int provider_complain(struct request *req, const char *why)
{
	request_log_to(req, LOG_WARNING, "the provider's answer cannot be used", log_text("error", why));
	return -1;
}

bool provider_is_guarded(const struct oauth_provider *provider)
{
	return provider->custom != NULL;
}

bool oauth_provider_waits(const struct oauth_provider *provider)
{
	if (provider->custom)
		return custom_provider_is_oidc(provider->custom);
	return provider->row->discovery || strcmp(provider->name, "twitter") == 0;
}

bool oauth_provider_has_pkce(const struct oauth_provider *provider)
{
	return provider->pkce;
}

bool oauth_provider_email_optional(const struct oauth_provider *provider)
{
	return provider->email_optional;
}

/* ---- URLs (section 1.4) ------------------------------------------------------------------------------------------------------------------------- */

static bool ends_with(struct text text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

struct text provider_url(TALLOC_CTX *mem, const struct oauth_provider *provider, struct endpoint endpoint)
{
	struct text base = text_of(provider->settings->url);
	const char *between;

	if (!endpoint.host)
		return text_of(endpoint.path);
	if (!base.len || (provider->row->flags & PROVIDER_IGNORES_URL))
		return text_of(format(mem, "https://%s%s", endpoint.host, endpoint.path));
	if (base.data[base.len - 1] == '/')
		base.len--;
	between = endpoint.with_url && !ends_with(base, endpoint.host) ? endpoint.with_url : "";
	return text_of(format(mem, "%.*s%s%s", (int)base.len, base.data, between, endpoint.path));
}

/* ---- scopes (section 1.3) ------------------------------------------------------------------------------------------------------------------------ */

static void add_scope(TALLOC_CTX *mem, struct text_list *list, struct text scope)
{
	list->items = must(talloc_realloc(mem, list->items, struct text, (unsigned)list->count + 1));
	list->items[list->count++] = scope;
}

static void add_split(TALLOC_CTX *mem, struct text_list *list, struct text text, char at)
{
	struct text item, rest;

	while (text_cut(text, at, &item, &rest)) {
		add_scope(mem, list, item);
		text = rest;
	}
	add_scope(mem, list, text);
}

static void set_built_in_scopes(struct request *req, struct oauth_provider *provider, struct text scopes)
{
	if (provider->row->scopes)
		add_split(req, &provider->scopes, text_of(provider->row->scopes), ' ');
	if (scopes.len && !(provider->row->flags & PROVIDER_IGNORES_SCOPES))
		add_split(req, &provider->scopes, scopes, ',');
}

static void add_words(TALLOC_CTX *mem, struct text_list *list, struct text text)
{
	struct text word;

	while (text_next_word(&text, &word))
		add_scope(mem, list, word);
}

static void set_custom_scopes(struct request *req, struct oauth_provider *provider, struct text scopes)
{
	struct text_list given = {NULL, 0, true};

	add_words(req, &given, scopes);
	if (!given.count)
		given = provider->custom->scopes;
	if (custom_provider_is_oidc(provider->custom) && !text_list_has(&given, TEXT("openid")))
		add_scope(req, &provider->scopes, TEXT("openid"));
	for (size_t i = 0; i < given.count; i++)
		add_scope(req, &provider->scopes, given.items[i]);
}

/* ---- built-in ---------------------------------------------------------------------------------------------------------------------------------------- */

static const char *check_settings(const struct settings_provider *settings, const struct provider_row *row)
{
	if (!settings->enabled)
		return "provider is not enabled";
	if (settings->client_id.count == 0)
		return "missing OAuth client ID";
	if (!settings->secret[0])
		return "missing OAuth secret";
	if (!settings->redirect_uri[0])
		return "missing redirect URI";
	if ((row->flags & PROVIDER_NEEDS_URL) && !settings->url[0])
		return "unable to find URL for the Keycloak provider";
	return NULL;
}

static int find_built_in(struct request *req, struct oauth_provider *provider, struct text scopes, const char **why)
{
	const struct provider_row *row = provider_row(text_of(provider->name));
	const struct settings_provider *settings = row ? settings_provider(req->settings, text_of(provider->name)) : NULL;

	*why = settings ? check_settings(settings, row) : format(req, "Provider %s could not be found", provider->name);
	if (*why)
		return -1;
	provider->row = row;
	provider->settings = settings;
	provider->client_id = settings->client_id.items[0];
	provider->secret = text_of(settings->secret);
	provider->redirect_uri = text_of(settings->redirect_uri);
	provider->pkce = row->flags & PROVIDER_PKCE;
	provider->email_optional = settings->email_optional;
	if (row->authorize.path)
		provider->authorize_url = provider_url(req, provider, row->authorize);
	if (row->token.path)
		provider->token_url = provider_url(req, provider, row->token);
	if (row->user.path)
		provider->user_url = provider_url(req, provider, row->user);
	if (row->issuer.path)
		provider->issuer = provider_url(req, provider, row->issuer);
	set_built_in_scopes(req, provider, scopes);
	return 0;
}

/* ---- custom (section 14.1) -------------------------------------------------------------------------------------------------------------------------- */

static struct text custom_redirect_uri(struct request *req)
{
	const char *own = req->settings->custom_oauth.external_url;
	struct text base = text_of(own[0] ? own : req->settings->api.external_url);

	while (base.len && base.data[base.len - 1] == '/')
		base.len--;
	return text_of(format(req, "%.*s/callback", (int)base.len, base.data));
}

static const char *check_custom(struct request *req, const struct custom_provider *custom)
{
	if (!custom->enabled)
		return format(req, "custom provider %s is disabled", custom->identifier);
	if (custom_provider_is_oidc(custom))
		return custom->issuer && custom->issuer[0] ? NULL : format(req, "OIDC provider %s missing issuer", custom->identifier);
	if (!custom->authorization_url || !custom->authorization_url[0] || !custom->token_url || !custom->token_url[0] || !custom->userinfo_url ||
	    !custom->userinfo_url[0])
		return format(req, "OAuth2 provider %s missing required endpoints", custom->identifier);
	return NULL;
}

static int open_secret(struct request *req, struct oauth_provider *provider, const char **why)
{
	const struct custom_provider *custom = provider->custom;
	const char *cause;

	if (envelope_open(req, req->settings, &custom->id, text_of(custom->client_secret), &provider->secret, &cause) == 0)
		return 0;
	*why = format(req, "error decrypting client secret for provider %s: %s", custom->identifier, cause);
	return -1;
}

static int load_custom(struct request *req, struct oauth_provider *provider, const char **why)
{
	if (!req->settings->custom_oauth.enabled) {
		*why = "custom OAuth providers are disabled";
		return -1;
	}
	if (custom_provider_by_identifier(req, text_of(provider->name), &provider->custom) < 0) {
		if (!req->failure.final)
			*why = "error finding custom provider: database error";
		return -1;
	}
	*why = provider->custom ? NULL : format(req, "custom provider %s not found", provider->name);
	return *why ? -1 : 0;
}

static int find_custom(struct request *req, struct oauth_provider *provider, struct text scopes, const char **why)
{
	struct custom_provider *custom;

	if (load_custom(req, provider, why) < 0)
		return -1;
	custom = provider->custom;
	if (!custom->enabled) {
		*why = check_custom(req, custom);
		return -1;
	}
	if (open_secret(req, provider, why) < 0)
		return -1;
	*why = check_custom(req, custom);
	if (*why)
		return -1;
	provider->client_id = text_of(custom->client_id);
	provider->redirect_uri = custom_redirect_uri(req);
	provider->pkce = custom->pkce_enabled;
	provider->email_optional = custom->email_optional;
	provider->authorize_url = text_of(custom->authorization_url);
	provider->token_url = text_of(custom->token_url);
	provider->user_url = text_of(custom->userinfo_url);
	set_custom_scopes(req, provider, scopes);
	return 0;
}

int oauth_provider_find(struct request *req, struct text name, struct text scopes, struct oauth_provider **provider, const char **why)
{
	struct text lower = text_lower(req, name);

	*why = NULL;
	*provider = must(talloc_zero(req, struct oauth_provider));
	(*provider)->name = text_string(req, lower);
	if (text_has_nul(name)) {
		*why = "Provider could not be found"; /* a name may end at a NUL for no one */
		return -1;
	}
	if (text_starts(lower, "custom:"))
		return find_custom(req, *provider, scopes, why);
	return find_built_in(req, *provider, scopes, why);
}

/* ---- opening ------------------------------------------------------------------------------------------------------------------------------------------ */

static void take_endpoints(struct oauth_provider *provider)
{
	if (provider->custom || !provider->row->authorize.path) {
		provider->authorize_url = provider->oidc->authorize_url;
		provider->token_url = provider->oidc->token_url;
	}
	if (provider->custom)
		provider->user_url = provider->oidc->user_url;
}

bool oauth_provider_place(struct request *req, const struct oauth_provider *provider, struct oidc_place *place)
{
	*place = (struct oidc_place){0};
	if (provider->custom && custom_provider_is_oidc(provider->custom)) {
		place->issuer = text_of(provider->custom->issuer);
		place->location = oidc_location_custom(req, provider->custom);
		place->guarded = place->announced = true;
	} else if (provider->row && provider->row->discovery) {
		place->issuer = text_of(provider->row->discovery);
	}
	return place->issuer.len > 0;
}

int oauth_provider_open(struct request *req, struct oauth_provider *provider, const char **why)
{
	struct oidc_place place;

	*why = NULL;
	if (!oauth_provider_place(req, provider, &place))
		return 0;
	if (oidc_open(req, &place, &provider->oidc, why) < 0) {
		if (*why && provider->custom)
			*why = format(req, "error creating OIDC provider: failed to create OIDC provider: %s", *why);
		return -1;
	}
	take_endpoints(provider);
	return 0;
}

/* ---- the profile ----------------------------------------------------------------------------------------------------------------------------------------- */

int provider_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct json_object *answer;
	struct text body;

	if (provider->custom)
		return custom_profile(req, provider, profile);
	if (provider->row->profile)
		return provider->row->profile(req, provider, profile);
	if (provider_get(req, provider, provider->user_url, &answer, &body) < 0)
		return -1;
	return provider_map(req, provider, answer, body, profile);
}
