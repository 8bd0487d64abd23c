/* map.c: the fields that a row of the table names, taken over (contract 07 section 6.3). */
#include <string.h>

#include "oauth_int.h"

/* Ids are read as integers from the text itself: they need all their digits. */
static int take_id(struct request *req, struct text body, const char *name, struct text *id)
{
	struct {
		int64_t id;
	} out = {0};
	const struct json_field field = {name, JSON_INT, 0, NULL};
	const struct json_shape shape = {"user", &field, 1};
	const char *why;

	if (json_decode(req, body, &shape, &out, &why) < 0)
		return -1;
	*id = text_of(format(req, "%lld", (long long)out.id));
	return 0;
}

static int take_number(struct json_object *answer, const struct claim_rule *rule, struct oauth_profile *profile)
{
	double number;

	if (answer_number(answer, rule->path, &number) < 0)
		return -1;
	json_object_object_add(claim_custom(profile), rule->claims, must(json_object_new_double(number)));
	return 0;
}

static int apply(struct request *req, const struct claim_rule *rule, struct json_object *answer, struct text body, struct oauth_profile *profile)
{
	struct text value, second;

	switch (rule->take) {
	case TAKE_ID:
		if (take_id(req, body, rule->path, &value) < 0)
			return -1;
		break;
	case TAKE_NAMES:
		if (answer_text(answer, rule->path, &value) < 0 || answer_text(answer, rule->path2, &second) < 0)
			return -1;
		value = names_joined(req, value, second);
		break;
	case TAKE_CUSTOM_NUMBER:
		return take_number(answer, rule, profile);
	case TAKE_CUSTOM_TEXT:
		if (answer_text(answer, rule->path, &value) < 0)
			return -1;
		custom_text(profile, rule->claims, value);
		return 0;
	case TAKE_TEXT:
		if (answer_text(answer, rule->path, &value) < 0)
			return -1;
		break;
	}
	claim_texts(profile, rule->claims, value);
	return 0;
}

static int take_email(struct request *req, const struct provider_row *row, struct json_object *answer, struct oauth_profile *profile)
{
	bool verified = row->verified == VERIFIED_ALWAYS;
	struct text address;

	if (!row->email)
		return 0;
	if (answer_text(answer, row->email, &address) < 0)
		return -1;
	if (row->verified == VERIFIED_BY_FIELD && answer_true(answer, row->verified_field, &verified) < 0)
		return -1;
	if (address.len)
		profile_email(req, profile, address, verified, true);
	return 0;
}

int provider_map(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct text body, struct oauth_profile *profile)
{
	const struct provider_row *row = provider->row;

	profile_start(req, profile);
	claim_text(profile, "iss", provider->issuer);
	for (size_t i = 0; i < row->rule_count; i++)
		if (apply(req, &row->rules[i], answer, body, profile) < 0)
			return provider_complain(req, format(req, "%s is of another type in the answer", row->rules[i].path));
	if (take_email(req, row, answer, profile) < 0)
		return provider_complain(req, "the e-mail is of another type in the answer");
	return row->also ? row->also(req, provider, answer, profile) : 0;
}
