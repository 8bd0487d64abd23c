/* value.c: truth and printed form of values (contract 06 sections 9.3, 9.5). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/template/template_int.h"

bool value_true(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(value);
	case json_type_double:
		return json_object_get_double(value) != 0;
	case json_type_int:
		return json_object_get_int64(value) != 0;
	case json_type_string:
		return json_object_get_string_len(value) != 0;
	case json_type_array:
		return json_object_array_length(value) != 0;
	case json_type_object:
		return json_object_object_length(value) != 0;
	}
	return false;
}

const char *value_type(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "<nil>";
	case json_type_boolean:
		return "bool";
	case json_type_double:
		return "float64";
	case json_type_int:
		return "int";
	case json_type_string:
		return "string";
	case json_type_array:
		return "[]interface {}";
	case json_type_object:
		return "map[string]interface {}";
	}
	return "";
}

/* The shortest digits that read back; exponent form below 1e-4 and from 1e6 on (section 9.5). */
void print_double(struct buffer *out, double number)
{
	char digits[40], *exponent;
	int precision = 0, power;

	do
		snprintf(digits, sizeof(digits), "%.*e", precision, number);
	while (strtod(digits, NULL) != number && ++precision < 18);
	exponent = strchr(digits, 'e');
	if (!exponent) { /* not finite */
		buffer_string(out, digits);
		return;
	}
	power = atoi(exponent + 1);
	if (number != 0 && (power < -4 || power >= 6)) {
		buffer_string(out, digits);
		return;
	}
	buffer_format(out, "%.*f", precision > power ? precision - power : 0, number);
}

static void print_object(struct buffer *out, struct json_object *object)
{
	size_t count;
	const char **names = json_names_sorted(NULL, object, &count);

	buffer_string(out, "map[");
	for (size_t i = 0; i < count; i++) {
		buffer_format(out, "%s%s:", i ? " " : "", names[i]);
		value_print(out, json_object_object_get(object, names[i]), true);
	}
	buffer_char(out, ']');
	talloc_free(names);
}

void value_print(struct buffer *out, struct json_object *value, bool inside)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		buffer_string(out, inside ? "<nil>" : "");
		break;
	case json_type_boolean:
		buffer_string(out, json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_double:
		print_double(out, json_object_get_double(value));
		break;
	case json_type_int:
		buffer_int(out, json_object_get_int64(value));
		break;
	case json_type_string:
		buffer_add(out, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		break;
	case json_type_array:
		buffer_char(out, '[');
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			if (i)
				buffer_char(out, ' ');
			value_print(out, json_object_array_get_idx(value, i), true);
		}
		buffer_char(out, ']');
		break;
	case json_type_object:
		print_object(out, value);
		break;
	}
}

struct text value_text(TALLOC_CTX *mem, struct json_object *value)
{
	struct buffer *out;

	if (json_object_is_type(value, json_type_string))
		return (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
	out = buffer_new(mem, 64);
	value_print(out, value, false);
	return buffer_as_text(out);
}
