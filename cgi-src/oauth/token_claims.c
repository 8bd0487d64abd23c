/* token_claims.c: a verified ID token's claims become a profile, by who issued it (contract 07 sections 6.4 and 7.3). */
#include <string.h>

#include "oauth_int.h"

/* ---- issuers ------------------------------------------------------------------------------------------------------------------------------------------ */

bool issuer_is_apple(struct text issuer)
{
	return text_is(issuer, ISSUER_APPLE) || text_is(issuer, ISSUER_APPLE_ACCOUNT);
}

/* One segment, "/v2.0", and perhaps a slash. */
static bool ends_in_tenant(struct text rest)
{
	struct text tenant, after;

	if (!text_cut(rest, '/', &tenant, &after) || !tenant.len)
		return false;
	return text_is(after, "v2.0") || text_is(after, "v2.0/");
}

bool issuer_is_azure(struct text issuer)
{
	static const char start[] = "https://login.microsoftonline.com/";
	size_t len = sizeof(start) - 1;

	return text_starts(issuer, start) && ends_in_tenant((struct text){issuer.data + len, issuer.len - len});
}

bool issuer_is_ciam(struct text issuer)
{
	static const char start[] = "https://", domain[] = ".ciamlogin.com/";
	size_t at = sizeof(start) - 1;

	if (!text_starts(issuer, start))
		return false;
	while (at < issuer.len &&
	       ((issuer.data[at] >= 'a' && issuer.data[at] <= 'z') || (issuer.data[at] >= '0' && issuer.data[at] <= '9') || issuer.data[at] == '-'))
		at++;
	issuer = (struct text){issuer.data + at, issuer.len - at};
	return at > sizeof(start) - 1 && text_starts(issuer, domain) &&
	       ends_in_tenant((struct text){issuer.data + sizeof(domain) - 1, issuer.len - sizeof(domain) + 1});
}

/* ---- mappings ------------------------------------------------------------------------------------------------------------------------------------------ */

/* Texts under these names; -1: one is of another type. Pairs: claim, then where it is. */
static int take_texts(struct json_object *payload, struct oauth_profile *profile, const char *const (*pairs)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text value;

		if (answer_text(payload, pairs[i][1], &value) < 0)
			return -1;
		claim_texts(profile, pairs[i][0], value);
	}
	return 0;
}
#define TAKE(payload, profile, pairs) take_texts(payload, profile, pairs, sizeof(pairs) / sizeof((pairs)[0]))

static int add_email(struct request *req, struct json_object *payload, bool verified, bool even_empty, struct oauth_profile *profile)
{
	struct text email;

	if (answer_text(payload, "email", &email) < 0)
		return -1;
	if (email.len || even_empty)
		profile_email(req, profile, email, verified, true);
	return 0;
}

static int google_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {
		{"iss", "iss"}, {"sub provider_id", "sub"}, {"name full_name", "name"}, {"picture avatar_url", "picture"}};
	struct text domain;
	bool one, other;

	if (TAKE(payload, profile, pairs) < 0 || answer_text(payload, "hd", &domain) < 0 || answer_true(payload, "email_verified", &one) < 0 ||
	    answer_true(payload, "verified_email", &other) < 0)
		return -1;
	if (domain.len)
		custom_text(profile, "hd", domain);
	return add_email(req, payload, one || other, false, profile);
}

static int text_truth(struct text text, bool *truth)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"}, *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		*truth = text_is(text, yes[i]);
		if (*truth || text_is(text, no[i]))
			return 0;
	}
	return -1;
}

static int linkedin_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {
		{"iss", "iss"},	      {"sub provider_id", "sub"}, {"given_name", "given_name"}, {"family_name", "family_name"},
		{"locale", "locale"}, {"picture", "picture"}};
	struct text given, family, verified;
	bool truth;

	if (TAKE(payload, profile, pairs) < 0 || answer_text(payload, "given_name", &given) < 0 || answer_text(payload, "family_name", &family) < 0 ||
	    answer_text(payload, "email_verified", &verified) < 0 || text_truth(verified, &truth) < 0)
		return -1;
	claim_text(profile, "name", names_joined(req, given, family));
	return add_email(req, payload, truth, false, profile);
}

static int kakao_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {
		{"iss", "iss"}, {"sub provider_id", "sub"}, {"name preferred_username", "nickname"}, {"picture", "picture"}};

	return TAKE(payload, profile, pairs) < 0 ? -1 : add_email(req, payload, true, false, profile);
}

static int facebook_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {{"iss", "iss"}, {"sub provider_id", "sub"}, {"name", "name"}, {"picture", "picture"}};

	return TAKE(payload, profile, pairs) < 0 ? -1 : add_email(req, payload, true, false, profile);
}

