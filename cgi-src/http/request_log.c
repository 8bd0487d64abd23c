/* request_log.c: what the log says of a request (contract 01 section 18, 02 section 7.3). */
#include <string.h>

#include "http_int.h"

#define OWN_MAX 16 /* fields that handlers add */
#define ALL_MAX 32

struct log_fields {
	struct log_field items[OWN_MAX];
	size_t count;
};

static void put(struct log_field *fields, size_t *count, size_t max, struct log_field field)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(fields[i].name, field.name) == 0) {
			fields[i] = field;
			return;
		}
	if (*count < max)
		fields[(*count)++] = field;
}

void request_log_field(struct request *req, struct log_field field)
{
	if (!req->log)
		req->log = must(talloc_zero(req, struct log_fields));
	if (field.text.data)
		field.text = text_copy(req, field.text);
	put(req->log->items, &req->log->count, OWN_MAX, field);
}

/* The fields that every entry of the request carries. */
static size_t base_fields(struct request *req, struct log_field *fields)
{
	size_t count = 0;

	if (req->http) {
		fields[count++] = log_text("component", "api");
		fields[count++] = log_bytes("method", req->http->method_text);
		fields[count++] = log_bytes("path", req->http->path);
		fields[count++] = log_bytes("remote_addr", req->address);
		fields[count++] = log_bytes("referer", redirect_referrer(req));
		if (text_is(req->http->path, "/token"))
			fields[count++] = log_bytes("grant_type", http_form(req, "grant_type"));
	}
	if (req->id.len)
		fields[count++] = log_bytes("request_id", req->id);
	for (size_t i = 0; req->log && i < req->log->count; i++)
		put(fields, &count, ALL_MAX, req->log->items[i]);
	return count;
}

void request_log(struct request *req, enum log_level level, const char *msg, const struct log_field *fields, size_t count)
{
	struct log_field all[ALL_MAX];
	size_t used;

	if (!log_enabled(level))
		return;
	used = base_fields(req, all);
	for (size_t i = 0; i < count; i++)
		put(all, &used, ALL_MAX, fields[i]);
	log_write(level, msg, all, used);
}

/* What went wrong, for the operator. */
static const char *cause_of(struct request *req)
{
	const struct failure *failure = &req->failure;

	if (failure->kind == FAILURE_UNEXPECTED)
		return format(req, "Unhandled server error: %s", failure->cause ? failure->cause : failure->message);
	if (failure->cause)
		return failure->cause;
	if (failure->db && failure->db->message)
		return format(req, "%s: %s (SQLSTATE %s)", failure->message, failure->db->message, failure->db->sqlstate);
	if (failure->kind == FAILURE_WEAK_PASSWORD)
		return failure->message;
	if (failure->kind == FAILURE_OAUTH)
		return format(req, "%s: %s", failure->code, failure->message);
	return format(req, "%d: %s", failure->status, failure->message);
}

static enum log_level level_of(int status)
{
	if (status >= 500)
		return LOG_ERROR;
	return status >= 400 ? LOG_WARNING : LOG_INFO;
}

void request_log_done(struct request *req, int64_t ended)
{
	const struct http *http = req->http;
	struct log_field fields[8];
	int status = http->status;
	size_t count = 0;

	if (req->failure.kind == FAILURE_FAULT) {
		log_to(LOG_ERROR, "request panicked", log_text("panic", req->failure.cause), log_text("stack", ""));
		status = 0; /* the reference's entry knows of no answer then */
	} else if (failed(req)) {
		fields[count++] = log_text("error", cause_of(req));
	}
	if (!log_enabled(level_of(status)))
		return;
	fields[count++] = log_number("status", status);
	fields[count++] = log_number("duration", ended - http->began);
	if (http->error_code)
		fields[count++] = log_text("error_code", http->error_code);
	if (req->audit_payload.len)
		fields[count++] = log_json("auth_event", req->audit_payload);
	request_log(req, level_of(status), "request completed", fields, count);
}
