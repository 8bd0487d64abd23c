/* handle.c: the way of a request through all layers (contract 01 section 1). */
#include <string.h>

#include "http_int.h"
#include "latchkey/api.h"
#include "latchkey/metrics.h"

static void reply_not_found(struct request *req)
{
	http_set_header(req, "X-Content-Type-Options", TEXT("nosniff"));
	reply_plain(req, 404, "text/plain; charset=utf-8", TEXT("404 page not found\n"));
}

/* methods: 1 << enum method of each that the path has. */
static void reply_not_allowed(struct request *req, unsigned methods)
{
	for (enum method method = METHOD_CONNECT; method <= METHOD_TRACE; method++)
		if (methods & 1U << method)
			http_add_header(req, "Allow", text_of(method_name(method)));
	reply_empty(req, 405);
}

/* The gates of all groups that the path lies in, from the outermost; *not_found is what the innermost says of unknown paths. */
static int pass_groups(struct request *req, int (**not_found)(struct request *req))
{
	const struct route_group *group;
	unsigned depths = 0;
	size_t at = 0;

	*not_found = NULL;
	while ((group = router_next_group(req, &at, &depths))) {
		int passed = gates_pass(req, group->gates, group->limiter);

		if (passed != 0)
			return passed;
		if (group->not_found)
			*not_found = group->not_found;
	}
	return 0;
}

static int run_route(struct request *req, const struct route *route)
{
	int passed;

	req->http->route = route;
	passed = gates_pass(req, route->gates, route->limiter);
	if (passed == 0)
		passed = lane_require(req, route->lane);
	return passed == 0 ? route->handler(req) : passed;
}

static int serve(struct request *req)
{
	int (*not_found)(struct request * req);
	struct text captures[sizeof(req->http->captures) / sizeof(struct text)];
	struct found found;
	int passed;

	router_find(req, &found);
	memcpy(captures, req->http->captures, sizeof(captures));
	if (!found.bare && external_host(req) < 0)
		return -1;
	passed = pass_groups(req, &not_found);
	if (passed != 0)
		return passed;
	memcpy(req->http->captures, captures, sizeof(captures));
	if (found.route)
		return run_route(req, found.route);
	if (found.path_known)
		reply_not_allowed(req, found.methods);
	else if (not_found)
		return not_found(req);
	else
		reply_not_found(req);
	return 0;
}

static bool deadline_passed(const struct request *req)
{
	return req->deadline > 0 && monotonic_now() > req->deadline;
}

static bool changes_something(enum method method)
{
	return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH || method == METHOD_DELETE;
}

/* Section 3.5: old rows are removed before a successful answer leaves; that this fails is no failure of the request. */
static void clean_up(struct request *req)
{
	const struct http *http = req->http;
	int64_t affected;

	if (!req->settings->db.cleanup_enabled || !changes_something(http->method) || http->status < 200 || http->status > 299)
		return;
	if (cleanup_after_request(req, &affected) < 0)
		request_log_to(req, LOG_WARNING, "database cleanup failed", log_number("affected_rows", affected),
			       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
	else if (affected > 0) {
		metrics_cleaned(req->shared, affected);
		request_log_to(req, LOG_DEBUG, "cleaned up expired or stale rows", log_number("affected_rows", affected));
	}
	req->failure = (struct failure){0};
}

static void answer(struct request *req, int outcome)
{
	if (outcome == REQUEST_ANSWERED)
		outcome = 0;
	if (outcome == 0 && req->http->status == 0)
		outcome = fail_fault(req, "the handler has not answered");
	if (deadline_passed(req))
		outcome = fail(req, 504, "request_timeout", "Processing this request timed out, please retry after a moment.");
	if (outcome == 0) {
		req->failure = (struct failure){0};
		clean_up(req);
		return;
	}
	if (!failed(req))
		fail_unexpected(req, "the handler failed without a reason");
	http_reply_failure(req);
}

static void finish(struct request *req)
{
	int64_t ended = monotonic_now();

	hashing_end(req);
	if (text_is(req->http->path, "/health"))
		return;
	request_count(req, ended);
	request_log_done(req, ended);
}

int http_handle(struct request *req, enum lane *lane)
{
	struct http *http = req->http;
	int outcome = 0;

	if (http->bad_path) {
		reply_plain(req, 400, "text/plain; charset=utf-8", TEXT("400 Bad Request"));
		return 0;
	}
	if (cors_is_preflight(req)) {
		cors_preflight(req);
		return 0;
	}
	cors_headers(req);
	if (http->forwarded_bad)
		request_log_to(req, LOG_WARNING, "error processing Sb-Forwarded-For", log_text("error", "the value is no IP address"));
	if (http->method == METHOD_OTHER)
		reply_not_allowed(req, 0);
	else if (req->resumed && deadline_passed(req))
		outcome = -1; /* it waited for too long */
	else
		outcome = serve(req);
	if (outcome == REQUEST_MOVED) {
		*lane = (enum lane)http->moved_to;
		return REQUEST_MOVED;
	}
	answer(req, outcome);
	finish(req);
	return 0;
}
