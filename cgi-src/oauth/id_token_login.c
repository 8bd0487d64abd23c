/* id_token_login.c: whose ID token it is, and whether it is good for a sign-in (contract 07 sections 10.1 steps 6 to 10, and 10.2). */
#include <string.h>

#include "latchkey/crypto.h"
#include "oauth_int.h"

/* What the choice of a provider comes to. */
struct choice {
	const char *provider; /* for identities */
	struct oidc_place place;
	struct text_list audiences;
	bool any_issuer, skip_nonce, email_optional;
};

static int invalid(struct request *req, const char *message)
{
	return fail(req, 400, "validation_failed", "%s", message);
}

/* ---- issuers that the token itself names ------------------------------------------------------------------------------------------------------------------- */

static bool is_azure_login(struct text issuer)
{
	return text_starts(issuer, "https://login.microsoftonline.com/") || text_starts(issuer, "https://sts.windows.net/");
}

static const struct detected {
	const char *provider, *unreadable, *foreign;
	bool (*fits)(struct text issuer);
} apple = {"apple", "Unable to detect issuer in ID token for Apple provider", "Detected ID token issuer is not an Apple ID token issuer",
	   issuer_is_apple},
  azure = {"azure", "Unable to detect issuer in ID token for Azure provider", "Detected ID token issuer is not an Azure ID token issuer",
	   is_azure_login};

static int detect(struct request *req, const struct id_token_request *asked, const struct detected *kind, struct text *issuer)
{
	struct json_object *payload;

	if (id_token_peek(req, asked->id_token, &payload) < 0)
		return invalid(req, kind->unreadable);
	*issuer = json_get_text(payload, "iss");
	if (!kind->fits(*issuer))
		return invalid(req, kind->foreign);
	if (asked->issuer.len && !text_equal(asked->issuer, *issuer))
		return invalid(req, "Provided issuer does not match ID token issuer");
	return 0;
}

/* ---- built-in ------------------------------------------------------------------------------------------------------------------------------------------------- */

static void add_audience(struct request *req, struct choice *choice, struct text client_id)
{
	struct text_list *list = &choice->audiences;

	list->items = must(talloc_realloc(req, list->items, struct text, (unsigned)list->count + 1));
	list->items[list->count++] = client_id;
}

static int use_settings(struct request *req, struct choice *choice, const char *name, struct text issuer)
{
	const struct settings_provider *settings = settings_provider(req->settings, text_of(name));

	choice->provider = name;
	choice->place.issuer = issuer;
	choice->place.guarded = true;
	if (!settings || !settings->enabled)
		return fail(req, 400, "provider_disabled", "Provider (issuer %s) is not enabled", quote_go(req, issuer).data);
	for (size_t i = 0; i < settings->client_id.count; i++)
		add_audience(req, choice, settings->client_id.items[i]);
	choice->skip_nonce = settings->skip_nonce_check || strcmp(name, "facebook") == 0;
	choice->email_optional = settings->email_optional;
	return 0;
}

static int choose_detected(struct request *req, const struct id_token_request *asked, const struct detected *kind, struct choice *choice)
{
	struct text issuer;

	if (detect(req, asked, kind, &issuer) < 0 || use_settings(req, choice, kind->provider, issuer) < 0)
		return -1;
	if (kind == &apple) {
		choice->any_issuer = choice->place.any_issuer = true;
		if (req->settings->external.ios_bundle_id[0])
			add_audience(req, choice, text_of(req->settings->external.ios_bundle_id));
	}
	return 0;
}

/* Its URL is the operator's own, and may be an inner one. */
static int choose_keycloak(struct request *req, struct choice *choice)
{
	const struct settings_provider *keycloak = settings_provider(req->settings, TEXT("keycloak"));

	if (use_settings(req, choice, "keycloak", text_of(keycloak ? keycloak->url : "")) < 0)
		return -1;
	choice->place.guarded = false;
	return 0;
}

