/* api.h: the endpoints, and what the http room needs of them. */
#ifndef LATCHKEY_API_H
#define LATCHKEY_API_H

#include "latchkey/http.h"

/* The one table of routes; its end is a row without pattern. Of rows that match the same path, fixed segments stand before params. */
extern const struct route api_routes[];
/* The groups whose gates run for everything under a prefix; its end is a row without prefix. */
extern const struct route_group api_groups[];

/* Runs the gates whose bits are set (cgi-src/api/gates.h) in their order, the limiter in its place among them: 0, -1, or REQUEST_MOVED. */
int gates_pass(struct request *req, unsigned gates, enum limiter limiter);

/* Removes some rows that have outlived their use (contract 01 section 3.5, 03): one statement of the round robin, in a transaction of its
 * own; *affected counts them. -1 with the failure set, which is only logged. */
int cleanup_after_request(struct request *req, int64_t *affected);

#endif
