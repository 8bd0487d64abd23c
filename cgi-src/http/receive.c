/* receive.c: what the web server handed on becomes a request. */
#include <string.h>

#include "http_int.h"

static const char *const method_names[] = {
	[METHOD_OTHER] = "",	      [METHOD_CONNECT] = "CONNECT", [METHOD_DELETE] = "DELETE", [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD",
	[METHOD_OPTIONS] = "OPTIONS", [METHOD_PATCH] = "PATCH",	    [METHOD_POST] = "POST",	[METHOD_PUT] = "PUT", [METHOD_TRACE] = "TRACE",
};

const char *method_name(enum method method)
{
	return method_names[method];
}

static enum method method_of(struct text name)
{
	for (enum method method = METHOD_CONNECT; method <= METHOD_TRACE; method++)
		if (text_is(name, method_names[method]))
			return method;
	return METHOD_OTHER;
}

static bool digits(struct text text, size_t from, size_t count, int *number)
{
	*number = 0;
	for (size_t i = from; i < from + count; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Section 7.1: a calendar date, from 2024-01-01 on the new version. */
bool version_receive(struct text header, bool *new_api)
{
	int year, month, day;

	*new_api = false;
	if (header.len == 0)
		return true;
	if (header.len != 10 || header.data[4] != '-' || header.data[7] != '-' || !digits(header, 0, 4, &year) || !digits(header, 5, 2, &month) ||
	    !digits(header, 8, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return false;
	*new_api = year >= 2024;
	return true;
}

/* Section 3.2. */
static struct text request_id(struct request *req)
{
	const char *header = req->settings->api.request_id_header;
	struct uuid id;

	if (header && *header) {
		struct text value = http_header(req, header);

		return value.data ? value : TEXT("");
	}
	id = uuid_v4();
	return (struct text){uuid_string(req, &id), UUID_TEXT_LEN};
}

/* Section 1, layer 9. */
static struct text user_agent(const struct request *req)
{
	struct text agent = http_header(req, "User-Agent");

	if (agent.len == 0 && (req->settings->tracing.enabled || req->settings->metrics.enabled))
		return http_header(req, "X-Gotrue-Original-User-Agent");
	return agent;
}

void http_receive(struct request *req, char **params, struct text body, bool body_too_large)
{
	struct http *http = must(talloc_zero(req, struct http));
	duration longest = req->settings->api.max_request_duration;

	req->http = http;
	http->began = monotonic_now();
	if (req->deadline == 0 && longest > 0)
		req->deadline = http->began + longest;
	http->params = params;
	http->body = body;
	http->body_too_large = body_too_large;
	http->method_text = http_param(req, "REQUEST_METHOD");
	http->method = method_of(http->method_text);
	path_receive(req);
	query_parse(req, http->query_text, &http->query);
	form_receive(req);
	http->version_bad = !version_receive(http_header_first(req, "X-Supabase-Api-Version"), &http->new_api);
	if (!req->id.data)
		req->id = request_id(req);
	req->user_agent = user_agent(req);
	client_receive(req);
}
