/* integration.c: the database room against a real server: transactions, pipelines, plans. tests/db/run starts it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/db/statements.h"

/* In place of the program's own: only these are run here. */
const struct statement_text statement_table[STATEMENTS] = {
	[ONE] = {"one", "select 1"},
	[ECHO] = {"echo", "select $1::uuid, $2::timestamptz, $3::int4, $4::int8, $5::bool, $6::text, $7::jsonb, $8::text[], $9::bytea, $10::int2, "
			  "$11::float8"},
	[ECHO_TEXT] = {"echo_text", "select $1::text"},
	[NULLS] = {"nulls", "select null::uuid, null::timestamptz, null::int8, null::bool, null::text, null::jsonb, null::text[]"},
	[STAR] = {"star", "select * from wide"},
	[INSERT_THING] = {"insert_thing", "insert into things (name) values ($1)"},
	[INSERT_THING_TWO] = {"insert_thing_two", "insert into things (name) values ($1) returning id"},
	[COUNT_THINGS] = {"count_things", "select count(*) from things"},
	[DELETE_THINGS] = {"delete_things", "delete from things"},
	[SLEEP] = {"sleep", "select pg_sleep($1)"},
	[RAISE] = {"raise", "select raise_nope()"},
	[DEFERRED] = {"deferred", "insert into children (thing) values ($1)"},
	[KILL_ME] = {"kill_me", "select pg_terminate_backend(pg_backend_pid())"},
	[LENGTH] = {"length", "select length($1::text)"},
	[BAD_UUID] = {"bad_uuid", "select $1::uuid"},
};

struct db *test_db;
static PGconn *watcher;
static struct request *current;
static bool yes = true;

struct request *begin_request(void)
{
	talloc_free(current);
	db_between_requests(test_db);
	current = request_new(NULL, NULL);
	current->db = test_db;
	return current;
}

void other(const char *sql)
{
	PGresult *result = PQexec(watcher, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
		print_error("%s: %s", sql, PQerrorMessage(watcher));
		assert_true(false);
	}
	PQclear(result);
}

int64_t things(void)
{
	PGresult *result = PQexec(watcher, "select count(*) from things");
	int64_t count = atoll(PQgetvalue(result, 0, 0));

	PQclear(result);
	return count;
}

int fresh(void **state)
{
	(void)state;
	if (PQstatus(watcher) == CONNECTION_BAD)
		PQreset(watcher);
	other("truncate things, children; drop table if exists wide; create table wide (a int); insert into wide values (1)");
	return 0;
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

static int insert_two(struct request *req, void *arg)
{
	struct db_rows *rows;

	db_later(req, "later failed", STMT(INSERT_THING), DB_ARGS(db_string("first")));
	if (db_fetch(req, STMT(INSERT_THING_TWO), DB_ARGS(db_string("second")), &rows) < 0)
		return -1;
	/* seen by the transaction, by nobody else */
	assert_int_equal(things(), 0);
	db_later(req, "later failed", STMT(INSERT_THING), DB_ARGS(db_string("third")));
	return arg ? fail(req, 422, "no", "no") : 0;
}

static void a_transaction_commits_on_0_with_all_that_was_queued(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, insert_two, NULL), 0);
	assert_int_equal(things(), 3);
	assert_false(db_in_transaction(test_db));
}

static void a_transaction_rolls_back_on_failure(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, insert_two, &yes), -1);
	assert_int_equal(things(), 0);
	assert_int_equal(req->failure.status, 422);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static int queue_a_bad_one(struct request *req, void *arg)
{
	struct db_rows *rows;

	db_later(req, "the good one failed", STMT(INSERT_THING), DB_ARGS(db_string("good")));
	db_later(req, "Database error of the bad one", STMT(INSERT_THING), DB_ARGS(db_string("taboo")));
	db_later(req, "the one after it failed", STMT(INSERT_THING), DB_ARGS(db_string("after")));
	return arg ? db_fetch(req, STMT(ONE), DB_NO_ARGS, &rows) : 0;
}

static void the_first_failing_statement_names_the_failure(void **state)
{
	(void)state;
	for (int waits = 0; waits < 2; waits++) {
		struct request *req = begin_request();

		assert_int_equal(db_transaction(req, queue_a_bad_one, waits ? &yes : NULL), -1);
		assert_int_equal(req->failure.kind, FAILURE_HTTP);
		assert_int_equal(req->failure.status, 500);
		assert_string_equal(req->failure.code, "unexpected_failure");
		assert_string_equal(req->failure.message, "Database error of the bad one");
		assert_true(failure_is_sqlstate(req, "23514"));
		assert_string_equal(req->failure.db->constraint, "no_taboo");
		assert_int_equal(things(), 0);
	}
}

static int keep(struct request *req, void *arg)
{
	(void)arg;
	db_later(req, NULL, STMT(INSERT_THING), DB_ARGS(db_string("kept")));
	return fail_keeping(req, 400, "refresh_token_already_used", "used");
}

static void a_keeping_failure_commits_and_is_reported(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, keep, NULL), -1);
	assert_int_equal(things(), 1);
	assert_string_equal(req->failure.code, "refresh_token_already_used");
}

