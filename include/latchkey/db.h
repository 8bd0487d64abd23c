/* db.h: the worker's one PostgreSQL connection: statements, typed rows, transactions (contract 03).
 *
 * Nothing above this room writes SQL: statements are named blocks in sql/statements/ and appear here as STMT_… . Values
 * travel as parameters only. Rows come back in binary and are read by type; SQL NULL reads as the type's empty value.
 *
 * Errors: a call that returns -1 has set the request's failure: 503 with Retry-After where the database is away, 504 where the
 * request's deadline passed (both final), else the generic 500 with db set to what the server said, for the caller to word. */
#ifndef LATCHKEY_DB_H
#define LATCHKEY_DB_H

#include "latchkey/request.h"
#include "latchkey/statements.h" /* made from sql/statements/ */

struct db;
struct settings;

/* No connection is made before the first statement. The URL's query may hold what libpq knows and run-time parameters (contract 03
 * section 2.2); one that cannot be read shows as a database that is away, with the reason in the cause. prepare false: statements are sent
 * unprepared (LATCHKEY_DB_PREPARE=off). application_name NULL: none of ours. */
struct db *db_new(TALLOC_CTX *mem, const char *url, bool prepare, const char *application_name);
void db_close(struct db *db); /* forgets the connection; the next statement makes a new one */
/* Lets a connection go that the server has closed, between requests. */
void db_between_requests(struct db *db);

/* ---- parameters --------------------------------------------------------------------------------------------------- */

struct db_value {
	enum { DB_NULL, DB_TEXT, DB_BINARY } kind;
	const char *data;
	size_t len;
	unsigned char inlined[40]; /* holds small values themselves */
};

struct db_value db_null(void);
struct db_value db_text(struct text text);
struct db_value db_string(const char *string);	      /* NULL is SQL NULL */
struct db_value db_string_opt(const char *string);    /* NULL and "" are SQL NULL */
struct db_value db_uuid(const struct uuid *uuid);     /* NULL is SQL NULL; for uuid columns */
struct db_value db_uuid_opt(const struct uuid *uuid); /* the nil UUID too */
struct db_value db_moment(moment at);		      /* for timestamptz and timestamp columns; MOMENT_NONE is SQL NULL */
struct db_value db_int4(int32_t number);
struct db_value db_int8(int64_t number);
struct db_value db_bool(bool truth);
struct db_value db_double(double number);
struct db_value db_bytes(struct text bytes);				      /* bytea */
struct db_value db_text_array(TALLOC_CTX *mem, const struct text_list *list); /* text[] */

#define DB_ARGS(...) ((const struct db_value[]){__VA_ARGS__}), sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, (size_t)0

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

struct db_rows; /* a child of the request */

int db_row_count(const struct db_rows *rows);
int64_t db_affected(const struct db_rows *rows);
bool db_is_null(const struct db_rows *rows, int row, int column);
struct text db_get_text(const struct db_rows *rows, int row, int column);   /* lives as long as rows; terminated; jsonb without its version byte */
const char *db_get_string(const struct db_rows *rows, int row, int column); /* "" for NULL */
struct uuid db_get_uuid(const struct db_rows *rows, int row, int column);   /* nil for NULL */
moment db_get_moment(const struct db_rows *rows, int row, int column);
int64_t db_get_int(const struct db_rows *rows, int row, int column); /* int2, int4, int8; 0 for NULL */
bool db_get_bool(const struct db_rows *rows, int row, int column);
struct text_list db_get_texts(TALLOC_CTX *mem, const struct db_rows *rows, int row, int column); /* text[] */

/* ---- running ----------------------------------------------------------------------------------------------------------- */

/* Runs a statement, and all that were queued before it, in one round trip; *rows is a child of req. */
int db_fetch(struct request *req, enum statement statement, const struct db_value *args, size_t count, struct db_rows **rows);
/* Runs a statement whose rows nobody needs. */
int db_execute(struct request *req, enum statement statement, const struct db_value *args, size_t count);
/* Queues a statement in the open transaction; it is sent with the next one that waits, or with the commit. Where it fails the
 * transaction fails with 500 unexpected_failure and this message (NULL: the generic 500). Values are copied. Outside a transaction it is
 * run at once. */
void db_later(struct request *req, const char *message, enum statement statement, const struct db_value *args, size_t count);
/* Several (16 at most) at once in one round trip: sends all, then gives the rows of each in order. */
struct db_query {
	enum statement statement;
	const struct db_value *args;
	size_t count;
	struct db_rows *rows; /* set on success */
};
int db_fetch_all(struct request *req, struct db_query *queries, size_t count);
/* SQL that is made at run time from validated names (hook functions only). */
int db_fetch_text(struct request *req, const char *sql, const struct db_value *args, size_t count, struct db_rows **rows);

/* How the statements of this connection are planned; NULL: as the server's settings have it, as is the case where they are not prepared. */
struct db_plans {
	const char *plan_cache_mode, *enable_seqscan, *jit;
};
struct db_plans db_own_plans(const struct db *db);

/* Runs body in one READ COMMITTED transaction: commits where it returns 0 or has failed with commits set, else rolls back
 * (contract 01 section 7.6). BEGIN and COMMIT travel with the statements beside them. Nested calls join the outer one. */
int db_transaction(struct request *req, int (*body)(struct request *req, void *arg), void *arg);
bool db_in_transaction(const struct db *db);
/* Has act called in the open transaction just before COMMIT, when all that was queued has succeeded; what it queues travels with the COMMIT.
 * -1, with a failure: the transaction is rolled back. Those of a transaction run in order; none is remembered after it. ended (NULL: nobody
 * asks) is told afterwards, for each act that was called, whether the transaction was committed. */
void db_before_commit(struct request *req, int (*act)(struct request *req, void *arg), void (*ended)(struct request *req, bool committed, void *arg),
		      void *arg);

/* Logs loudly where the role does not find the tables, sees no rows, or the schema is too old; -1 then, or as db_fetch. For the start. */
int db_check_access(struct request *req);

/* The four indexes of contract 02 section 8.6: made where ensure is set, or the planner expects no more than threshold users. Says all it does in
 * the log; waits for no one: another process that does the same is left to it. */
int db_ensure_user_indexes(struct request *req, const char *namespace_, bool ensure, int64_t threshold);

/* ---- migrations (contract 03 section 3) ---------------------------------------------------------------------------------- */

/* Applies what is missing in schema namespace, and what is missing in schema latchkey, under an advisory lock. *applied: how many of
 * the 70 now. check_only: nothing is written, what would be done is printed to standard output. -1: the failure's cause names step,
 * object and remedy. */
int db_migrate(struct request *req, const char *namespace_, bool check_only, int *applied);
int db_migrations_missing(struct request *req, const char *namespace_, int *missing); /* of both schemas */
/* Has pg_dump write the definitions (no rows) of schemas namespace and latchkey to a new file of this user's own; -1: the failure's cause says
 * why, and there is no file. */
int db_save_schemas(struct request *req, const char *namespace_, const char *path);

#endif
