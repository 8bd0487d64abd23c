/* mime.c: the media type of a Content-Type header (RFC 9110 section 8.3; complaints as contract 11 section 7.3 words them). */
#include <string.h>

#include "cgi-src/hook/hook_int.h"

static struct text token(struct text *rest)
{
	size_t len = 0;
	struct text made;

	while (len < rest->len && rest->data[len] > ' ' && rest->data[len] < 0x7f && !memchr("()<>@,;:\\\"/[]?=", rest->data[len], 15))
		len++;
	made = (struct text){rest->data, len};
	rest->data += len;
	rest->len -= len;
	return made;
}

static struct text skip_blanks(struct text text)
{
	while (text.len && memchr(" \t\r\n", text.data[0], 4)) {
		text.data++;
		text.len--;
	}
	return text;
}

static const char *check_type(struct text type)
{
	struct text rest = type;

	if (token(&rest).len == 0)
		return "mime: no media type";
	if (rest.len == 0)
		return NULL;
	if (rest.data[0] != '/')
		return "mime: expected slash after first token";
	rest = (struct text){rest.data + 1, rest.len - 1};
	if (token(&rest).len == 0)
		return "mime: expected token after slash";
	return rest.len ? "mime: unexpected content after media subtype" : NULL;
}

/* A quoted string or a token, as it is written; false where there is neither. */
static bool value(struct text *rest, struct text *written)
{
	size_t at = 1;

	if (rest->len == 0 || rest->data[0] != '"') {
		*written = token(rest);
		return written->len > 0;
	}
	while (at < rest->len && rest->data[at] != '"')
		at += rest->data[at] == '\\' ? 2 : 1;
	if (at >= rest->len)
		return false;
	*written = (struct text){rest->data + 1, at - 1};
	*rest = (struct text){rest->data + at + 1, rest->len - at - 1};
	return true;
}

static const char *check_parameters(struct text rest)
{
	struct {
		struct text name, value;
	} seen[16];
	size_t count = 0;

	for (rest = skip_blanks(rest); rest.len; rest = skip_blanks(rest)) {
		struct text name, given;

		if (rest.data[0] != ';')
			return "mime: invalid media parameter";
		rest = skip_blanks((struct text){rest.data + 1, rest.len - 1});
		if (rest.len == 0)
			return NULL; /* a trailing semicolon */
		name = token(&rest);
		rest = skip_blanks(rest);
		if (name.len == 0 || rest.len == 0 || rest.data[0] != '=')
			return "mime: invalid media parameter";
		rest = skip_blanks((struct text){rest.data + 1, rest.len - 1});
		if (!value(&rest, &given))
			return "mime: invalid media parameter";
		for (size_t i = 0; i < count; i++)
			if (text_equal_nocase(seen[i].name, name) && !text_equal(seen[i].value, given))
				return "mime: duplicate parameter name";
		if (count < sizeof(seen) / sizeof(seen[0])) {
			seen[count].name = name;
			seen[count++].value = given;
		}
	}
	return NULL;
}

const char *mime_type(TALLOC_CTX *mem, struct text header, const char **why)
{
	struct text type = text_before(header, ';'), rest = {header.data + type.len, header.len - type.len};

	type = text_trim(type, " \t\r\n");
	*why = check_type(type);
	if (!*why)
		*why = check_parameters(rest);
	return *why ? NULL : text_lower(mem, type).data;
}
