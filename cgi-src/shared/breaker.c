/* breaker.c: what fails is left alone for a while, by all processes; and when chores are due. Words, changed one by one. */
#include "shared_int.h"

#define PAUSE_FIRST (5 * SECOND)
#define PAUSE_MOST MINUTE
#define TRY_TIME (15 * SECOND) /* for the one that tries; then another may */

/* NULL: it has none yet, or all are taken: then nothing is left alone. */
static struct breaker *find(const struct shared *shared, struct text key, bool make)
{
	uint64_t digest = shared_digest(shared, UINT64_C(0xb4ea), key);

	for (size_t i = 0; i < BREAKERS; i++) {
		struct breaker *breaker = &shared->segment->breakers[(digest + i) % BREAKERS];
		uint64_t free_one = 0;

		if (atomic_load(&breaker->digest) == digest)
			return breaker;
		if (atomic_load(&breaker->digest) == 0 && !make)
			return NULL;
		if (make && (atomic_compare_exchange_strong(&breaker->digest, &free_one, digest) || free_one == digest))
			return breaker;
	}
	return NULL;
}

bool shared_breaker_passes(struct shared *shared, struct text key)
{
	struct breaker *breaker = find(shared, key, false);
	int64_t now = monotonic_now(), until = breaker ? atomic_load(&breaker->until) : 0;

	if (until == 0)
		return true;
	if (until > now || !atomic_compare_exchange_strong(&breaker->until, &until, now + TRY_TIME))
		return false;
	atomic_store(&breaker->trying, 1);
	return true;
}

void shared_breaker_failed(struct shared *shared, struct text key)
{
	struct breaker *breaker = find(shared, key, true);
	int64_t now = monotonic_now();
	uint32_t failures;
	duration pause;

	/* those that were under way together count once */
	if (!breaker || (!atomic_exchange(&breaker->trying, 0) && atomic_load(&breaker->until) > now))
		return;
	failures = atomic_fetch_add(&breaker->failures, 1);
	pause = failures < 7 ? PAUSE_FIRST << failures : PAUSE_MOST;
	atomic_store(&breaker->until, now + (pause < PAUSE_MOST ? pause : PAUSE_MOST));
}

void shared_breaker_good(struct shared *shared, struct text key)
{
	struct breaker *breaker = find(shared, key, false);

	if (!breaker || atomic_load(&breaker->until) == 0)
		return;
	atomic_store(&breaker->failures, 0);
	atomic_store(&breaker->trying, 0);
	atomic_store(&breaker->until, 0);
}

int64_t shared_breaker_until(const struct shared *shared, struct text key)
{
	const struct breaker *breaker = find(shared, key, false);

	return breaker ? atomic_load(&breaker->until) : 0;
}

/* ---- chores ---- */

int64_t shared_due(const struct shared *shared, enum chore chore)
{
	return atomic_load_explicit(&shared->segment->due[chore], memory_order_relaxed);
}

void shared_due_by(struct shared *shared, enum chore chore, int64_t when)
{
	_Atomic int64_t *due = &shared->segment->due[chore];
	int64_t was = atomic_load(due);

	while (when < was && !atomic_compare_exchange_weak(due, &was, when))
		;
}

bool shared_due_take(struct shared *shared, enum chore chore)
{
	_Atomic int64_t *due = &shared->segment->due[chore];
	int64_t was = atomic_load(due);

	return was <= monotonic_now() && atomic_compare_exchange_strong(due, &was, INT64_MAX);
}
