/* transaction.c: one READ COMMITTED transaction around a body; what commits, what rolls back (contract 03 section 8). */
#include <string.h>

#include "db_int.h"

static bool is_idle(const struct db *db)
{
	return !db->conn || (db->queued == 0 && PQtransactionStatus(db->conn) == PQTRANS_IDLE);
}

/* The request fails already, and stays so with the words it has. */
static void roll_back(struct request *req, struct db *db)
{
	struct failure before = req->failure;

	/* a queued statement that fails takes the first ROLLBACK with it */
	for (int i = 0; i < 2 && !is_idle(db); i++)
		if (db_send(req, db, &(struct db_call){.statement = DB_ROLLBACK}) == 0)
			db_drain(req, db);
	if (!is_idle(db))
		db_close(db);
	req->failure = before;
}

/* The server answers a COMMIT of a failed transaction with ROLLBACK. */
static int commit(struct request *req, struct db *db)
{
	struct db_rows *rows = NULL;

	if (db->broken)
		return db_fail_away(req, "the transaction's connection was lost");
	if (!db->begun)
		return 0;
	if (db_send(req, db, &(struct db_call){.statement = DB_COMMIT, .rows = &rows}) < 0 || db_drain(req, db) < 0)
		return -1;
	if (strcmp(PQcmdStatus(rows->result), "COMMIT") != 0)
		return fail_unexpected(req, "a statement of the transaction had failed: it was rolled back");
	talloc_free(rows);
	return 0;
}

/* Also where the request has failed and commits all the same: what was asked for belongs to what is kept. */
static int run_last_acts(struct request *req, struct db *db)
{
	if (db->last_act_count == 0)
		return 0;
	if (db->broken || (db->queued > 0 && db_drain(req, db) < 0))
		return db->broken ? db_fail_away(req, "the transaction's connection was lost") : -1;
	for (size_t i = 0; i < db->last_act_count; i++) {
		db->last_acts[i].called = true;
		if (db->last_acts[i].act(req, db->last_acts[i].arg) < 0)
			return -1;
	}
	return 0;
}

static int finish_acts(struct request *req, struct db *db, bool committed)
{
	for (size_t i = 0; i < db->last_act_count; i++)
		if (db->last_acts[i].called && db->last_acts[i].ended)
			db->last_acts[i].ended(req, committed, db->last_acts[i].arg);
	db->last_act_count = 0;
	return committed ? 0 : -1;
}

static int end(struct request *req, struct db *db, int result)
{
	bool commits = result == 0 || req->failure.commits;

	if (commits && run_last_acts(req, db) == 0 && commit(req, db) == 0) {
		finish_acts(req, db, true);
		return result;
	}
	roll_back(req, db);
	return finish_acts(req, db, false);
}

void db_before_commit(struct request *req, int (*act)(struct request *req, void *arg), void (*ended)(struct request *req, bool committed, void *arg),
		      void *arg)
{
	struct db *db = req->db;

	if (db->depth == 0 || db->last_act_count == DB_LAST_ACTS)
		die("db_before_commit: %s", db->depth == 0 ? "no transaction is open" : "too many");
	db->last_acts[db->last_act_count++] = (struct db_last_act){act, ended, arg, false};
}

int db_transaction(struct request *req, int (*body)(struct request *req, void *arg), void *arg)
{
	struct db *db = req->db;
	int result;

	if (db->depth > 0) {
		db->depth++;
		result = body(req, arg);
		db->depth--;
		return result;
	}
	db->depth = 1;
	result = end(req, db, body(req, arg));
	db->depth = 0;
	db->begun = db->broken = false;
	return result;
}

bool db_in_transaction(const struct db *db)
{
	return db->depth > 0;
}
