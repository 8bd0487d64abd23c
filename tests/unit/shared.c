/* shared.c: the shared segment: limits, marks, gates, with processes that are killed and stopped inside (contract 01 section 9). */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "cgi-src/shared/shared_int.h"
#include "latchkey/settings.h"

static struct shared *shared;

static int setup(void **state)
{
	(void)state;
	shared = shared_open(NULL, NULL, true);
	assert_non_null(shared);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(shared);
	return 0;
}

static void pause_for(int64_t span)
{
	nanosleep(&(struct timespec){.tv_sec = span / SECOND, .tv_nsec = span % SECOND}, NULL);
}

static void a_bucket_gives_its_burst_then_refuses(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("10.0.0.1"), 0.1, 30, HOUR));
	assert_false(shared_limit(shared, LIMIT_TOKEN, TEXT("10.0.0.1"), 0.1, 30, HOUR));
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("10.0.0.2"), 0.1, 30, HOUR));
	assert_true(shared_limit(shared, LIMIT_OTP, TEXT("10.0.0.1"), 0.1, 30, HOUR));
}

static void a_bucket_refills_at_its_rate(void **state)
{
	(void)state;
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 20, 1, HOUR));
	assert_false(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 20, 1, HOUR));
	pause_for(60 * MILLISECOND);
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 20, 1, HOUR));
	assert_false(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 20, 1, HOUR));
}

static void a_bucket_is_forgotten_its_ttl_after_it_was_made(void **state)
{
	(void)state;
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 2, 400 * MILLISECOND));
	pause_for(250 * MILLISECOND);
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 2, 400 * MILLISECOND));
	assert_false(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 2, 400 * MILLISECOND));
	pause_for(200 * MILLISECOND);
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 2, 400 * MILLISECOND));
}

static void a_burst_of_nothing_refuses_all(void **state)
{
	(void)state;
	assert_false(shared_limit(shared, LIMIT_ANONYMOUS, TEXT("a"), 0.5, 0, HOUR));
}

static void a_reset_fills_the_buckets_of_that_limiter_alone(void **state)
{
	(void)state;
	assert_true(shared_limit(shared, LIMIT_SSO, TEXT("a"), 0, 1, HOUR));
	assert_true(shared_limit(shared, LIMIT_WEB3, TEXT("a"), 0, 1, HOUR));
	shared_limit_reset(shared, LIMIT_SSO);
	assert_true(shared_limit(shared, LIMIT_SSO, TEXT("a"), 0, 1, HOUR));
	assert_false(shared_limit(shared, LIMIT_WEB3, TEXT("a"), 0, 1, HOUR));
}

static void a_full_table_forgets_what_forgives_least(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(shared_limit(shared, LIMIT_OTP, TEXT("used up"), 0, 3, HOUR));
	for (int i = 0; i < SHARDS * SHARD_BUCKETS * 2; i++) {
		char key[24];

		snprintf(key, sizeof(key), "crowd %d", i);
		assert_true(shared_limit(shared, LIMIT_OTP, text_of(key), 0, 3, HOUR));
	}
	assert_false(shared_limit(shared, LIMIT_OTP, TEXT("used up"), 0, 3, HOUR));
}

static int hammer(void)
{
	int allowed = 0;

	for (int i = 0; i < 2000; i++)
		allowed += shared_limit(shared, LIMIT_USER, TEXT("one client"), 0, 1000, HOUR);
	for (int i = 0; i < allowed; i++)
		shared_count(shared, COUNT_REQUESTS);
	return 0;
}

static void several_processes_together_get_one_burst(void **state)
{
	pid_t pids[6];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		pids[i] = child(hammer);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	assert_int_equal(shared_counter(shared, COUNT_REQUESTS), 1000);
}

static uint64_t digest_of_a(void)
{
	return shared_digest(shared, LIMIT_TOKEN, TEXT("a"));
}

static int die_inside(void)
{
	if (shard_lock(shared, digest_of_a()))
		raise(SIGKILL);
	return 1;
}

static void a_process_killed_inside_blocks_nobody(void **state)
{
	int64_t before;

	(void)state;
	for (int i = 0; i < 30; i++) {
		assert_true(WIFSIGNALED(wait_for(child(die_inside))));
		before = monotonic_now();
		assert_int_equal(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 10, HOUR), i < 10);
		assert_true(monotonic_now() - before < 15 * MILLISECOND);
	}
}

static int stop_inside(void)
{
	struct shard *shard = shard_lock(shared, digest_of_a());

	if (!shard)
		return 1;
	raise(SIGSTOP);
	shard_unlock(shard);
	return 0;
}

