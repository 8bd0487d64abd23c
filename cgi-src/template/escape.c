/* escape.c: writing a value as the place where it stands wants it (contract 06 section 9.4). */
#include <string.h>
#include <strings.h>

#include "cgi-src/template/escape_int.h"

static void put_html(struct buffer *out, struct text text, const char *also)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte == '\0')
			buffer_string(out, *also && also[1] ? "&#xfffd;" : "\xef\xbf\xbd");
		else if (byte == '&')
			buffer_string(out, "&amp;");
		else if (byte == '<')
			buffer_string(out, "&lt;");
		else if (byte == '>')
			buffer_string(out, "&gt;");
		else if (byte == '"' || byte == '\'' || strchr(also, byte))
			buffer_format(out, "&#%d;", byte);
		else
			buffer_char(out, (char)byte);
	}
}

struct text escape_html(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 16);

	put_html(out, text, "");
	return buffer_as_text(out);
}

/* plain: without what else the reference writes by its number. */
static void put_attribute(struct buffer *out, const struct context *context, struct text text, bool plain)
{
	if (context->quote != ' ')
		put_html(out, text, plain ? "" : "+");
	else if (text.len == 0)
		buffer_string(out, unsafe_word);
	else
		put_html(out, text, "+ \t\n\v\f\r=`");
}

/* ---- URLs ---- */

static bool unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || is_one((char)byte, "-._~");
}

static void put_url(struct buffer *out, struct text text, bool normal)
{
	unsigned char value;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool escaped = byte == '%' && text.len - i >= 3 && hex_decode((struct text){text.data + i + 1, 2}, &value, 1);

		if (unreserved(byte) || (normal && byte && strchr("!#$&*+,/:;=?@[]", byte)) || (normal && escaped))
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "%%%02x", byte);
	}
}

static bool safe_scheme(struct text text)
{
	static const char *const safe[] = {"http", "https", "mailto"};
	struct text scheme, rest;

	if (!text_cut(text, ':', &scheme, &rest) || (scheme.len && memchr(scheme.data, '/', scheme.len)))
		return true;
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		if (text_equal_nocase(scheme, text_of(safe[i])))
			return true;
	return false;
}

static struct text url_text(TALLOC_CTX *mem, const struct context *context, struct text text, bool query)
{
	struct buffer *out = buffer_new(mem, text.len + 32);

	if (context->url_part == URL_START && !safe_scheme(text))
		text = TEXT("#ZgotmplZ");
	if (query)
		return query_escape(mem, text);
	put_url(out, text, context->url_part != URL_QUERY);
	return buffer_as_text(out);
}

/* Candidates at commas: a URL, then a width or density. */
static struct text srcset_text(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 32);
	struct text rest = text, item;
	bool more = true;

	while (more) {
		struct text url, detail;
		bool plain = true;

		more = text_cut(rest, ',', &item, &rest);
		item = text_trim(item, " \t\r\n\f");
		text_cut(item, ' ', &url, &detail);
		for (size_t i = 0; i < detail.len; i++)
			plain = plain && (unreserved((unsigned char)detail.data[i]) || detail.data[i] == ' ');
		if (!safe_scheme(url) || !plain) {
			buffer_string(out, "#ZgotmplZ");
		} else {
			put_url(out, url, true);
			buffer_string(out, detail.len ? " " : "");
			buffer_text(out, detail);
		}
		buffer_string(out, more ? "," : "");
	}
	return buffer_as_text(out);
}

/* ---- names ---- */

static struct text attribute_name(TALLOC_CTX *mem, struct text text)
{
	return attribute_is_plain(text) ? text_lower(mem, text) : text_of(unsafe_word);
}

/* ---- all places ---- */

bool escaper_replaces(const struct context *context, const char *function)
{
	if (strcmp(function, "html") == 0)
		return context->place == PLACE_TEXT || context->place == PLACE_RCDATA || context->quote == '"' || context->quote == '\'';
	return context->place == PLACE_URL || context->place == PLACE_STYLE_URL || context->place == PLACE_STYLE_URL_DOUBLE ||
	       context->place == PLACE_STYLE_URL_SINGLE;
}

/* What scripts and styles want; false where the place is another. */
static bool code_text(TALLOC_CTX *mem, const struct context *context, struct json_object *value, struct text *text)
{
	switch (context->place) {
	case PLACE_SCRIPT:
		*text = script_value(mem, value);
		return true;
	case PLACE_SCRIPT_DOUBLE:
	case PLACE_SCRIPT_SINGLE:
		*text = script_string(mem, *text, false);
		return true;
	case PLACE_SCRIPT_TEMPLATE:
		*text = script_string(mem, *text, true);
		return true;
	case PLACE_SCRIPT_REGEXP:
		*text = script_regexp(mem, *text);
		return true;
	case PLACE_STYLE:
		*text = style_value(mem, *text);
		return true;
	case PLACE_STYLE_DOUBLE:
	case PLACE_STYLE_SINGLE:
		if (context->url_part == URL_START && !safe_scheme(*text))
			*text = TEXT("#ZgotmplZ");
		*text = context->url_part == URL_QUERY ? url_text(mem, context, *text, false) : style_string(mem, *text);
		return true;
	default:
		return false;
	}
}

/* The function is given the value itself, which it shows where there is none. */
static bool escapes_first(const struct context *context, bool is_html)
{
	if (!is_html)
		return context->url_part != URL_START;
	return context->place == PLACE_TEXT || context->place == PLACE_RCDATA || context->place == PLACE_ATTRIBUTE;
}

void escape_value(TALLOC_CTX *mem, struct buffer *out, const struct context *context, struct json_object *value, const char *escaper)
{
	struct text text = value_text(mem, value);
	bool is_html = escaper && strcmp(escaper, "html") == 0, is_query = escaper && !is_html;

	if (is_comment(context->place))
		return;
	if (!value && escaper && escapes_first(context, is_html))
		text = TEXT("<no value>");
	if (context->place == PLACE_TEXT || context->place == PLACE_RCDATA) {
		put_html(out, text, is_html ? "" : "+");
		return;
	}
	if (context->place == PLACE_TAG || context->place == PLACE_ATTRIBUTE_NAME) {
		buffer_text(out, attribute_name(mem, text));
		return;
	}
	if (context->place == PLACE_SRCSET)
		text = srcset_text(mem, text);
	else if (context->place != PLACE_ATTRIBUTE && !code_text(mem, context, value, &text))
		text = url_text(mem, context, text, is_query);
	if (context->quote)
		put_attribute(out, context, text, is_html);
	else
		buffer_text(out, text);
}
