/* admin_users_list.c: GET /admin/users (contract 05 section 10.1, 01 section 15). */
#include "cgi-src/api/accounts.h"

#define SORTS_MAX 8

struct listing {
	struct text aud, filter;
	bool oldest_first;
	struct db_rows *rows;
	int64_t total;
};

static void write_users(struct json_writer *out, struct request *req, const struct listing *listing, int count)
{
	struct user user;

	json_open_object(out);
	json_name(out, "users");
	json_open_array(out);
	for (int i = 0; i < count; i++) {
		user_from_plain_row(req, listing->rows, i, 0, &user);
		user_json(out, &user);
	}
	json_close_array(out);
	json_member_text(out, "aud", listing->aud);
}

/* ---- pages (15.1) ------------------------------------------------------------------------------------------------------------------- */

static int fetch_page(struct request *req, struct listing *listing, const struct page *page)
{
	struct db_value aud = db_text(listing->aud), filter = db_text(listing->filter), limit = db_int8(page->limit), offset = db_int8(page->offset);
	struct db_value plain[] = {aud, limit, offset}, search[] = {aud, filter, limit, offset};
	struct db_query page_query = {listing->oldest_first ? STMT_USERS_PAGE_OLDEST : STMT_USERS_PAGE_NEWEST, plain, 3, NULL};
	struct db_query count_query = {STMT_USERS_COUNT, plain, 1, NULL};
	struct db_query queries[] = {page_query, count_query};

	if (!text_is_empty(listing->filter)) {
		queries[0] = (struct db_query){listing->oldest_first ? STMT_USERS_SEARCH_OLDEST : STMT_USERS_SEARCH_NEWEST, search, 4, NULL};
		queries[1] = (struct db_query){STMT_USERS_SEARCH_COUNT, search, 2, NULL};
	}
	if (db_fetch_all(req, queries, 2) < 0)
		return fail_server(req, "Database error finding users");
	listing->rows = queries[0].rows;
	listing->total = db_get_int(queries[1].rows, 0, 0);
	return 0;
}

static int answer_page(struct request *req, struct listing *listing)
{
	struct page page;
	struct json_writer out;

	if (page_parse(req, &page) < 0 || fetch_page(req, listing, &page) < 0)
		return -1;
	page_headers(req, &page, listing->total);
	out = http_reply(req, 200);
	write_users(&out, req, listing, db_row_count(listing->rows));
	json_close_object(&out);
	return 0;
}

/* ---- cursors (15.2) ------------------------------------------------------------------------------------------------------------------- */

static int fetch_after(struct request *req, struct listing *listing, const struct cursor *cursor)
{
	enum statement statement = listing->oldest_first ? STMT_USERS_AFTER_OLDEST : STMT_USERS_AFTER_NEWEST;
	struct db_value at = cursor->set ? db_moment(cursor->created_at) : db_null(), id = cursor->set ? db_uuid(&cursor->id) : db_null();

	if (db_fetch(req, statement, DB_ARGS(db_text(listing->aud), db_text(listing->filter), db_int8(cursor->limit + 1), at, id), &listing->rows) <
	    0)
		return fail_server(req, "Database error finding users");
	return 0;
}

static struct text next_cursor(struct request *req, const struct listing *listing, int last)
{
	struct user user;

	user_from_plain_row(req, listing->rows, last, 0, &user);
	return cursor_text(req, user.created_at, &user.id);
}

static int answer_cursor(struct request *req, struct listing *listing)
{
	struct cursor cursor;
	struct text next = TEXT_NONE;
	struct json_writer out;
	int count;
	bool more;

	if (cursor_parse(req, &cursor) < 0 || fetch_after(req, listing, &cursor) < 0)
		return -1;
	count = db_row_count(listing->rows);
	more = count > cursor.limit;
	if (more) {
		count = (int)cursor.limit;
		next = next_cursor(req, listing, count - 1);
		cursor_headers(req, next);
	}
	out = http_reply(req, 200);
	write_users(&out, req, listing, count);
	json_name(&out, "pagination");
	json_open_object(&out);
	if (more)
		json_member_text(&out, "next_cursor", next);
	json_member_truth(&out, "has_more", more);
	json_close_object(&out);
	json_close_object(&out);
	return 0;
}

int api_admin_users_list(struct request *req)
{
	static const char *const fields[] = {"created_at", NULL};
	struct listing listing = {.aud = request_audience(req), .filter = http_query(req, "filter")};
	struct sort sorts[SORTS_MAX];
	size_t count = 0;

	if (sort_parse(req, fields, sorts, SORTS_MAX, &count) < 0)
		return -1;
	listing.oldest_first = count > 0 && sorts[0].ascending;
	return cursor_wanted(req) ? answer_cursor(req, &listing) : answer_page(req, &listing);
}
