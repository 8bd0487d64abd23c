/* claims.c: a profile put together, and the standard claims by their types (contract 07 section 6.1). */
#include <math.h>
#include <string.h>

#include "oauth_int.h"

enum claim_type { CLAIM_TEXT, CLAIM_TEXTS, CLAIM_NUMBER, CLAIM_TIME, CLAIM_TRUTH, CLAIM_OBJECT };

static const struct standard {
	const char *name;
	enum claim_type type;
} standard[] = {
	{"iss", CLAIM_TEXT},
	{"sub", CLAIM_TEXT},
	{"aud", CLAIM_TEXTS},
	{"iat", CLAIM_NUMBER},
	{"exp", CLAIM_NUMBER},
	{"name", CLAIM_TEXT},
	{"family_name", CLAIM_TEXT},
	{"given_name", CLAIM_TEXT},
	{"middle_name", CLAIM_TEXT},
	{"nickname", CLAIM_TEXT},
	{"preferred_username", CLAIM_TEXT},
	{"profile", CLAIM_TEXT},
	{"picture", CLAIM_TEXT},
	{"website", CLAIM_TEXT},
	{"gender", CLAIM_TEXT},
	{"birthdate", CLAIM_TEXT},
	{"zoneinfo", CLAIM_TEXT},
	{"locale", CLAIM_TEXT},
	{"updated_at", CLAIM_TIME},
	{"email", CLAIM_TEXT},
	{"email_verified", CLAIM_TRUTH},
	{"phone", CLAIM_TEXT},
	{"phone_verified", CLAIM_TRUTH},
	{"custom_claims", CLAIM_OBJECT},
	{"full_name", CLAIM_TEXT},
	{"avatar_url", CLAIM_TEXT},
	{"slug", CLAIM_TEXT},
	{"provider_id", CLAIM_TEXT},
	{"user_name", CLAIM_TEXT},
};

bool claim_is_standard(const char *name)
{
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		if (strcmp(standard[i].name, name) == 0)
			return true;
	return false;
}

/* ---- putting together --------------------------------------------------------------------------------------------------------------------- */

static void set_truth(struct json_object *claims, const char *name, bool truth)
{
	json_object_object_add(claims, name, must(json_object_new_boolean(truth)));
}

void profile_start(struct request *req, struct oauth_profile *profile)
{
	*profile = (struct oauth_profile){.claims = json_hold(req, must(json_object_new_object()))};
	set_truth(profile->claims, "email_verified", false);
	set_truth(profile->claims, "phone_verified", false);
}

static struct json_object *new_text(struct text value)
{
	return must(json_object_new_string_len(value.data ? value.data : "", (int)value.len));
}

void claim_text(struct oauth_profile *profile, const char *name, struct text value)
{
	if (value.len)
		json_object_object_add(profile->claims, name, new_text(value));
}

void claim_texts(struct oauth_profile *profile, const char *names, struct text value)
{
	struct text rest = text_of(names), name;

	while (rest.len) {
		char one[32] = "";
		struct text after = TEXT_NONE;

		if (!text_cut(rest, ' ', &name, &after))
			name = rest;
		memcpy(one, name.data, name.len < sizeof(one) - 1 ? name.len : sizeof(one) - 1);
		claim_text(profile, one, value);
		rest = after;
	}
}

void claim_value(struct oauth_profile *profile, const char *name, struct json_object *value)
{
	if (value)
		json_object_object_add(profile->claims, name, json_object_get(value));
}

struct json_object *claim_custom(struct oauth_profile *profile)
{
	struct json_object *custom = json_get(profile->claims, "custom_claims");

	if (!custom) {
		custom = must(json_object_new_object());
		json_object_object_add(profile->claims, "custom_claims", custom);
	}
	return custom;
}

void custom_text(struct oauth_profile *profile, const char *name, struct text value)
{
	json_object_object_add(claim_custom(profile), name, new_text(value));
}

