/* db.c: database URLs (contract 03 sections 2.2 and 16.1) and the forms of parameters, without a server. */
#include <stdlib.h>

#include "tests/unit/test.h"

#include "cgi-src/db/db_int.h"

static const char *keyword(const struct db_target *target, const char *name)
{
	for (size_t i = 0; target->keywords[i]; i++)
		if (strcmp(target->keywords[i], name) == 0)
			return target->values[i];
	return "(not there)";
}

static struct db_target *parse(TALLOC_CTX *mem, const char *url)
{
	const char *error = NULL;
	struct db_target *target = db_target_parse(mem, url, NULL, &error);

	assert_null(error);
	assert_non_null(target);
	return target;
}

static void what_libpq_knows_is_passed_on(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct db_target *target =
		parse(mem, "postgres://me:s%40fe@h1:5433,h2/data?sslmode=require&target_session_attrs=read-write&connect_timeout=3");

	(void)state;
	assert_string_equal(keyword(target, "user"), "me");
	assert_string_equal(keyword(target, "password"), "s@fe");
	assert_string_equal(keyword(target, "host"), "h1,h2");
	assert_string_equal(keyword(target, "port"), "5433,");
	assert_string_equal(keyword(target, "dbname"), "data");
	assert_string_equal(keyword(target, "sslmode"), "require");
	assert_string_equal(keyword(target, "target_session_attrs"), "read-write");
	assert_string_equal(keyword(target, "client_encoding"), "UTF8");
	assert_string_equal(keyword(target, "options"), "(not there)");
	assert_int_equal(target->connect_timeout, 3 * SECOND);
	assert_false(target->unprepared);
	talloc_free(mem);
}

