/* sending.c: the global sending limits (contract 01 section 9.3, 02 section 2.3). */
#include <math.h>

#include "latchkey/settings.h"
#include "shared_int.h"

/* So many events in each window of fixed length, counted from the start. */
static bool window_allowed(struct sending_state *state, double events, duration over)
{
	uint64_t number = (uint64_t)((monotonic_now() - atomic_load(&state->since)) / over) & UINT32_MAX;
	uint64_t was = atomic_load(&state->window), becomes;

	do {
		uint64_t used = was >> 32 == number ? was & UINT32_MAX : 0;

		if ((double)used + 1 > floor(events) || used == UINT32_MAX)
			return false;
		becomes = number << 32 | (used + 1);
	} while (!atomic_compare_exchange_weak(&state->window, &was, becomes));
	return true;
}

/* A bucket that regains one event in each span. Kept as the moment at which it will be full again: what is missing is the time until then. */
static bool burst_allowed(struct sending_state *state, double events, duration span)
{
	int64_t now = monotonic_now(), was = atomic_load(&state->full_at), becomes;

	do {
		__int128 full_at = was > now ? was : now;

		if (events < 1 || full_at - now > (__int128)(events - 1) * span)
			return false;
		full_at += span;
		becomes = full_at > INT64_MAX ? INT64_MAX : (int64_t)full_at;
	} while (!atomic_compare_exchange_weak(&state->full_at, &was, becomes));
	return true;
}

bool shared_send_allowed(struct shared *shared, enum sending kind, const struct rate *rate)
{
	struct sending_state *state = &shared->segment->sendings[kind];
	duration over = rate->over > 0 ? rate->over : HOUR;

	if (rate->kind == RATE_INTERVAL)
		return window_allowed(state, rate->events, over);
	return burst_allowed(state, rate->events, over);
}

void shared_send_reset(struct shared *shared, enum sending kind)
{
	struct sending_state *state = &shared->segment->sendings[kind];

	atomic_store(&state->since, monotonic_now());
	atomic_store(&state->window, 0);
	atomic_store(&state->full_at, 0);
}
