/* write.c: compact JSON with the reference's escapes and numbers (contract 01 section 6). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/json/json_int.h"

struct json_writer json_writer(struct buffer *buffer)
{
	return (struct json_writer){buffer, false};
}

static void before_value(struct json_writer *out)
{
	if (out->comma)
		buffer_char(out->buffer, ',');
	out->comma = true;
}

void json_open_object(struct json_writer *out)
{
	before_value(out);
	buffer_char(out->buffer, '{');
	out->comma = false;
}

void json_close_object(struct json_writer *out)
{
	buffer_char(out->buffer, '}');
	out->comma = true;
}

void json_open_array(struct json_writer *out)
{
	before_value(out);
	buffer_char(out->buffer, '[');
	out->comma = false;
}

void json_close_array(struct json_writer *out)
{
	buffer_char(out->buffer, ']');
	out->comma = true;
}

/* Bytes that stand for themselves. */
static bool plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}

static void put_special(struct buffer *out, struct text text, size_t *at)
{
	static const char named[] = "btn\0fr"; /* for bytes 8 to 13 */
	size_t from = *at;
	unsigned char byte = (unsigned char)text.data[from];
	uint32_t point = utf8_next(text, at);

	if (byte == '"' || byte == '\\') {
		buffer_char(out, '\\');
		buffer_char(out, (char)byte);
	} else if (byte >= 8 && byte <= 13 && named[byte - 8]) {
		buffer_char(out, '\\');
		buffer_char(out, named[byte - 8]);
	} else if (byte < 0x80) {
		buffer_format(out, "\\u%04x", byte);
	} else if (byte == 0xc0 && text.len - from > 1 && (unsigned char)text.data[from + 1] == 0x80) {
		buffer_string(out, "\\u0000"); /* see key_string in read.c */
		*at = from + 2;
	} else if (point == 0x2028 || point == 0x2029 || *at - from == 1) {
		buffer_format(out, "\\u%04x", point);
	} else {
		buffer_add(out, text.data + from, *at - from);
	}
}

static void put_string(struct buffer *out, struct text text)
{
	size_t at = 0;

	buffer_reserve(out, text.len + 2);
	buffer_char(out, '"');
	while (at < text.len) {
		size_t from = at;

		while (at < text.len && plain((unsigned char)text.data[at]))
			at++;
		buffer_add(out, text.data + from, at - from);
		if (at < text.len)
			put_special(out, text, &at);
	}
	buffer_char(out, '"');
}

void json_name(struct json_writer *out, const char *name)
{
	before_value(out);
	put_string(out->buffer, text_of(name));
	buffer_char(out->buffer, ':');
	out->comma = false;
}

void json_text(struct json_writer *out, struct text text)
{
	before_value(out);
	put_string(out->buffer, text);
}

void json_string(struct json_writer *out, const char *string)
{
	if (string)
		json_text(out, text_of(string));
	else
		json_null(out);
}

void json_int(struct json_writer *out, int64_t number)
{
	before_value(out);
	buffer_int(out->buffer, number);
}

/* A whole number of more digits than its shortest form has: the rest are zeros. */
static void put_whole(struct buffer *out, const char *mantissa, int zeros)
{
	for (const char *at = mantissa; *at; at++)
		if (*at != '.')
			buffer_char(out, *at);
	for (int i = 0; i < zeros; i++)
		buffer_char(out, '0');
}

/* The fewest digits that read back as the same double, in exponent form below 1e-6 and from 1e21 on. */
static void put_double(struct buffer *out, double number)
{
	char digits[40], *mantissa = digits, *exponent;
	double size = fabs(number);
	int power, precision = 0;

	if (number == floor(number) && size < 9007199254740992.0 && !(number == 0 && signbit(number))) {
		buffer_int(out, (int64_t)number);
		return;
	}
	do
		snprintf(digits, sizeof(digits), "%.*e", precision, number);
	while (strtod(digits, NULL) != number && ++precision < 18);
	exponent = strchr(digits, 'e');
	power = atoi(exponent + 1);
	*exponent = '\0';
	if (size != 0 && (size < 1e-6 || size >= 1e21)) {
		buffer_format(out, "%se%c%s%d", mantissa, power < 0 ? '-' : '+', "", abs(power));
		return;
	}
	if (power > precision) {
		put_whole(out, mantissa, power - precision);
		return;
	}
	snprintf(digits, sizeof(digits), "%.*f", precision - power, number);
	buffer_string(out, digits);
}

void json_double(struct json_writer *out, double number)
{
	before_value(out);
	put_double(out->buffer, number);
}

void json_truth(struct json_writer *out, bool truth)
{
	before_value(out);
	buffer_string(out->buffer, truth ? "true" : "false");
}

void json_null(struct json_writer *out)
{
	before_value(out);
	buffer_string(out->buffer, "null");
}

void json_uuid(struct json_writer *out, const struct uuid *uuid)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(uuid, text);
	json_text(out, (struct text){text, UUID_TEXT_LEN});
}

void json_moment(struct json_writer *out, moment at)
{
	char text[MOMENT_TEXT_MAX];

	if (at == MOMENT_NONE) {
		json_null(out);
		return;
	}
	json_text(out, (struct text){text, moment_format(at, text)});
}

void json_raw(struct json_writer *out, struct text json)
{
	before_value(out);
	buffer_text(out->buffer, json);
}

static void put_object(struct json_writer *out, struct json_object *object)
{
	size_t count;
	const char **names = json_names_sorted(NULL, object, &count);

	json_open_object(out);
	for (size_t i = 0; i < count; i++) {
		json_name(out, names[i]);
		json_value(out, json_object_object_get(object, names[i]));
	}
	json_close_object(out);
	talloc_free(names);
}

void json_value(struct json_writer *out, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		json_null(out);
		break;
	case json_type_boolean:
		json_truth(out, json_object_get_boolean(value));
		break;
	case json_type_double:
		json_double(out, json_object_get_double(value));
		break;
	case json_type_int:
		json_int(out, json_object_get_int64(value));
		break;
	case json_type_string:
		json_text(out, (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)});
		break;
	case json_type_array:
		json_open_array(out);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			json_value(out, json_object_array_get_idx(value, i));
		json_close_array(out);
		break;
	case json_type_object:
		put_object(out, value);
		break;
	}
}

struct text json_canonical(TALLOC_CTX *mem, struct json_object *value)
{
	struct json_writer out = json_writer(buffer_new(mem, 128));

	json_value(&out, value);
	return buffer_as_text(out.buffer);
}

static void put_object_in_order(struct json_writer *out, struct json_object *object)
{
	json_open_object(out);
	json_object_object_foreach(object, name, value)
	{
		json_name(out, name);
		json_value_in_order(out, value);
	}
	json_close_object(out);
}

void json_value_in_order(struct json_writer *out, struct json_object *value)
{
	if (json_object_is_type(value, json_type_object)) {
		put_object_in_order(out, value);
	} else if (json_object_is_type(value, json_type_array)) {
		json_open_array(out);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			json_value_in_order(out, json_object_array_get_idx(value, i));
		json_close_array(out);
	} else {
		json_value(out, value);
	}
}
