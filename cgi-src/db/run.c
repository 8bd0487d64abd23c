/* run.c: running statements: one, several at once, or later with the next. */
#include <string.h>

#include "db_int.h"

/* A prepared statement that no longer fits or is not there: tables were changed while we served (contract 03 section 16.15),
 * or a pooler gave another server connection. */
static bool plan_is_stale(const struct request *req, const struct db *db)
{
	return db->prepare && (failure_is_sqlstate(req, "0A000") || failure_is_sqlstate(req, "26000") || failure_is_sqlstate(req, "42P05"));
}

static int send_and_drain(struct request *req, struct db *db, const struct db_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (db_send(req, db, &calls[i]) < 0)
			return -1;
	return db_drain(req, db);
}

/* On a new connection everything is prepared anew. Only what nobody has seen an answer of is run again: nothing had been sent before
 * these calls, the failed transaction did nothing. */
static int run(struct request *req, const struct db_call *calls, size_t count)
{
	struct db *db = req->db;
	struct failure before = req->failure;
	bool first = db->queued == 0 && !db->begun;

	if (send_and_drain(req, db, calls, count) == 0)
		return 0;
	if (!plan_is_stale(req, db))
		return -1;
	db_close(db);
	if (!first) {
		db->broken = db->depth > 0;
		return -1;
	}
	req->failure = before;
	db->begun = false;
	return send_and_drain(req, db, calls, count);
}

int db_fetch(struct request *req, enum statement statement, const struct db_value *args, size_t count, struct db_rows **rows)
{
	return run(req, &(struct db_call){.statement = (int)statement, .args = args, .count = count, .rows = rows}, 1);
}

int db_execute(struct request *req, enum statement statement, const struct db_value *args, size_t count)
{
	return run(req, &(struct db_call){.statement = (int)statement, .args = args, .count = count}, 1);
}

int db_fetch_text(struct request *req, const char *sql, const struct db_value *args, size_t count, struct db_rows **rows)
{
	return run(req, &(struct db_call){.statement = DB_TEXT_STATEMENT, .sql = sql, .args = args, .count = count, .rows = rows}, 1);
}

void db_later(struct request *req, const char *message, enum statement statement, const struct db_value *args, size_t count)
{
	struct db_call call = {.statement = (int)statement, .args = args, .count = count, .message = message};

	/* libpq has copied the values when this returns; a lost connection shows at the next that waits */
	if (req->db->depth > 0)
		db_send(req, req->db, &call);
	else
		run(req, &call, 1);
}

int db_fetch_all(struct request *req, struct db_query *queries, size_t count)
{
	struct db_call calls[16];

	if (count > sizeof(calls) / sizeof(calls[0]))
		die("db_fetch_all takes %zu queries at once", sizeof(calls) / sizeof(calls[0]));
	for (size_t i = 0; i < count; i++)
		calls[i] = (struct db_call){
			.statement = (int)queries[i].statement,
			.args = queries[i].args,
			.count = queries[i].count,
			.rows = &queries[i].rows,
		};
	return run(req, calls, count);
}
