/* token_profiles.c: providers whose user data is in the ID token, or in the token answer itself (contract 07 section 6.3). */
#include <string.h>

#include "latchkey/crypto.h"
#include "oauth_int.h"

/* The text, empty where the answer has none. -1: it is no text. */
static int id_token_of(struct request *req, const struct oauth_provider *provider, struct text *token)
{
	struct json_object *value = json_get(provider->tokens.all, "id_token");

	*token = json_get_text(provider->tokens.all, "id_token");
	return value && !json_object_is_type(value, json_type_string) ? provider_complain(req, "id_token is no text") : 0;
}

/* Verified with the client id as audience, its access token's hash compared; then the mapping by issuer. */
static int from_token(struct request *req, struct oauth_provider *provider, struct oidc *oidc, struct text token, struct text issuer,
		      struct oauth_profile *profile)
{
	struct text_list audiences = {&provider->client_id, 1, true};
	struct token_check check = {issuer, &audiences, provider->tokens.access_token};
	struct json_object *payload;
	const char *why;

	if (id_token_verify(req, oidc, token, &check, &payload, &why) < 0 || id_token_profile(req, payload, profile, &why) < 0)
		return provider_complain(req, why);
	return 0;
}

int google_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct json_object *answer;
	struct text token, body;

	if (id_token_of(req, provider, &token) < 0)
		return -1;
	if (token.len)
		return from_token(req, provider, provider->oidc, token, TEXT(ISSUER_GOOGLE), profile);
	if (provider_get(req, provider, provider->user_url, &answer, &body) < 0)
		return -1;
	return provider_map(req, provider, answer, body, profile);
}

static int token_or_nothing(struct request *req, struct oauth_provider *provider, struct text issuer, struct oauth_profile *profile)
{
	struct text token;

	profile_start(req, profile);
	if (id_token_of(req, provider, &token) < 0)
		return -1;
	return token.len ? from_token(req, provider, provider->oidc, token, issuer, profile) : 0;
}

/* The issuer is Apple's own, one of two. */
int apple_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	return token_or_nothing(req, provider, TEXT_NONE, profile);
}

int linkedin_oidc_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	return token_or_nothing(req, provider, TEXT(ISSUER_LINKEDIN), profile);
}

int vercel_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct text token;

	if (id_token_of(req, provider, &token) < 0)
		return -1;
	if (!token.len)
		return provider_complain(req, "there is no ID token");
	return from_token(req, provider, provider->oidc, token, TEXT(ISSUER_VERCEL), profile);
}

/* ---- azure: the token names its tenant's issuer ------------------------------------------------------------------------------------------------------- */

/* Empty where any tenant is welcome. */
struct text azure_expected(struct request *req, const struct oauth_provider *provider)
{
	struct text base = text_of(provider->settings->url), issuer;

	if (!base.len)
		return TEXT_NONE;
	if (base.data[base.len - 1] == '/')
		base.len--;
	issuer = text_of(format(req, "%.*s/v2.0", (int)base.len, base.data));
	if (text_is(issuer, "https://login.microsoftonline.com/common/v2.0") ||
	    text_is(issuer, "https://login.microsoftonline.com/organizations/v2.0"))
		return TEXT_NONE;
	return issuer_is_azure(issuer) || issuer_is_ciam(issuer) ? issuer : TEXT_NONE;
}

int azure_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct text expected = azure_expected(req, provider), token, issuer;
	struct json_object *payload;
	struct oidc_place place = {.guarded = true};
	struct oidc *oidc;
	const char *why;

	if (id_token_of(req, provider, &token) < 0)
		return -1;
	if (!token.len || id_token_peek(req, token, &payload) < 0)
		return provider_complain(req, "there is no ID token that can be read");
	issuer = json_get_text(payload, "iss");
	if (issuer_is_ciam(expected) && !issuer_is_azure(issuer) && !issuer_is_ciam(issuer))
		return provider_complain(req, "the ID token's issuer is no Azure tenant");
	if (expected.len && !text_equal(expected, issuer))
		return provider_complain(req, "the ID token is of another tenant");
	place.issuer = issuer;
	if (oidc_open(req, &place, &oidc, &why) < 0)
		return provider_complain(req, why ? why : "the discovery document cannot be kept");
	return from_token(req, provider, oidc, token, issuer, profile);
}

/* ---- from the answer itself, or with a call of their own ------------------------------------------------------------------------------------------------ */

int workos_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	return provider_map(req, provider, provider->tokens.all, TEXT_NONE, profile);
}

int facebook_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	unsigned char proof[32];
	struct json_object *answer;
	struct text url = provider->user_url, body;

	hmac_sha256(provider->secret, provider->tokens.access_token, proof);
	url = text_of(format(req, "%.*s&appsecret_proof=%s", (int)url.len, url.data, hex_encode(req, proof, sizeof(proof))));
	if (provider_get(req, provider, url, &answer, &body) < 0)
		return -1;
	return provider_map(req, provider, answer, body, profile);
}

/* What is of another type is not there. */
int keycloak_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct json_object *answer, *custom;
	struct text body, email;

	if (provider_get(req, provider, provider->user_url, &answer, &body) < 0)
		return -1;
	if (!json_object_is_type(answer, json_type_object))
		return provider_complain(req, "the answer is no object");
	profile_start(req, profile);
	claim_text(profile, "iss", provider->issuer);
	claim_texts(profile, "sub provider_id", json_get_text(answer, "sub"));
	claim_texts(profile, "name full_name", json_get_text(answer, "name"));
	custom = claim_custom(profile);
	json_object_object_foreach(answer, name, value)
	{
		if (strcmp(name, "sub") != 0 && strcmp(name, "name") != 0 && strcmp(name, "email") != 0 && strcmp(name, "email_verified") != 0)
			json_object_object_add(custom, name, json_object_get(value));
	}
	email = json_get_text(answer, "email");
	if (email.len)
		profile_email(req, profile, email, json_get_true(answer, "email_verified"), true);
	return 0;
}

/* ---- the name that Apple's page sends along, the first time ------------------------------------------------------------------------------------------------ */

int apple_user_field(struct request *req, struct text user, struct oauth_profile *profile)
{
	struct json_object *object;
	struct text first, last;
	const char *why;

	if (json_parse(req, user, &object, &why) < 0)
		return fail_unexpected(req, "%s", why);
	if ((object && !json_object_is_type(object, json_type_object)) || answer_text(object, "name>firstName", &first) < 0 ||
	    answer_text(object, "name>lastName", &last) < 0)
		return fail_unexpected(req, "json: a field of user is of another type");
	claim_texts(profile, "name full_name", names_joined(req, first, last));
	return 0;
}