void profile_email(struct request *req, struct oauth_profile *profile, struct text address, bool verified, bool primary)
{
	profile->emails = must(talloc_realloc(req, profile->emails, struct oauth_email, (unsigned)profile->email_count + 1));
	profile->emails[profile->email_count++] = (struct oauth_email){text_copy(req, address), verified, primary};
}

void oauth_profile_settle(struct oauth_profile *profile)
{
	set_truth(profile->claims, "email_verified", false);
	for (size_t i = 0; i < profile->email_count; i++) {
		const struct oauth_email *email = &profile->emails[i];

		json_object_object_del(profile->claims, "email");
		claim_text(profile, "email", email->address);
		set_truth(profile->claims, "email_verified", email->verified);
		if (email->primary)
			break;
	}
}

struct text names_joined(TALLOC_CTX *mem, struct text first, struct text last)
{
	struct buffer *out = buffer_new(mem, first.len + last.len + 2);

	buffer_text(out, first);
	buffer_char(out, ' ');
	buffer_text(out, last);
	return text_trim_unicode_space(buffer_as_text(out));
}

/* ---- the standard claims of an answer or a token ---------------------------------------------------------------------------------------------- */

static bool is_number(struct json_object *value)
{
	return json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
}

/* A text alone is an array of one. */
static int take_texts(struct oauth_profile *profile, const char *name, struct json_object *value)
{
	struct json_object *list;

	if (json_object_is_type(value, json_type_string)) {
		list = must(json_object_new_array());
		json_object_array_add(list, json_object_get(value));
		json_object_object_add(profile->claims, name, list);
		return 0;
	}
	if (!json_object_is_type(value, json_type_array))
		return -1;
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (!json_object_is_type(json_object_array_get_idx(value, i), json_type_string))
			return -1;
	if (json_object_array_length(value))
		claim_value(profile, name, value);
	return 0;
}

/* Seconds or RFC 3339; written as RFC 3339 in UTC. */
static int take_time(struct oauth_profile *profile, const char *name, struct json_object *value)
{
	char text[MOMENT_TEXT_MAX];
	moment at;

	if (is_number(value)) {
		double seconds = trunc(json_object_get_double(value));

		if (!(fabs(seconds) < 253402300800.0)) /* year 10000 */
			return -1;
		at = (moment)seconds * 1000000;
	} else if (!json_object_is_type(value, json_type_string) || !moment_parse(text_of(json_object_get_string(value)), &at)) {
		return -1;
	}
	claim_text(profile, name, (struct text){text, moment_format(at, text)});
	return 0;
}

static int take_standard(struct oauth_profile *profile, const struct standard *claim, struct json_object *value)
{
	switch (claim->type) {
	case CLAIM_TEXT:
		if (!json_object_is_type(value, json_type_string))
			return -1;
		claim_text(profile, claim->name, (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)});
		return 0;
	case CLAIM_TEXTS:
		return take_texts(profile, claim->name, value);
	case CLAIM_NUMBER:
		if (!is_number(value))
			return -1;
		if (json_object_get_double(value) != 0)
			claim_value(profile, claim->name, value);
		return 0;
	case CLAIM_TIME:
		return take_time(profile, claim->name, value);
	case CLAIM_TRUTH:
		if (!json_object_is_type(value, json_type_boolean))
			return -1;
		claim_value(profile, claim->name, value);
		return 0;
	case CLAIM_OBJECT:
		if (!json_object_is_type(value, json_type_object))
			return -1;
		claim_value(profile, claim->name, value);
		return 0;
	}
	return -1;
}

int claims_standard(struct request *req, struct json_object *object, struct oauth_profile *profile)
{
	(void)req;
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
		struct json_object *value = answer_member(object, standard[i].name);

		if (value && take_standard(profile, &standard[i], value) < 0)
			return -1;
	}
	return 0;
}
