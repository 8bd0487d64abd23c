/* dotenv.c: the parser of contract 02 section 1.5. What is wrong is named by file and line, never by content. */
#include <string.h>

#include "internal.h"

struct reader {
	TALLOC_CTX *mem;
	struct settings_source *source;
	const char *path;
	struct text text; /* CR LF made LF */
	size_t at;
	const char **why;
};

static struct text without_cr_lf(TALLOC_CTX *mem, struct text text)
{
	char *copy = text_string(mem, text);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!(copy[i] == '\r' && i + 1 < text.len && copy[i + 1] == '\n'))
			copy[len++] = copy[i];
	copy[len] = '\0';
	return (struct text){copy, len};
}

static int refuse(const struct reader *in, size_t at, const char *what)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += in->text.data[i] == '\n';
	*in->why = format(in->mem, "%s: %s line %zu", what, in->path, line);
	return -1;
}

/* A byte of a name, taken as Latin-1. */
static bool is_blank_byte(unsigned char byte)
{
	return byte == '\t' || byte == '\v' || byte == '\f' || byte == '\r' || byte == ' ' || byte == 0x85 || byte == 0xa0;
}

static bool is_name_byte(unsigned char byte)
{
	if (byte >= 0xc0)
		return byte != 0xd7 && byte != 0xf7;
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' ||
	       byte == 0xaa || byte == 0xb5 || byte == 0xba;
}

/* How long the blank at the front is: ASCII, or U+0085 and U+00A0 in UTF-8; 0: none. */
static size_t blank_len(struct text text)
{
	if (text.len == 0)
		return 0;
	if ((unsigned char)text.data[0] < 0x80)
		return is_blank_byte((unsigned char)text.data[0]) ? 1 : 0;
	return text_starts(text, "\xc2\x85") || text_starts(text, "\xc2\xa0") ? 2 : 0;
}

static struct text trim_front(struct text text)
{
	for (size_t len = blank_len(text); len; len = blank_len(text))
		text = (struct text){text.data + len, text.len - len};
	return text;
}

static bool ends_in_blank(struct text text, size_t *len)
{
	for (*len = 1; *len <= 2 && *len <= text.len; (*len)++)
		if (blank_len((struct text){text.data + text.len - *len, *len}) == *len)
			return true;
	return false;
}

static struct text trim_blanks(struct text text)
{
	size_t len;

	text = trim_front(text);
	while (ends_in_blank(text, &len))
		text.len -= len;
	return text;
}

static struct text rest_of(const struct reader *in)
{
	return (struct text){in->text.data + in->at, in->text.len - in->at};
}

static void to_next_line(struct reader *in)
{
	const char *end = memchr(in->text.data + in->at, '\n', in->text.len - in->at);

	in->at = end ? (size_t)(end - in->text.data) : in->text.len;
}

/* To the next statement; false at the end. */
static bool skip_to_statement(struct reader *in)
{
	for (;;) {
		struct text rest = rest_of(in), trimmed = rest;
		size_t end;

		/* text_trim_unicode_space also cuts the end, which does not matter for where it starts */
		trimmed = text_trim_unicode_space(rest);
		end = trimmed.len ? (size_t)(trimmed.data - in->text.data) : in->text.len;
		in->at = end;
		if (in->at >= in->text.len)
			return false;
		if (in->text.data[in->at] != '#')
			return true;
		to_next_line(in);
	}
}

/* Up to the separator, which is passed. *name is empty where the input ends before. */
static int read_name(struct reader *in, struct text *name)
{
	struct text rest = rest_of(in);
	size_t len = 0;

	if (text_starts(rest, "export") && blank_len((struct text){rest.data + 6, rest.len - 6}))
		rest = trim_front((struct text){rest.data + 6, rest.len - 6});
	for (; len < rest.len && rest.data[len] != '=' && rest.data[len] != ':'; len++)
		if (!is_name_byte((unsigned char)rest.data[len]) && !is_blank_byte((unsigned char)rest.data[len]))
			return refuse(in, (size_t)(rest.data - in->text.data) + len, "unexpected character in variable name");
	*name = TEXT_NONE;
	in->at = (size_t)(rest.data - in->text.data);
	if (len == rest.len)
		return 0;
	in->at += len + 1;
	while (len && is_blank_byte((unsigned char)rest.data[len - 1]))
		len--;
	*name = (struct text){rest.data, len};
	return 0;
}

/* The last # right after a blank, and all after it, go. */
static struct text cut_comment(struct text text)
{
	size_t ignored;

	for (size_t i = text.len; i-- > 1;)
		if (text.data[i] == '#' && ends_in_blank((struct text){text.data, i}, &ignored))
			return (struct text){text.data, i};
	return text;
}

static struct text unescape(TALLOC_CTX *mem, struct text text, bool all)
{
	struct buffer *out = buffer_new(mem, text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		char next = i + 1 < text.len ? text.data[i + 1] : '\0';

		if (text.data[i] != '\\' || i + 1 == text.len || !(all || next == '$')) {
			buffer_char(out, text.data[i]);
			continue;
		}
		buffer_char(out, (char)(next == 'n' ? '\n' : next == 'r' ? '\r' : next));
		i++;
	}
	return buffer_as_text(out);
}

static struct text read_plain(struct reader *in)
{
	struct text rest = rest_of(in), line;
	size_t len = 0;

	while (len < rest.len && rest.data[len] != '\n' && rest.data[len] != '\r')
		len++;
	in->at += len;
	line = (struct text){rest.data, len};
	return unescape(in->mem, trim_blanks(cut_comment(line)), false);
}

static int read_quoted(struct reader *in, struct text *value)
{
	struct text rest = rest_of(in), inner;
	char quote[2] = {rest.data[0], '\0'};
	size_t end = 1;

	while (end < rest.len && !(rest.data[end] == quote[0] && rest.data[end - 1] != '\\'))
		end++;
	if (end == rest.len)
		return refuse(in, in->at, "unterminated quoted value");
	in->at += end + 1;
	inner = text_trim((struct text){rest.data, end + 1}, quote);
	*value = quote[0] == '"' ? unescape(in->mem, inner, true) : inner;
	return 0;
}

static int read_value(struct reader *in, struct text *value)
{
	size_t start;
	struct text rest = trim_front(rest_of(in));

	in->at = (size_t)(rest.data - in->text.data);
	start = in->at;
	if (rest.len && (rest.data[0] == '"' || rest.data[0] == '\'')) {
		if (read_quoted(in, value) < 0)
			return -1;
	} else {
		*value = read_plain(in);
	}
	return text_has_nul(*value) ? refuse(in, start, "a value holds a NUL byte") : 0;
}

int dotenv_read(struct settings_source *source, const char *path, struct text text, const char **why)
{
	struct reader in = {.mem = source, .source = source, .path = path, .text = without_cr_lf(source, text), .why = why};

	while (skip_to_statement(&in)) {
		struct text name, value;

		if (read_name(&in, &name) < 0 || read_value(&in, &value) < 0)
			return -1;
		source_put(source, name, value, path, PUT_OVERRIDES);
	}
	return 0;
}
