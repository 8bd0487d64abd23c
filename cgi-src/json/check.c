/* check.c: is this JSON (RFC 8259)? One pass over the bytes with a stack of open brackets. */
#include <string.h>

#include "cgi-src/json/json_int.h"

struct checker {
	TALLOC_CTX *mem;
	struct text text;
	size_t at;
	char *open; /* the brackets that are open */
	size_t depth, size;
	const char *why;
};

static bool complain(struct checker *in, const char *where)
{
	char shown[8];
	unsigned char byte;

	if (in->at >= in->text.len) {
		in->why = "unexpected end of JSON input";
		return false;
	}
	byte = (unsigned char)in->text.data[in->at];
	if (byte == '\'') {
		in->why = format(in->mem, "invalid character '\\'' %s", where);
	} else if (byte == '"') {
		in->why = format(in->mem, "invalid character '\"' %s", where);
	} else {
		struct text quoted;

		/* the reference takes the byte for a code point */
		if (byte < 0x80) {
			shown[0] = (char)byte;
			quoted = quote_go(in->mem, (struct text){shown, 1});
		} else {
			shown[0] = (char)(0xc0 | byte >> 6);
			shown[1] = (char)(0x80 | (byte & 0x3f));
			quoted = quote_go(in->mem, (struct text){shown, 2});
		}
		in->why = format(in->mem, "invalid character '%.*s' %s", (int)quoted.len - 2, quoted.data + 1, where);
	}
	return false;
}

static void skip_blanks(struct checker *in)
{
	while (in->at < in->text.len && memchr(" \t\r\n", in->text.data[in->at], 4))
		in->at++;
}

static bool digits(struct checker *in, const char *where)
{
	size_t start = in->at;

	while (in->at < in->text.len && in->text.data[in->at] >= '0' && in->text.data[in->at] <= '9')
		in->at++;
	return in->at > start || complain(in, where);
}

static bool check_number(struct checker *in)
{
	if (in->text.data[in->at] == '-')
		in->at++;
	if (in->at < in->text.len && in->text.data[in->at] == '0')
		in->at++;
	else if (!digits(in, "in numeric literal"))
		return false;
	if (in->at < in->text.len && in->text.data[in->at] == '.') {
		in->at++;
		if (!digits(in, "after decimal point in numeric literal"))
			return false;
	}
	if (in->at < in->text.len && (in->text.data[in->at] | 32) == 'e') {
		in->at++;
		if (in->at < in->text.len && (in->text.data[in->at] == '+' || in->text.data[in->at] == '-'))
			in->at++;
		return digits(in, "in exponent of numeric literal");
	}
	return true;
}

static bool check_escape(struct checker *in)
{
	in->at++;
	if (in->at >= in->text.len || !memchr("\"\\/bfnrtu", in->text.data[in->at], 9))
		return complain(in, "in string escape code");
	if (in->text.data[in->at++] != 'u')
		return true;
	for (int i = 0; i < 4; i++, in->at++) {
		char c = in->at < in->text.len ? in->text.data[in->at] : '\0';

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return complain(in, "in \\u hexadecimal character escape");
	}
	return true;
}

static bool check_string(struct checker *in)
{
	for (in->at++; in->at < in->text.len;) {
		unsigned char byte = (unsigned char)in->text.data[in->at];

		if (byte == '"') {
			in->at++;
			return true;
		}
		if (byte < 0x20)
			return complain(in, "in string literal");
		if (byte != '\\')
			in->at++;
		else if (!check_escape(in))
			return false;
	}
	return complain(in, "");
}

static bool check_word(struct checker *in, const char *word)
{
	for (size_t i = 1; i < strlen(word); i++) {
		in->at++;
		if (in->at >= in->text.len || in->text.data[in->at] != word[i])
			return complain(in, format(in->mem, "in literal %s (expecting '%c')", word, word[i]));
	}
	in->at++;
	return true;
}

static bool check_scalar(struct checker *in)
{
	switch (in->at < in->text.len ? in->text.data[in->at] : '\0') {
	case '"':
		return check_string(in);
	case 't':
		return check_word(in, "true");
	case 'f':
		return check_word(in, "false");
	case 'n':
		return check_word(in, "null");
	case '-':
	case '0' ... '9':
		return check_number(in);
	default:
		return complain(in, "looking for beginning of value");
	}
}

static bool push(struct checker *in, char bracket)
{
	if (in->depth >= JSON_DEPTH_MAX) {
		in->why = "exceeded max depth";
		return false;
	}
	if (in->depth == in->size) {
		in->size = in->size ? in->size * 2 : 64;
		in->open = must(talloc_realloc_size(in->mem, in->open, in->size));
	}
	in->open[in->depth++] = bracket;
	in->at++;
	return true;
}

/* A member's name and colon. */
static bool check_name(struct checker *in)
{
	skip_blanks(in);
	if (in->at >= in->text.len || in->text.data[in->at] != '"')
		return complain(in, "looking for beginning of object key string");
	if (!check_string(in))
		return false;
	skip_blanks(in);
	if (in->at >= in->text.len || in->text.data[in->at] != ':')
		return complain(in, "after object key");
	in->at++;
	return true;
}

/* Opens brackets until a scalar or an empty bracket has been read. */
static bool check_value_start(struct checker *in)
{
	for (;;) {
		char byte;

		skip_blanks(in);
		byte = in->at < in->text.len ? in->text.data[in->at] : '\0';
		if (byte != '{' && byte != '[')
			return check_scalar(in);
		if (!push(in, byte))
			return false;
		skip_blanks(in);
		if (in->at < in->text.len && in->text.data[in->at] == (byte == '{' ? '}' : ']')) {
			in->at++;
			in->depth--;
			return true;
		}
		if (byte == '{' && !check_name(in))
			return false;
	}
}

static bool check_all(struct checker *in)
{
	if (!check_value_start(in))
		return false;
	while (in->depth) {
		bool object = in->open[in->depth - 1] == '{';
		char byte;

		skip_blanks(in);
		byte = in->at < in->text.len ? in->text.data[in->at] : '\0';
		if (byte == (object ? '}' : ']')) {
			in->depth--;
			in->at++;
			continue;
		}
		if (byte != ',')
			return complain(in, object ? "after object key:value pair" : "after array element");
		in->at++;
		if ((object && !check_name(in)) || !check_value_start(in))
			return false;
	}
	return true;
}

static bool check_end(struct checker *in)
{
	skip_blanks(in);
	return in->at == in->text.len || complain(in, "after top-level value");
}

bool json_check(TALLOC_CTX *mem, struct text text, const char **why)
{
	struct checker in = {.mem = mem, .text = text};
	bool good = check_all(&in) && check_end(&in);

	talloc_free(in.open);
	*why = in.why;
	return good;
}

bool json_check_first(TALLOC_CTX *mem, struct text *text, const char **why)
{
	struct checker in = {.mem = mem, .text = *text};
	bool good;

	skip_blanks(&in);
	if (in.at == text->len) {
		*why = "EOF";
		return false;
	}
	good = check_all(&in);
	talloc_free(in.open);
	*why = !good && in.at >= text->len ? "unexpected EOF" : in.why;
	text->len = in.at;
	return good;
}
