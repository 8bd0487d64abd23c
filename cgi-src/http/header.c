/* header.c: request headers as the web server hands them on, and the headers of the reply. */
#include <string.h>

#include "http_int.h"

struct text http_param(const struct request *req, const char *name)
{
	size_t len = strlen(name);

	for (char **param = req->http->params; *param; param++)
		if (strncmp(*param, name, len) == 0 && (*param)[len] == '=')
			return text_of(*param + len + 1);
	return TEXT_NONE;
}

/* Compares "HTTP_X_JWT_AUD=…" behind its prefix with "X-JWT-AUD"; gives the value or NULL. */
static const char *value_if_named(const char *param, const char *name)
{
	for (; *name; name++, param++) {
		char want = *name;

		if (want >= 'a' && want <= 'z')
			want = (char)(want - 'a' + 'A');
		else if (want == '-')
			want = '_';
		if (*param != want)
			return NULL;
	}
	return *param == '=' ? param + 1 : NULL;
}

static struct text find(const struct request *req, const char *prefix, const char *name)
{
	size_t len = strlen(prefix);

	for (char **param = req->http->params; *param; param++) {
		const char *value;

		if (strncmp(*param, prefix, len) != 0)
			continue;
		value = value_if_named(*param + len, name);
		if (value)
			return text_trim(text_of(value), " \t");
	}
	return TEXT_NONE;
}

struct text http_header(const struct request *req, const char *name)
{
	struct text value = find(req, "HTTP_", name);

	/* CGI gives some headers other names; a rewrite in Apache puts REDIRECT_ before them */
	if (!value.data && strcasecmp(name, "Content-Type") == 0)
		return find(req, "", name);
	if (!value.data && strcasecmp(name, "Authorization") == 0)
		return find(req, "REDIRECT_HTTP_", name);
	return value;
}

/* What stands before the first ", ", and behind it; false: there is none. */
static bool cut_line(struct text value, struct text *first, struct text *rest)
{
	const char *joint = value.len ? memmem(value.data, value.len, ", ", 2) : NULL;

	if (!joint)
		return false;
	*first = (struct text){value.data, (size_t)(joint - value.data)};
	*rest = (struct text){joint + 2, value.len - first->len - 2};
	return true;
}

struct text http_header_first(const struct request *req, const char *name)
{
	struct text value = http_header(req, name), first, rest;

	return cut_line(value, &first, &rest) ? first : value;
}

struct text http_authorization(const struct request *req)
{
	struct text value = http_header(req, "Authorization"), first, rest;

	return cut_line(value, &first, &rest) && memchr(rest.data, ' ', rest.len) ? first : value;
}

/* CR, LF and NUL would end a header line. */
static struct text without_line_ends(struct request *req, struct text value)
{
	char *copy = NULL;

	for (size_t i = 0; i < value.len; i++) {
		char byte = value.data[i];

		if (byte != '\r' && byte != '\n' && byte != '\0')
			continue;
		if (!copy) {
			copy = text_string(req, value);
			value.data = copy;
		}
		copy[i] = ' ';
	}
	return value;
}

void http_add_header(struct request *req, const char *name, struct text value)
{
	struct http *http = req->http;

	if (http->header_count == sizeof(http->headers) / sizeof(http->headers[0]))
		return;
	http->headers[http->header_count].name = name;
	http->headers[http->header_count].value = without_line_ends(req, value);
	http->header_count++;
}

void http_set_header(struct request *req, const char *name, struct text value)
{
	struct http *http = req->http;

	for (size_t i = 0; i < http->header_count; i++)
		if (strcasecmp(http->headers[i].name, name) == 0) {
			http->headers[i].value = without_line_ends(req, value);
			return;
		}
	http_add_header(req, name, value);
}

void http_drop_header(struct request *req, const char *name)
{
	struct http *http = req->http;
	size_t kept = 0;

	for (size_t i = 0; i < http->header_count; i++)
		if (strcasecmp(http->headers[i].name, name) != 0)
			http->headers[kept++] = http->headers[i];
	http->header_count = kept;
}
