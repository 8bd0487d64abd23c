/* error.c: a failure becomes the reply (contract 01 section 7). */
#include <string.h>

#include "http_int.h"

/* SQLSTATEs whose text clients of the old version read, all with status 500 (section 7.3). */
static const char *const shown_states[] = {"P0001", "23000", "23001", "23502", "23503", "23505", "23514", "23P01"};

/* What each enum weak_reason is called, in the order of its bits. */
static const char *const weak_names[] = {"length", "characters", "pwned"};

static bool is_status(int status)
{
	return status >= 200 && status <= 999;
}

static const char *code_of(const struct failure *failure)
{
	if (failure->code)
		return failure->code;
	return failure->status == 500 ? "unexpected_failure" : "unknown";
}

static void set_error_code(struct request *req, const char *code)
{
	req->http->error_code = code;
	http_set_header(req, "x-sb-error-code", text_of(code));
}

/* The digits of PTnnn; -1 for every other state. */
static int status_of_pt(const char *state)
{
	int status = 0;

	if (state[0] != 'P' || state[1] != 'T')
		return -1;
	for (int i = 2; i < 5; i++) {
		if (state[i] < '0' || state[i] > '9')
			return -1;
		status = status * 10 + (state[i] - '0');
	}
	return status > 0 ? status : -1;
}

/* The status under which the database's own words are shown; -1: they are not. */
static int shown_status(const struct db_error *db)
{
	for (size_t i = 0; i < sizeof(shown_states) / sizeof(shown_states[0]); i++)
		if (strcmp(db->sqlstate, shown_states[i]) == 0)
			return 500;
	return status_of_pt(db->sqlstate);
}

/* Contract 12, row for 01 section 7.3: what the operator's own code says, and what repeats the caller's input. A row never. */
static bool shows_detail(const struct db_error *db)
{
	static const char row[] = "Failing row contains";

	if (!db->detail || strncmp(db->detail, row, sizeof(row) - 1) == 0)
		return false;
	return db->raised || strcmp(db->sqlstate, "23505") == 0;
}

static void reply_fault(struct request *req)
{
	struct json_writer out = http_reply(req, 500);

	json_open_object(&out);
	if (!req->http->new_api)
		json_member_int(&out, "code", 500);
	json_member_string(&out, req->http->new_api ? "code" : "error_code", "unexpected_failure");
	json_member_string(&out, req->http->new_api ? "message" : "msg", "Internal Server Error");
	json_close_object(&out);
}

static void reply_database(struct request *req, const struct db_error *db, int status)
{
	struct json_writer out = http_reply(req, status);

	json_open_object(&out);
	json_member_string(&out, "code", db->sqlstate);
	json_member_string(&out, "message", db->message ? db->message : "");
	json_member_string_opt(&out, "hint", db->hint);
	if (shows_detail(db))
		json_member_string_opt(&out, "detail", db->detail);
	json_close_object(&out);
}

static void open_error(struct request *req, struct json_writer *out, int status, const char *code, struct text message)
{
	*out = http_reply(req, status);
	json_open_object(out);
	if (req->http->new_api) {
		json_member_string(out, "code", code);
		json_member_text(out, "message", message);
		return;
	}
	json_member_int(out, "code", status);
	json_member_string(out, "error_code", code);
	json_member_text(out, "msg", message);
}

static void reply_http(struct request *req, const struct failure *failure)
{
	int shown = failure->db && !req->http->new_api ? shown_status(failure->db) : -1;
	struct json_writer out;

	if (!is_status(shown >= 0 ? shown : failure->status)) {
		reply_fault(req);
		return;
	}
	if (failure->code)
		set_error_code(req, failure->code);
	if (shown >= 0) {
		reply_database(req, failure->db, shown);
		return;
	}
	open_error(req, &out, failure->status, code_of(failure), failure_message(failure));
	if (!req->http->new_api && failure->status >= 500 && req->id.len)
		json_member_text(&out, "error_id", req->id);
	json_close_object(&out);
}

static void reply_weak(struct request *req, const struct failure *failure)
{
	struct json_writer out;

	if (!req->http->new_api)
		set_error_code(req, "weak_password");
	open_error(req, &out, failure->status, "weak_password", failure_message(failure));
	json_name(&out, "weak_password");
	json_open_object(&out);
	if (failure->weak) {
		json_name(&out, "reasons");
		json_open_array(&out);
		for (size_t i = 0; i < sizeof(weak_names) / sizeof(weak_names[0]); i++)
			if (failure->weak & 1U << i)
				json_string(&out, weak_names[i]);
		json_close_array(&out);
	}
	json_close_object(&out);
	json_close_object(&out);
}

static void reply_oauth(struct request *req, const struct failure *failure)
{
	struct json_writer out = http_reply(req, failure->status);
	struct text description = failure_message(failure);

	json_open_object(&out);
	json_member_string(&out, "error", failure->code);
	if (description.len)
		json_member_text(&out, "error_description", description);
	json_close_object(&out);
}

static void reply_unexpected(struct request *req, const struct failure *failure)
{
	struct json_writer out;

	open_error(req, &out, 500, "unexpected_failure", failure_message(failure));
	json_close_object(&out);
}

void http_reply_failure(struct request *req)
{
	const struct failure *failure = &req->failure;
	struct http *http = req->http;

	/* what a handler has set stays (contract 04 section 4), but for a request whose time is over (04 section 13) */
	if (failure->final || failure->status == 504)
		http->header_count = http->fixed_headers;
	http->error_code = NULL;
	if (http->version_bad)
		request_log_to(req, LOG_WARNING, "the API version that the request asks for is no date, the initial one is used");
	switch (failure->kind) {
	case FAILURE_WEAK_PASSWORD:
		reply_weak(req, failure);
		break;
	case FAILURE_HTTP:
		reply_http(req, failure);
		break;
	case FAILURE_OAUTH:
		reply_oauth(req, failure);
		break;
	case FAILURE_FAULT:
		reply_fault(req);
		break;
	case FAILURE_NONE:
	case FAILURE_UNEXPECTED:
		reply_unexpected(req, failure);
		break;
	}
	if (http->new_api)
		http_set_header(req, "X-Supabase-Api-Version", TEXT("2024-01-01"));
	if (failure->retry_after > 0)
		http_set_header(req, "Retry-After", text_of(format(req, "%d", failure->retry_after)));
}

void http_reply_busy(struct request *req)
{
	failure_clear(req);
	fail(req, 503, "unexpected_failure", "The server is busy, please retry after a moment.");
	req->failure.retry_after = 1;
	http_reply_failure(req);
	request_count(req, monotonic_now());
	request_log_done(req, monotonic_now());
}