static int vercel_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {{"iss", "iss"}, {"name", "user_name"}, {"picture", "user_avatar_url"}};
	struct text sub, global, email;

	if (TAKE(payload, profile, pairs) < 0 || answer_text(payload, "sub", &sub) < 0 || answer_text(payload, "global_user_id", &global) < 0 ||
	    answer_text(payload, "user_email", &email) < 0)
		return -1;
	if (global.len)
		sub = text_of(format(req, "global_user_id:%.*s", (int)global.len, global.data));
	claim_texts(profile, "sub provider_id", sub);
	profile_email(req, profile, email, true, true);
	return 0;
}

static int snapchat_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	return claims_standard(req, payload, profile) < 0 ? -1 : add_email(req, payload, true, false, profile);
}

/* Section 6.4, below the table. */
static bool azure_email_verified(struct json_object *payload)
{
	struct json_object *edov = json_get(payload, "xms_edov");

	if (!edov)
		return true;
	if (json_object_is_type(edov, json_type_boolean))
		return json_object_get_boolean(edov);
	return json_object_is_type(edov, json_type_string) &&
	       (text_is(json_get_text(payload, "xms_edov"), "1") || text_is(json_get_text(payload, "xms_edov"), "true"));
}

static bool in_list(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static int azure_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {
		{"iss", "iss"}, {"sub provider_id", "sub"}, {"preferred_username", "preferred_username"}, {"full_name", "name"}};
	static const char *const left_out[] = {"aud",	"iss", "iat", "nbf", "exp", "c_hash", "at_hash", "aio",
					       "nonce", "rh",  "uti", "jti", "ver", "sub",    "name",	 "preferred_username"};
	struct json_object *custom = claim_custom(profile);

	if (TAKE(payload, profile, pairs) < 0)
		return -1;
	json_object_object_foreach(payload, name, value)
	{
		if (!in_list(name, left_out, sizeof(left_out) / sizeof(left_out[0])))
			json_object_object_add(custom, name, json_object_get(value));
	}
	return add_email(req, payload, azure_email_verified(payload), false, profile);
}

/* A truth, or the text of one. */
static int loose_truth(struct json_object *payload, const char *name, bool *there, bool *truth)
{
	struct json_object *value = json_get(payload, name);

	*there = value != NULL;
	if (!value)
		return 0;
	if (json_object_is_type(value, json_type_boolean)) {
		*truth = json_object_get_boolean(value);
		return 0;
	}
	return json_object_is_type(value, json_type_string) ? text_truth(json_get_text(payload, name), truth) : -1;
}

static int apple_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	static const char *const pairs[][2] = {{"iss", "iss"}, {"sub provider_id", "sub"}};
	struct text transfer;
	double auth_time;
	bool there, private_address;

	if (TAKE(payload, profile, pairs) < 0 || answer_text(payload, "transfer_sub", &transfer) < 0 ||
	    answer_number(payload, "auth_time", &auth_time) < 0 || loose_truth(payload, "is_private_email", &there, &private_address) < 0)
		return -1;
	if (there)
		json_object_object_add(claim_custom(profile), "is_private_email", must(json_object_new_boolean(private_address)));
	if (json_get(payload, "auth_time"))
		json_object_object_add(claim_custom(profile), "auth_time", must(json_object_new_double(auth_time)));
	if (transfer.len)
		custom_text(profile, "transfer_sub", transfer);
	return add_email(req, payload, true, true, profile);
}

static int any_claims(struct request *req, struct json_object *payload, struct oauth_profile *profile)
{
	bool verified;

	if (claims_standard(req, payload, profile) < 0 || answer_true(payload, "email_verified", &verified) < 0)
		return -1;
	return add_email(req, payload, verified, false, profile);
}

/* ---- the choice ------------------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *issuer;
	int (*claims)(struct request *req, struct json_object *payload, struct oauth_profile *profile);
} issuers[] = {
	{ISSUER_GOOGLE, google_claims},	    {ISSUER_LINKEDIN, linkedin_claims}, {ISSUER_KAKAO, kakao_claims}, {ISSUER_VERCEL, vercel_claims},
	{ISSUER_FACEBOOK, facebook_claims}, {ISSUER_SNAPCHAT, snapchat_claims}, {ISSUER_APPLE, apple_claims}, {ISSUER_APPLE_ACCOUNT, apple_claims},
};

int id_token_profile(struct request *req, struct json_object *payload, struct oauth_profile *profile, const char **why)
{
	int (*claims)(struct request *, struct json_object *, struct oauth_profile *) = any_claims;
	struct text issuer = json_get_text(payload, "iss");

	if (issuer_is_azure(issuer))
		claims = azure_claims;
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
		if (text_is(issuer, issuers[i].issuer))
			claims = issuers[i].claims;
	profile_start(req, profile);
	*why = "a claim is of another type";
	return claims(req, payload, profile);
}
