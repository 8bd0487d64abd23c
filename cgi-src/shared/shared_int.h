/* shared_int.h: how the shared segment is laid out. For this room and its tests alone. */
#ifndef LATCHKEY_SHARED_INT_H
#define LATCHKEY_SHARED_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "latchkey/shared.h"

#define SHARED_MAGIC UINT64_C(0x316b65796863746c) /* "ltchyek1" */
#define SHARED_VERSION 4
#define SHARDS 64
#define SHARD_BUCKETS 256
#define MARK_SETS 8192
#define MARK_WAYS 16
#define BREAKERS 64

/* One client's bucket in one limiter. Valid at every instant, so that a death in the middle of a change leaves nothing to mend. */
struct bucket {
	_Atomic uint64_t digest; /* of limiter and key; 0: free. Cleared first and set last */
	int64_t expires;	 /* monotonic; creation + TTL */
	int64_t updated;	 /* monotonic; when tokens was right */
	double tokens;
};

struct shard {
	pthread_mutex_t lock;
	_Atomic int64_t stuck_until; /* monotonic; the holder is stopped: do not wait for the lock before then */
	struct bucket buckets[SHARD_BUCKETS];
};

/* A sending limit fits two words, each changed by compare and exchange. */
struct sending_state {
	_Atomic int64_t since;	 /* monotonic; where the fixed windows begin */
	_Atomic uint64_t window; /* number of the window << 32 | events in it */
	_Atomic int64_t full_at; /* monotonic; when the bucket of a burst rate is full again */
};

/* What has failed lately. A word each: nobody can be killed or stopped inside. */
struct breaker {
	_Atomic uint64_t digest; /* 0: free */
	_Atomic int64_t until;	 /* monotonic; 0: all is well */
	_Atomic uint32_t failures;
	_Atomic uint32_t trying; /* the pause was over, and one tries */
};

struct segment {
	uint64_t magic;
	uint32_t version;
	uint32_t size;
	char boot[40]; /* monotonic times and lock owners mean nothing after a reboot */
	int64_t born;  /* monotonic */
	unsigned char key[16];
	_Atomic uint32_t generations[LIMITERS];
	_Atomic uint64_t counters[COUNTERS];
	_Atomic uint64_t cells[SHARED_CELLS];
	struct sending_state sendings[SENDINGS];
	_Atomic int64_t due[CHORES]; /* monotonic */
	struct breaker breakers[BREAKERS];
	struct shard shards[SHARDS];
	/* a mark: 34 bits of the digest, 30 bits of the second since birth at which it is forgotten; 0: free */
	_Atomic uint64_t marks[MARK_SETS][MARK_WAYS];
};

struct shared {
	struct segment *segment;
	int fd;		   /* of the segment's file; its byte locks are the gates' places */
	int places[GATES]; /* which place process holder is in; -1: none */
	pid_t holder;	   /* a fork leaves the places to its parent */
};

uint64_t shared_digest(const struct shared *shared, uint64_t kind, struct text key); /* never 0 */

/* Locks the digest's shard, or the one after it where a stopped process holds that one. NULL: several are held so. */
struct shard *shard_lock(struct shared *shared, uint64_t digest);
void shard_unlock(struct shard *shard);

#endif
