/* lane.c: slow work goes where it holds up nobody (design, "Lanes"). */
#include <unistd.h>

#include "http_int.h"

static int hashing_places(const struct settings *settings)
{
	long cores;

	if (settings->latchkey.hash_workers > 0)
		return (int)settings->latchkey.hash_workers;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 0 ? (int)cores : 1;
}

/* Waits until fewer hash outside their lane than there are cores. */
static int wait_at_gate(struct request *req)
{
	struct http *http = req->http;

	if (http->holds_gate || !req->shared)
		return 0;
	if (shared_gate_enter(req->shared, GATE_HASHING, hashing_places(req->settings), req->deadline) < 0) {
		fail(req, 503, "unexpected_failure", "The server is busy, please retry after a moment.");
		req->failure.retry_after = 1;
		return fail_cause(req, "no place for hashing became free in time");
	}
	http->holds_gate = true;
	return 0;
}

int hashing_begin(struct request *req)
{
	return req->http && (req->lane == LANES || req->lane == LANE_OUTBOUND) ? wait_at_gate(req) : 0;
}

void hashing_end(struct request *req)
{
	if (!req->http || !req->http->holds_gate)
		return;
	shared_gate_leave(req->shared, GATE_HASHING);
	req->http->holds_gate = false;
}

int lane_require(struct request *req, enum lane lane)
{
	if (!req->http || lane == LANE_FAST)
		return 0;
	if (req->lane == LANES || (int)lane <= req->lane) /* towards higher lanes only; where no way leads to hashing, hashing_begin waits */
		return 0;
	req->http->moved_to = (int)lane;
	return REQUEST_MOVED;
}