static void everything_else_becomes_a_run_time_parameter(void **state)
{
	static const char *const cases[][2] = {
		{"postgres://u@h/d?search_path=auth", "-c search_path=auth"},
		{"postgres://u@h/d?search_path=auth,%20public", "-c search_path=auth,\\ public"},
		{"postgres://u@h/d?search_path=a+b", "-c search_path=a\\ b"},
		{"postgres://u@h/d?statement_timeout=5000&search_path=auth", "-c statement_timeout=5000 -c search_path=auth"},
		{"postgres://u@h/d?options=-c%20k%3Dv&search_path=auth", "-c k=v -c search_path=auth"},
		{"postgres://u@h/d?app.x=a%5Cb", "-c app.x=a\\\\b"},
		{"postgres://u@h/d?search_path=auth&search_path=other", "-c search_path=auth"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(keyword(parse(mem, cases[i][0]), "options"), cases[i][1]);
	talloc_free(mem);
}

static void what_only_the_client_reads_is_consumed(void **state)
{
	static const struct {
		const char *query;
		bool unprepared;
	} cases[] = {
		{"statement_cache_mode=describe", true}, {"statement_cache_mode=prepare", false}, {"prefer_simple_protocol=true", true},
		{"prefer_simple_protocol=false", false}, {"statement_cache_capacity=10", false},  {"min_read_buffer_size=1&krbspn=x", false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_target *target = parse(mem, format(mem, "postgres://u@h/d?%s", cases[i].query));

		assert_int_equal(target->unprepared, cases[i].unprepared);
		assert_string_equal(keyword(target, "options"), "(not there)");
	}
	talloc_free(mem);
}

static void an_application_name_in_the_url_wins(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *error;
	struct db_target *target = db_target_parse(mem, "postgres://u@h/d?application_name=mine&application_name=second", "auth_migrations", &error);

	(void)state;
	assert_string_equal(keyword(target, "application_name"), "mine");
	target = db_target_parse(mem, "postgres://u@h/d", "auth_migrations", &error);
	assert_string_equal(keyword(target, "application_name"), "auth_migrations");
	talloc_free(mem);
}

static void a_host_in_the_query_and_database_are_taken(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct db_target *target = parse(mem, "postgres://u@/d?host=/run/pg&port=77&database=e");

	(void)state;
	assert_string_equal(keyword(target, "host"), "/run/pg");
	assert_string_equal(keyword(target, "port"), "77");
	assert_string_equal(keyword(target, "dbname"), "e");
	talloc_free(mem);
}

static void a_bad_url_is_told_without_its_words(void **state)
{
	static const char *const cases[] = {
		"",
		"host=h password=secret",
		"mysql://u:secret@h/d",
		"postgres://u:sec%zzret@h/d",
		"postgres://u:secret@[::1/d",
		"postgres://u:secret@h/d?search_path=%zz",
		"postgres://u:secret@h/d?search_path=a%00b",
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *error = NULL;

		assert_null(db_target_parse(mem, cases[i], NULL, &error));
		assert_non_null(error);
		assert_null(strstr(error, "sec"));
	}
	talloc_free(mem);
}

static void the_environment_gives_no_run_time_parameters(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	setenv("PGOPTIONS", "-c work_mem=1MB", 1);
	setenv("PGTZ", "Asia/Tokyo", 1);
	db_new(mem, "postgres://u@h/d", true, NULL);
	assert_null(getenv("PGOPTIONS"));
	assert_null(getenv("PGTZ"));
	talloc_free(mem);
}

/* ---- parameters ------------------------------------------------------------------------------------------------------ */

static struct db *db;
static const char *values[8];
static int lengths[8], formats[8];

static void binary_is(size_t at, const char *bytes, int len)
{
	assert_int_equal(formats[at], 1);
	assert_int_equal(lengths[at], len);
	assert_memory_equal(values[at], bytes, len);
}

static void numbers_and_ids_are_binary(void **state)
{
	struct uuid uuid = {.bytes = "0123456789abcdef"};
	struct db_value args[] = {db_int4(-2), db_int8(258), db_bool(true), db_double(1.5), db_uuid(&uuid), db_uuid(NULL)};

	(void)state;
	db_bind(db, args, 6, values, lengths, formats);
	binary_is(0, "\xff\xff\xff\xfe", 4);
	binary_is(1, "\0\0\0\0\0\0\1\2", 8);
	binary_is(2, "\1", 1);
	binary_is(3, "\x3f\xf8\0\0\0\0\0\0", 8);
	binary_is(4, "0123456789abcdef", 16);
	assert_null(values[5]);
}

/* 2000-01-01 is PostgreSQL's 0; a microsecond later is 1 */
static void moments_count_from_2000(void **state)
{
	moment at;
	struct db_value args[2];

	(void)state;
	assert_true(moment_parse(TEXT("2000-01-01T00:00:00.000001Z"), &at));
	args[0] = db_moment(at);
	args[1] = db_moment(MOMENT_NONE);
	db_bind(db, args, 2, values, lengths, formats);
	binary_is(0, "\0\0\0\0\0\0\0\1", 8);
	assert_null(values[1]);
}

static void text_goes_as_text_unless_it_holds_nul(void **state)
{
	struct db_value args[] = {db_text((struct text){"abcdef", 3}),
				  db_text((struct text){"a\0b", 3}),
				  db_text(TEXT_NONE),
				  db_string(NULL),
				  db_string_opt(""),
				  db_string("")};

	(void)state;
	db_bind(db, args, 6, values, lengths, formats);
	assert_int_equal(formats[0], 0);
	assert_string_equal(values[0], "abc");
	binary_is(1, "a\0b", 3);
	assert_string_equal(values[2], "");
	assert_null(values[3]);
	assert_null(values[4]);
	assert_string_equal(values[5], "");
}

static void arrays_have_their_header(void **state)
{
	struct text items[] = {TEXT("ab"), TEXT("")};
	struct text_list list = {items, 2, true}, none = {0};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct db_value args[] = {db_text_array(mem, &list), db_text_array(mem, &none)};

	(void)state;
	db_bind(db, args, 2, values, lengths, formats);
	binary_is(0,
		  "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\2"
		  "ab"
		  "\0\0\0\0",
		  30);
	binary_is(1, "\0\0\0\0\0\0\0\0\0\0\0\x19", 12);
	talloc_free(mem);
}

static void states_that_pass_are_told_from_others(void **state)
{
	(void)state;
	assert_true(db_is_away("08006"));
	assert_true(db_is_away("57P01"));
	assert_true(db_is_away("57P03"));
	assert_true(db_is_away("53300"));
	assert_false(db_is_away("57014"));
	assert_false(db_is_away("23505"));
	assert_false(db_is_away("40001"));
	assert_false(db_is_away(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_libpq_knows_is_passed_on),
		cmocka_unit_test(everything_else_becomes_a_run_time_parameter),
		cmocka_unit_test(what_only_the_client_reads_is_consumed),
		cmocka_unit_test(an_application_name_in_the_url_wins),
		cmocka_unit_test(a_host_in_the_query_and_database_are_taken),
		cmocka_unit_test(a_bad_url_is_told_without_its_words),
		cmocka_unit_test(the_environment_gives_no_run_time_parameters),
		cmocka_unit_test(numbers_and_ids_are_binary),
		cmocka_unit_test(moments_count_from_2000),
		cmocka_unit_test(text_goes_as_text_unless_it_holds_nul),
		cmocka_unit_test(arrays_have_their_header),
		cmocka_unit_test(states_that_pass_are_told_from_others),
	};

	int failed_tests;

	db = must(talloc_zero(NULL, struct db));
	failed_tests = cmocka_run_group_tests(tests, NULL, NULL);
	talloc_free(db);
	return failed_tests;
}
