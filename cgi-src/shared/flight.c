/* flight.c: of those who want the same at once one goes for it. Who does holds a byte lock behind the segment: the kernel frees a dead one's. */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "shared_int.h"

#define FLIGHTS ((off_t)1 << 40) /* behind the gates' places */
#define FLIGHTS_MASK (((uint64_t)1 << 40) - 1)
#define PAUSE (5 * MILLISECOND)

static int set_byte(const struct shared *shared, const char *purpose, struct text key, short kind)
{
	uint64_t digest = shared_digest(shared, shared_digest(shared, UINT64_C(0xf11e), text_of(purpose)), key);
	struct flock lock = {
		.l_type = kind,
		.l_whence = SEEK_SET,
		.l_start = FLIGHTS + (off_t)(digest & FLIGHTS_MASK),
		.l_len = 1,
	};

	return fcntl(shared->fd, F_SETLK, &lock);
}

bool shared_flight_enter(struct shared *shared, const char *purpose, struct text key, int64_t deadline, duration *waited)
{
	static const struct timespec pause = {.tv_nsec = PAUSE};
	int64_t began = monotonic_now();

	*waited = 0;
	while (set_byte(shared, purpose, key, F_WRLCK) < 0) {
		nanosleep(&pause, NULL);
		*waited = monotonic_now() - began;
		if (began + *waited >= deadline)
			return false;
	}
	return true;
}

void shared_flight_leave(struct shared *shared, const char *purpose, struct text key)
{
	set_byte(shared, purpose, key, F_UNLCK);
}
