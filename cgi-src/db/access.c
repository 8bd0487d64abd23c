/* access.c: does the role find the tables and see their rows? Says so loudly where it does not (contract 03 section 16.23). */
#include "db_int.h"

int db_check_access(struct request *req)
{
	struct db_rows *rows;
	struct log_field role, path;

	if (db_fetch(req, STMT_TABLE_ACCESS, DB_NO_ARGS, &rows) < 0)
		return -1;
	role = log_bytes("role", db_get_text(rows, 0, 3));
	path = log_bytes("search_path", db_get_text(rows, 0, 4));
	if (!db_get_bool(rows, 0, 0))
		log_to(LOG_ERROR, "the tables are not found: run `latchkey migrate`, or let the role's search_path lead to their schema", role, path);
	else if (!db_get_bool(rows, 0, 1))
		log_to(LOG_ERROR, "row level security hides every row from this role: connect as the owner of the tables, or give it BYPASSRLS", role,
		       path);
	else if (!db_get_bool(rows, 0, 2))
		log_to(LOG_ERROR, "the schema is older than this program: run `latchkey migrate`", role, path);
	else
		return 0;
	return fail_unexpected(req, "the tables cannot be used as they are");
}
