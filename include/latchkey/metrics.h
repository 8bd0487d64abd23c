/* metrics.h: what is counted for Prometheus (docs/monitoring.md, contract 02 section 7.9).
 *
 * Counters are cells of the shared segment, an atomic addition each; every label's value is a row of a table, so that no client can make
 * a new one. Counting never fails, and does nothing where shared is NULL. */
#ifndef LATCHKEY_METRICS_H
#define LATCHKEY_METRICS_H

#include "latchkey/http.h"

struct counted_request {
	const struct route *route;	 /* of api_routes; NULL: none matched */
	const struct route_group *group; /* then the innermost of api_groups that the path lies in; NULL: none */
	int status;
	const char *error; /* error code or OAuth error; NULL: none */
	struct text grant; /* grant_type of a request to /token */
	duration took;
};
void metrics_request(struct shared *shared, const struct counted_request *request);

void metrics_limit(struct shared *shared, enum limiter limiter); /* a request was refused by it */
void metrics_sending_limit(struct shared *shared, enum sending kind);
void metrics_cleaned(struct shared *shared, int64_t rows);

enum mail_outcome { MAIL_OUTCOME_SENT, MAIL_OUTCOME_REFUSED, MAIL_OUTCOME_DEFERRED, MAIL_OUTCOME_UNSURE, MAIL_OUTCOME_EXPIRED, MAIL_OUTCOMES };
void metrics_mail(struct shared *shared, enum mail_outcome outcome); /* what came of one offer of one mail to the relays */

void metrics_lane_in(struct shared *shared, enum lane lane);  /* a request was handed over to it */
void metrics_lane_out(struct shared *shared, enum lane lane); /* one of its workers has taken one up */

/* Appends all of it in Prometheus's text format 0.0.4. manager: whose children the workers are. */
void metrics_write(struct buffer *out, const struct shared *shared, pid_t manager);

#endif
