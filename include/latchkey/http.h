/* http.h: what surrounds an endpoint: the request as it came, the reply, errors, CORS, limits, redirect rules (contract 01).
 *
 * The worker hands parameters and body to http_receive; nothing here knows about FastCGI. */
#ifndef LATCHKEY_HTTP_H
#define LATCHKEY_HTTP_H

#include "latchkey/json.h"
#include "latchkey/request.h"
#include "latchkey/shared.h"

#define HTTP_BODY_MAX ((size_t)1048576)	     /* section 3.3 */
#define HTTP_FORM_MAX ((size_t)10 * 1048576) /* section 5.3 */

enum method {
	METHOD_OTHER,
	METHOD_CONNECT,
	METHOD_DELETE,
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_PATCH,
	METHOD_POST,
	METHOD_PUT,
	METHOD_TRACE
};

struct header {
	const char *name;
	struct text value;
};

struct query {
	struct {
		struct text name, value;
	} * items;
	size_t count;
};

struct user;
struct factor;
struct flow_state;
struct sso_provider;
struct oauth_client;

struct http {
	enum method method;
	struct text method_text;
	struct text target;			/* REQUEST_URI as it came */
	struct text target_scheme, target_host; /* of an absolute-form target, without port; else empty */
	struct text prefix;			/* the mount prefix that was cut */
	struct text raw_path;			/* without prefix and query, still encoded */
	struct text path;			/* decoded, for the log and exact comparisons */
	struct text route_path;			/* what is matched (section 2.1) */
	bool bad_path;				/* a malformed escape: 400 before routing */
	struct text query_text;
	struct query query; /* decoded, in order (section 5.2) */
	struct query form;  /* decoded body values (section 5.3) */
	struct text body;
	bool form_parsed;
	bool body_is_form; /* consumed as a form: JSON endpoints see an empty body */
	bool body_too_large;
	struct text peer;      /* address the web server saw */
	struct text forwarded; /* Sb-Forwarded-For in canonical text; empty: none (section 11.1) */
	bool forwarded_bad;    /* it was there and no address */
	char **params;
	struct text captures[4]; /* values of {param} segments, in order */
	const struct route *route;
	struct user *subject;		   /* {user_id} of the path, once its gate has passed */
	struct factor *subject_factor;	   /* {factor_id} likewise */
	struct sso_provider *sso_provider; /* {idp_id} likewise */
	struct oauth_client *oauth_client; /* {client_id} of the path, or who has authenticated at the token endpoint */
	struct flow_state *flow;	   /* of the callback's state */
	struct user *linking_target;	   /* who that flow links an identity to; NULL: nobody */
	int64_t began;			   /* monotonic */
	bool new_api;			   /* API version 2024-01-01 (section 7.1) */
	bool version_bad;		   /* its header could not be read */
	struct text referrer;		   /* section 13.1, computed once for log and mails */
	struct text external_url;	   /* base URL of section 12, set by gate X */
	bool captcha_passed;		   /* here, by asking the provider */
	int moved_to;			   /* enum lane, where lane_require moved it */
	bool holds_gate;		   /* a place at the hashing gate, given back at the end */

	/* the reply */
	int status;	      /* 0: nothing yet */
	size_t fixed_headers; /* the first headers, which every answer carries (CORS) */
	struct {
		const char *name;
		struct text value;
	} headers[24];
	size_t header_count;
	struct buffer *out;	/* the body */
	const char *error_code; /* x-sb-error-code as sent; NULL: none */
	const char *refused;	/* the code of a failure that a redirect tells of; NULL: none */
};

/* ---- coming in ------------------------------------------------------------------------------------------------------------------- */

/* Parses what came into req->http and fills the request's id, address, user agent and, where not yet set, its deadline. Never fails: what is
 * wrong is answered later. params ("NAME=value", NULL-terminated) and body must live as long as the request. A form may be up to
 * HTTP_FORM_MAX long, any other body HTTP_BODY_MAX; body_too_large says that more came than that. */
void http_receive(struct request *req, char **params, struct text body, bool body_too_large);

