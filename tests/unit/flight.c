/* flight.c: of processes that want the same at once one goes for it (contract 07 section 7.2). */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "latchkey/shared.h"

static struct shared *shared;

static int fly_and_count(void)
{
	uint64_t inside;
	duration waited;

	if (!shared_flight_enter(shared, "test", TEXT("a"), monotonic_now() + 10 * SECOND, &waited))
		return 1;
	inside = shared_count(shared, COUNT_REQUESTS);
	nanosleep(&(struct timespec){.tv_nsec = 10 * MILLISECOND}, NULL);
	if (shared_count(shared, COUNT_REQUESTS) != inside + 1)
		return 2; /* another was inside, too */
	shared_flight_leave(shared, "test", TEXT("a"));
	return 0;
}

static int fly_and_die(void)
{
	duration waited;

	if (shared_flight_enter(shared, "test", TEXT("a"), monotonic_now(), &waited))
		raise(SIGKILL);
	return 1;
}

/* 0: it was free; 1: another has it; 2: it had to be waited for. */
static int fly_at_once(void)
{
	duration waited;

	if (!shared_flight_enter(shared, "test", TEXT("a"), monotonic_now() + 10 * MILLISECOND, &waited))
		return 1;
	return waited ? 2 : 0;
}

static void one_flies_and_the_others_wait(void **state)
{
	duration waited;
	pid_t pids[6];

	(void)state;
	shared = shared_open(NULL, NULL, true);
	assert_non_null(shared);
	for (size_t i = 0; i < 6; i++)
		pids[i] = child(fly_and_count);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	for (int i = 0; i < 3; i++)
		assert_true(WIFSIGNALED(wait_for(child(fly_and_die))));
	assert_true(shared_flight_enter(shared, "test", TEXT("a"), 0, &waited));
	assert_int_equal(waited, 0);
	assert_int_equal(wait_for(child(fly_at_once)), 1 << 8);
	assert_true(shared_flight_enter(shared, "test", TEXT("b"), 0, &waited));
	shared_flight_leave(shared, "test", TEXT("a"));
	assert_int_equal(wait_for(child(fly_at_once)), 0);
	talloc_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_flies_and_the_others_wait)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
