/* error.c: what the database's failures become (contract 03 section 9, 12 "database away"). */
#include <string.h>

#include "db_int.h"

/* The client may come again then; reconnecting takes less. */
#define RETRY_AFTER 1

static int fail_final(struct request *req, int status, const char *code, const char *message, const char *cause)
{
	struct failure *failure = &req->failure;

	if (failure->final)
		return -1;
	fail(req, status, code, "%s", message);
	failure->cause = cause;
	failure->db = NULL;
	failure->final = true;
	return -1;
}

int db_fail_away(struct request *req, const char *cause)
{
	fail_final(req, 503, "unexpected_failure", "The database is not reachable at the moment, please retry shortly.",
		   must(talloc_strdup(req, cause)));
	req->failure.retry_after = RETRY_AFTER;
	return -1;
}

int db_fail_deadline(struct request *req)
{
	return fail_final(req, 504, "request_timeout", "Processing this request timed out, please retry after a moment.",
			  "the request's time was over while it waited for the database");
}

/* Gone, going, starting, full, or a primary no more: another connection or another moment helps. */
bool db_is_away(const char *sqlstate)
{
	static const char *const states[] = {"53300", "57P01", "57P02", "57P03", "57P05", "25006"};

	if (strncmp(sqlstate, "08", 2) == 0)
		return true;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], sqlstate) == 0)
			return true;
	return false;
}

static const char *field(struct request *req, const PGresult *result, int code)
{
	const char *value = PQresultErrorField(result, code);

	return value ? must(talloc_strdup(req, value)) : NULL;
}

static const struct db_error *error_of(struct request *req, const PGresult *result, int statement)
{
	struct db_error *error = must(talloc_zero(req, struct db_error));
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *source = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

	error->statement = statement;
	error->raised = source && strcmp(source, "exec_stmt_raise") == 0;
	strncpy(error->sqlstate, sqlstate ? sqlstate : "", sizeof(error->sqlstate) - 1);
	error->message = field(req, result, PG_DIAG_MESSAGE_PRIMARY);
	error->detail = field(req, result, PG_DIAG_MESSAGE_DETAIL);
	error->hint = field(req, result, PG_DIAG_MESSAGE_HINT);
	error->constraint = field(req, result, PG_DIAG_CONSTRAINT_NAME);
	return error;
}

/* Messages of class 22 repeat the value that was refused. */
static const char *loggable(const struct db_error *error)
{
	if (strncmp(error->sqlstate, "22", 2) == 0)
		return "a value was refused";
	return error->message ? error->message : "no message";
}

int db_fail_result(struct request *req, const struct db *db, const PGresult *result, int statement, const char *message)
{
	const struct db_error *error = error_of(req, result, statement);
	const char *hint = "", *name = statement < 0 ? "at the end of the pipeline" : db_statement_name(statement);

	if (PQstatus(db->conn) == CONNECTION_BAD || db_is_away(error->sqlstate)) {
		const char *words = error->message ? error->message : PQerrorMessage(db->conn);

		return db_fail_away(req, format(req, "statement %s: %s %s", name, error->sqlstate, words));
	}
	if (strcmp(error->sqlstate, "26000") == 0 || strcmp(error->sqlstate, "42P05") == 0)
		hint = " (behind a transaction pooler set LATCHKEY_DB_PREPARE=off)";
	fail_unexpected(req, "statement %s: %s %s%s", name, error->sqlstate, loggable(error), hint);
	if (message && !req->failure.final) {
		const char *cause = req->failure.cause;

		fail_server(req, "%s", message);
		req->failure.cause = cause;
	}
	if (!req->failure.final)
		req->failure.db = error;
	return -1;
}

const char *db_statement_name(int statement)
{
	static const char *const own[] = {"begin", "commit", "rollback", "made at run time", "how statements are planned"};

	return statement < STATEMENTS ? statement_table[statement].name : own[statement - STATEMENTS];
}
