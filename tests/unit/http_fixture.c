/* http_fixture.c: requests for the tests of the http room. */
#include "tests/unit/http_fixture.h"

#include <stdarg.h>
#include <strings.h>

void complain(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	vprint_error(text, args);
	va_end(args);
	print_error("\n");
	_fail(__FILE__, __LINE__);
	__builtin_unreachable();
}

struct settings *fixture_settings(TALLOC_CTX *mem)
{
	struct settings *settings = talloc_zero(mem, struct settings);

	settings->site_url = "https://app.example.com";
	settings->api.external_url = "http://localhost:9999";
	settings->rate_limit.header = "";
	settings->latchkey.prefix = "";
	settings->api.request_id_header = "";
	return settings;
}

struct request *fixture_request(TALLOC_CTX *mem, const struct settings *settings, const char *method, const char *target, const char *body, ...)
{
	struct request *req = request_new(mem, settings);
	char **params = talloc_array(req, char *, 40);
	const char *more;
	size_t count = 0;
	va_list args;

	params[count++] = talloc_asprintf(params, "REQUEST_METHOD=%s", method);
	params[count++] = talloc_asprintf(params, "REQUEST_URI=%s", target);
	va_start(args, body);
	while ((more = va_arg(args, const char *)) && count < 39)
		params[count++] = talloc_strdup(params, more);
	va_end(args);
	params[count] = NULL;
	http_receive(req, params, text_of(body), false);
	return req;
}

void fixture_allow(struct settings *settings, const char *list)
{
	struct text rest = text_of(list), item;
	size_t count = 0;

	settings->uri_allow_list.items = talloc_array(settings, struct text, 32);
	settings->uri_globs = talloc_array(settings, struct glob *, 32);
	while (rest.len) {
		const char *why;

		text_cut(rest, ',', &item, &rest);
		settings->uri_allow_list.items[count] = item;
		settings->uri_globs[count] = glob_compile(settings, item, &why);
		assert_non_null(settings->uri_globs[count++]);
	}
	settings->uri_allow_list.count = count;
}

const char *fixture_header(const struct request *req, const char *name, size_t n)
{
	for (size_t i = 0; i < req->http->header_count; i++)
		if (strcasecmp(req->http->headers[i].name, name) == 0 && n-- == 0)
			return text_string((TALLOC_CTX *)(uintptr_t)req, req->http->headers[i].value);
	return NULL;
}
