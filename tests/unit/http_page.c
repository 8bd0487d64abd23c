/* http_page.c: pages, sorting and cursors of lists (contract 01 section 15). */
#include "tests/unit/http_fixture.h"

static TALLOC_CTX *mem;
static struct settings *settings;

static int begin(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	settings = fixture_settings(mem);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static const char *page_error(const char *target)
{
	struct request *req = fixture_request(mem, settings, "GET", target, NULL, NULL);
	struct page page;

	return page_parse(req, &page) < 0 ? req->failure.message : NULL;
}

static const char *links(const char *target, int64_t total)
{
	struct request *req = fixture_request(mem, settings, "GET", target, NULL, NULL);
	char digits[24];
	struct page page;

	assert_int_equal(page_parse(req, &page), 0);
	page_headers(req, &page, total);
	snprintf(digits, sizeof(digits), "%lld", (long long)total);
	assert_string_equal(fixture_header(req, "X-Total-Count", 0), digits);
	return fixture_header(req, "Link", 0);
}

static void pages(void **state)
{
	struct request *req = fixture_request(mem, settings, "GET", "/admin/users?page=3&per_page=20", NULL, NULL);
	struct page page;

	(void)state;
	assert_int_equal(page_parse(req, &page), 0);
	assert_int_equal(page.offset, 40);
	assert_int_equal(page.limit, 20);
	assert_string_equal(links("/admin/users", 0), "</admin/users?page=0>; rel=\"last\"");
	assert_string_equal(links("/admin/users/", 1), "</admin/users/?page=1>; rel=\"last\"");
	assert_string_equal(links("/admin/users?per_page=1", 3),
			    "</admin/users?page=2&per_page=1>; rel=\"next\", </admin/users?page=3&per_page=1>; rel=\"last\"");
	assert_string_equal(links("/admin/users?per_page=2", 3),
			    "</admin/users?page=2&per_page=2>; rel=\"next\", </admin/users?page=2&per_page=2>; rel=\"last\"");
	assert_string_equal(links("/admin/users?page=3&per_page=1", 3), "</admin/users?page=3&per_page=1>; rel=\"last\"");
	assert_string_equal(links("/admin/users?page=0&per_page=1", 3),
			    "</admin/users?page=1&per_page=1>; rel=\"next\", </admin/users?page=3&per_page=1>; rel=\"last\"");
	assert_string_equal(links("/admin/users?sort=created_at%20desc&z=&a=%C3%A4&a=1", 3),
			    "</admin/users?a=%C3%A4&a=1&page=1&sort=created_at+desc&z=>; rel=\"last\"");
}

static void pages_that_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"page=abc", "Bad Pagination Parameters: strconv.ParseUint: parsing \"abc\": invalid syntax"},
		{"page=-1", "Bad Pagination Parameters: strconv.ParseUint: parsing \"-1\": invalid syntax"},
		{"page=1.5", "Bad Pagination Parameters: strconv.ParseUint: parsing \"1.5\": invalid syntax"},
		{"page=%201", "Bad Pagination Parameters: strconv.ParseUint: parsing \" 1\": invalid syntax"},
		{"page=0x1", "Bad Pagination Parameters: strconv.ParseUint: parsing \"0x1\": invalid syntax"},
		{"page=18446744073709551616", "Bad Pagination Parameters: strconv.ParseUint: parsing \"18446744073709551616\": value out of range"},
		{"per_page=1_0", "Bad Pagination Parameters: strconv.ParseUint: parsing \"1_0\": invalid syntax"},
		{"per_page=%2B1", "Bad Pagination Parameters: strconv.ParseUint: parsing \"+1\": invalid syntax"},
		{"page=&per_page=", NULL},
		{"page=18446744073709551615&per_page=0", "Bad Pagination Parameters: per_page must be greater than 0"},
		{"page=18446744073709551615&per_page=2", "Bad Pagination Parameters: value out of range"},
		{"page=18446744073709551615&per_page=1", "Bad Pagination Parameters: value out of range"},
		{"page=9223372036854775808&per_page=1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *message = page_error(talloc_asprintf(mem, "/admin/users?%s", cases[i][0]));

		if (!cases[i][1] || !message)
			assert_ptr_equal(message, cases[i][1]);
		else
			assert_string_equal(message, cases[i][1]);
	}
}

static const char *const sortable[] = {"created_at", NULL};