static bool is_keycloak(struct request *req, const struct id_token_request *asked)
{
	const struct settings_provider *keycloak = settings_provider(req->settings, TEXT("keycloak"));

	return text_is(asked->provider, "keycloak") || (keycloak && keycloak->enabled && text_is(asked->issuer, keycloak->url));
}

/* ---- custom ---------------------------------------------------------------------------------------------------------------------------------------------------- */

static int refuse_custom(struct request *req, const char *code, const char *before, struct text name, const char *after)
{
	return fail(req, 400, code, "%s %s %s", before, quote_go(req, name).data, after);
}

static int check_custom(struct request *req, const struct custom_provider *custom, struct text name)
{
	if (!custom)
		return refuse_custom(req, "validation_failed", "Custom provider", name, "not found");
	if (!custom->enabled)
		return refuse_custom(req, "provider_disabled", "Custom provider", name, "is disabled");
	if (!custom_provider_is_oidc(custom))
		return refuse_custom(req, "validation_failed", "Provider", name, "is not an OIDC provider");
	if (!custom->issuer || !custom->issuer[0])
		return refuse_custom(req, "validation_failed", "OIDC provider", name, "missing issuer");
	return 0;
}

/* A document fetched from the provider's own place serves here too; the standard place is asked only where there is none. */
static int place_custom(struct request *req, const struct custom_provider *custom, struct choice *choice)
{
	struct oidc_place own = {.issuer = text_of(custom->issuer), .guarded = true, .cached_only = true};
	struct oidc *cached;
	const char *why;

	choice->place = (struct oidc_place){.issuer = own.issuer, .guarded = true};
	if (!custom->discovery_url || !custom->discovery_url[0])
		return 0;
	own.location = text_of(custom->discovery_url);
	if (oidc_open(req, &own, &cached, &why) < 0)
		return -1;
	if (cached)
		choice->place.location = own.location;
	return 0;
}

static int choose_custom(struct request *req, const struct id_token_request *asked, struct choice *choice)
{
	struct custom_provider *custom;

	if (!req->settings->custom_oauth.enabled)
		return invalid(req, "Custom OAuth providers are disabled");
	if (custom_provider_by_identifier(req, asked->provider, &custom) < 0)
		return fail_server(req, "Error finding custom provider");
	if (check_custom(req, custom, asked->provider) < 0)
		return -1;
	choice->provider = custom->identifier;
	choice->skip_nonce = custom->skip_nonce_check;
	choice->email_optional = custom->email_optional;
	add_audience(req, choice, text_of(custom->client_id));
	for (size_t i = 0; i < custom->acceptable_client_ids.count; i++)
		add_audience(req, choice, custom->acceptable_client_ids.items[i]);
	return place_custom(req, custom, choice);
}

/* ---- any other issuer that is allowed ------------------------------------------------------------------------------------------------------------------------------ */

static int choose_listed(struct request *req, const struct id_token_request *asked, struct choice *choice)
{
	if (!asked->issuer.len || !text_list_has(&req->settings->external.allowed_id_token_issuers, asked->issuer))
		return refuse_custom(req, "validation_failed", "Custom OIDC provider", asked->provider, "not allowed");
	choice->provider = text_string(req, asked->issuer);
	choice->place = (struct oidc_place){.issuer = asked->issuer, .guarded = true};
	add_audience(req, choice, asked->client_id);
	return 0;
}

/* ---- the choice: the first that fits --------------------------------------------------------------------------------------------------------------------------------- */

