/* read.c: JSON text that is known to be valid, into json-c objects. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/json/json_int.h"

char reader_peek(struct reader *in)
{
	while (in->at < in->text.len && memchr(" \t\r\n", in->text.data[in->at], 4))
		in->at++;
	return in->at < in->text.len ? in->text.data[in->at] : '\0';
}

const char *reader_kind(struct reader *in)
{
	switch (reader_peek(in)) {
	case '"':
		return "string";
	case '{':
		return "object";
	case '[':
		return "array";
	case 't':
	case 'f':
		return "bool";
	case 'n':
		return "null";
	default:
		return "number";
	}
}

void reader_misfit(struct reader *in, const char *kind, const char *target)
{
	if (!in->why)
		in->why = format(in->mem, "json: cannot unmarshal %s into Go %s", kind, target);
}

static uint32_t hex4(const char *digits)
{
	unsigned char bytes[2] = {0, 0};

	hex_decode((struct text){digits, 4}, bytes, 2);
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* The escape at in->at, which stands on the backslash. */
static void read_escape(struct reader *in, struct buffer *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *escape = in->text.data + in->at + 1;
	uint32_t point, second;

	if (*escape != 'u') {
		buffer_char(out, to[strchr(from, *escape) - from]);
		in->at += 2;
		return;
	}
	point = hex4(escape + 1);
	in->at += 6;
	if (point >= 0xd800 && point < 0xdc00 && in->text.len - in->at >= 6 && memcmp(in->text.data + in->at, "\\u", 2) == 0) {
		second = hex4(in->text.data + in->at + 2);
		if (second >= 0xdc00 && second < 0xe000) {
			in->at += 6;
			point = 0x10000 + ((point - 0xd800) << 10) + (second - 0xdc00);
		}
	}
	buffer_point(out, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
}

struct text reader_string(struct reader *in)
{
	struct buffer *out;
	size_t start = ++in->at;
	struct text plain;

	while (in->text.data[in->at] != '"' && in->text.data[in->at] != '\\')
		in->at++;
	plain = (struct text){in->text.data + start, in->at - start};
	if (in->text.data[in->at] == '"') {
		in->at++;
		return text_copy(in->mem, utf8_repair(in->mem, plain));
	}
	out = buffer_new(in->mem, plain.len + 64);
	buffer_text(out, plain);
	while (in->text.data[in->at] != '"') {
		if (in->text.data[in->at] == '\\') {
			read_escape(in, out);
			continue;
		}
		start = in->at;
		while (in->text.data[in->at] != '"' && in->text.data[in->at] != '\\')
			in->at++;
		buffer_add(out, in->text.data + start, in->at - start);
	}
	in->at++;
	return utf8_repair(in->mem, buffer_as_text(out));
}

struct text reader_number(struct reader *in)
{
	size_t start = in->at;

	while (in->at < in->text.len && memchr("+-.0123456789eE", in->text.data[in->at], 15))
		in->at++;
	return (struct text){in->text.data + start, in->at - start};
}

static struct json_object *read_number(struct reader *in)
{
	struct text literal = reader_number(in);
	double value = strtod(text_string(in->mem, literal), NULL);

	if (isinf(value)) {
		reader_misfit(in, format(in->mem, "number %.*s", (int)literal.len, literal.data), "value of type float64");
		value = 0;
	}
	return must(json_object_new_double(value));
}

/* json-c names end at NUL: one inside is kept as the overlong C0 80, which valid UTF-8 never has; the writer turns it back. */
static const char *key_string(struct reader *in, struct text name)
{
	struct buffer *out;

	if (!text_has_nul(name))
		return name.data;
	out = buffer_new(in->mem, name.len + 8);
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i])
			buffer_char(out, name.data[i]);
		else
			buffer_string(out, "\xc0\x80");
	}
	return out->data;
}

void reader_add_member(struct reader *in, struct text name, void *arg)
{
	json_object_object_add(arg, key_string(in, name), reader_value(in));
}

static void add_element(struct reader *in, void *arg)
{
	json_object_array_add(arg, reader_value(in));
}

struct json_object *reader_value(struct reader *in)
{
	struct json_object *made;
	struct text string;

	switch (reader_peek(in)) {
	case '{':
		made = must(json_object_new_object());
		reader_object(in, reader_add_member, made);
		return made;
	case '[':
		made = must(json_object_new_array());
		reader_array(in, add_element, made);
		return made;
	case '"':
		string = reader_string(in);
		return must(json_object_new_string_len(string.data, (int)string.len));
	case 't':
		in->at += 4;
		return must(json_object_new_boolean(1));
	case 'f':
		in->at += 5;
		return must(json_object_new_boolean(0));
	case 'n':
		in->at += 4;
		return NULL;
	default:
		return read_number(in);
	}
}

void reader_object(struct reader *in, void (*member)(struct reader *in, struct text name, void *arg), void *arg)
{
	in->at++;
	while (reader_peek(in) != '}') {
		struct text name;

		if (reader_peek(in) == ',')
			in->at++;
		reader_peek(in);
		name = reader_string(in);
		reader_peek(in);
		in->at++; /* the colon */
		reader_peek(in);
		member(in, name, arg);
	}
	in->at++;
}

void reader_array(struct reader *in, void (*element)(struct reader *in, void *arg), void *arg)
{
	in->at++;
	while (reader_peek(in) != ']') {
		if (reader_peek(in) == ',')
			in->at++;
		reader_peek(in);
		element(in, arg);
	}
	in->at++;
}

static void skip_string(struct reader *in)
{
	for (in->at++; in->text.data[in->at] != '"'; in->at++)
		if (in->text.data[in->at] == '\\')
			in->at++;
	in->at++;
}

void reader_skip(struct reader *in)
{
	size_t depth = 0;

	do {
		char byte = reader_peek(in);

		if (byte == '"') {
			skip_string(in);
		} else if (byte == '{' || byte == '[') {
			depth++;
			in->at++;
		} else if (byte == '}' || byte == ']') {
			depth--;
			in->at++;
		} else if (byte == ',' || byte == ':') {
			in->at++;
		} else {
			while (in->at < in->text.len && !memchr(",]} \t\r\n", in->text.data[in->at], 7))
				in->at++;
		}
	} while (depth);
}

int json_parse(TALLOC_CTX *mem, struct text text, struct json_object **value, const char **why)
{
	struct reader in = {.mem = mem, .text = text};

	*value = NULL;
	if (!json_check(mem, text, why))
		return -1;
	*value = reader_value(&in);
	if (*value)
		json_hold(mem, *value);
	*why = in.why;
	if (in.why)
		*value = NULL;
	return in.why ? -1 : 0;
}
