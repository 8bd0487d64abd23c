/* statements.h: the statements of the integration test; they take the first places of the program's own table. */
#ifndef LATCHKEY_TEST_STATEMENTS_H
#define LATCHKEY_TEST_STATEMENTS_H

#include "tests/unit/test.h"

#include "cgi-src/db/db_int.h"

enum test_statement {
	ONE,
	ECHO,
	ECHO_TEXT,
	NULLS,
	STAR,
	INSERT_THING,
	INSERT_THING_TWO,
	COUNT_THINGS,
	DELETE_THINGS,
	SLEEP,
	RAISE,
	DEFERRED,
	KILL_ME,
	LENGTH,
	BAD_UUID,
	TEST_STATEMENTS
};

#define STMT(which) ((enum statement)(which))

/* in faults.c */
extern const struct CMUnitTest fault_tests[];
extern const size_t fault_test_count;

extern struct db *test_db;
struct request *begin_request(void);
int64_t things(void);	     /* rows of table things, seen by a connection of its own */
void other(const char *sql); /* runs sql on that connection */

int fresh(void **state); /* before each test: empty tables */
/* clang-format off */
#define FRESH_TEST(name) {#name, name, fresh, NULL, NULL}
/* clang-format on */
extern const struct CMUnitTest row_tests[];
extern const size_t row_test_count;

#endif
