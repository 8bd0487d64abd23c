/* shared.h: the one segment that all workers share: rate limiters, sending limits, counters, lane gauges.
 *
 * A file mapped by every process (mod_fcgid's too); a manager's start makes a new one. Every section is guarded by robust
 * process-shared mutexes: a worker killed inside one blocks nobody. Nothing in it is a secret or personal: keys are keyed digests. */
#ifndef LATCHKEY_SHARED_H
#define LATCHKEY_SHARED_H

#include "latchkey/base.h"

struct shared;

/* path NULL: an anonymous mapping (tests). fresh: make a new one in place of an old. NULL: errno says why. */
struct shared *shared_open(TALLOC_CTX *mem, const char *path, bool fresh);

/* ---- limiters by client address (contract 01 section 9) -------------------------------------------------------------------- */

enum limiter {
	LIMIT_NONE,
	LIMIT_SIGNUPS,
	LIMIT_RECOVER,
	LIMIT_RESEND,
	LIMIT_MAGIC_LINK,
	LIMIT_OTP,
	LIMIT_USER,
	LIMIT_ANONYMOUS,
	LIMIT_TOKEN,
	LIMIT_WEB3,
	LIMIT_VERIFY,
	LIMIT_FACTOR_VERIFY,
	LIMIT_FACTOR_CHALLENGE,
	LIMIT_SSO,
	LIMIT_SAML_ASSERTION,
	LIMIT_OAUTH_REGISTER,
	LIMIT_PASSKEY,
	LIMIT_OAUTH_AUTHORIZE,
	LIMITERS,
};
/* Takes one token from key's bucket. rate in tokens a second (at most 0: no refill), burst the size, ttl since the bucket's making. */
bool shared_limit(struct shared *shared, enum limiter limiter, struct text key, double rate, int64_t burst, duration ttl);
void shared_limit_reset(struct shared *shared, enum limiter limiter); /* all its buckets are full again */

/* ---- global sending limits (section 9.3): e-mail, SMS ------------------------------------------------------------------------ */

enum sending { SENDING_EMAIL, SENDING_SMS, SENDINGS };
struct rate;
bool shared_send_allowed(struct shared *shared, enum sending kind, const struct rate *rate); /* takes one */
void shared_send_reset(struct shared *shared, enum sending kind);

/* ---- counters -------------------------------------------------------------------------------------------------------------------- */

enum counter {
	COUNT_REQUESTS,
	COUNT_ERRORS,
	COUNT_WORKER_DEATHS,
	COUNT_WORKER_STARTS,
	COUNT_HANDED_OVER,
	COUNT_LANE_FULL,
	COUNT_CLEANUP_TURN,
	COUNT_MAIL_EXPIRED,
	COUNT_RELOADS,
	COUNT_TOKENS_WITH_HOOK, /* access tokens that a hook has had its say in */
	COUNTERS
};
uint64_t shared_count(struct shared *shared, enum counter counter); /* adds one, gives the new value */
void shared_count_reset(struct shared *shared, enum counter counter);
uint64_t shared_counter(const struct shared *shared, enum counter counter);

/* Cells that only ever grow, for the room metrics, which says what each of them counts: an atomic addition each, without order or lock. */
#define SHARED_CELLS 8192
void shared_add(struct shared *shared, size_t cell, uint64_t by); /* shared NULL: nothing */
uint64_t shared_cell(const struct shared *shared, size_t cell);

/* ---- gates: at most limit holders at once; a dead holder's place is freed (mod_fcgid's hashing) ------------------------------------ */

enum gate { GATE_HASHING, GATES };
int shared_gate_enter(struct shared *shared, enum gate gate, int limit, int64_t deadline); /* -1: none free by then */
void shared_gate_leave(struct shared *shared, enum gate gate);

/* ---- flights: of those who want the same at once one goes for it, the others wait; a dead one's is freed -------------------------------- */

/* True: it is the caller's, until it leaves or dies. *waited: how long another had it, 0: nobody. False: another has it still at deadline
 * (monotonic). A process has each flight once; it does not wait for itself. */
bool shared_flight_enter(struct shared *shared, const char *purpose, struct text key, int64_t deadline, duration *waited);
void shared_flight_leave(struct shared *shared, const char *purpose, struct text key);

/* ---- one-time marks and small caches: remembered until they expire (spent codes, replayed messages, key sets) ----------------------- */

/* True once for each key until ttl is over; false where it was marked before. Fails closed (false) when the table is full. */
bool shared_mark_once(struct shared *shared, const char *purpose, struct text key, duration ttl);
/* Whether it is marked; marks nothing. */
bool shared_marked(struct shared *shared, const char *purpose, struct text key);

/* ---- breakers: what fails is left alone for a while by all workers ------------------------------------------------------------------- */

/* False while key is left alone. When the pause is over one caller gets true, to try it; the others once it is well again. */
bool shared_breaker_passes(struct shared *shared, struct text key);
void shared_breaker_failed(struct shared *shared, struct text key); /* the pause is 5 s, then twice as long each time, up to a minute */
void shared_breaker_good(struct shared *shared, struct text key);
int64_t shared_breaker_until(const struct shared *shared, struct text key); /* monotonic; 0: it is not left alone */

/* ---- chores: when work after the response is due next (monotonic). A new segment knows nothing: all are due at once -------------------- */

enum chore { CHORE_MAIL, CHORE_TEMPLATES, CHORES };
int64_t shared_due(const struct shared *shared, enum chore chore);	   /* INT64_MAX: nothing is */
void shared_due_by(struct shared *shared, enum chore chore, int64_t when); /* no later than this */
/* True for one caller where it is due; the next moment has to be told again. */
bool shared_due_take(struct shared *shared, enum chore chore);

#endif
