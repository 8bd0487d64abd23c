/* write.c: all that was counted, in Prometheus's text format 0.0.4. */
#include <inttypes.h>
#include <string.h>

#include "cgi-src/metrics/metrics_int.h"
#include "latchkey/api.h"

/* the labels that each sample of the reference has */
#define SCOPE "otel_scope_name=\"gotrue\",otel_scope_version=\"\""

static void open_family(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *pattern_of(size_t row, size_t routes, bool *below)
{
	*below = row >= routes;
	if (!*below)
		return api_routes[row].pattern;
	return api_groups[row - routes].prefix ? api_groups[row - routes].prefix : "";
}

static uint64_t status_count(const struct shared *shared, size_t row, size_t status)
{
	return shared_cell(shared, CELL_STATUS + row * STATUSES + status);
}

/* Rows that differ in their method alone have one label: the first of them speaks for all. */
static void write_route(struct buffer *out, const struct shared *shared, size_t row, size_t routes)
{
	bool below;
	const char *pattern = pattern_of(row, routes, &below);

	for (size_t earlier = 0; earlier < row && !below; earlier++)
		if (strcmp(api_routes[earlier].pattern, pattern) == 0)
			return;
	for (size_t status = 0; status == 0 || metric_statuses[status - 1]; status++) {
		uint64_t count = status_count(shared, row, status);

		for (size_t later = row + 1; later < routes && !below; later++)
			if (strcmp(api_routes[later].pattern, pattern) == 0)
				count += status_count(shared, later, status);
		if (count)
			buffer_format(out, "http_status_codes_total{code=\"%d\",http_route=\"%s%s\"," SCOPE "} %" PRIu64 "\n",
				      metric_statuses[status], pattern, below ? "/*" : "", count);
	}
}

static void write_routes(struct buffer *out, const struct shared *shared)
{
	size_t routes = metrics_route_row(NULL, api_groups), rows = metrics_route_row(NULL, NULL) + 1;

	open_family(out, "http_status_codes_total", "counter", "Requests by route and status.");
	for (size_t row = 0; row < rows && row < ROUTES_MAX; row++)
		write_route(out, shared, row, routes);
}

static void write_grant(struct buffer *out, const struct shared *shared, size_t grant)
{
	static const char name[] = "latchkey_token_duration_seconds";
	size_t cell = CELL_TOKEN + grant * (BUCKETS + 2);
	uint64_t count = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		count += shared_cell(shared, cell + i);
		buffer_format(out, "%s_bucket{grant_type=\"%s\",le=\"%g\"} %" PRIu64 "\n", name, metric_grants[grant],
			      (double)metric_bounds[i] / (double)SECOND, count);
	}
	count += shared_cell(shared, cell + BUCKETS);
	buffer_format(out, "%s_bucket{grant_type=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, metric_grants[grant], count);
	buffer_format(out, "%s_sum{grant_type=\"%s\"} %.9f\n", name, metric_grants[grant],
		      (double)shared_cell(shared, cell + BUCKETS + 1) / (double)SECOND);
	buffer_format(out, "%s_count{grant_type=\"%s\"} %" PRIu64 "\n", name, metric_grants[grant], count);
}

static void write_failures(struct buffer *out, const struct shared *shared)
{
	open_family(out, "latchkey_sign_in_failures_total", "counter", "Refused sign-ins by where and why.");
	for (size_t i = 0; metric_sign_ins[i]; i++)
		for (size_t reason = 0; metric_reasons[reason]; reason++) {
			uint64_t count = shared_cell(shared, CELL_REASON + i * REASONS + reason);

			if (count)
				buffer_format(out, "latchkey_sign_in_failures_total{http_route=\"%s\",reason=\"%s\"} %" PRIu64 "\n",
					      metric_sign_ins[i], metric_reasons[reason], count);
		}
}

/* A family with one label, a row of names for each of its cells from cell on. */
struct simple_family {
	const char *name, *help, *label;
	const char *const *names;
	size_t first, count, cell;
};

static const struct simple_family simple_families[] = {
	{"latchkey_limits_hit_total", "Requests refused by a limit.", "limiter", metric_limiters, LIMIT_NONE + 1, LIMITERS, CELL_LIMIT},
	{"latchkey_sending_limits_hit_total", "Messages refused by a sending limit.", "kind", metric_sendings, 0, SENDINGS, CELL_SENDING},
	{"latchkey_mails_total", "What came of offering mails to the relays.", "outcome", metric_outcomes, 0, MAIL_OUTCOMES, CELL_MAIL},
	{"latchkey_lane_requests_total", "Requests handed over to a lane.", "lane", metric_lanes, LANE_HASH, LANES, CELL_LANE_IN},
};

static void write_simple(struct buffer *out, const struct shared *shared, const struct simple_family *family)
{
	open_family(out, family->name, "counter", family->help);
	for (size_t i = family->first; i < family->count; i++)
		buffer_format(out, "%s{%s=\"%s\"} %" PRIu64 "\n", family->name, family->label, family->names[i],
			      shared_cell(shared, family->cell + i));
}

static void write_waiting(struct buffer *out, const struct shared *shared)
{
	open_family(out, "latchkey_lane_waiting", "gauge", "Requests that wait for a worker of a lane.");
	for (size_t lane = LANE_HASH; lane < LANES; lane++) {
		/* out first: what comes in between the two reads does not make it negative */
		uint64_t taken = shared_cell(shared, CELL_LANE_OUT + lane), given = shared_cell(shared, CELL_LANE_IN + lane);

		buffer_format(out, "latchkey_lane_waiting{lane=\"%s\"} %" PRIu64 "\n", metric_lanes[lane], given > taken ? given - taken : 0);
	}
}

static void write_plain(struct buffer *out, const char *name, const char *type, const char *help, const char *labels, uint64_t value)
{
	open_family(out, name, type, help);
	buffer_format(out, "%s%s %" PRIu64 "\n", name, labels, value);
}

static void write_reference(struct buffer *out, const struct shared *shared)
{
	static const char *const scope = "{" SCOPE "}";

	write_plain(out, "gotrue_running", "gauge", "Whether the server runs.", scope, 1);
	write_plain(out, "global_auth_version_major", "gauge", "Release of the interface.", scope, 2);
	write_plain(out, "global_auth_version_minor", "gauge", "Release of the interface.", scope, 196);
	write_plain(out, "global_auth_version_patch", "gauge", "Release of the interface.", scope, 0);
	write_plain(out, "global_auth_version_rc", "gauge", "Release of the interface.", scope, 0);
	write_plain(out, "gotrue_cleanup_affected_rows_total", "counter", "Rows that the clean-up has removed.", scope,
		    shared_cell(shared, CELL_CLEANED));
}

static void write_workers(struct buffer *out, const struct shared *shared)
{
	write_plain(out, "latchkey_worker_starts_total", "counter", "Workers started.", "", shared_counter(shared, COUNT_WORKER_STARTS));
	write_plain(out, "latchkey_worker_deaths_total", "counter", "Workers that ended unasked.", "", shared_counter(shared, COUNT_WORKER_DEATHS));
	write_plain(out, "latchkey_lane_full_total", "counter", "Requests answered 503: their lane was full.", "",
		    shared_counter(shared, COUNT_LANE_FULL));
	write_plain(out, "latchkey_reloads_total", "counter", "Settings reloaded.", "", shared_counter(shared, COUNT_RELOADS));
}

void metrics_write(struct buffer *out, const struct shared *shared, pid_t manager)
{
	write_reference(out, shared);
	write_routes(out, shared);
	open_family(out, "latchkey_token_duration_seconds", "histogram", "Time that requests to /token took.");
	for (size_t grant = 0; metric_grants[grant]; grant++)
		write_grant(out, shared, grant);
	write_failures(out, shared);
	for (size_t i = 0; i < sizeof(simple_families) / sizeof(simple_families[0]); i++)
		write_simple(out, shared, &simple_families[i]);
	write_waiting(out, shared);
	write_workers(out, shared);
	metrics_write_processes(out, manager);
}
