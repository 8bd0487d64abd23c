/* cors.c: any origin, fixed methods, a list of request headers (contract 01 section 4). */
#include <string.h>

#include "http_int.h"

static const char *const own_headers[] = {"accept",	 "authorization", "content-type",	    "x-client-info",
					  "x-client-ip", "x-jwt-aud",	  "x-supabase-api-version", "x-use-cookie"};

static bool method_allowed(struct text method)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (text_is(method, methods[i]))
			return true;
	return false;
}

static bool allows_every_header(const struct request *req)
{
	return text_list_has(&req->settings->cors_allowed_headers, TEXT("*"));
}

static bool header_allowed(struct request *req, struct text name)
{
	const struct text_list *more = &req->settings->cors_allowed_headers;

	for (size_t i = 0; i < sizeof(own_headers) / sizeof(own_headers[0]); i++)
		if (text_is(name, own_headers[i]))
			return true;
	for (size_t i = 0; i < more->count; i++)
		if (text_equal(name, text_lower(req, more->items[i])))
			return true;
	return false;
}

static bool ascends(struct text before, struct text name)
{
	size_t shorter = before.len < name.len ? before.len : name.len;
	int order = memcmp(before.data, name.data, shorter);

	return order < 0 || (order == 0 && before.len < name.len);
}

/* Lower case, strictly ascending, commas without blanks: as browsers send it. */
static bool headers_allowed(struct request *req, struct text list)
{
	struct text before = TEXT("");

	if (list.len == 0 || allows_every_header(req))
		return true;
	for (;;) {
		struct text name, rest = TEXT_NONE;
		bool more = text_cut(list, ',', &name, &rest);

		if (!more)
			name = list;
		if (!ascends(before, name) || !header_allowed(req, name))
			return false;
		if (!more)
			return true;
		before = name;
		list = rest;
	}
}

bool cors_is_preflight(const struct request *req)
{
	return req->http->method == METHOD_OPTIONS && http_header(req, "Access-Control-Request-Method").len;
}

void cors_preflight(struct request *req)
{
	struct text method = http_header(req, "Access-Control-Request-Method"), headers = http_header(req, "Access-Control-Request-Headers");

	reply_begin(req, 204);
	http_add_header(req, "Vary", TEXT("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
	if (http_header(req, "Origin").len == 0 || !method_allowed(method) || !headers_allowed(req, headers))
		return;
	http_add_header(req, "Access-Control-Allow-Origin", TEXT("*"));
	http_add_header(req, "Access-Control-Allow-Methods", method);
	if (headers.len)
		http_add_header(req, "Access-Control-Allow-Headers", headers);
	http_add_header(req, "Access-Control-Allow-Credentials", TEXT("true"));
}

void cors_headers(struct request *req)
{
	http_add_header(req, "Vary", TEXT("Origin"));
	if (http_header(req, "Origin").len && method_allowed(req->http->method_text)) {
		http_add_header(req, "Access-Control-Allow-Origin", TEXT("*"));
		http_add_header(req, "Access-Control-Expose-Headers", TEXT("X-Total-Count, Link, X-Supabase-Api-Version"));
		http_add_header(req, "Access-Control-Allow-Credentials", TEXT("true"));
	}
	req->http->fixed_headers = req->http->header_count;
}
