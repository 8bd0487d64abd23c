/* printf.c: printf of the template language, with Go's verbs (contract 06 section 9.3). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/template/template_int.h"

#define WIDTH_MAX 1000

struct verb {
	bool minus, plus, zero, space, sharp;
	int width, precision; /* -1: none */
	char letter;
};

static void pad(struct buffer *out, const struct verb *verb, struct text text)
{
	size_t points = 0, at = 0;
	long missing;

	while (at < text.len) {
		utf8_next(text, &at);
		points++;
	}
	missing = verb->width - (long)points;
	if (!verb->minus)
		for (; missing > 0; missing--)
			buffer_char(out, ' ');
	buffer_text(out, text);
	for (; missing > 0; missing--)
		buffer_char(out, ' ');
}

static struct text cut_points(struct text text, int most)
{
	size_t at = 0;

	for (int i = 0; most >= 0 && i < most && at < text.len; i++)
		utf8_next(text, &at);
	return most < 0 ? text : (struct text){text.data, at};
}

/* A number through C's printf, which has the same flags. */
static void number(struct buffer *out, const struct verb *verb, struct json_object *value)
{
	const char *flags[] = {verb->minus ? "-" : "", verb->plus ? "+" : "", verb->zero && !verb->minus ? "0" : "", verb->space ? " " : ""};
	int width = verb->width > 0 ? verb->width : 0;
	char pattern[16], text[1400];

	if (verb->letter == 'f') {
		snprintf(pattern, sizeof(pattern), "%%%s%s%s%s*.*f", flags[0], flags[1], flags[2], flags[3]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), pattern, width, verb->precision < 0 ? 6 : verb->precision, json_object_get_double(value));
	} else {
		snprintf(pattern, sizeof(pattern), "%%%s%s%s%s*ll%c", flags[0], flags[1], flags[2], flags[3], verb->letter);
		snprintf(text, sizeof(text), pattern, width, (long long)json_object_get_int64(value));
#pragma GCC diagnostic pop
	}
	buffer_string(out, text);
}

static void misfit(struct buffer *out, const struct verb *verb, struct json_object *value)
{
	buffer_format(out, "%%!%c(%s", verb->letter, value_type(value));
	if (value) {
		buffer_char(out, '=');
		value_print(out, value, true);
	}
	buffer_char(out, ')');
}

static void put_value(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct json_object *value)
{
	enum json_type type = json_object_get_type(value);
	struct buffer *text;

	switch (verb->letter) {
	case 'd':
		type == json_type_int ? number(out, verb, value) : misfit(out, verb, value);
		return;
	case 'f':
		type == json_type_double ? number(out, verb, value) : misfit(out, verb, value);
		return;
	case 'x':
		if (type == json_type_int)
			number(out, verb, value);
		else if (type == json_type_string)
			pad(out, verb, text_of(hex_encode(mem, json_object_get_string(value), (size_t)json_object_get_string_len(value))));
		else
			misfit(out, verb, value);
		return;
	case 'q':
		type == json_type_string ? pad(out, verb, quote_go(mem, cut_points(value_text(mem, value), verb->precision)))
					 : misfit(out, verb, value);
		return;
	case 't':
		type == json_type_boolean ? pad(out, verb, json_object_get_boolean(value) ? TEXT("true") : TEXT("false")) : misfit(out, verb, value);
		return;
	case 's':
		if (type != json_type_string && type != json_type_array && type != json_type_object) {
			misfit(out, verb, value);
			return;
		}
		break;
	case 'v':
		break;
	default:
		misfit(out, verb, value);
		return;
	}
	text = buffer_new(mem, 64);
	value_print(text, value, true);
	pad(out, verb, type == json_type_string ? cut_points(buffer_as_text(text), verb->precision) : buffer_as_text(text));
}

static int read_number(struct text pattern, size_t *at)
{
	int value = 0;

	while (*at < pattern.len && pattern.data[*at] >= '0' && pattern.data[*at] <= '9' && value <= WIDTH_MAX)
		value = value * 10 + (pattern.data[(*at)++] - '0');
	return value > WIDTH_MAX ? WIDTH_MAX : value;
}

static struct verb read_verb(struct text pattern, size_t *at)
{
	struct verb verb = {.width = -1, .precision = -1};

	for (; *at < pattern.len; (*at)++) {
		char flag = pattern.data[*at];

		if (flag == '-')
			verb.minus = true;
		else if (flag == '+')
			verb.plus = true;
		else if (flag == '0')
			verb.zero = true;
		else if (flag == ' ')
			verb.space = true;
		else if (flag == '#')
			verb.sharp = true;
		else
			break;
	}
	if (*at < pattern.len && pattern.data[*at] >= '1' && pattern.data[*at] <= '9')
		verb.width = read_number(pattern, at);
	if (*at < pattern.len && pattern.data[*at] == '.') {
		(*at)++;
		verb.precision = read_number(pattern, at);
	}
	if (*at < pattern.len)
		verb.letter = pattern.data[(*at)++];
	return verb;
}

void format_values(TALLOC_CTX *mem, struct buffer *out, struct text pattern, struct json_object **args, size_t count)
{
	size_t used = 0;

	for (size_t at = 0; at < pattern.len;) {
		struct verb verb;

		if (pattern.data[at] != '%') {
			buffer_char(out, pattern.data[at++]);
			continue;
		}
		at++;
		verb = read_verb(pattern, &at);
		if (verb.letter == '%')
			buffer_char(out, '%');
		else if (!verb.letter)
			buffer_string(out, "%!(NOVERB)");
		else if (used >= count)
			buffer_format(out, "%%!%c(MISSING)", verb.letter);
		else
			put_value(mem, out, &verb, args[used++]);
	}
	if (used < count) {
		buffer_string(out, "%!(EXTRA ");
		for (size_t i = used; i < count; i++) {
			buffer_format(out, "%s%s%s", i > used ? ", " : "", value_type(args[i]), args[i] ? "=" : "");
			if (args[i])
				value_print(out, args[i], true);
		}
		buffer_char(out, ')');
	}
}
