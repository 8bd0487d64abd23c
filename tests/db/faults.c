/* faults.c: the database room when the database is slow, goes away, comes back, or never answers. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/db/statements.h"

static void expect_away(const struct request *req)
{
	assert_int_equal(req->failure.status, 503);
	assert_string_equal(req->failure.code, "unexpected_failure");
	assert_true(req->failure.retry_after > 0);
	assert_true(req->failure.final);
	assert_non_null(req->failure.cause);
}

static void run_command(const char *variable)
{
	const char *command = getenv(variable);

	if (!command)
		skip();
	assert_int_equal(system(command), 0);
}

static int64_t elapsed_since(int64_t start)
{
	return (monotonic_now() - start) / MILLISECOND;
}

static int sleep_long(struct request *req, void *arg)
{
	(void)arg;
	if (db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("x"))) < 0)
		return -1;
	return db_execute(req, STMT(SLEEP), DB_ARGS(db_double(30)));
}

static int64_t sleepers(void)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	assert_int_equal(
		db_fetch_text(req,
			      "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()",
			      DB_NO_ARGS, &rows),
		0);
	return db_get_int(rows, 0, 0);
}

static void the_deadline_stops_what_runs(void **state)
{
	int64_t start = monotonic_now();
	int tries = 0;

	(void)state;
	for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
		struct request *req = begin_request();

		assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
		req->deadline = monotonic_now() + 200 * MILLISECOND;
		if (in_transaction)
			assert_int_equal(db_transaction(req, sleep_long, NULL), -1);
		else
			assert_int_equal(db_execute(req, STMT(SLEEP), DB_ARGS(db_double(30))), -1);
		assert_int_equal(req->failure.status, 504);
		assert_string_equal(req->failure.code, "request_timeout");
		assert_string_equal(req->failure.message, "Processing this request timed out, please retry after a moment.");
		assert_true(req->failure.final);
	}
	assert_in_range(elapsed_since(start), 400, 1500);
	/* the server hears of it from a thread */
	while (sleepers() > 0 && tries++ < 100)
		usleep(20000);
	assert_int_equal(sleepers(), 0);
	assert_int_equal(things(), 0);
}

static void after_the_deadline_nothing_is_sent(void **state)
{
	struct request *req = begin_request();

	(void)state;
	req->deadline = monotonic_now() - 1;
	assert_int_equal(db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("late"))), -1);
	assert_int_equal(req->failure.status, 504);
	assert_int_equal(things(), 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static int late_body(struct request *req, void *arg)
{
	(void)arg;
	if (db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("late"))) < 0)
		return -1;
	req->deadline = monotonic_now() - 1;
	return 0;
}

static void a_deadline_before_the_commit_is_a_failure(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, late_body, NULL), -1);
	assert_int_equal(req->failure.status, 504);
	assert_int_equal(things(), 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static void a_connection_ended_between_requests_is_not_noticed_by_the_next(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
	other("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and "
	      "backend_type = 'client backend'");
	usleep(100000);
	/* nobody has called db_between_requests since */
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
}

static int die_within(struct request *req, void *arg)
{
	int *later = arg;

	if (db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("before"))) < 0)
		return -1;
	assert_int_equal(db_execute(req, STMT(KILL_ME), DB_NO_ARGS), -1);
	/* nothing may be written outside the lost transaction */
	*later = db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("after")));
	return 0;
}

