/* db_int.h: what the files of the db room share among themselves. */
#ifndef LATCHKEY_DB_INT_H
#define LATCHKEY_DB_INT_H

#include <libpq-fe.h>

#include "latchkey/db.h"

/* more than any statement has */
#define DB_PARAMS_MAX 96

/* Statements of the room's own, behind those of sql/statements/. DB_TEXT_STATEMENT: SQL made at run time, never prepared. */
enum { DB_BEGIN = STATEMENTS, DB_COMMIT, DB_ROLLBACK, DB_TEXT_STATEMENT, DB_SETTLE, DB_STATEMENTS = DB_TEXT_STATEMENT };

/* Where a connection goes, read from the URL (contract 03 sections 2.2 and 16.1). */
struct db_target {
	const char **keywords, **values; /* for PQconnectStartParams, ended by NULL */
	bool unprepared;		 /* the URL asks for it */
	duration connect_timeout;
};
/* NULL: *error says why, without a word of the URL. */
struct db_target *db_target_parse(TALLOC_CTX *mem, const char *url, const char *application_name, const char **error);

/* Of several hosts, one that did not answer in time goes last. */
void db_target_next_host(struct db_target *target);

struct db_call {
	int statement;	 /* enum statement or one of the room's own */
	const char *sql; /* DB_TEXT_STATEMENT only */
	const struct db_value *args;
	size_t count;
	const char *message;   /* for db_later */
	struct db_rows **rows; /* NULL: nobody needs them */
};

/* What has been sent and not been answered, in order. */
struct db_entry {
	bool is_prepare;
	int statement;
	const char *message;
	struct db_rows **rows;
};

enum db_prepared { DB_UNPREPARED, DB_PREPARING, DB_PREPARED };

/* What is to be called before COMMIT. */
struct db_last_act {
	int (*act)(struct request *req, void *arg);
	void (*ended)(struct request *req, bool committed, void *arg);
	void *arg;
	bool called;
};
#define DB_LAST_ACTS 8

struct db {
	const char *url, *application_name;
	bool prepare;
	struct db_target *target; /* NULL before the first connection */
	PGconn *conn;
	unsigned char prepared[DB_STATEMENTS]; /* enum db_prepared */

	struct db_entry *entries;
	size_t queued, room;

	int depth;   /* nested db_transaction calls */
	bool begun;  /* BEGIN has been sent in this transaction */
	bool broken; /* the transaction's connection was lost */
	struct db_last_act last_acts[DB_LAST_ACTS];
	size_t last_act_count;

	int64_t made_at, used_at; /* the connection's, monotonic */
	int64_t retry_at;	  /* monotonic; no connection is tried before */
	duration backoff;
	char *last_error;

	char *scratch; /* terminated copies of text values while they are sent */
	size_t scratch_size;
};

struct db_rows {
	PGresult *result;
};

/* connection.c */
int db_connected(struct request *req, struct db *db);
void db_drop(struct db *db); /* as db_close; an open transaction is broken by it */
enum db_ready { DB_READY, DB_READY_TIMEOUT, DB_READY_LOST };
/* Waits until PQgetResult does not block. */
enum db_ready db_wait_result(struct db *db, int64_t deadline);
void db_cancel(struct db *db); /* asks the server to stop what runs; does not wait */

/* pipeline.c */
int db_send(struct request *req, struct db *db, const struct db_call *call);
int db_drain(struct request *req, struct db *db); /* one synchronisation; reads all answers */

/* error.c */
int db_fail_away(struct request *req, const char *cause);
int db_fail_deadline(struct request *req);
/* Of a failed result; message NULL: the generic 500. */
int db_fail_result(struct request *req, const struct db *db, const PGresult *result, int statement, const char *message);
const char *db_statement_name(int statement);
bool db_is_away(const char *sqlstate);

/* value.c */
/* Fills libpq's three arrays; texts are copied, terminated, into db's scratch. */
void db_bind(struct db *db, const struct db_value *args, size_t count, const char **values, int *lengths, int *formats);

/* rows.c */
struct db_rows *db_rows_new(TALLOC_CTX *mem, PGresult *result); /* takes the result over */

/* migrate.c: steps made from sql/migrations/ */
struct migration_step {
	const char *version, *title, *sql;
};
extern const struct migration_step migration_steps[], migration_own_steps[]; /* ended by a NULL version */
/* db_migrate up to and with the step last (NULL: all); for tests of older states. */
int db_migrate_until(struct request *req, const char *namespace_, const char *last, bool check_only, int *applied);

#endif
