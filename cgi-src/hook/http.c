/* http.c: asking a hook over HTTP: attempts, time budget, what its answers mean (contract 11 section 7). */
#include <poll.h>
#include <string.h>

#include "cgi-src/hook/hook_int.h"
#include "latchkey/outbound.h"

#define BUDGET (5 * SECOND)
#define PAUSE (2 * SECOND)
#define ATTEMPTS 3
#define BODY_MAX 204800

static int timed_out(struct request *req)
{
	return fail(req, 422, "hook_timeout", "Failed to reach hook within maximum time of 5.000000 seconds");
}

static int too_busy(struct request *req)
{
	return fail_server(req, "Service currently unavailable due to hook");
}

/* Signs and sends once; -1 only where nothing could be sent. */
static int attempt(struct request *req, const struct settings_hook *hook, struct text input, int64_t end, struct outbound_answer *answer)
{
	struct uuid id = uuid_v4();
	const char *id_text = uuid_string(req, &id), *timestamp = format(req, "%lld", (long long)(moment_now() / 1000000)), *why, *signature;
	struct outbound_header headers[4];
	struct outbound_call call = {
		.method = "POST",
		.url = text_before(text_of(hook->uri), '#'),
		.headers = headers,
		.header_count = 4,
		.content_type = "application/json",
		.body = input,
		.timeout = end - monotonic_now(),
		.answer_max = BODY_MAX,
	};

	signature = hook_signature(req, &hook->secrets, id_text, timestamp, input, &why);
	if (!signature)
		return fail_server(req, "Error generating signatures: %s", why);
	headers[0] = (struct outbound_header){"Accept-Encoding", TEXT("identity")};
	headers[1] = (struct outbound_header){"webhook-id", text_of(id_text)};
	headers[2] = (struct outbound_header){"webhook-timestamp", text_of(timestamp)};
	headers[3] = (struct outbound_header){"webhook-signature", text_of(signature)};
	outbound_call(req, &call, answer);
	return 0;
}

static int check_content_type(struct request *req, struct text header)
{
	const char *why, *type;

	if (text_is_empty(header))
		return fail(req, 400, "hook_payload_invalid_content_type", "Invalid Content-Type: Missing Content-Type header");
	type = mime_type(req, header, &why);
	if (!type)
		return fail(req, 400, "hook_payload_invalid_content_type", "Invalid Content-Type header: %s", why);
	if (strcmp(type, "application/json") != 0)
		return fail(req, 400, "hook_payload_invalid_content_type", "Invalid JSON response. Received content-type: %.*s", (int)header.len,
			    header.data);
	return 0;
}

static int read_answer(struct request *req, const struct settings_hook *hook, const struct outbound_answer *answer, struct hook_output *output)
{
	switch (answer->status) {
	case 204:
		return 0;
	case 200:
	case 202:
		break;
	case 429:
	case 503:
		return too_busy(req);
	case 400:
		return fail_server(req, "Invalid payload sent to hook");
	case 401:
		return fail_server(req, "Hook requires authorization token");
	default:
		return fail_server(req, "Unexpected status code returned from hook: %d", answer->status);
	}
	if (check_content_type(req, answer->content_type) < 0)
		return -1;
	if (answer->fault == OUTBOUND_TOO_LARGE)
		return fail(req, 422, "hook_payload_over_size_limit", "Payload size exceeded size limit of %d bytes", BODY_MAX);
	if (answer->fault != OUTBOUND_OK) {
		fail_cause(req, "%s", answer->why);
		return hook_failed_to_run(req, hook);
	}
	*output = (struct hook_output){true, answer->body};
	return 0;
}

/* Waits before the next attempt; false where the budget or the request's time ends first. */
static bool pause_before_next(const struct request *req, int64_t end)
{
	int64_t until = monotonic_now() + PAUSE, last = req->deadline && req->deadline < end ? req->deadline : end;
	bool in_time = until < last;

	for (int64_t now = monotonic_now(); now < (in_time ? until : last); now = monotonic_now())
		poll(NULL, 0, (int)(((in_time ? until : last) - now) / MILLISECOND) + 1);
	return in_time;
}

static void log_attempt(struct request *req, const struct settings_hook *hook, int number)
{
	request_log_to(req, number ? LOG_INFO : LOG_DEBUG, format(req, "invocation attempt: %d", number), log_text("component", "auth_hook"),
		       log_text("url", hook_uri_shown(req, hook)));
}

static void log_failed_attempt(struct request *req, const struct settings_hook *hook, int number, const char *why)
{
	const char *msg = format(req, "Request timed out for attempt %d with err %s", number, why ? why : "none");

	request_log_to(req, LOG_ERROR, msg, log_text("component", "auth_hook"), log_text("url", hook_uri_shown(req, hook)));
}

int hook_over_http(struct request *req, const struct settings_hook *hook, struct text input, struct hook_output *output)
{
	int64_t end = monotonic_now() + BUDGET;

	for (int i = 0; i < ATTEMPTS; i++) {
		struct outbound_answer answer;

		log_attempt(req, hook, i);
		if (attempt(req, hook, input, end, &answer) < 0)
			return -1;
		if (answer.status && (answer.status == 429 || answer.status == 503) && !text_is_empty(answer.retry_after))
			continue; /* at once: the contract does not wait here */
		if (answer.status)
			return read_answer(req, hook, &answer, output);
		fail_cause(req, "%s", answer.why);
		if (monotonic_now() >= end || (answer.fault == OUTBOUND_TIMEOUT && monotonic_now() + MILLISECOND >= end))
			return timed_out(req);
		if (i == ATTEMPTS - 1)
			return fail(req, 422, "hook_timeout_after_retry", "Failed to reach hook after maximum retries");
		log_failed_attempt(req, hook, i, answer.why);
		if (!pause_before_next(req, end))
			return timed_out(req);
	}
	return too_busy(req);
}