/* The value of "X-JWT-AUD" or another; TEXT_NONE. Where it came in several lines, web servers hand on all of them joined with ", ". */
struct text http_header(const struct request *req, const char *name);
/* The first line alone (contract 01 section 5.1): for headers whose values have no ", " in them. */
struct text http_header_first(const struct request *req, const char *name);
/* The first line of Authorization: a further one begins with a scheme and a blank. */
struct text http_authorization(const struct request *req);
struct text http_query(const struct request *req, const char *name); /* first value; TEXT_NONE where absent */
struct text http_form(const struct request *req, const char *name);  /* body first, then query */
size_t http_query_all(const struct request *req, const char *name, struct text *values, size_t max);
bool http_sends_form(const struct request *req); /* its body is a form, by its Content-Type */
/* The tags of Accept-Language in their order ("de-AT", "en"), at most max; weights are not looked at: browsers sort by them. */
size_t http_languages(const struct request *req, struct text *languages, size_t max);

/* Decodes the JSON body; -1 with 400 bad_json or 413 (section 5.4). */
int http_json(struct request *req, const struct json_shape *shape, void *out);
/* As http_json, but of the first value of the body alone; the 400 reads "failure: …". */
int http_json_first(struct request *req, const struct json_shape *shape, void *out, const char *failure);
/* As http_json, but an empty body leaves *out as it is. */
int http_json_optional(struct request *req, const struct json_shape *shape, void *out);

/* A member that holds a UUID; the nil one where it is absent or null. -1 with 400 bad_json, also for an empty text. */
int http_json_uuid(struct request *req, const struct json_opt_text *member, struct uuid *uuid);

/* A {param} that must be a UUID: 404 validation_failed "NAME must be an UUID". */
int http_uuid_capture(struct request *req, size_t index, const char *name, struct uuid *uuid);

/* ---- going out ------------------------------------------------------------------------------------------------------------------- */

void http_set_header(struct request *req, const char *name, struct text value); /* replaces; CR, LF and NUL become blanks */
void http_drop_header(struct request *req, const char *name);
void http_add_header(struct request *req, const char *name, struct text value); /* a further line of that name (Allow) */
/* A JSON reply: gives a writer on an empty body; status is sent with it. */
struct json_writer http_reply(struct request *req, int status);
int reply_empty(struct request *req, int status); /* 204: no body, no type; returns 0 */
int reply_raw_json(struct request *req, int status, struct text json);
int reply_empty_object(struct request *req);				 /* 200 {} */
int reply_redirect(struct request *req, int status, struct text target); /* section 6 */
void html_escape(struct buffer *out, struct text text);			 /* fit for HTML text and quoted attributes */
void http_reply_failure(struct request *req);				 /* turns req->failure into the reply (section 7) */
void http_reply_busy(struct request *req);				 /* 503 with Retry-After: no lane has room for it */

/* ---- routes -------------------------------------------------------------------------------------------------------------------------- */

enum lane { LANE_FAST, LANE_HASH, LANE_OUTBOUND, LANES };
#define REQUEST_MOVED 1	   /* a handler's answer: the request goes on in another lane */
#define REQUEST_ANSWERED 2 /* a gate's answer: the reply is made, nothing else runs */

/* Called by a handler before its first slow step and before any write: 0 where the request may go on here, REQUEST_MOVED (to be returned)
 * where it goes on in that lane, run again from the start with req->resumed set and req->carried as it was. Requests move from fast to hash to
 * outbound, never back; in a process without lanes (req->lane is LANES, as under mod_fcgid) they stay where they are. */
int lane_require(struct request *req, enum lane lane);

/* Around each hashing: outside of the hashing lane it waits until fewer hash than there are cores; -1 with 503 where no place is free in time. */
int hashing_begin(struct request *req);
void hashing_end(struct request *req);

/* Gate bits are listed in api/gates.h; those of one row run in the order of the bits, the limiter in its place among them. */
struct route {
	enum method method;
	const char *pattern; /* "/admin/users/{user_id}"; NULL ends the table */
	bool trailing_slash; /* accepts one */
	unsigned gates;	     /* run once method and path match */
	enum limiter limiter;
	enum lane lane;
	int (*handler)(struct request *req);
	bool bare; /* no gate X: no look at the external host */
};

/* Gates of everything under a prefix, run before method and path are matched (section 2.2). Outer rows first; of rows with as many segments
 * the first that matches counts. */
struct route_group {
	const char *prefix; /* "/admin"; NULL ends the table */
	unsigned gates;
	enum limiter limiter;
	int (*not_found)(struct request *req); /* answers unknown paths below; NULL: the plain 404 */
};

/* The whole way of a request through layers 1 to 12 of section 1; afterwards req->http holds the reply. Gives REQUEST_MOVED where the
 * request is to go on in the lane set in *lane, else 0. */
