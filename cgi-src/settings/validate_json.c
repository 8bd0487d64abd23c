/* validate_json.c: settings that are JSON: what is not as it should be is left out with a warning (contract 02 section 2.7). */
#include "internal.h"
#include "latchkey/json.h"

static const char *type_name(struct json_object *value)
{
	static const char *const names[] = {
		[json_type_null] = "null",     [json_type_boolean] = "bool", [json_type_double] = "number", [json_type_int] = "number",
		[json_type_object] = "object", [json_type_array] = "array",  [json_type_string] = "string",
	};

	return names[json_object_get_type(value)];
}

static bool is_kind(TALLOC_CTX *mem, struct json_object *value, enum json_type type, const char *wanted, const char **why)
{
	if (!value || json_object_is_type(value, type))
		return true;
	*why = format(mem, "json: cannot unmarshal %s into Go value of type %s", type_name(value), wanted);
	return false;
}

static bool is_texts(TALLOC_CTX *mem, struct json_object *value, const char **why)
{
	if (!is_kind(mem, value, json_type_array, "[]string", why))
		return false;
	for (size_t i = 0; value && i < json_object_array_length(value); i++)
		if (!is_kind(mem, json_object_array_get_idx(value, i), json_type_string, "string", why))
			return false;
	return true;
}

static bool is_headers(TALLOC_CTX *mem, struct json_object *value, const char **why)
{
	if (!is_kind(mem, value, json_type_object, "map[string][]string", why))
		return false;
	if (!value)
		return true;
	json_object_object_foreach(value, name, content)
	{
		(void)name;
		if (!is_texts(mem, content, why))
			return false;
	}
	return true;
}

static void leave_out_unless(struct making *making, const char **field, bool (*check)(TALLOC_CTX *, struct json_object *, const char **),
			     const char *warning)
{
	struct json_object *value = NULL;
	const char *why = "";

	if (**field == '\0')
		return;
	if (json_parse(making->mem, text_of(*field), &value, &why) == 0 && check(making->mem, value, &why))
		return;
	note(making, warning, why);
	*field = "";
}

void validate_headers(struct making *making)
{
	struct settings *settings = making->settings;

	leave_out_unless(making, &settings->smtp.headers, is_headers, "conf: SMTP headers configuration is invalid, ignoring");
	leave_out_unless(making, &settings->mailer.validation_service_headers, is_headers,
			 "conf: mailer validation headers configuration is invalid, ignoring");
	leave_out_unless(making, &settings->mailer.validation_blocked_mx, is_texts, "conf: blocked mx records configuration is invalid, ignoring");
}
