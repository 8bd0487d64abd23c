/* outbound.h: the one way to call another HTTP service (libcurl): deadline, size limit, redirect and address policy (contract 01
 * sections 10, 17; 07 section 13). Only workers of the outbound lane wait here (lane_require). */
#ifndef LATCHKEY_OUTBOUND_H
#define LATCHKEY_OUTBOUND_H

#include "latchkey/request.h"

void outbound_init(void); /* once, before workers are forked */

struct outbound_header {
	const char *name;
	struct text value; /* CR, LF and NUL in it refuse the call */
};

struct outbound_call {
	const char *method; /* "GET", "POST", … */
	struct text url;
	const struct outbound_header *headers;
	size_t header_count;
	const char *content_type; /* of body; NULL: none */
	struct text body;
	const char *user, *password; /* HTTP Basic; NULL: none */
	duration timeout;	     /* all of it, connect and redirects included; the request's deadline ends it earlier */
	size_t answer_max;	     /* bytes of the answer's body; 0: 1 MiB */
	bool cut_answer;	     /* what is beyond is cut off instead of failing */
	int redirects;		     /* followed at most; 0: a redirect is the answer. https stays https */
	bool public_only;	     /* https only, and only to public addresses, each hop checked as it connects */
};

enum outbound_fault { OUTBOUND_OK, OUTBOUND_TIMEOUT, OUTBOUND_TOO_LARGE, OUTBOUND_ADDRESS, OUTBOUND_UNREACHABLE };

struct outbound_answer {
	int status;
	struct text body, content_type, location, retry_after; /* of the last hop */
	enum outbound_fault fault;
	const char *why; /* for the log: no query string, no credentials */
};

/* 0 with an answer of any status, or -1 with fault and why; the request's failure is not touched. */
int outbound_call(struct request *req, const struct outbound_call *call, struct outbound_answer *answer);

/* The guard of contract 01 section 17 for URLs that somebody else chose: 400 validation_failed with its text. Through a proxy the proxy
 * resolves, and only what can be told from the URL is checked. */
int outbound_guard(struct request *req, struct text url);

/* "https://host/path" of a URL: without user, query and fragment, for logs. */
struct text outbound_shown(TALLOC_CTX *mem, struct text url);

#endif