int http_handle(struct request *req, enum lane *lane);

/* ---- addresses, limits --------------------------------------------------------------------------------------------------------------- */

/* IP literal of section 11.4 in canonical text; false where it is none. */
bool ip_canonical(TALLOC_CTX *mem, struct text text, struct text *canonical);
bool ip_is_loopback(struct text canonical);
bool host_is_this_machine(TALLOC_CTX *mem, struct text host); /* localhost and its like (contract 01 section 13.2 rule 3) */
/* Whether a canonical address lies in the list of addresses and networks ("10.0.0.0/8", "::1"). */
bool ip_in_list(struct text canonical, const struct text_list *networks);
/* An address or network that ip_in_list understands. */
bool ip_network_valid(struct text text);
/* Takes one token of the limiter for this client; 429 over_request_rate_limit where none is left (section 9). A request that was handed
 * over from another lane has paid already. */
int http_limit(struct request *req, enum limiter limiter);
/* The same for what this client does with one thing of many, each with a bucket of its own. */
int http_limit_of(struct request *req, enum limiter limiter, struct text thing);

/* ---- redirect rules (section 13) ----------------------------------------------------------------------------------------------------- */

struct url {
	struct text scheme; /* lower-cased; empty: none */
	struct text host;   /* without brackets and port */
	struct text port;   /* digits; empty: none */
	struct text user_info, path, query, fragment, opaque;
	bool has_authority, has_query, has_fragment;
};
int url_parse(TALLOC_CTX *mem, struct text text, struct url *url, const char **why); /* section 13.4 */
void url_put_host(struct buffer *out, const struct url *url);			     /* host and port as in a URL, an IPv6 address in its brackets */
bool redirect_allowed(const struct settings *settings, struct text candidate);	     /* section 13.2 */
struct text redirect_referrer(struct request *req);				     /* section 13.1 */

struct url_param {
	const char *name;
	struct text value;
};
struct url_edit {
	bool new_query;			/* the query is written anew, sorted by name */
	const struct url_param *params; /* set in it, in place of those of their names */
	size_t count;
	struct text fragment; /* in place of the old one, escaped as fragments are; TEXT_NONE: the old one stays */
};
/* A URL written again (contract 06 section 5.6); one that cannot be parsed stays as it is. */
struct text url_edited(struct request *req, struct text url, const struct url_edit *edit);
/* Parts of a URL as Go writes them: as given where they may stand so, else decoded and escaped anew. */
void url_put_path(TALLOC_CTX *mem, struct buffer *out, struct text path);
void url_put_fragment(TALLOC_CTX *mem, struct buffer *out, struct text fragment);
/* Parameters as a form: sorted by name, spaces as "+". */
struct text form_encoded(struct request *req, const struct url_param *params, size_t count);

struct glob;
struct glob *glob_compile(TALLOC_CTX *mem, struct text pattern, const char **why);
bool glob_match(const struct glob *glob, struct text text);

/* ---- pages (section 15) --------------------------------------------------------------------------------------------------------------- */

struct page {
	uint64_t page, per_page; /* as asked for */
	int64_t offset, limit;	 /* for the statement */
};
int page_parse(struct request *req, struct page *page);				/* 400 Bad Pagination Parameters */
void page_headers(struct request *req, const struct page *page, int64_t total); /* X-Total-Count and Link */
int parse_uint64(struct request *req, struct text text, uint64_t *number);	/* Go's ParseUint error texts, prefixed as section 15.1 */

struct cursor { /* section 15.2 */
	int64_t limit;
	bool set; /* rows after created_at, id */
	moment created_at;
	struct uuid id;
};
bool cursor_wanted(struct request *req); /* switched on, and neither page nor per_page is given */
int cursor_parse(struct request *req, struct cursor *cursor);
struct text cursor_text(struct request *req, moment created_at, const struct uuid *id);
void cursor_headers(struct request *req, struct text next); /* Link to the next page; only where there is one */

struct sort {
	const char *field; /* one of fields */
	bool ascending;
};
/* Section 15.3: every sort parameter in order; 400 Bad Sort Parameters. No parameter: the first of fields, descending. *count at most max. */
int sort_parse(struct request *req, const char *const *fields, struct sort *sorts, size_t max, size_t *count);

/* The audience of section 14. */
struct text request_audience(struct request *req);

#endif
