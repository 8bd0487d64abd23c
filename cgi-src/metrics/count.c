/* count.c: counting: which cell grows. */
#include <string.h>

#include "cgi-src/metrics/metrics_int.h"
#include "latchkey/api.h"

/* Rows of api_routes count as they stand, those of api_groups behind them, and what lies in no group last. */
size_t metrics_route_row(const struct route *route, const struct route_group *group)
{
	size_t routes = 0, groups = 0;
	const struct route_group *each = api_groups;

	if (route)
		return (size_t)(route - api_routes);
	while (api_routes[routes].pattern)
		routes++;
	for (; each->prefix && each != group; each++)
		groups++;
	return routes + groups;
}

static size_t status_row(int status)
{
	size_t row = 0;

	while (metric_statuses[row] && metric_statuses[row] != status)
		row++;
	return row;
}

/* The row before the last NULL is for all others. */
static size_t name_row(const char *const *names, struct text name)
{
	size_t row = 0;

	while (names[row + 1] && !text_is(name, names[row]))
		row++;
	return row;
}

static void count_token(struct shared *shared, const struct counted_request *request)
{
	size_t cell = CELL_TOKEN + name_row(metric_grants, request->grant) * (BUCKETS + 2), bucket = 0;

	while (bucket < BUCKETS && request->took > metric_bounds[bucket])
		bucket++;
	shared_add(shared, cell + bucket, 1);
	shared_add(shared, cell + BUCKETS + 1, request->took > 0 ? (uint64_t)request->took : 0);
}

static void count_failure(struct shared *shared, const struct counted_request *request)
{
	size_t reason = name_row(metric_reasons, text_of(request->error));

	for (size_t i = 0; metric_sign_ins[i]; i++)
		if (strcmp(request->route->pattern, metric_sign_ins[i]) == 0)
			shared_add(shared, CELL_REASON + i * REASONS + reason, 1);
}

void metrics_request(struct shared *shared, const struct counted_request *request)
{
	size_t row = metrics_route_row(request->route, request->group);

	if (row < ROUTES_MAX)
		shared_add(shared, CELL_STATUS + row * STATUSES + status_row(request->status), 1);
	if (!request->route)
		return;
	if (strcmp(request->route->pattern, "/token") == 0)
		count_token(shared, request);
	if (request->status >= 400 || request->error)
		count_failure(shared, request);
}

void metrics_limit(struct shared *shared, enum limiter limiter)
{
	shared_add(shared, CELL_LIMIT + limiter, 1);
}

void metrics_sending_limit(struct shared *shared, enum sending kind)
{
	shared_add(shared, CELL_SENDING + kind, 1);
}

void metrics_mail(struct shared *shared, enum mail_outcome outcome)
{
	shared_add(shared, CELL_MAIL + outcome, 1);
}

void metrics_lane_in(struct shared *shared, enum lane lane)
{
	shared_add(shared, CELL_LANE_IN + lane, 1);
}

void metrics_lane_out(struct shared *shared, enum lane lane)
{
	shared_add(shared, CELL_LANE_OUT + lane, 1);
}

void metrics_cleaned(struct shared *shared, int64_t rows)
{
	if (rows > 0)
		shared_add(shared, CELL_CLEANED, (uint64_t)rows);
}
