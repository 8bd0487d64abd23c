/* request.h: one piece of work on its way through the rooms, and the one way it fails.
 *
 * A request is a talloc context: everything that belongs to it is its child and goes in one free. The operator's
 * command makes requests too; their http is NULL. */
#ifndef LATCHKEY_REQUEST_H
#define LATCHKEY_REQUEST_H

#include "latchkey/base.h"

struct settings;
struct db;
struct shared;
struct http;
struct bearer;

/* What kind of answer an error becomes (contract 01 section 7.2). */
enum failure_kind {
	FAILURE_NONE,
	FAILURE_HTTP,
	FAILURE_WEAK_PASSWORD,
	FAILURE_OAUTH,	    /* status 400, {"error","error_description"} */
	FAILURE_UNEXPECTED, /* the generic 500 without error_id */
	FAILURE_FAULT,	    /* 500 "Internal Server Error" (section 3.1) */
};

/* What PostgreSQL said; kept under every later wording of the failure (contract 01 section 7.3). */
struct db_error {
	char sqlstate[6];
	const char *message, *detail, *hint, *constraint; /* NULL where the server sent none */
	int statement;					  /* enum statement, or one of the database room's own */
	bool raised;					  /* by the operator's own code: RAISE of PL/pgSQL (source function exec_stmt_raise) */
};

enum weak_reason { WEAK_LENGTH = 1, WEAK_CHARACTERS = 2, WEAK_PWNED = 4 };

struct failure {
	enum failure_kind kind;
	int status;
	const char *code;    /* error_code; NULL: defaulted by status, no x-sb-error-code. FAILURE_OAUTH: the error member */
	const char *message; /* what the client reads */
	struct text whole;   /* the message where it was given as bytes, which may hold NUL; else empty */
	const char *cause;   /* what the log reads; never sent */
	const struct db_error *db;
	unsigned weak;	 /* enum weak_reason bits */
	bool commits;	 /* the transaction it happens in is committed all the same (section 7.6) */
	bool final;	 /* deadline or lost database: later wordings do not replace it */
	int retry_after; /* seconds for Retry-After; 0: none */
};

struct request {
	const struct settings *settings;
	struct db *db;
	struct shared *shared;
	struct http *http;

	moment started;	     /* wall clock when handling began; decides validity and reuse (contract 04 section 15.23) */
	int64_t deadline;    /* monotonic nanoseconds; 0: none */
	struct text id;	     /* request id; may be empty (contract 01 section 3.2) */
	struct text address; /* the client's address of contract 01 section 11.2, canonical text or as the peer gave it */
	bool address_valid;  /* it is an IP literal */
	struct text user_agent;
	struct bearer *bearer;	   /* set by the gates AUTH and ADM */
	struct text audit_payload; /* JSON of the last audit event, for the request's log entry */
	struct failure failure;
	struct log_fields *log; /* further fields of the request's log entry */
	int lane;		/* enum lane (http.h) in which it now runs; LANES: the process has none, as under mod_fcgid */
	bool resumed;		/* it was handed over from another lane: its gates and limiters have been passed */
	struct text carried;	/* what a lane has worked out for the next one, a password's hash, say; goes along when the request moves */
};

struct request *request_new(TALLOC_CTX *mem, const struct settings *settings);

/* Each sets the request's failure and returns -1, so that a handler can `return fail(…)`. The message is formatted.
 * A db_error or cause that a lower room has left stays under the new wording. */
int fail(struct request *req, int status, const char *code, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* As fail, but the open transaction commits. */
int fail_keeping(struct request *req, int status, const char *code, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* 500 unexpected_failure with this message. */
int fail_server(struct request *req, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As fail and as fail_oauth, with a message that repeats what came from outside, NUL included. */
int fail_text(struct request *req, int status, const char *code, struct text message);
int fail_oauth_text(struct request *req, const char *error, struct text message);
struct text failure_message(const struct failure *failure);
/* The generic 500 (contract 01 section 7.2, "anything else"); the text is the cause for the log. */
int fail_unexpected(struct request *req, const char *cause, ...) __attribute__((format(printf, 2, 3)));
int fail_oauth(struct request *req, const char *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
int fail_fault(struct request *req, const char *cause, ...) __attribute__((format(printf, 2, 3)));
/* Adds the cause for the log; returns -1. */
int fail_cause(struct request *req, const char *cause, ...) __attribute__((format(printf, 2, 3)));
bool failed(const struct request *req);
void failure_clear(struct request *req);
bool failure_is(const struct request *req, const char *code); /* by error code */
bool failure_is_sqlstate(const struct request *req, const char *sqlstate);

/* Adds a field to the request's log entry (contract 01 section 18); a later one of that name replaces it. */
void request_log_field(struct request *req, struct log_field field);
/* A log entry of its own with the request's fields. */
void request_log(struct request *req, enum log_level level, const char *msg, const struct log_field *fields, size_t count);
#define request_log_to(req, level, msg, ...) request_log(req, level, msg, LOG_FIELDS(__VA_ARGS__))

#endif
