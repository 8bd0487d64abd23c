/* escape_code.c: values in scripts and styles (contract 06 section 9.4). */
#include <string.h>
#include <strings.h>

#include "cgi-src/template/escape_int.h"

/* ---- scripts ---- */

struct text escape_js(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 16);
	size_t at = 0;

	while (at < text.len) {
		size_t from = at;
		uint32_t point = utf8_next(text, &at);

		if (point == '\\' || point == '\'' || point == '"')
			buffer_format(out, "\\%c", (int)point);
		else if (point == '<' || point == '>' || point == '&' || point == '=' || point < 0x20 || (point >= 0x80 && !is_printable(point)))
			buffer_format(out, "\\u%04X", point);
		else
			buffer_add(out, text.data + from, at - from);
	}
	return buffer_as_text(out);
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' || byte == '$';
}

/* As JSON; what would run into its neighbours has blanks around it. */
struct text script_value(TALLOC_CTX *mem, struct json_object *value)
{
	struct text text = json_canonical(mem, value);

	if (text.len && (is_word(text.data[0]) || is_word(text.data[text.len - 1])))
		return text_of(format(mem, " %.*s ", (int)text.len, text.data));
	return text;
}

/* Everything that could end a literal, open markup or mean something is written by its number. */
static void put_script_point(struct buffer *out, struct text text, uint32_t point, const char *slashed, const char *numbered)
{
	static const char controls[] = {['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	if (point < sizeof(controls) && controls[point])
		buffer_format(out, "\\%c", controls[point]);
	else if (point < 0x80 && is_one((char)point, slashed))
		buffer_format(out, "\\%c", (int)point);
	else if (point < 0x20 || point == 0x2028 || point == 0x2029 || (point < 0x80 && is_one((char)point, numbered)))
		buffer_format(out, "\\u%04x", point);
	else
		buffer_text(out, text);
}

static struct text script_literal(TALLOC_CTX *mem, struct text text, const char *slashed, const char *numbered)
{
	struct buffer *out = buffer_new(mem, text.len + 16);
	size_t at = 0;

	while (at < text.len) {
		size_t from = at;
		uint32_t point = utf8_next(text, &at);

		put_script_point(out, (struct text){text.data + from, at - from}, point, slashed, numbered);
	}
	return buffer_as_text(out);
}

struct text script_string(TALLOC_CTX *mem, struct text text, bool template)
{
	return script_literal(mem, text, "/\\", template ? "\"'`<>&+${}" : "\"'`<>&+");
}

struct text script_regexp(TALLOC_CTX *mem, struct text text)
{
	return text.len ? script_literal(mem, text, "$()*-./?[]\\^{|}", "\"'<>&+") : TEXT("(?:)");
}

/* ---- styles ---- */

static bool is_css_blank(char byte)
{
	return is_one(byte, " \t\n\f\r");
}

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 32;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* An escape behind its backslash; gives its length. */
static size_t read_css_escape(struct text text, struct buffer *out)
{
	uint32_t point = 0;
	size_t len = 0;

	while (len < text.len && len < 6 && hex_value(text.data[len]) >= 0)
		point = point << 4 | (uint32_t)hex_value(text.data[len++]);
	if (len == 0) {
		buffer_char(out, text.data[0]);
		return 1;
	}
	if (point > 0x10ffff)
		point >>= 4, len--;
	buffer_point(out, point);
	if (text.len - len >= 2 && text.data[len] == '\r' && text.data[len + 1] == '\n')
		return len + 2;
	return len + (len < text.len && is_css_blank(text.data[len]));
}

struct text css_unescape(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 1);

	for (size_t at = 0; at < text.len;) {
		if (text.data[at] != '\\')
			buffer_char(out, text.data[at++]);
		else if (at + 1 == text.len)
			break;
		else
			at += 1 + read_css_escape((struct text){text.data + at + 1, text.len - at - 1}, out);
	}
	return buffer_as_text(out);
}

static bool holds(struct text text, const char *part)
{
	return text.len && memmem(text.data, text.len, part, strlen(part));
}

/* Letters and digits alone, to see words that are forbidden however they are broken up. */
static struct text letters(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		if (is_word(text.data[i]) && text.data[i] != '$')
			buffer_char(out, text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] | 32) : text.data[i]);
	return buffer_as_text(out);
}

struct text style_value(TALLOC_CTX *mem, struct text text)
{
	struct text plain = css_unescape(mem, text), word = letters(mem, plain);

	for (size_t i = 0; i < plain.len; i++)
		if (plain.data[i] == '\0' || strchr("\"'()/;@[\\]`{}<>", plain.data[i]))
			return text_of(unsafe_word);
	return holds(plain, "--") || holds(word, "expression") || holds(word, "mozbinding") ? text_of(unsafe_word) : plain;
}

struct text style_string(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 16);

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i], next = i + 1 < text.len ? text.data[i + 1] : ' ';

		if (byte == '\\')
			buffer_string(out, "\\\\");
		else if (byte && !is_one(byte, "\t\n\f\r\"&'()+/:;<>{}"))
			buffer_char(out, byte);
		else
			buffer_format(out, "\\%x%s", (unsigned char)byte, hex_value(next) >= 0 || is_css_blank(next) ? " " : "");
	}
	return buffer_as_text(out);
}