static int choose(struct request *req, const struct id_token_request *asked, struct choice *choice)
{
	static const struct {
		const char *name, *issuer;
		bool after_keycloak;
	} fixed[] = {
		{"facebook", ISSUER_FACEBOOK, false},
		{"kakao", ISSUER_KAKAO, true},
		{"vercel_marketplace", ISSUER_VERCEL, true},
		{"snapchat", ISSUER_SNAPCHAT, true},
	};

	if (text_is(asked->provider, "apple") || issuer_is_apple(asked->issuer))
		return choose_detected(req, asked, &apple, choice);
	if (text_is(asked->provider, "google") || text_is(asked->issuer, ISSUER_GOOGLE))
		return use_settings(req, choice, "google", TEXT(ISSUER_GOOGLE));
	if (text_is(asked->provider, "azure") || issuer_is_azure(asked->issuer))
		return choose_detected(req, asked, &azure, choice);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (fixed[i].after_keycloak && is_keycloak(req, asked))
			return choose_keycloak(req, choice);
		if (text_is(asked->provider, fixed[i].name) || text_is(asked->issuer, fixed[i].issuer))
			return use_settings(req, choice, fixed[i].name, text_of(fixed[i].issuer));
	}
	if (text_starts(asked->provider, "custom:"))
		return choose_custom(req, asked, choice);
	return choose_listed(req, asked, choice);
}

/* ---- the token -------------------------------------------------------------------------------------------------------------------------------------------------------- */

static int check_token(struct request *req, const struct id_token_request *asked, const struct choice *choice, struct json_object **payload,
		       struct oauth_profile *profile)
{
	struct token_check check = {choice->any_issuer ? TEXT_NONE : choice->place.issuer, NULL, asked->access_token};
	struct oidc *oidc;
	const char *why;

	if (oidc_open(req, &choice->place, &oidc, &why) < 0)
		return why ? fail_unexpected(req, "%s", why) : -1;
	if (id_token_verify(req, oidc, asked->id_token, &check, payload, &why) < 0 || id_token_profile(req, *payload, profile, &why) < 0) {
		if (req->failure.final)
			return -1;
		failure_clear(req);
		fail_oauth(req, "invalid request", "Bad ID token");
		return fail_cause(req, "%s", why);
	}
	/* Apple's two issuers stand for each other, and for nobody else */
	if (choice->any_issuer && !issuer_is_apple(json_get_text(*payload, "iss")))
		return fail_oauth(req, "invalid request", "Bad ID token");
	return 0;
}

static int check_audience(struct request *req, const struct choice *choice, struct json_object *payload)
{
	struct text_list given = audience_list(req, payload);
	struct buffer *list = buffer_new(req, 128);

	for (size_t i = 0; i < choice->audiences.count; i++)
		if (choice->audiences.items[i].len && audience_has(payload, choice->audiences.items[i]))
			return 0;
	for (size_t i = 0; i < given.count; i++) {
		if (i)
			buffer_char(list, ' ');
		buffer_text(list, given.items[i]);
	}
	return fail_oauth(req, "invalid request", "Unacceptable audience in id_token: [%s]", list->data);
}

static int check_nonce(struct request *req, const struct id_token_request *asked, struct json_object *payload)
{
	struct text in_token = json_get_text(payload, "nonce");
	unsigned char digest[32];

	if (!in_token.len != !asked->nonce.len)
		return fail_oauth(req, "invalid request", "Passed nonce and nonce in id_token should either both exist or not.");
	if (!in_token.len)
		return 0;
	sha256(asked->nonce, digest);
	if (!secret_equal(in_token, text_of(hex_encode(req, digest, sizeof(digest)))))
		return fail_oauth(req, "invalid nonce", "Nonces mismatch");
	return 0;
}

int id_token_check(struct request *req, const struct id_token_request *asked, struct id_token_login *login)
{
	struct choice choice = {0};
	struct json_object *payload;

	if (choose(req, asked, &choice) < 0 || check_token(req, asked, &choice, &payload, &login->profile) < 0)
		return -1;
	if (!json_get_text(payload, "sub").len)
		return fail_oauth(req, "invalid request", "Missing sub claim in id_token");
	if (check_audience(req, &choice, payload) < 0 || (!choice.skip_nonce && check_nonce(req, asked, payload) < 0))
		return -1;
	login->provider = choice.provider;
	login->email_optional = choice.email_optional;
	oauth_profile_settle(&login->profile);
	return 0;
}
