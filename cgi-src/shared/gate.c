/* gate.c: at most so many holders at once. A place is a byte lock on the segment's file: the kernel frees a dead holder's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared_int.h"

#define PLACES ((off_t)1 << 30) /* far behind the segment's bytes */
#define PLACES_A_GATE 1024
#define WAIT_MAX (30 * SECOND)
#define PAUSE (3 * MILLISECOND)

static int set_place(const struct shared *shared, enum gate gate, int place, short kind)
{
	struct flock lock = {
		.l_type = kind,
		.l_whence = SEEK_SET,
		.l_start = PLACES + (off_t)gate * PLACES_A_GATE + place,
		.l_len = 1,
	};

	return fcntl(shared->fd, F_SETLK, &lock);
}

static bool held(const struct shared *shared, enum gate gate)
{
	return shared->places[gate] >= 0 && shared->holder == getpid();
}

int shared_gate_enter(struct shared *shared, enum gate gate, int limit, int64_t deadline)
{
	static const struct timespec pause = {.tv_nsec = PAUSE};
	int64_t until = deadline > 0 ? deadline : monotonic_now() + WAIT_MAX;

	if (held(shared, gate))
		return 0;
	if (limit > PLACES_A_GATE)
		limit = PLACES_A_GATE;
	for (;;) {
		for (int place = 0; place < limit; place++)
			if (set_place(shared, gate, place, F_WRLCK) == 0) {
				shared->places[gate] = place;
				shared->holder = getpid();
				return 0;
			}
		if (monotonic_now() >= until)
			return -1;
		nanosleep(&pause, NULL);
	}
}

void shared_gate_leave(struct shared *shared, enum gate gate)
{
	if (!held(shared, gate))
		return;
	set_place(shared, gate, shared->places[gate], F_UNLCK);
	shared->places[gate] = -1;
}
