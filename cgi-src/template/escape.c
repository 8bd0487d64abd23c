/* escape.c: writing a value as the place where it stands wants it (contract 06 section 9.4). */
#include <string.h>
#include <strings.h>

#include "cgi-src/template/template_int.h"

static const char unsafe_word[] = "ZgotmplZ"; /* what the reference writes for what may not stand there */

static void put_html(struct buffer *out, struct text text, const char *also)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte == '\0')
			buffer_string(out, "\xef\xbf\xbd");
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

static void put_attribute(struct buffer *out, const struct context *context, struct text text)
{
	if (context->quote != ' ')
		put_html(out, text, "+");
	else if (text.len == 0)
		buffer_string(out, unsafe_word);
	else
		put_html(out, text, "+ \t\n\v\f\r=`");
}

/* ---- URLs ---- */

static bool unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || (byte && strchr("-._~", byte));
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

static struct text url_text(TALLOC_CTX *mem, const struct context *context, struct text text, const char *last)
{
	struct buffer *out = buffer_new(mem, text.len + 32);

	if (last && strcmp(last, "urlquery") == 0)
		return text;
	if (context->url_part == URL_START && !safe_scheme(text))
		return TEXT("#ZgotmplZ");
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
		else if (point == '<' || point == '>' || point == '&' || point == '=' || point < 0x20 || point == 0x7f)
			buffer_format(out, "\\u%04X", point);
		else
			buffer_add(out, text.data + from, at - from);
	}
	return buffer_as_text(out);
}

/* Inside a quoted script string: everything that could end it, open markup or mean something is written by its number. */
static struct text script_string(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 16);
	size_t at = 0;

	while (at < text.len) {
		size_t from = at;
		uint32_t point = utf8_next(text, &at);

		if (point == '/' || point == '\\')
			buffer_format(out, "\\%c", (int)point);
		else if (point < 0x20 || point == 0x7f || point == 0x2028 || point == 0x2029 || (point < 0x80 && strchr("\"'`<>&+$={}", (int)point)))
			buffer_format(out, "\\u%04x", point);
		else
			buffer_add(out, text.data + from, at - from);
	}
	return buffer_as_text(out);
}

/* ---- styles ---- */

static bool holds(struct text text, const char *part)
{
	return text.data && memmem(text.data, text.len, part, strlen(part));
}

static bool plain_style(struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (!unreserved(byte) && !strchr(" #%!,", byte) && byte < 0x80)
			return false;
	}
	return text.len && !holds(text, "expression") && !holds(text, "binding") && !holds(text, "--");
}

static struct text style_text(TALLOC_CTX *mem, struct text text)
{
	struct text lower = text_lower(mem, text);

	return plain_style(lower) ? text : text_of(unsafe_word);
}

static struct text style_string(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 16);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (unreserved(byte) || byte >= 0x80 || byte == ' ')
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "\\%x ", byte);
	}
	return buffer_as_text(out);
}

static struct text attribute_name(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!unreserved((unsigned char)text.data[i]))
			return text_of(unsafe_word);
	/* a name must not turn the value that follows into code or a URL */
	if (text.len == 0 || strncasecmp(text.data, "on", 2) == 0 || text_equal_nocase(text, TEXT("style")) || holds(text, "src") ||
	    holds(text, "href"))
		return text_of(unsafe_word);
	return text;
}

void escape_value(TALLOC_CTX *mem, struct buffer *out, const struct context *context, struct json_object *value, const char *last)
{
	struct text text = value_text(mem, value);
	bool is_html = last && strcmp(last, "html") == 0;

	switch (context->place) {
	case PLACE_TEXT:
	case PLACE_RCDATA:
		is_html ? buffer_text(out, text) : put_html(out, text, "+");
		return;
	case PLACE_COMMENT:
	case PLACE_SCRIPT_BLOCK_COMMENT:
	case PLACE_SCRIPT_LINE_COMMENT:
	case PLACE_STYLE_COMMENT:
		return;
	case PLACE_TAG:
	case PLACE_AFTER_NAME:
	case PLACE_BEFORE_VALUE:
	case PLACE_ATTRIBUTE_NAME:
		buffer_text(out, attribute_name(text));
		return;
	case PLACE_ATTRIBUTE:
		break;
	case PLACE_URL:
		text = url_text(mem, context, text, last);
		break;
	case PLACE_SRCSET:
		text = srcset_text(mem, text);
		break;
	case PLACE_SCRIPT:
		text = json_canonical(mem, value);
		break;
	case PLACE_SCRIPT_DOUBLE:
	case PLACE_SCRIPT_SINGLE:
	case PLACE_SCRIPT_TEMPLATE:
		text = script_string(mem, text);
		break;
	case PLACE_STYLE:
		text = style_text(mem, text);
		break;
	case PLACE_STYLE_DOUBLE:
	case PLACE_STYLE_SINGLE:
		text = style_string(mem, text);
		break;
	case PLACE_STYLE_URL:
		text = url_text(mem, context, text, last);
		break;
	}
	if (!context->quote)
		buffer_text(out, text);
	else if (is_html && context->quote != ' ')
		buffer_text(out, text);
	else
		put_attribute(out, context, text);
}
