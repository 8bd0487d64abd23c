/* custom_profile.c: user data of custom providers, with allow-list and attribute mapping (contract 07 section 14.2). */
#include <string.h>

#include "oauth_int.h"

/* ---- allow-list: what is listed and there is copied as it is ------------------------------------------------------------------------------------------- */

static void capture(const struct custom_provider *custom, struct json_object *raw, struct oauth_profile *profile)
{
	for (size_t i = 0; i < custom->custom_claims_allowlist.count; i++) {
		const char *name = custom->custom_claims_allowlist.items[i].data;
		struct json_object *value;

		if (json_object_object_get_ex(raw, name, &value))
			json_object_object_add(claim_custom(profile), name, json_object_get(value));
	}
}

/* ---- attribute mapping ------------------------------------------------------------------------------------------------------------------------------------ */

/* false: the claim that is named is not there. A literal null empties the target. */
static bool mapped_value(struct json_object *claims, struct json_object *source, struct json_object **value)
{
	const char *name;

	*value = source;
	if (!json_object_is_type(source, json_type_string))
		return true;
	name = json_object_get_string(source);
	*value = claim_is_standard(name) && strcmp(name, "custom_claims") != 0 ? json_get(claims, name) : NULL;
	return *value != NULL;
}

/* The claims as JSON with the targets set, read again by their types: what does not fit drops the whole mapping. */
void custom_attributes(struct request *req, const struct custom_provider *custom, struct oauth_profile *profile)
{
	struct oauth_profile mapped;
	struct json_object *changed = json_hold(req, must(json_object_new_object()));

	json_object_object_foreach(profile->claims, name, value)
	{
		json_object_object_add(changed, name, json_object_get(value));
	}
	json_object_object_foreach(custom->attribute_mapping, target, source)
	{
		struct json_object *copied;

		if (claim_is_standard(target) && mapped_value(profile->claims, source, &copied))
			json_object_object_add(changed, target, json_object_get(copied));
	}
	profile_start(req, &mapped);
	if (claims_standard(req, changed, &mapped) < 0)
		return;
	profile->claims = mapped.claims;
}

/* ---- the two ways -------------------------------------------------------------------------------------------------------------------------------------------- */

static int from_user_info(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct json_object *answer;
	struct text body, email;

	if (!provider->user_url.len)
		return provider_complain(req, "there is neither an ID token nor a user info endpoint");
	if (provider_get(req, provider, provider->user_url, &answer, &body) < 0)
		return -1;
	profile_start(req, profile);
	if (!json_object_is_type(answer, json_type_object) || claims_standard(req, answer, profile) < 0)
		return provider_complain(req, "a claim is of another type");
	capture(provider->custom, answer, profile);
	custom_attributes(req, provider->custom, profile);
	email = json_get_text(profile->claims, "email");
	if (email.len)
		profile_email(req, profile, email, json_get_true(profile->claims, "email_verified"), true);
	return 0;
}

static struct text_list audiences_of(struct request *req, const struct custom_provider *custom)
{
	const struct text_list *more = &custom->acceptable_client_ids;
	struct text_list list = {must(talloc_array(req, struct text, (unsigned)more->count + 1)), 0, true};

	list.items[list.count++] = text_of(custom->client_id);
	for (size_t i = 0; i < more->count; i++)
		if (more->items[i].len)
			list.items[list.count++] = more->items[i];
	return list;
}

static int from_id_token(struct request *req, struct oauth_provider *provider, struct text token, struct oauth_profile *profile)
{
	struct text_list audiences = audiences_of(req, provider->custom);
	struct token_check check = {text_of(provider->custom->issuer), &audiences, TEXT_NONE};
	struct json_object *payload;
	const char *why;

	if (id_token_verify(req, provider->oidc, token, &check, &payload, &why) < 0 || id_token_profile(req, payload, profile, &why) < 0)
		return provider_complain(req, why);
	capture(provider->custom, payload, profile);
	custom_attributes(req, provider->custom, profile);
	return 0;
}

int custom_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile)
{
	struct text token = json_get_text(provider->tokens.all, "id_token");

	if (custom_provider_is_oidc(provider->custom) && token.len)
		return from_id_token(req, provider, token, profile);
	return from_user_info(req, provider, profile);
}
