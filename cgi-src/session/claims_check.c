/* claims_check.c: whether the claims that a hook gave may go into a token (contract 04 section 2.5, 11 section 5.4). */
#include <math.h>
#include <string.h>

#include "latchkey/hook.h"
#include "session_int.h"

enum { IS_ANY = 0, IS_STRING = 1, IS_INTEGER = 2, IS_OBJECT = 4, IS_ARRAY = 8 };

/* The required ones first, in the order in which what is missing is told. */
static const struct rule {
	const char *name;
	bool required;
	unsigned types;
	const char *expected;
} rules[] = {
	{"aud", true, IS_STRING | IS_ARRAY, "[string,array]"},
	{"exp", true, IS_INTEGER, "integer"},
	{"iat", true, IS_INTEGER, "integer"},
	{"sub", true, IS_STRING, "string"},
	{"email", true, IS_STRING, "string"},
	{"phone", true, IS_STRING, "string"},
	{"role", true, IS_STRING, "string"},
	{"aal", true, IS_STRING, "string"},
	{"session_id", true, IS_STRING, "string"},
	{"is_anonymous", true, IS_ANY, NULL},
	{"nbf", false, IS_INTEGER, "integer"},
	{"iss", false, IS_STRING, "string"},
	{"jti", false, IS_STRING, "string"},
	{"client_id", false, IS_STRING, "string"},
	{"app_metadata", false, IS_OBJECT, "object"},
	{"user_metadata", false, IS_OBJECT, "object"},
	{"amr", false, IS_ARRAY, "array"},
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

static bool is_integral(struct json_object *value)
{
	double number = json_object_get_double(value);

	return json_object_is_type(value, json_type_int) || (isfinite(number) && number == trunc(number));
}

static const char *type_name(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return "string";
	case json_type_int:
	case json_type_double:
		return is_integral(value) ? "integer" : "number";
	case json_type_boolean:
		return "boolean";
	case json_type_array:
		return "array";
	case json_type_object:
		return "object";
	default:
		return "null";
	}
}

static bool has_type(struct json_object *value, unsigned types)
{
	const char *name = type_name(value);

	return (types & IS_STRING && strcmp(name, "string") == 0) || (types & IS_INTEGER && strcmp(name, "integer") == 0) ||
	       (types & IS_OBJECT && strcmp(name, "object") == 0) || (types & IS_ARRAY && strcmp(name, "array") == 0);
}

static void check_amr(struct buffer *problems, struct json_object *amr)
{
	for (size_t i = 0; i < json_object_array_length(amr); i++) {
		struct json_object *item = json_object_array_get_idx(amr, i);

		if (has_type(item, IS_STRING | IS_OBJECT))
			continue;
		buffer_format(problems, "- amr.%zu: Must validate at least one schema (anyOf)\n", i);
		buffer_format(problems, "- amr.%zu: Invalid type. Expected: string, given: %s\n", i, type_name(item));
	}
}

static void check_members(struct buffer *problems, struct json_object *claims)
{
	struct json_object *value;

	for (size_t i = 0; i < RULES; i++)
		if (rules[i].required && !json_object_object_get_ex(claims, rules[i].name, &value))
			buffer_format(problems, "- (root): %s is required\n", rules[i].name);
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].types == IS_ANY || !json_object_object_get_ex(claims, rules[i].name, &value))
			continue;
		if (!has_type(value, rules[i].types))
			buffer_format(problems, "- %s: Invalid type. Expected: %s, given: %s\n", rules[i].name, rules[i].expected, type_name(value));
		else if (strcmp(rules[i].name, "amr") == 0)
			check_amr(problems, value);
	}
}

int claims_check(struct request *req, const struct hook_answer *answer, struct json_object **claims)
{
	struct buffer *problems = buffer_new(req, 128);
	struct json_object *document;

	*claims = NULL;
	if (hook_value(req, answer, &document) < 0)
		return -1;
	if (answer->given && (!document || !json_object_object_get_ex(document, "claims", claims)))
		return fail(req, 500, NULL, "output claims field is missing");
	if (*claims && !json_object_is_type(*claims, json_type_object))
		return fail_server(req, "Error unmarshaling JSON output.");
	if (*claims)
		check_members(problems, *claims);
	else
		buffer_string(problems, "- (root): Invalid type. Expected: object, given: null\n");
	if (problems->len == 0)
		return 0;
	return fail(req, 500, NULL, "output claims do not conform to the expected schema: \n%s", problems->data);
}