static const char *sort_error(const char *sort, struct sort *first)
{
	struct request *req = fixture_request(mem, settings, "GET", talloc_asprintf(mem, "/admin/users%s", sort), NULL, NULL);
	struct sort sorts[3];
	size_t count;

	if (sort_parse(req, sortable, sorts, 3, &count) < 0)
		return req->failure.message;
	*first = sorts[0];
	return NULL;
}

static void sorting(void **state)
{
	struct sort sort;

	(void)state;
	assert_null(sort_error("", &sort));
	assert_string_equal(sort.field, "created_at");
	assert_false(sort.ascending);
	assert_null(sort_error("?sort=created_at%20ASC", &sort));
	assert_true(sort.ascending);
	assert_null(sort_error("?sort=created_at", &sort));
	assert_false(sort.ascending);
	assert_string_equal(sort_error("?sort=email", &sort), "Bad Sort Parameters: bad field for sort 'email'");
	assert_string_equal(sort_error("?sort=", &sort), "Bad Sort Parameters: bad field for sort ''");
	assert_string_equal(sort_error("?sort=created_at&sort=email", &sort), "Bad Sort Parameters: bad field for sort 'email'");
	assert_string_equal(sort_error("?sort=created_at%20up", &sort),
			    "Bad Sort Parameters: bad direction for sort 'up', only 'asc' and 'desc' allowed");
	assert_string_equal(sort_error("?sort=created_at%20", &sort),
			    "Bad Sort Parameters: bad direction for sort '', only 'asc' and 'desc' allowed");
}

static const char *cursor_error(const char *query, struct cursor *cursor)
{
	struct request *req = fixture_request(mem, settings, "GET", talloc_asprintf(mem, "/admin/users?%s", query), NULL, NULL);

	return cursor_parse(req, cursor) < 0 ? req->failure.message : NULL;
}

static void cursors(void **state)
{
	struct request *req = fixture_request(mem, settings, "GET", "/admin/users?limit=2&page=&cursor=old", NULL, NULL);
	struct cursor cursor;
	struct text next;
	struct uuid id;

	(void)state;
	assert_false(cursor_wanted(req));
	settings->experimental.cursor_pagination_enabled = true;
	assert_true(cursor_wanted(req));
	assert_true(uuid_parse(TEXT("10000001-0000-4000-8000-000000000000"), &id));
	next = cursor_text(req, 1704103200000000, &id);
	/* {"created_at":"2024-01-01T10:00:00Z","id":"10000001-0000-4000-8000-000000000000"} */
	assert_text(next, "eyJjcmVhdGVkX2F0IjoiMjAyNC0wMS0wMVQxMDowMDowMFoiLCJpZCI6IjEwMDAwMDAxLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9");
	cursor_headers(req, next);
	assert_string_equal(
		fixture_header(req, "Link", 0),
		"</admin/users?cursor=eyJjcmVhdGVkX2F0IjoiMjAyNC0wMS0wMVQxMDowMDowMFoiLCJpZCI6IjEwMDAwMDAxLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAw"
		"MDAwMCJ9&limit=2>; rel=\"next\"");
	assert_null(cursor_error(talloc_asprintf(mem, "limit=5000&cursor=%s", text_string(mem, next)), &cursor));
	assert_int_equal(cursor.limit, 1000);
	assert_true(cursor.set);
	assert_int_equal(cursor.created_at, 1704103200000000);
	assert_true(uuid_equal(&cursor.id, &id));
	assert_null(cursor_error("", &cursor));
	assert_int_equal(cursor.limit, 50);
	assert_false(cursor.set);
	assert_string_equal(cursor_error("limit=0", &cursor), "Bad Pagination Parameters: limit must be greater than 0");
	assert_string_equal(cursor_error("limit=abc", &cursor), "Bad Pagination Parameters: strconv.ParseUint: parsing \"abc\": invalid syntax");
	assert_non_null(strstr(cursor_error("cursor=%25%25", &cursor), "invalid cursor encoding: "));
	assert_non_null(strstr(cursor_error("cursor=AAAA", &cursor), "invalid cursor: "));
	assert_string_equal(cursor_error("cursor=e30", &cursor), "Bad Pagination Parameters: invalid cursor: missing id");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages),
		TEST(pages_that_are_refused),
		TEST(sorting),
		TEST(cursors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
