/* failure.c: the request as a talloc context, and the one way it fails. */
#include <stdarg.h>
#include <string.h>

#include "latchkey/request.h"

struct request *request_new(TALLOC_CTX *mem, const struct settings *settings)
{
	/* a pool: most requests need no further allocation from the system */
	struct request *req = must(talloc_pooled_object(mem, struct request, 64, 24 * 1024));

	memset(req, 0, sizeof(*req));
	req->settings = settings;
	req->started = moment_now();
	return req;
}

bool failed(const struct request *req)
{
	return req->failure.kind != FAILURE_NONE;
}

void failure_clear(struct request *req)
{
	if (!req->failure.final)
		req->failure = (struct failure){0};
}

bool failure_is(const struct request *req, const char *code)
{
	return req->failure.code && strcmp(req->failure.code, code) == 0;
}

bool failure_is_sqlstate(const struct request *req, const char *sqlstate)
{
	return req->failure.db && strcmp(req->failure.db->sqlstate, sqlstate) == 0;
}

static int set(struct request *req, enum failure_kind kind, int status, const char *code, const char *text, va_list args)
{
	struct failure *failure = &req->failure;

	if (failure->final)
		return -1;
	failure->kind = kind;
	failure->status = status;
	failure->code = code;
	failure->message = must(talloc_vasprintf(req, text, args));
	failure->whole = TEXT_NONE;
	failure->commits = false;
	return -1;
}

int fail(struct request *req, int status, const char *code, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set(req, FAILURE_HTTP, status, code, text, args);
	va_end(args);
	return -1;
}

int fail_keeping(struct request *req, int status, const char *code, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set(req, FAILURE_HTTP, status, code, text, args);
	va_end(args);
	req->failure.commits = !req->failure.final;
	return -1;
}

int fail_server(struct request *req, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set(req, FAILURE_HTTP, 500, "unexpected_failure", text, args);
	va_end(args);
	return -1;
}

int fail_oauth(struct request *req, const char *error, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set(req, FAILURE_OAUTH, 400, error, text, args);
	va_end(args);
	return -1;
}

int fail_text(struct request *req, int status, const char *code, struct text message)
{
	fail(req, status, code, "%.*s", (int)message.len, message.data ? message.data : "");
	if (!req->failure.final)
		req->failure.whole = message;
	return -1;
}

int fail_oauth_text(struct request *req, const char *error, struct text message)
{
	fail_oauth(req, error, "%.*s", (int)message.len, message.data ? message.data : "");
	if (!req->failure.final)
		req->failure.whole = message;
	return -1;
}

struct text failure_message(const struct failure *failure)
{
	return failure->whole.len ? failure->whole : text_of(failure->message);
}

static int set_plain(struct request *req, enum failure_kind kind, const char *message, const char *text, va_list args)
{
	if (req->failure.final)
		return -1;
	req->failure = (struct failure){
		.kind = kind,
		.status = 500,
		.message = message,
		.cause = must(talloc_vasprintf(req, text, args)),
		.db = req->failure.db,
	};
	return -1;
}

int fail_unexpected(struct request *req, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set_plain(req, FAILURE_UNEXPECTED, "Unexpected failure, please check server logs for more information", text, args);
	va_end(args);
	return -1;
}

int fail_fault(struct request *req, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	set_plain(req, FAILURE_FAULT, "Internal Server Error", text, args);
	va_end(args);
	return -1;
}

int fail_cause(struct request *req, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	req->failure.cause = must(talloc_vasprintf(req, text, args));
	va_end(args);
	return -1;
}
