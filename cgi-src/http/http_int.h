/* http_int.h: what the files of the http room share. */
#ifndef HTTP_INT_H
#define HTTP_INT_H

#include "latchkey/http.h"
#include "latchkey/settings.h"

void path_receive(struct request *req); /* target, prefix, path, query text from the parameters (section 2.1) */
void query_parse(struct request *req, struct text text, struct query *query);
void form_receive(struct request *req);						       /* section 5.3: what the log layer reads early */
void client_receive(struct request *req);					       /* peer and client address (section 11) */
bool client_limit_key(struct request *req, struct text *key);			       /* section 9.1; false: no limiting */
struct text http_param(const struct request *req, const char *name);		       /* a FastCGI parameter */
bool version_receive(struct text header, bool *new_api);			       /* section 7.1; false: unreadable */
void query_encode(struct request *req, const struct query *query, struct buffer *out); /* sorted by name, spaces as + */

void page_link(struct request *req, struct buffer *out, const char *const *without, const char *name, struct text value, const char *rel);

bool cors_is_preflight(const struct request *req);
void cors_preflight(struct request *req);
void cors_headers(struct request *req);

int external_host(struct request *req); /* gate X (section 12) */

struct found {
	const struct route *route; /* NULL: none with this method */
	bool path_known;	   /* some method has it */
	bool bare;
	unsigned methods; /* 1 << enum method, of all that have this path */
};
void router_find(struct request *req, struct found *found);
/* The group at *at or after that the path lies under, its captures taken; advances *at; NULL: no further one. */
const struct route_group *router_next_group(struct request *req, size_t *at, unsigned *depths);
const char *method_name(enum method method);

void reply_begin(struct request *req, int status); /* drops what was written, keeps the fixed headers */
void reply_plain(struct request *req, int status, const char *type, struct text body);
void request_count(struct request *req, int64_t ended);	   /* for the metrics, where they are wanted */
void request_log_done(struct request *req, int64_t ended); /* the request's own entry (section 18) */

#endif
