/* rows.c: values on their way to a real server and back. integration.c runs these. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/db/statements.h"

static void every_kind_of_value_comes_back(void **state)
{
	struct request *req = begin_request();
	struct uuid uuid = {.bytes = "0123456789abcdef"}, got;
	struct text items[] = {TEXT("a,\"b\""), TEXT(""), TEXT("\xc3\xa4")};
	struct text_list list = {items, 3, true}, back;
	moment at;
	struct db_rows *rows;

	(void)state;
	assert_true(moment_parse(TEXT("2024-02-29T12:34:56.789012Z"), &at));
	assert_int_equal(db_fetch(req, STMT(ECHO),
				  DB_ARGS(db_uuid(&uuid), db_moment(at), db_int4(-5), db_int8(INT64_C(-9000000000)), db_bool(true),
					  db_string("gr\xc3\xbc\xc3\x9f"), db_string("{\"a\":1}"), db_text_array(req, &list),
					  db_bytes((struct text){"\0\1\xff", 3}), db_string("-7"), db_double(1.5)),
				  &rows),
			 0);
	assert_int_equal(db_row_count(rows), 1);
	got = db_get_uuid(rows, 0, 0);
	assert_true(uuid_equal(&got, &uuid));
	assert_true(db_get_moment(rows, 0, 1) == at);
	assert_int_equal(db_get_int(rows, 0, 2), -5);
	assert_true(db_get_int(rows, 0, 3) == INT64_C(-9000000000));
	assert_true(db_get_bool(rows, 0, 4));
	assert_string_equal(db_get_string(rows, 0, 5), "gr\xc3\xbc\xc3\x9f");
	assert_string_equal(db_get_string(rows, 0, 6), "{\"a\": 1}");
	back = db_get_texts(req, rows, 0, 7);
	assert_int_equal(back.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(text_equal(back.items[i], items[i]));
	assert_true(text_equal(db_get_text(rows, 0, 8), (struct text){"\0\1\xff", 3}));
	assert_int_equal(db_get_int(rows, 0, 9), -7);
}

static void null_reads_as_the_empty_value(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;
	struct uuid uuid;

	(void)state;
	assert_int_equal(db_fetch(req, STMT(NULLS), DB_NO_ARGS, &rows), 0);
	uuid = db_get_uuid(rows, 0, 0);
	assert_true(uuid_is_nil(&uuid));
	assert_true(db_get_moment(rows, 0, 1) == MOMENT_NONE);
	assert_int_equal(db_get_int(rows, 0, 2), 0);
	assert_false(db_get_bool(rows, 0, 3));
	assert_string_equal(db_get_string(rows, 0, 4), "");
	assert_string_equal(db_get_string(rows, 0, 5), "");
	assert_int_equal(db_get_texts(req, rows, 0, 6).count, 0);
	assert_true(db_is_null(rows, 0, 4));
}

static void null_goes_in_as_null(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	(void)state;
	assert_int_equal(db_fetch(req, STMT(ECHO_TEXT), DB_ARGS(db_string(NULL)), &rows), 0);
	assert_true(db_is_null(rows, 0, 0));
}

static void a_text_with_nul_is_refused_and_not_cut_off(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	(void)state;
	assert_int_equal(db_fetch(req, STMT(ECHO_TEXT), DB_ARGS(db_text((struct text){"a\0b", 3})), &rows), -1);
	assert_true(failure_is_sqlstate(req, "22021"));
	assert_int_equal(req->failure.kind, FAILURE_UNEXPECTED);
}

static void a_refused_value_stays_out_of_the_cause(void **state)
{
	struct request *req = begin_request();

	(void)state;
	assert_int_equal(db_execute(req, STMT(BAD_UUID), DB_ARGS(db_string("secret-value"))), -1);
	assert_true(failure_is_sqlstate(req, "22P02"));
	assert_null(strstr(req->failure.cause, "secret-value"));
	assert_non_null(strstr(req->failure.cause, "bad_uuid"));
}

static void a_text_larger_than_all_buffers_goes_through(void **state)
{
	struct request *req = begin_request();
	size_t len = 8 * 1024 * 1024;
	char *large = talloc_size(req, len);
	struct db_rows *rows;

	(void)state;
	memset(large, 'x', len);
	assert_int_equal(db_fetch(req, STMT(LENGTH), DB_ARGS(db_text((struct text){large, len})), &rows), 0);
	assert_int_equal(db_get_int(rows, 0, 0), len);
}

static void what_the_server_says_is_kept(void **state)
{
	struct request *req = begin_request();
	const struct db_error *error;

	(void)state;
	assert_int_equal(db_execute(req, STMT(RAISE), DB_NO_ARGS), -1);
	error = req->failure.db;
	assert_string_equal(error->sqlstate, "PT418");
	assert_string_equal(error->message, "nope");
	assert_string_equal(error->detail, "the detail");
	assert_string_equal(error->hint, "the hint");
	assert_int_equal(req->failure.status, 500);
	assert_false(req->failure.final);
}

static void several_come_back_in_order(void **state)
{
	struct request *req = begin_request();
	struct db_query queries[3] = {
		{.statement = STMT(ONE)},
		{.statement = STMT(ECHO_TEXT), .args = (struct db_value[]){db_string("two")}, .count = 1},
		{.statement = STMT(ONE)},
	};

	(void)state;
	assert_int_equal(db_fetch_all(req, queries, 3), 0);
	assert_int_equal(db_get_int(queries[0].rows, 0, 0), 1);
	assert_string_equal(db_get_string(queries[1].rows, 0, 0), "two");
	assert_int_equal(db_get_int(queries[2].rows, 0, 0), 1);
}

static void text_made_at_run_time_is_run(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	(void)state;
	assert_int_equal(db_fetch_text(req, "select $1::int8 + 1", DB_ARGS(db_int8(41)), &rows), 0);
	assert_int_equal(db_get_int(rows, 0, 0), 42);
}

static void changed_rows_are_counted(void **state)
{
	struct request *req = begin_request();
	struct db_rows *rows;

	(void)state;
	db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("a")));
	db_execute(req, STMT(INSERT_THING), DB_ARGS(db_string("b")));
	assert_int_equal(db_fetch(req, STMT(DELETE_THINGS), DB_NO_ARGS, &rows), 0);
	assert_int_equal(db_affected(rows), 2);
}

const struct CMUnitTest row_tests[] = {
	FRESH_TEST(every_kind_of_value_comes_back),
	FRESH_TEST(null_reads_as_the_empty_value),
	FRESH_TEST(null_goes_in_as_null),
	FRESH_TEST(a_text_with_nul_is_refused_and_not_cut_off),
	FRESH_TEST(a_refused_value_stays_out_of_the_cause),
	FRESH_TEST(a_text_larger_than_all_buffers_goes_through),
	FRESH_TEST(what_the_server_says_is_kept),
	FRESH_TEST(several_come_back_in_order),
	FRESH_TEST(text_made_at_run_time_is_run),
	FRESH_TEST(changed_rows_are_counted),
};
const size_t row_test_count = sizeof(row_tests) / sizeof(row_tests[0]);
