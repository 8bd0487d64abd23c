/* pipeline.c: sending statements without waiting, and reading all answers after one synchronisation. */
#include <string.h>

#include "db_int.h"
#include "latchkey/settings.h"

static const char *const own_sql[] = {"begin isolation level read committed", "commit", "rollback"};

static const char *sql_of(const struct db_call *call)
{
	if (call->statement < STATEMENTS)
		return statement_table[call->statement].sql;
	return call->sql ? call->sql : own_sql[call->statement - STATEMENTS];
}

static void push(struct db *db, struct db_entry entry)
{
	if (db->queued == db->room) {
		db->room = db->room ? db->room * 2 : 16;
		db->entries = must(talloc_realloc(db, db->entries, struct db_entry, (unsigned)db->room));
	}
	db->entries[db->queued++] = entry;
}

static bool prepares(const struct db *db, const struct db_call *call)
{
	return db->prepare && !db->target->unprepared && call->statement < DB_TEXT_STATEMENT;
}

static bool send_prepare(struct db *db, const struct db_call *call)
{
	if (db->prepared[call->statement] != DB_UNPREPARED)
		return true;
	if (!PQsendPrepare(db->conn, db_statement_name(call->statement), sql_of(call), 0, NULL))
		return false;
	db->prepared[call->statement] = DB_PREPARING;
	push(db, (struct db_entry){.is_prepare = true, .statement = call->statement, .message = call->message});
	return true;
}

static bool send_run(struct db *db, const struct db_call *call)
{
	const char *values[DB_PARAMS_MAX];
	int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX], sent;

	db_bind(db, call->args, call->count, values, lengths, formats);
	if (prepares(db, call))
		sent = send_prepare(db, call) &&
		       PQsendQueryPrepared(db->conn, db_statement_name(call->statement), (int)call->count, values, lengths, formats, 1);
	else
		sent = PQsendQueryParams(db->conn, sql_of(call), (int)call->count, NULL, values, lengths, formats, 1);
	if (sent)
		push(db, (struct db_entry){.statement = call->statement, .message = call->message, .rows = call->rows});
	return sent;
}

static int lost(struct request *req, struct db *db)
{
	db_fail_away(req, format(req, "the database connection was lost: %s", db->conn ? PQerrorMessage(db->conn) : ""));
	db_drop(db);
	return -1;
}

/* GOTRUE_LOG_SQL (contract 02 section 7.5): the statement's text, its values never. */
static void say_statement(const struct request *req, const struct db_call *call)
{
	const char *wanted = req->settings ? req->settings->log.sql : NULL;

	if (log_enabled(LOG_DEBUG) && wanted && (strcmp(wanted, "all") == 0 || strcmp(wanted, "statement") == 0))
		log_to(LOG_DEBUG, "sql", log_text("statement", sql_of(call)), log_bytes("request_id", req->id));
}

int db_send(struct request *req, struct db *db, const struct db_call *call)
{
	if (db_connected(req, db) < 0)
		return -1;
	say_statement(req, call);
	if (db->depth > 0 && !db->begun && call->statement != DB_BEGIN && call->statement != DB_SETTLE) {
		if (!send_run(db, &(struct db_call){.statement = DB_BEGIN}))
			return lost(req, db);
		db->begun = true;
	}
	return send_run(db, call) ? 0 : lost(req, db);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

struct drain {
	struct request *req;
	struct db *db;
	bool failed, away;
};

/* False: the connection is of no more use. *result may be NULL. */
static bool next_result(struct drain *drain, PGresult **result)
{
	switch (db_wait_result(drain->db, drain->req->deadline)) {
	case DB_READY_TIMEOUT:
		db_cancel(drain->db);
		db_drop(drain->db);
		db_fail_deadline(drain->req);
		return false;
	case DB_READY_LOST:
	case DB_READY:
		break;
	}
	*result = PQgetResult(drain->db->conn);
	return true;
}

static void note_failure(struct drain *drain, const PGresult *result, const struct db_entry *entry)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(drain->db->conn) == CONNECTION_BAD || (sqlstate && db_is_away(sqlstate)))
		drain->away = true;
	if (drain->failed && !drain->away)
		return;
	drain->failed = true;
	db_fail_result(drain->req, drain->db, result, entry ? entry->statement : -1, entry ? entry->message : NULL);
}

static void take_result(struct drain *drain, const struct db_entry *entry, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (entry->is_prepare)
		drain->db->prepared[entry->statement] = good ? DB_PREPARED : DB_UNPREPARED;
	if (good && entry->rows) {
		*entry->rows = db_rows_new(drain->req, result);
		return;
	}
	/* an aborted one follows the failed one that is told already */
	if (!good && status != PGRES_PIPELINE_ABORTED)
		note_failure(drain, result, entry);
	PQclear(result);
}

/* One result and the NULL behind it; a result that comes in parts does not occur outside single-row mode. */
static bool read_entry(struct drain *drain, const struct db_entry *entry)
{
	PGresult *result;

	if (!next_result(drain, &result))
		return false;
	while (result) {
		take_result(drain, entry, result);
		if (PQstatus(drain->db->conn) == CONNECTION_BAD || !next_result(drain, &result))
			return false;
	}
	return true;
}

/* Deferred constraints fail here, where the statements were no transaction of ours. */
static bool read_sync(struct drain *drain)
{
	PGresult *result;

	for (;;) {
		if (!next_result(drain, &result))
			return false;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			return true;
		}
		if (result && PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
			note_failure(drain, result, NULL);
		PQclear(result);
		if (PQstatus(drain->db->conn) == CONNECTION_BAD)
			return false;
	}
}

static bool read_all(struct drain *drain)
{
	for (size_t i = 0; i < drain->db->queued; i++)
		if (!read_entry(drain, &drain->db->entries[i]))
			return false;
	return read_sync(drain);
}

int db_drain(struct request *req, struct db *db)
{
	struct drain drain = {.req = req, .db = db};

	if (db_connected(req, db) < 0)
		return -1;
	if (!PQpipelineSync(db->conn))
		return lost(req, db);
	if (!read_all(&drain) && !drain.failed && db->conn)
		return lost(req, db);
	db->queued = 0;
	db->used_at = monotonic_now();
	if (drain.away || (db->conn && PQstatus(db->conn) == CONNECTION_BAD))
		db_drop(db);
	return drain.failed || !db->conn ? -1 : 0;
}
