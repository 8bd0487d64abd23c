/* count.c: what is counted of a request when it is done (docs/monitoring.md). */
#include "http_int.h"
#include "latchkey/metrics.h"

static size_t length(const char *prefix)
{
	return text_of(prefix).len;
}

/* What a gate has refused, or no route has matched, still belongs somewhere. */
static void place(struct request *req, struct counted_request *counted)
{
	const struct route_group *group;
	struct found found;
	unsigned depths = 0;
	size_t at = 0;

	router_find(req, &found);
	counted->route = found.route;
	while (!found.route && (group = router_next_group(req, &at, &depths)))
		if (!counted->group || length(group->prefix) > length(counted->group->prefix))
			counted->group = group;
}

void request_count(struct request *req, int64_t ended)
{
	struct http *http = req->http;
	struct counted_request counted = {
		.route = http->route,
		.status = http->status,
		.error = http->error_code ? http->error_code
			 : failed(req)	  ? req->failure.code
					  : http->refused,
		.took = ended - http->began,
	};

	if (!req->settings->metrics.enabled || !req->shared)
		return;
	if (!counted.route)
		place(req, &counted);
	if (text_is(http->path, "/token"))
		counted.grant = http_form(req, "grant_type");
	metrics_request(req->shared, &counted);
}
