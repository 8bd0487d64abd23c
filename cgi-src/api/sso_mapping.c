/* sso_mapping.c: attribute mappings in the one form in which they are stored and shown (contract 09 section 9.1). */
#include "cgi-src/api/sso.h"

struct rule {
	struct text name;
	struct text_list names;
	struct json_object *standard;
	bool array;
};
static const struct json_field rule_fields[] = {
	JSON_FIELD(struct rule, name, "name", JSON_TEXT),
	JSON_FIELD(struct rule, names, "names", JSON_TEXTS),
	JSON_FIELD(struct rule, standard, "default", JSON_ANY),
	JSON_FIELD(struct rule, array, "array", JSON_BOOL),
};
static const struct json_shape rule_shape = JSON_SHAPE("SAMLAttribute", rule_fields);

struct mapping {
	struct json_object *keys;
};
static const struct json_field mapping_fields[] = {
	JSON_FIELD(struct mapping, keys, "keys", JSON_MAP),
};
static const struct json_shape mapping_shape = JSON_SHAPE("SAMLAttributeMapping", mapping_fields);

/* ---- writing ------------------------------------------------------------------------------------------------------------------------------------- */

static void write_rule(struct json_writer *out, const struct rule *rule)
{
	json_open_object(out);
	if (rule->name.len)
		json_member_text(out, "name", rule->name);
	if (rule->names.count) {
		json_name(out, "names");
		json_open_array(out);
		for (size_t i = 0; i < rule->names.count; i++)
			json_text(out, rule->names.items[i]);
		json_close_array(out);
	}
	if (rule->standard)
		json_member_value(out, "default", rule->standard);
	if (rule->array)
		json_member_truth(out, "array", true);
	json_close_object(out);
}

/* -1: *why, where a rule has the wrong type. */
static int write_keys(TALLOC_CTX *mem, struct json_writer *out, struct json_object *rules, const char **why)
{
	size_t count;
	const char **keys = json_names_sorted(mem, rules, &count);

	json_open_object(out);
	if (count) {
		json_name(out, "keys");
		json_open_object(out);
	}
	for (size_t i = 0; i < count; i++) {
		struct json_object *value = json_get(rules, keys[i]);
		struct rule rule = {0};

		if (value && json_decode_value(mem, value, &rule_shape, &rule, why) < 0)
			return -1;
		json_name(out, keys[i]);
		write_rule(out, &rule);
	}
	if (count)
		json_close_object(out);
	json_close_object(out);
	return 0;
}

struct text sso_mapping_text(TALLOC_CTX *mem, struct json_object *mapping)
{
	struct buffer *buffer = buffer_new(mem, 128);
	struct json_writer out = json_writer(buffer);
	const char *why;

	if (write_keys(mem, &out, json_get(mapping, "keys"), &why) < 0)
		return TEXT("{}"); /* nothing that this program or the reference has written */
	return buffer_as_text(buffer);
}

/* ---- reading --------------------------------------------------------------------------------------------------------------------------------------- */

int sso_mapping_decode(struct request *req, struct json_object *value, bool *given, struct json_object **mapping)
{
	struct buffer *buffer = buffer_new(req, 128);
	struct json_writer out = json_writer(buffer);
	struct mapping decoded = {0};
	const char *why;

	*mapping = NULL;
	if ((value && json_decode_value(req, value, &mapping_shape, &decoded, &why) < 0) || write_keys(req, &out, decoded.keys, &why) < 0)
		return fail(req, 400, "bad_json", "Could not parse request body as JSON: %s", why);
	*given = decoded.keys != NULL;
	return json_parse(req, buffer_as_text(buffer), mapping, &why) < 0 ? fail_unexpected(req, "attribute mapping: %s", why) : 0;
}
