/* limiter.c: token buckets by client address (contract 01 section 9.2), in shards under robust locks. */
#include <errno.h>
#include <time.h>

#include "shared_int.h"

#define LOCK_WAIT (20 * MILLISECOND) /* a section takes microseconds: who holds it longer is stopped */
#define STUCK_TIME (1 * SECOND)
#define NEIGHBOURS 4

static struct timespec monotonic_timespec(int64_t at)
{
	return (struct timespec){.tv_sec = at / SECOND, .tv_nsec = at % SECOND};
}

static bool try_shard(struct shard *shard)
{
	int64_t now = monotonic_now();
	int wrong;

	if (now < atomic_load(&shard->stuck_until)) {
		wrong = pthread_mutex_trylock(&shard->lock);
	} else {
		struct timespec until = monotonic_timespec(now + LOCK_WAIT);

		wrong = pthread_mutex_clocklock(&shard->lock, CLOCK_MONOTONIC, &until);
	}
	if (wrong == EOWNERDEAD) /* its holder was killed; a bucket is valid at every instant */
		wrong = pthread_mutex_consistent(&shard->lock);
	if (!wrong)
		return true;
	if (wrong == ETIMEDOUT)
		atomic_store(&shard->stuck_until, now + STUCK_TIME);
	return false;
}

struct shard *shard_lock(struct shared *shared, uint64_t digest)
{
	for (uint64_t i = 0; i < NEIGHBOURS; i++) {
		struct shard *shard = &shared->segment->shards[(digest + i) % SHARDS];

		if (try_shard(shard))
			return shard;
	}
	return NULL;
}

void shard_unlock(struct shard *shard)
{
	pthread_mutex_unlock(&shard->lock);
}

/* Which of two is the better one to forget: an expired one, else the one that has more tokens left (it forgives less), else the older. */
static bool rather(const struct bucket *candidate, const struct bucket *chosen, int64_t now)
{
	bool candidate_over = candidate->expires <= now, chosen_over = chosen->expires <= now;

	if (candidate_over != chosen_over)
		return candidate_over;
	if (candidate->tokens > chosen->tokens)
		return true;
	return candidate->tokens >= chosen->tokens && candidate->expires < chosen->expires;
}

static struct bucket *find_bucket(struct shard *shard, uint64_t digest, int64_t now, bool *fresh)
{
	struct bucket *chosen = NULL;

	for (size_t i = 0; i < SHARD_BUCKETS; i++) {
		struct bucket *bucket = &shard->buckets[i];

		if (bucket->digest == digest) {
			*fresh = bucket->expires <= now;
			return bucket;
		}
		if (!bucket->digest) { /* all after it are free too: buckets are never given back */
			if (!chosen || chosen->expires > now)
				chosen = bucket;
			break;
		}
		if (!chosen || rather(bucket, chosen, now))
			chosen = bucket;
	}
	*fresh = true;
	return chosen;
}

static void start_bucket(struct bucket *bucket, uint64_t digest, double tokens, int64_t now, duration ttl)
{
	bucket->digest = 0;
	bucket->tokens = tokens;
	bucket->updated = now;
	bucket->expires = now + ttl;
	bucket->digest = digest;
}

static bool take(struct bucket *bucket, double rate, double burst, int64_t now)
{
	double tokens = bucket->tokens;

	if (rate > 0 && now > bucket->updated)
		tokens += (double)(now - bucket->updated) / (double)SECOND * rate;
	if (tokens > burst)
		tokens = burst;
	if (tokens < 1)
		return false;
	bucket->updated = now;
	bucket->tokens = tokens - 1;
	return true;
}

bool shared_limit(struct shared *shared, enum limiter limiter, struct text key, double rate, int64_t burst, duration ttl)
{
	uint64_t generation = atomic_load(&shared->segment->generations[limiter]);
	uint64_t digest = shared_digest(shared, generation << 8 | (uint64_t)limiter, key);
	struct shard *shard = shard_lock(shared, digest);
	int64_t now = monotonic_now();
	bool fresh, allowed;

	if (!shard) {
		log_plain(LOG_ERROR, "rate limiter: several processes are stopped inside it, the request is refused");
		return false;
	}
	struct bucket *bucket = find_bucket(shard, digest, now, &fresh);
	if (fresh)
		start_bucket(bucket, digest, (double)burst, now, ttl);
	allowed = take(bucket, rate, (double)burst, now);
	shard_unlock(shard);
	return allowed;
}

void shared_limit_reset(struct shared *shared, enum limiter limiter)
{
	atomic_fetch_add(&shared->segment->generations[limiter], 1);
}