static int keep_a_bad_one(struct request *req, void *arg)
{
	(void)arg;
	db_later(req, "not kept", STMT(INSERT_THING), DB_ARGS(db_string("taboo")));
	return fail_keeping(req, 400, "refresh_token_already_used", "used");
}

static void a_keeping_failure_whose_commit_fails_is_that_failure(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, keep_a_bad_one, NULL), -1);
	assert_string_equal(req->failure.message, "not kept");
	assert_false(req->failure.commits);
	assert_int_equal(things(), 0);
}

static int outer(struct request *req, void *arg)
{
	if (db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("outer"))) < 0)
		return -1;
	/* what the inner one says is swallowed */
	if (db_transaction(req, queue_a_bad_one, &yes) < 0)
		failure_clear(req);
	(void)arg;
	return 0;
}

static void a_nested_transaction_is_part_of_the_outer_one(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, outer, NULL), -1);
	assert_true(failed(req));
	assert_int_equal(things(), 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static int nothing(struct request *req, void *arg)
{
	(void)req;
	*(bool *)arg = db_in_transaction(req->db);
	return 0;
}

static void a_transaction_without_statements_sends_nothing(void **state)
{
	struct request *req = begin_request();
	bool in = false;

	(void)state;
	db_close(test_db);
	assert_int_equal(db_transaction(req, nothing, &in), 0);
	assert_true(in);
	assert_null(test_db->conn);
}

static int insert_orphan(struct request *req, void *arg)
{
	(void)arg;
	return db_execute(req, STMT(DEFERRED), DB_ARGS(db_int8(999)));
}

static void what_fails_only_at_the_commit_is_a_failure(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, insert_orphan, NULL), -1);
	assert_true(failure_is_sqlstate(req, "23503"));
	req = begin_request();
	assert_int_equal(insert_orphan(req, NULL), -1);
	assert_true(failure_is_sqlstate(req, "23503"));
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static void later_outside_a_transaction_is_run_at_once(void **state)
{
	(void)state;
	db_later(begin_request(), NULL, STMT(INSERT_THING), DB_ARGS(db_string("now")));
	assert_int_equal(things(), 1);
}

/* ---- acts before COMMIT -------------------------------------------------------------------------------------------------- */

struct last_act {
	int rows_seen, calls, told;
	bool refuses, committed, before_it;
};

static int act(struct request *req, void *arg)
{
	struct last_act *last = arg;
	struct db_rows *rows;

	last->calls++;
	if (db_fetch(req, STMT(COUNT_THINGS), DB_NO_ARGS, &rows) < 0)
		return -1;
	last->rows_seen = (int)db_get_int(rows, 0, 0);
	last->before_it = things() == 0;
	db_later(req, NULL, STMT(INSERT_THING), DB_ARGS(db_string("by the act")));
	return last->refuses ? fail_server(req, "refused by the act") : 0;
}

static void ended(struct request *req, bool committed, void *arg)
{
	struct last_act *last = arg;

	(void)req;
	last->told++;
	last->committed = committed;
}

static int insert_and_act(struct request *req, void *arg)
{
	struct last_act *acts = arg;

	db_before_commit(req, act, ended, &acts[0]);
	db_later(req, NULL, STMT(INSERT_THING), DB_ARGS(db_string("before")));
	db_before_commit(req, act, ended, &acts[1]);
	return 0;
}

static void an_act_runs_after_all_that_was_queued_and_before_the_commit(void **state)
{
	struct last_act acts[2] = {0};

	(void)state;
	assert_int_equal(db_transaction(begin_request(), insert_and_act, acts), 0);
	assert_int_equal(acts[0].rows_seen, 1);
	assert_int_equal(acts[1].rows_seen, 2);
	assert_true(acts[1].before_it);
	assert_true(acts[0].committed && acts[1].committed);
	assert_int_equal(things(), 3);
	/* nothing of it is remembered */
	assert_int_equal(db_execute(begin_request(), STMT(DELETE_THINGS), DB_NO_ARGS), 0);
	assert_int_equal(db_transaction(begin_request(), insert_two, NULL), 0);
	assert_int_equal(acts[0].calls, 1);
}

static void an_act_that_refuses_undoes_the_transaction(void **state)
{
	struct last_act acts[2] = {{.refuses = true}};
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_transaction(req, insert_and_act, acts), -1);
	assert_string_equal(req->failure.message, "refused by the act");
	assert_int_equal(things(), 0);
	assert_int_equal(acts[0].told, 1);
	assert_false(acts[0].committed);
	assert_int_equal(acts[1].calls + acts[1].told, 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static int bad_one_and_act(struct request *req, void *arg)
{
	db_before_commit(req, act, ended, arg);
	return queue_a_bad_one(req, NULL);
}

static void no_act_runs_where_a_queued_statement_has_failed(void **state)
{
	struct last_act last = {0};

	(void)state;
	assert_int_equal(db_transaction(begin_request(), bad_one_and_act, &last), -1);
	assert_int_equal(last.calls + last.told, 0);
}

static int orphan_and_act(struct request *req, void *arg)
{
	db_before_commit(req, act, ended, arg);
	return insert_orphan(req, NULL);
}

static void an_act_is_told_where_the_commit_fails(void **state)
{
	struct last_act last = {.committed = true};

	(void)state;
	assert_int_equal(db_transaction(begin_request(), orphan_and_act, &last), -1);
	assert_int_equal(last.calls, 1);
	assert_int_equal(last.told, 1);
	assert_false(last.committed);
}

/* ---- plans that no longer fit ------------------------------------------------------------------------------------------ */

static int star(struct request *req, void *arg)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT(STAR), DB_NO_ARGS, &rows) < 0)
		return -1;
	*(int *)arg = PQnfields(rows->result);
	return 0;
}

