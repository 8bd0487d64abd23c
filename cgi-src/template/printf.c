/* printf.c: printf of the template language, with Go's verbs (contract 06 section 9.3). */
#include <math.h>
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

/* Digits with sign and zeros as the verb wants them. */
static void put_digits(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, bool minus, const char *prefix, const char *digits)
{
	const char *sign = minus ? "-" : verb->plus && verb->letter != 'v' ? "+" : verb->space ? " " : "";
	struct buffer *text = buffer_new(mem, 64);
	int used = (int)(strlen(sign) + strlen(prefix) + strlen(digits));
	int zeros = verb->zero && !verb->minus && verb->precision < 0 && verb->width > used ? verb->width - used : 0;

	if (verb->precision > (int)strlen(digits))
		zeros = verb->precision - (int)strlen(digits);
	buffer_format(text, "%s%s", sign, prefix);
	for (; zeros > 0; zeros--)
		buffer_char(text, '0');
	buffer_string(text, digits);
	pad(out, verb, buffer_as_text(text));
}

static char *in_base(TALLOC_CTX *mem, uint64_t number, unsigned base)
{
	char digits[65], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[number % base];
	while (number /= base);
	return must(talloc_strdup(mem, at));
}

/* As it is, or in single quotes with the escapes of a quoted string. */
static void put_character(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, uint32_t point)
{
	struct buffer *bare = buffer_new(mem, 8);
	struct text quoted;

	buffer_point(bare, point);
	quoted = quote_go(mem, buffer_as_text(bare));
	if (verb->letter == 'c')
		pad(out, verb, buffer_as_text(bare));
	else if (point == '"' || point == '\'')
		pad(out, verb, point == '"' ? TEXT("'\"'") : TEXT("'\\''"));
	else
		pad(out, verb, text_of(format(mem, "'%.*s'", (int)quoted.len - 2, quoted.data + 1)));
}

static bool put_int(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, int64_t number)
{
	static const char letters[] = "dvxXob";
	static const unsigned bases[] = {10, 10, 16, 16, 8, 2};
	static const char *const prefixes[] = {"", "", "0x", "0X", "0", "0b"};
	const char *letter = strchr(letters, verb->letter);
	char *digits;

	if (verb->letter == 'c' || verb->letter == 'q') {
		put_character(mem, out, verb, number < 0 || number > 0x10ffff ? 0xfffd : (uint32_t)number);
		return true;
	}
	if (!letter)
		return false;
	digits = in_base(mem, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, bases[letter - letters]);
	for (char *at = digits; verb->letter == 'X' && *at; at++)
		*at = (char)(*at >= 'a' ? *at - 32 : *at);
	put_digits(mem, out, verb, number < 0, verb->sharp ? prefixes[letter - letters] : "", digits);
	return true;
}

/* The shortest digits that read back, or as many as are asked for. */
static void put_double(TALLOC_CTX *mem, struct buffer *out, struct verb verb, double number)
{
	struct buffer *shortest = buffer_new(mem, 32);
	char text[1400], pattern[] = "%.*f";

	if (verb.letter == 'v' || ((verb.letter == 'g' || verb.letter == 'G') && verb.precision < 0)) {
		print_double(shortest, fabs(number));
		snprintf(text, sizeof(text), "%s", buffer_as_text(shortest).data);
	} else {
		pattern[3] = verb.letter == 'F' ? 'f' : verb.letter;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), pattern, verb.precision < 0 ? 6 : verb.precision, fabs(number));
#pragma GCC diagnostic pop
	}
	verb.precision = -1;
	put_digits(mem, out, &verb, signbit(number), "", text);
}

static void put_value(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct json_object *value, bool inside);

static void misfit(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct json_object *value)
{
	struct verb plain = *verb;

	plain.letter = 'v';
	buffer_format(out, "%%!%c(%s", verb->letter, value_type(value));
	if (value) {
		buffer_char(out, '=');
		put_value(mem, out, &plain, value, true);
	}
	buffer_char(out, ')');
}

static bool put_string(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct text text)
{
	char *hex;

	switch (verb->letter) {
	case 's':
	case 'v':
		pad(out, verb, cut_points(text, verb->precision));
		return true;
	case 'q':
		pad(out, verb, quote_go(mem, cut_points(text, verb->precision)));
		return true;
	case 'x':
	case 'X':
		hex = hex_encode(mem, text.data, text.len);
		for (char *at = hex; verb->letter == 'X' && *at; at++)
			*at = (char)(*at >= 'a' ? *at - 32 : *at);
		pad(out, verb, text_of(hex));
		return true;
	default:
		return false;
	}
}

/* Each member for itself. */
static void put_members(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct json_object *value)
{
	bool is_array = json_object_is_type(value, json_type_array);
	size_t count = is_array ? json_object_array_length(value) : 0;
	const char **names = is_array ? NULL : json_names_sorted(mem, value, &count);

	buffer_string(out, is_array ? "[" : "map[");
	for (size_t i = 0; i < count; i++) {
		buffer_string(out, i ? " " : "");
		if (is_array) {
			put_value(mem, out, verb, json_object_array_get_idx(value, i), true);
			continue;
		}
		if (!put_string(mem, out, verb, text_of(names[i])))
			misfit(mem, out, verb, json_hold(mem, must(json_object_new_string(names[i]))));
		buffer_char(out, ':');
		put_value(mem, out, verb, json_object_object_get(value, names[i]), true);
	}
	buffer_char(out, ']');
}

static void put_value(TALLOC_CTX *mem, struct buffer *out, const struct verb *verb, struct json_object *value, bool inside)
{
	bool fits = false;

	if (verb->letter == 'T') {
		pad(out, verb, text_of(value_type(value)));
		return;
	}
	switch (json_object_get_type(value)) {
	case json_type_null:
		fits = inside || verb->letter == 'v';
		if (fits)
			pad(out, verb, TEXT("<nil>"));
		break;
	case json_type_boolean:
		fits = verb->letter == 't' || verb->letter == 'v';
		if (fits)
			pad(out, verb, json_object_get_boolean(value) ? TEXT("true") : TEXT("false"));
		break;
	case json_type_int:
		fits = put_int(mem, out, verb, json_object_get_int64(value));
		break;
	case json_type_double:
		fits = is_one(verb->letter, "vfFeEgG");
		if (fits)
			put_double(mem, out, *verb, json_object_get_double(value));
		break;
	case json_type_string:
		fits = put_string(mem, out, verb, value_text(mem, value));
		break;
	case json_type_array:
	case json_type_object:
		fits = true;
		put_members(mem, out, verb, value);
		break;
	}
	if (!fits)
		misfit(mem, out, verb, value);
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
			put_value(mem, out, &verb, args[used++], false);
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