static void a_transaction_does_not_go_on_after_its_connection_is_lost(void **state)
{
	struct request *req = begin_request();
	int later = 0;

	(void)state;
	assert_int_equal(db_transaction(req, die_within, &later), -1);
	assert_int_equal(later, -1);
	expect_away(req);
	assert_int_equal(things(), 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static void a_lost_connection_is_not_worded_away(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_execute(req, STMT(KILL_ME), DB_NO_ARGS), -1);
	fail(req, 500, "unexpected_failure", "Database error finding user");
	failure_clear(req);
	expect_away(req);
}

static void a_server_that_is_stopped_is_told_at_once_and_found_again(void **state)
{
	struct request *req = begin_request();
	int64_t start;

	(void)state;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
	run_command("TEST_STOP");
	for (int i = 0; i < 50; i++) {
		start = monotonic_now();
		req = begin_request();
		assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
		expect_away(req);
		assert_true(elapsed_since(start) < 100);
		usleep(5000);
	}
	run_command("TEST_START");
	start = monotonic_now();
	while (db_execute(begin_request(), STMT(ONE), DB_NO_ARGS) < 0) {
		assert_true(elapsed_since(start) < 1000);
		usleep(10000);
	}
}

/* A port on which nobody ever answers. */
static int silent_port(int *listener)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	*listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(*listener, 8), 0);
	assert_int_equal(getsockname(*listener, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static void a_server_that_never_answers_is_given_up(void **state)
{
	struct request *req = begin_request();
	int listener, port = silent_port(&listener);
	int64_t start = monotonic_now();

	(void)state;
	req->db = db_new(req, format(req, "postgres://u:hidden@127.0.0.1:%d/d?connect_timeout=1", port), true, NULL);
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	expect_away(req);
	assert_null(strstr(req->failure.cause, "hidden"));
	assert_in_range(elapsed_since(start), 900, 1500);

	req = begin_request();
	req->db = db_new(req, format(req, "postgres://u@127.0.0.1:%d/d", port), true, NULL);
	req->deadline = monotonic_now() + 100 * MILLISECOND;
	start = monotonic_now();
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	assert_in_range(elapsed_since(start), 50, 500);
	close(listener);
}

static const char *keyword(const struct db_target *target, const char *name, const char *otherwise)
{
	for (size_t i = 0; target->keywords[i]; i++)
		if (strcmp(target->keywords[i], name) == 0)
			return target->values[i];
	return otherwise;
}

static void of_several_hosts_a_silent_one_is_passed_over(void **state)
{
	struct request *req = begin_request();
	const char *error;
	struct db_target *real = db_target_parse(req, getenv("TEST_DATABASE_URL"), NULL, &error);
	int listener, port = silent_port(&listener);
	struct db *db = db_new(NULL,
			       format(req, "postgres://%s@/%s?host=127.0.0.1,%s&port=%d,%s&connect_timeout=1", keyword(real, "user", ""),
				      keyword(real, "dbname", ""), keyword(real, "host", ""), port, keyword(real, "port", "5432")),
			       true, NULL);

	(void)state;
	req->db = db;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	expect_away(req);
	usleep(50000);
	req = begin_request();
	req->db = db;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
	begin_request();
	talloc_free(db);
	close(listener);
}

static void a_failed_connect_is_not_tried_again_at_once(void **state)
{
	struct request *req = begin_request();
	struct db *db = db_new(NULL, "postgres://u@127.0.0.1:1/d", true, NULL);
	int64_t first;

	(void)state;
	req->db = db;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	expect_away(req);
	first = db->retry_at;
	assert_true(first > monotonic_now());
	failure_clear(req);
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	assert_true(db->retry_at == first);
	begin_request();
	talloc_free(db);
}

static void a_full_server_is_away(void **state)
{
	struct request *req = begin_request();

	(void)state;
	/* the role may have no connection at all */
	req->db = db_new(req, format(req, "%s&user=crowded", getenv("TEST_DATABASE_URL")), true, NULL);
	if (!strchr(getenv("TEST_DATABASE_URL"), '?'))
		req->db = db_new(req, format(req, "%s?user=crowded", getenv("TEST_DATABASE_URL")), true, NULL);
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), -1);
	expect_away(req);
}

static void a_read_only_server_is_away(void **state)
{
	struct request *req = begin_request();

	(void)state;
	req->db = db_new(req,
			 format(req, "%s%cdefault_transaction_read_only=on", getenv("TEST_DATABASE_URL"),
				strchr(getenv("TEST_DATABASE_URL"), '?') ? '&' : '?'),
			 true, NULL);
	assert_int_equal(db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("x"))), -1);
	expect_away(req);
}

static int fresh_fault(void **state)
{
	(void)state;
	other("truncate things, children");
	return 0;
}

#define TEST(name)                                   \
	{                                            \
#name, name, fresh_fault, NULL, NULL \
	}

const struct CMUnitTest fault_tests[] = {
	TEST(the_deadline_stops_what_runs),
	TEST(after_the_deadline_nothing_is_sent),
	TEST(a_deadline_before_the_commit_is_a_failure),
	TEST(a_connection_ended_between_requests_is_not_noticed_by_the_next),
	TEST(a_transaction_does_not_go_on_after_its_connection_is_lost),
	TEST(a_lost_connection_is_not_worded_away),
	TEST(a_server_that_never_answers_is_given_up),
	TEST(of_several_hosts_a_silent_one_is_passed_over),
	TEST(a_failed_connect_is_not_tried_again_at_once),
	TEST(a_full_server_is_away),
	TEST(a_read_only_server_is_away),
	TEST(a_server_that_is_stopped_is_told_at_once_and_found_again),
};
const size_t fault_test_count = sizeof(fault_tests) / sizeof(fault_tests[0]);
