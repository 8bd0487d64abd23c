/* admin_audit.c: GET /admin/audit (contract 05 section 12.4). */
#include "cgi-src/api/accounts.h"

#define MEMBERS_MAX 2

static const struct scope {
	const char *name;
	const char *members[MEMBERS_MAX]; /* of the payload */
} scopes[] = {
	{"author", {"actor_username", "actor_name"}},
	{"action", {"action"}},
	{"type", {"log_type"}},
};

/* What is searched for; text empty: everything. */
struct search {
	struct text names[MEMBERS_MAX], text;
	struct text_list members;
};

static int parse_search(struct request *req, struct search *search)
{
	struct text query = http_query(req, "query"), name;

	if (text_is_empty(query))
		return 0;
	if (text_cut(query, ':', &name, &search->text))
		for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
			if (!text_is(name, scopes[i].name))
				continue;
			search->members = (struct text_list){search->names, 0, true};
			for (size_t j = 0; j < MEMBERS_MAX && scopes[i].members[j]; j++)
				search->names[search->members.count++] = text_of(scopes[i].members[j]);
			return 0;
		}
	return fail(req, 400, "validation_failed", "Invalid query scope: %.*s", (int)query.len, query.data);
}

static int fetch(struct request *req, const struct search *search, const struct page *page, struct db_query queries[2])
{
	struct db_value limit = db_int8(page->limit), offset = db_int8(page->offset), text = db_text(search->text);
	struct db_value plain[] = {limit, offset}, found[] = {db_text_array(req, &search->members), text, limit, offset};

	queries[0] = (struct db_query){STMT_AUDIT_PAGE, plain, 2, NULL};
	queries[1] = (struct db_query){STMT_AUDIT_COUNT, NULL, 0, NULL};
	if (!text_is_empty(search->text)) {
		queries[0] = (struct db_query){STMT_AUDIT_SEARCH_PAGE, found, 4, NULL};
		queries[1] = (struct db_query){STMT_AUDIT_SEARCH_COUNT, found, 2, NULL};
	}
	return db_fetch_all(req, queries, 2) < 0 ? fail_server(req, "Error searching for audit logs") : 0;
}

static void write_entry(struct json_writer *out, struct request *req, const struct db_rows *rows, int row)
{
	struct uuid id = db_get_uuid(rows, row, 0);

	json_open_object(out);
	json_member_uuid(out, "id", &id);
	json_member_raw(out, "payload", json_canonical_text(req, db_get_text(rows, row, 1)));
	json_member_moment(out, "created_at", db_get_moment(rows, row, 2));
	json_member_text(out, "ip_address", db_get_text(rows, row, 3));
	json_close_object(out);
}

int api_admin_audit(struct request *req)
{
	struct search search = {0};
	struct db_query queries[2];
	struct page page;
	struct json_writer out;

	if (page_parse(req, &page) < 0 || parse_search(req, &search) < 0 || fetch(req, &search, &page, queries) < 0)
		return -1;
	page_headers(req, &page, db_get_int(queries[1].rows, 0, 0));
	out = http_reply(req, 200);
	json_open_array(&out);
	for (int i = 0; i < db_row_count(queries[0].rows); i++)
		write_entry(&out, req, queries[0].rows, i);
	json_close_array(&out);
	return 0;
}