static void a_table_changed_under_a_prepared_statement_is_no_failure(void **state)
{
	int columns;

	(void)state;
	assert_int_equal(star(begin_request(), &columns), 0);
	assert_int_equal(columns, 1);
	other("alter table wide add column b text");
	assert_int_equal(star(begin_request(), &columns), 0);
	assert_int_equal(columns, 2);
	other("alter table wide add column c text");
	assert_int_equal(db_transaction(begin_request(), star, &columns), 0);
	assert_int_equal(columns, 3);
	other("alter table wide drop column c");
	assert_int_equal(star(begin_request(), &columns), 0);
	assert_int_equal(columns, 2);
}

static int insert_then_star(struct request *req, void *arg)
{
	return db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("x"))) < 0 ? -1 : star(req, arg);
}

static void in_the_midst_of_a_transaction_it_fails_once(void **state)
{
	int columns;

	(void)state;
	if (getenv("TEST_UNPREPARED"))
		skip(); /* there is no plan to be stale */
	assert_int_equal(star(begin_request(), &columns), 0);
	other("alter table wide add column b text");
	assert_int_equal(db_transaction(begin_request(), insert_then_star, &columns), -1);
	assert_int_equal(things(), 0);
	assert_int_equal(db_transaction(begin_request(), insert_then_star, &columns), 0);
	assert_int_equal(things(), 1);
}

static void a_prepared_statement_that_is_gone_is_made_again(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	(void)state;
	assert_int_equal(db_execute(req, STMT(ONE), DB_NO_ARGS), 0);
	assert_int_equal(db_fetch_text(req, "deallocate all", DB_NO_ARGS, &rows), 0);
	assert_int_equal(db_execute(begin_request(), STMT(ONE), DB_NO_ARGS), 0);
}

static int set_up(void **state)
{
	const char *url = getenv("TEST_DATABASE_URL"), *unprepared = getenv("TEST_UNPREPARED");

	(void)state;
	watcher = PQconnectdb(getenv("TEST_WATCHER_URL"));
	test_db = db_new(NULL, url, !unprepared || strcmp(unprepared, "url") == 0, NULL);
	if (PQstatus(watcher) != CONNECTION_OK)
		print_error("%s\n", PQerrorMessage(watcher));
	return PQstatus(watcher) == CONNECTION_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	talloc_free(current);
	talloc_free(test_db);
	PQfinish(watcher);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest transaction_tests[] = {
		FRESH_TEST(a_transaction_commits_on_0_with_all_that_was_queued),
		FRESH_TEST(a_transaction_rolls_back_on_failure),
		FRESH_TEST(the_first_failing_statement_names_the_failure),
		FRESH_TEST(a_keeping_failure_commits_and_is_reported),
		FRESH_TEST(a_keeping_failure_whose_commit_fails_is_that_failure),
		FRESH_TEST(a_nested_transaction_is_part_of_the_outer_one),
		FRESH_TEST(a_transaction_without_statements_sends_nothing),
		FRESH_TEST(what_fails_only_at_the_commit_is_a_failure),
		FRESH_TEST(later_outside_a_transaction_is_run_at_once),
		FRESH_TEST(an_act_runs_after_all_that_was_queued_and_before_the_commit),
		FRESH_TEST(an_act_that_refuses_undoes_the_transaction),
		FRESH_TEST(no_act_runs_where_a_queued_statement_has_failed),
		FRESH_TEST(an_act_is_told_where_the_commit_fails),
		FRESH_TEST(a_table_changed_under_a_prepared_statement_is_no_failure),
		FRESH_TEST(in_the_midst_of_a_transaction_it_fails_once),
		FRESH_TEST(a_prepared_statement_that_is_gone_is_made_again),
	};

	struct CMUnitTest tests[sizeof(transaction_tests) / sizeof(transaction_tests[0]) + 32];
	size_t count = sizeof(transaction_tests) / sizeof(transaction_tests[0]);

	if (!getenv("TEST_DATABASE_URL"))
		return 77; /* tests/db/run starts it */
	if (getenv("TEST_FAULTS"))
		return _cmocka_run_group_tests("faults", fault_tests, fault_test_count, set_up, tear_down);
	memcpy(tests, transaction_tests, sizeof(transaction_tests));
	memcpy(tests + count, row_tests, row_test_count * sizeof(tests[0]));
	return _cmocka_run_group_tests("tests", tests, count + row_test_count, set_up, tear_down);
}
