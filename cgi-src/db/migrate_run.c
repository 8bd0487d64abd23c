/* migrate_run.c: runs the statements of a migration, and says what to do where one fails. */
#include <string.h>

#include "migrate_int.h"

struct remedy {
	const char *sqlstates; /* five characters each, or a class of two and three dots */
	const char *words;
};

static const struct remedy remedies[] = {
	{"42501", "connect as the role that owns the objects of the schema, or make the role their owner (alter … owner to …)"},
	{"2BP01 0A000", "other objects depend on this one: drop or change them, migrate, and make them again"},
	{"23505", "rows repeat a value that must be unique: find and repair them, then migrate again"},
	{"23...", "rows break the constraint: find and repair them, then migrate again"},
	{"42P07 42710 42701 42723", "an object of this name was made by hand: rename it, then migrate again"},
	{"42P01 42703 42704 42883 3F000", "an object is missing that an earlier step had made: restore it, then migrate again"},
	{"55P03 57014 40P01 55006", "another session is in the way: end it, then migrate again"},
	{"25006", "the database is read-only: connect to the primary, or allow writes"},
	{"53...", "the server has run out of something: give it room, then migrate again"},
};

static const char *remedy_of(const char *sqlstate)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		for (const char *at = remedies[i].sqlstates; *at; at += at[5] ? 6 : 5)
			if (strncmp(at, sqlstate, at[2] == '.' ? 2 : 5) == 0)
				return remedies[i].words;
	return "correct the cause, then migrate again";
}

/* What the server names, or TEXT of nothing. */
static const char *object_of(struct request *req, const PGresult *result)
{
	static const struct {
		int field;
		const char *word;
	} parts[] = {
		{PG_DIAG_SCHEMA_NAME, "schema"},      {PG_DIAG_TABLE_NAME, "table"},	       {PG_DIAG_COLUMN_NAME, "column"},
		{PG_DIAG_DATATYPE_NAME, "data type"}, {PG_DIAG_CONSTRAINT_NAME, "constraint"},
	};
	struct buffer *buffer = buffer_new(req, 64);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *name = PQresultErrorField(result, parts[i].field);

		if (name)
			buffer_format(buffer, "%s%s %s", buffer->len ? ", " : "; object: ", parts[i].word, name);
	}
	return buffer->data;
}

/* The details of other classes can show rows. */
static const char *detail_of(const char *sqlstate, const PGresult *result)
{
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	bool harmless = strncmp(sqlstate, "2B", 2) == 0 || strncmp(sqlstate, "0A", 2) == 0 || strncmp(sqlstate, "42", 2) == 0;

	return detail && harmless ? detail : NULL;
}

static int fail_step(struct migration *migration, const struct migration_step *step, const PGresult *result)
{
	struct request *req = migration->req;
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE), *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail, *what = step ? format(req, "step %s (%s)", step->version, step->title) : "before the first step";

	if (!sqlstate || PQstatus(migration->db->conn) == CONNECTION_BAD)
		return db_fail_away(req, format(req, "%s: %s; migrate again when the server is back", what, PQerrorMessage(migration->db->conn)));
	detail = detail_of(sqlstate, result);
	return fail_unexpected(req, "%s: %s %s%s%s%s; %s", what, sqlstate, words ? words : "", detail ? ": " : "", detail ? detail : "",
			       object_of(req, result), remedy_of(sqlstate));
}

int migration_start(struct migration *migration)
{
	struct db *db = migration->db;

	if (db_connected(migration->req, db) < 0)
		return -1;
	if (db->queued > 0 || db->depth > 0 || !PQexitPipelineMode(db->conn))
		return fail_unexpected(migration->req, "a migration needs the connection for itself");
	return 0;
}

/* The next result, NULL at the end; -1: no answer in time. */
static int next(struct migration *migration, PGresult **result)
{
	if (db_wait_result(migration->db, migration->req->deadline) == DB_READY_TIMEOUT) {
		db_cancel(migration->db);
		return db_fail_deadline(migration->req);
	}
	*result = PQgetResult(migration->db->conn);
	return 0;
}

int migration_run(struct migration *migration, const struct migration_step *step, const char *sql, PGresult **result)
{
	PGresult *last = NULL, *one = NULL;
	int outcome = 0;

	if (!PQsendQuery(migration->db->conn, sql))
		return db_fail_away(migration->req, format(migration->req, "the connection was lost: %s", PQerrorMessage(migration->db->conn)));
	while ((outcome = next(migration, &one)) == 0 && one) {
		PQclear(last);
		last = one;
	}
	if (outcome == 0 && PQresultStatus(last) != PGRES_COMMAND_OK && PQresultStatus(last) != PGRES_TUPLES_OK)
		outcome = fail_step(migration, step, last);
	if (outcome == 0 && result)
		*result = last;
	else
		PQclear(last);
	return outcome;
}