static pid_t stopped_inside(void)
{
	pid_t pid = child(stop_inside);
	int status;

	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void a_process_stopped_inside_blocks_nobody(void **state)
{
	pid_t pid = stopped_inside();
	int64_t before = monotonic_now();

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 5, HOUR), i < 5);
	assert_true(monotonic_now() - before < 500 * MILLISECOND);
	kill(pid, SIGCONT);
	assert_int_equal(wait_for(pid), 0);
	pause_for(1100 * MILLISECOND);
	assert_true(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 5, HOUR));
}

static void many_stopped_inside_refuse_and_do_not_hang(void **state)
{
	pid_t pids[4];
	int64_t before;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		pids[i] = stopped_inside();
	before = monotonic_now();
	assert_false(shared_limit(shared, LIMIT_TOKEN, TEXT("a"), 0, 5, HOUR));
	assert_true(monotonic_now() - before < 500 * MILLISECOND);
	for (size_t i = 0; i < 4; i++) {
		kill(pids[i], SIGCONT);
		wait_for(pids[i]);
	}
}

static void an_hourly_sending_limit_counts_whole_events(void **state)
{
	struct rate rate = {.kind = RATE_INTERVAL, .events = 2.9, .over = HOUR};

	(void)state;
	assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	assert_false(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	assert_true(shared_send_allowed(shared, SENDING_SMS, &rate));
	shared_send_reset(shared, SENDING_EMAIL);
	assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	rate.events = -1;
	shared_send_reset(shared, SENDING_EMAIL);
	assert_false(shared_send_allowed(shared, SENDING_EMAIL, &rate));
}

static void an_hourly_window_ends(void **state)
{
	struct rate rate = {.kind = RATE_INTERVAL, .events = 1, .over = 50 * MILLISECOND};

	(void)state;
	shared_send_reset(shared, SENDING_EMAIL);
	assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	assert_false(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	pause_for(60 * MILLISECOND);
	assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
}

static void a_burst_sending_limit_regains_one_each_span(void **state)
{
	struct rate rate = {.kind = RATE_BURST, .events = 3, .over = 100 * MILLISECOND};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(shared_send_allowed(shared, SENDING_SMS, &rate));
	assert_false(shared_send_allowed(shared, SENDING_SMS, &rate));
	pause_for(110 * MILLISECOND);
	assert_true(shared_send_allowed(shared, SENDING_SMS, &rate));
	assert_false(shared_send_allowed(shared, SENDING_SMS, &rate));
}

static void sending_limits_bear_the_greatest_numbers(void **state)
{
	struct rate rate = {.kind = RATE_BURST, .events = 4503599627370495.0, .over = INT64_MAX};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(shared_send_allowed(shared, SENDING_EMAIL, &rate));
	rate.events = 0;
	assert_false(shared_send_allowed(shared, SENDING_SMS, &rate));
	rate.events = 1;
	rate.over = 0; /* counts as an hour */
	assert_true(shared_send_allowed(shared, SENDING_SMS, &rate));
	assert_false(shared_send_allowed(shared, SENDING_SMS, &rate));
}

static void a_key_is_marked_once(void **state)
{
	(void)state;
	assert_true(shared_mark_once(shared, "code", TEXT("k"), HOUR));
	assert_false(shared_mark_once(shared, "code", TEXT("k"), HOUR));
	assert_true(shared_mark_once(shared, "message", TEXT("k"), HOUR));
	assert_true(shared_mark_once(shared, "code", TEXT("l"), HOUR));
}

static void a_mark_is_forgotten_after_its_time(void **state)
{
	(void)state;
	assert_true(shared_mark_once(shared, "code", TEXT("k"), SECOND));
	pause_for(2100 * MILLISECOND);
	assert_true(shared_mark_once(shared, "code", TEXT("k"), SECOND));
}

static void a_full_table_of_marks_fails_closed(void **state)
{
	int refused = 0;

	(void)state;
	assert_true(shared_mark_once(shared, "code", TEXT("first"), HOUR));
	for (int i = 0; i < 2 * MARK_SETS * MARK_WAYS; i++)
		refused += !shared_mark_once(shared, "code", (struct text){(const char *)&i, sizeof(i)}, HOUR);
	assert_true(refused >= MARK_SETS * MARK_WAYS);
	assert_false(shared_mark_once(shared, "code", TEXT("first"), HOUR));
}

static int mark_all(void)
{
	for (int i = 0; i < 3000; i++)
		if (shared_mark_once(shared, "race", (struct text){(const char *)&i, sizeof(i)}, HOUR))
			shared_count(shared, COUNT_REQUESTS);
	return 0;
}

static void several_processes_mark_each_key_once(void **state)
{
	pid_t pids[6];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		pids[i] = child(mark_all);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	assert_int_equal(shared_counter(shared, COUNT_REQUESTS), 3000);
}

static int enter_and_die(void)
{
	if (shared_gate_enter(shared, GATE_HASHING, 2, monotonic_now() + 10 * MILLISECOND) == 0)
		raise(SIGKILL);
	return 1;
}

static int enter_in_time(void)
{
	return shared_gate_enter(shared, GATE_HASHING, 2, monotonic_now() + 10 * MILLISECOND) < 0;
}

static int enter_and_stop(void)
{
	int entered = shared_gate_enter(shared, GATE_HASHING, 2, monotonic_now() + 10 * MILLISECOND);

	raise(SIGSTOP);
	return entered < 0;
}

static void a_gate_lets_so_many_in_and_frees_the_places_of_the_dead(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(shared_gate_enter(shared, GATE_HASHING, 2, monotonic_now()), 0);
	for (int i = 0; i < 5; i++)
		assert_true(WIFSIGNALED(wait_for(child(enter_and_die))));
	pid = child(enter_and_stop);
	waitpid(pid, &status, WUNTRACED);
	assert_int_equal(wait_for(child(enter_in_time)), 1 << 8);
	shared_gate_leave(shared, GATE_HASHING);
	assert_int_equal(wait_for(child(enter_in_time)), 0);
	kill(pid, SIGCONT);
	assert_int_equal(wait_for(pid), 0);
}

static char folder[] = "/tmp/latchkey-shared-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/shared", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void a_file_is_shared_until_a_fresh_one_takes_its_place(void **state)
{
	struct shared *first = shared_open(NULL, path, false), *second = shared_open(NULL, path, false), *third;

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_true(shared_mark_once(first, "code", TEXT("k"), HOUR));
	assert_false(shared_mark_once(second, "code", TEXT("k"), HOUR));
	third = shared_open(NULL, path, true);
	assert_non_null(third);
	assert_true(shared_mark_once(third, "code", TEXT("k"), HOUR));
	assert_false(shared_mark_once(first, "code", TEXT("k"), HOUR));
	talloc_free(first);
	talloc_free(second);
	talloc_free(third);
}

static void spoil(const char *bytes, off_t at, off_t size)
{
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(pwrite(fd, bytes, 8, at), 8);
	close(fd);
}

static void a_file_of_another_make_is_replaced(void **state)
{
	static const struct {
		const char *bytes;
		off_t at, size;
	} spoils[] = {
		{"notmagic", 0, sizeof(struct segment)},
		{"\xff\xff\xff\xff\xff\xff\xff\xff", 8, sizeof(struct segment)}, /* version */
		{"anothers", 16, sizeof(struct segment)},			 /* boot */
		{"trunkate", 0, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		struct shared *opened;

		spoil(spoils[i].bytes, spoils[i].at, spoils[i].size);
		opened = shared_open(NULL, path, false);
		assert_non_null(opened);
		assert_true(shared_mark_once(opened, "code", TEXT("k"), HOUR));
		talloc_free(opened);
	}
}

static void a_file_that_others_may_write_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(path, 0666), 0);
	assert_null(shared_open(NULL, path, false));
	assert_int_equal(chmod(path, 0600), 0);
}

static int open_and_count(void)
{
	struct shared *opened = shared_open(NULL, path, false);

	if (!opened)
		return 1;
	shared_count(opened, COUNT_REQUESTS);
	return 0;
}

static void processes_that_start_together_share_one_file(void **state)
{
	struct shared *opened;
	pid_t pids[8];

	(void)state;
	unlink(path);
	for (size_t i = 0; i < 8; i++)
		pids[i] = child(open_and_count);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	opened = shared_open(NULL, path, false);
	assert_int_equal(shared_counter(opened, COUNT_REQUESTS), 8);
	talloc_free(opened);
}

/* ---- breakers and chores ---- */

static void what_failed_is_left_alone_and_then_tried_by_one(void **state)
{
	struct breaker *breaker = NULL;

	(void)state;
	assert_true(shared_breaker_passes(shared, TEXT("relay")));
	shared_breaker_failed(shared, TEXT("relay"));
	assert_false(shared_breaker_passes(shared, TEXT("relay")));
	assert_true(shared_breaker_passes(shared, TEXT("another")));
	for (size_t i = 0; i < BREAKERS; i++)
		if (shared->segment->breakers[i].digest)
			breaker = &shared->segment->breakers[i];
	assert_non_null(breaker);
	breaker->until = monotonic_now() - 1;
	assert_true(shared_breaker_passes(shared, TEXT("relay")));
	assert_false(shared_breaker_passes(shared, TEXT("relay")));
	shared_breaker_good(shared, TEXT("relay"));
	assert_true(shared_breaker_passes(shared, TEXT("relay")));
	assert_true(shared_breaker_passes(shared, TEXT("relay")));
}

static void the_pause_grows_with_each_try_and_not_with_each_caller(void **state)
{
	int64_t first, second;

	(void)state;
	shared_breaker_failed(shared, TEXT("relay"));
	first = shared_breaker_until(shared, TEXT("relay")) - monotonic_now();
	shared_breaker_failed(shared, TEXT("relay"));
	assert_true(shared_breaker_until(shared, TEXT("relay")) - monotonic_now() <= first);
	for (size_t i = 0; i < BREAKERS; i++)
		shared->segment->breakers[i].until = shared->segment->breakers[i].digest ? 1 : 0;
	assert_true(shared_breaker_passes(shared, TEXT("relay")));
	shared_breaker_failed(shared, TEXT("relay"));
	second = shared_breaker_until(shared, TEXT("relay")) - monotonic_now();
	assert_true(first > 4 * SECOND && first <= 5 * SECOND);
	assert_true(second > 9 * SECOND && second <= 10 * SECOND);
}

static void a_chore_is_taken_once_when_it_is_due(void **state)
{
	(void)state;
	assert_true(shared_due_take(shared, CHORE_MAIL)); /* a new segment knows nothing */
	assert_false(shared_due_take(shared, CHORE_MAIL));
	shared_due_by(shared, CHORE_MAIL, monotonic_now() + HOUR);
	assert_false(shared_due_take(shared, CHORE_MAIL));
	shared_due_by(shared, CHORE_MAIL, monotonic_now());
	shared_due_by(shared, CHORE_MAIL, monotonic_now() + HOUR);
	assert_true(shared_due_take(shared, CHORE_MAIL));
	assert_false(shared_due_take(shared, CHORE_MAIL));
}

static void looking_at_a_mark_makes_none(void **state)
{
	(void)state;
	assert_false(shared_marked(shared, "code", TEXT("a")));
	assert_true(shared_mark_once(shared, "code", TEXT("a"), MINUTE));
	assert_true(shared_marked(shared, "code", TEXT("a")));
	assert_false(shared_marked(shared, "other", TEXT("a")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_bucket_gives_its_burst_then_refuses),
		CASE(a_bucket_refills_at_its_rate),
		CASE(a_bucket_is_forgotten_its_ttl_after_it_was_made),
		CASE(a_burst_of_nothing_refuses_all),
		CASE(a_reset_fills_the_buckets_of_that_limiter_alone),
		CASE(a_full_table_forgets_what_forgives_least),
		CASE(several_processes_together_get_one_burst),
		CASE(a_process_killed_inside_blocks_nobody),
		CASE(a_process_stopped_inside_blocks_nobody),
		CASE(many_stopped_inside_refuse_and_do_not_hang),
		CASE(an_hourly_sending_limit_counts_whole_events),
		CASE(an_hourly_window_ends),
		CASE(a_burst_sending_limit_regains_one_each_span),
		CASE(sending_limits_bear_the_greatest_numbers),
		CASE(a_key_is_marked_once),
		CASE(a_mark_is_forgotten_after_its_time),
		CASE(a_full_table_of_marks_fails_closed),
		CASE(several_processes_mark_each_key_once),
		CASE(a_gate_lets_so_many_in_and_frees_the_places_of_the_dead),
		CASE(what_failed_is_left_alone_and_then_tried_by_one),
		CASE(the_pause_grows_with_each_try_and_not_with_each_caller),
		CASE(a_chore_is_taken_once_when_it_is_due),
		CASE(looking_at_a_mark_makes_none),
	};
	const struct CMUnitTest files[] = {
		cmocka_unit_test(a_file_is_shared_until_a_fresh_one_takes_its_place),
		cmocka_unit_test(a_file_of_another_make_is_replaced),
		cmocka_unit_test(a_file_that_others_may_write_is_refused),
		cmocka_unit_test(processes_that_start_together_share_one_file),
	};
	int wrong = cmocka_run_group_tests(cases, NULL, NULL);

	return wrong + cmocka_run_group_tests(files, make_folder, remove_folder);
}
