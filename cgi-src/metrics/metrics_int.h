/* metrics_int.h: which cell of the shared segment counts what; the tables of labels. */
#ifndef METRICS_INT_H
#define METRICS_INT_H

#include "latchkey/metrics.h"

#define ROUTES_MAX 160 /* rows of api_routes, then of api_groups, then none */
#define STATUSES 32
#define GRANTS 7
#define BUCKETS 14
#define REASONS 48
#define SIGN_INS 5

enum {
	CELL_STATUS = 0,
	CELL_TOKEN = CELL_STATUS + ROUTES_MAX * STATUSES, /* for each grant: buckets, the rest, sum in nanoseconds */
	CELL_REASON = CELL_TOKEN + GRANTS * (BUCKETS + 2),
	CELL_LIMIT = CELL_REASON + SIGN_INS * REASONS,
	CELL_SENDING = CELL_LIMIT + LIMITERS,
	CELL_MAIL = CELL_SENDING + SENDINGS,
	CELL_LANE_IN = CELL_MAIL + MAIL_OUTCOMES,
	CELL_LANE_OUT = CELL_LANE_IN + LANES,
	CELL_CLEANED = CELL_LANE_OUT + LANES,
	CELLS_USED
};
_Static_assert(CELLS_USED <= SHARED_CELLS, "the shared segment has fewer cells than there are counters");

/* Each ends with NULL or 0; what is in none of its rows counts as the last one. */
extern const int metric_statuses[];
extern const char *const metric_grants[], *const metric_reasons[], *const metric_sign_ins[];
extern const duration metric_bounds[BUCKETS];
extern const char *const metric_limiters[LIMITERS], *const metric_sendings[SENDINGS], *const metric_outcomes[MAIL_OUTCOMES],
											      *const metric_lanes[LANES];

size_t metrics_route_row(const struct route *route, const struct route_group *group);
void metrics_write_processes(struct buffer *out, pid_t manager);

#endif
