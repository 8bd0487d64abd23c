/* connection.c: the worker's one connection: made when it is needed, given up when it is lost, tried again with back-off. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "latchkey/settings.h"

#define BACKOFF_FIRST (20 * MILLISECOND)
#define BACKOFF_MOST (320 * MILLISECOND)
#define SERVER_OLDEST 130000
#define IDLE_UNSUSPECTED (5 * MILLISECOND)

static int finish(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	return 0;
}

/* libpq takes these from the environment, the reference does not (contract 03 section 16.2). */
static void forget_environment(void)
{
	static const char *const names[] = {"PGOPTIONS", "PGTZ", "PGDATESTYLE", "PGGEQO", "PGCLIENTENCODING"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

struct db *db_new(TALLOC_CTX *mem, const char *url, bool prepare, const char *application_name)
{
	struct db *db = must(talloc_zero(mem, struct db));

	forget_environment();
	db->url = must(talloc_strdup(db, url));
	db->application_name = application_name ? must(talloc_strdup(db, application_name)) : NULL;
	db->prepare = prepare;
	talloc_set_destructor(db, finish);
	return db;
}

void db_close(struct db *db)
{
	finish(db);
	db->queued = 0;
	memset(db->prepared, DB_UNPREPARED, sizeof(db->prepared));
}

void db_drop(struct db *db)
{
	db_close(db);
	db->broken = db->depth > 0 && db->begun;
}

/* 1: ready, 0: the time is over. A closed or failed socket is ready. */
static int wait_socket(const PGconn *conn, short events, int64_t until)
{
	struct pollfd fd = {.fd = PQsocket(conn), .events = events};

	for (;;) {
		int64_t left = until ? until - monotonic_now() : INT64_MAX;
		int timeout = !until ? -1 : left <= 0 ? 0 : left >= HOUR ? (int)(HOUR / MILLISECOND) : (int)(left / MILLISECOND) + 1;
		int ready = poll(&fd, 1, timeout);

		if (ready > 0 || (ready < 0 && errno != EINTR && errno != EAGAIN))
			return 1;
		if (ready == 0 && until && monotonic_now() >= until)
			return 0;
	}
}

enum db_ready db_wait_result(struct db *db, int64_t deadline)
{
	while (PQisBusy(db->conn)) {
		int unsent = PQflush(db->conn);

		if (!wait_socket(db->conn, unsent > 0 ? POLLIN | POLLOUT : POLLIN, deadline))
			return DB_READY_TIMEOUT;
		if (!PQconsumeInput(db->conn))
			return DB_READY_LOST;
	}
	return DB_READY;
}

static void no_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* libpq's messages have several lines; they name host, user and database, never the password. */
static char *one_line(TALLOC_CTX *mem, const char *words)
{
	char *line = must(talloc_strdup(mem, words));
	size_t len = strlen(line);

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == ' '))
		line[--len] = '\0';
	for (char *at = line; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return line;
}

/* NULL, or why there is no connection. */
static const char *establish(struct db *db, int64_t until)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	db->conn = must(PQconnectStartParams(db->target->keywords, db->target->values, 0));
	PQsetNoticeReceiver(db->conn, no_notice, NULL);
	if (PQstatus(db->conn) == CONNECTION_BAD)
		return PQerrorMessage(db->conn);
	while (status != PGRES_POLLING_OK) {
		if (status == PGRES_POLLING_FAILED)
			return PQerrorMessage(db->conn);
		if (!wait_socket(db->conn, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
			return "no answer in time";
		status = PQconnectPoll(db->conn);
	}
	if (PQserverVersion(db->conn) < SERVER_OLDEST)
		return "the server is older than PostgreSQL 13";
	if (PQsetnonblocking(db->conn, 1) != 0 || !PQenterPipelineMode(db->conn))
		return PQerrorMessage(db->conn);
	return NULL;
}

static bool read_target(struct db *db)
{
	const char *error = NULL;

	if (!db->target)
		db->target = db_target_parse(db, db->url, db->application_name, &error);
	if (db->target)
		return true;
	talloc_free(db->last_error);
	db->last_error = must(talloc_strdup(db, error));
	return false;
}

static int fail_connect(struct request *req, struct db *db)
{
	return db_fail_away(req, format(req, "no database connection: %s", db->last_error));
}

static void back_off(struct db *db)
{
	db->backoff = db->backoff == 0 ? BACKOFF_FIRST : db->backoff * 2;
	if (db->backoff > BACKOFF_MOST)
		db->backoff = BACKOFF_MOST;
	db->retry_at = monotonic_now() + db->backoff;
}

/* Prepared statements look rows up by key: their plans are made once and by index, also where a table was tiny when they were made and has
 * grown (or is full of dead rows) since. Unprepared ones are planned each time.
 * A scan that cannot be avoided (a list of all users) seems so dear then that the server would compile it for most of a second: no JIT. */
struct db_plans db_own_plans(const struct db *db)
{
	if (!db->prepare || !db->target || db->target->unprepared)
		return (struct db_plans){NULL, NULL, NULL};
	return (struct db_plans){.plan_cache_mode = "force_generic_plan", .enable_seqscan = "off", .jit = "off"};
}

static int settle(struct request *req, struct db *db)
{
	static const char sql[] =
		"select set_config('plan_cache_mode', $1, false), set_config('enable_seqscan', $2, false), set_config('jit', $3, false)";
	struct db_plans own = db_own_plans(db);
	const struct db_value args[] = {db_string(own.plan_cache_mode), db_string(own.enable_seqscan), db_string(own.jit)};

	if (!own.plan_cache_mode)
		return 0;
	return db_send(req, db, &(struct db_call){.statement = DB_SETTLE, .sql = sql, .args = args, .count = 3}) < 0 ? -1 : db_drain(req, db);
}

static int connect_now(struct request *req, struct db *db)
{
	int64_t until = monotonic_now() + db->target->connect_timeout;
	const char *error;

	if (req->deadline && req->deadline < until)
		until = req->deadline;
	error = establish(db, until);
	if (!error) {
		db->backoff = 0;
		db->made_at = db->used_at = monotonic_now();
		return settle(req, db);
	}
	if (PQstatus(db->conn) != CONNECTION_BAD && PQsocket(db->conn) >= 0)
		db_target_next_host(db->target);
	talloc_free(db->last_error);
	db->last_error = one_line(db, error);
	db_close(db);
	back_off(db);
	return fail_connect(req, db);
}

/* What comes unasked is a notice, a changed parameter, or the end: its message first, then the closed socket. */
static bool still_there(const struct db *db)
{
	for (int i = 0; i < 3; i++) {
		struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};

		if (poll(&fd, 1, 0) <= 0)
			return true;
		if (!PQconsumeInput(db->conn) || PQstatus(db->conn) == CONNECTION_BAD)
			break;
	}
	return false;
}

static bool is_over(duration most, int64_t since, int64_t now)
{
	return most > 0 && now - since > most;
}

/* An idle connection of which the server, time or the operator's limits have made an end. */
static bool has_ended(const struct request *req, const struct db *db, int64_t now)
{
	if (db->queued > 0 || db->begun || now - db->used_at < IDLE_UNSUSPECTED)
		return false;
	if (req->settings &&
	    (is_over(req->settings->db.conn_max_lifetime, db->made_at, now) || is_over(req->settings->db.conn_max_idle_time, db->used_at, now)))
		return true;
	return !still_there(db);
}

int db_connected(struct request *req, struct db *db)
{
	int64_t now = monotonic_now();

	if (db->broken)
		return db_fail_away(req, "the transaction's connection was lost");
	if (req->deadline && now >= req->deadline) {
		if (db->conn && (db->queued > 0 || db->begun))
			db_drop(db);
		return db_fail_deadline(req);
	}
	if (db->conn && has_ended(req, db, now))
		db_close(db);
	if (db->conn)
		return 0;
	if (!read_target(db) || (db->retry_at && now < db->retry_at))
		return fail_connect(req, db);
	return connect_now(req, db);
}

void db_between_requests(struct db *db)
{
	if (!db || !db->conn)
		return;
	if (db->queued > 0 || PQtransactionStatus(db->conn) > PQTRANS_ACTIVE || !still_there(db))
		db_close(db);
}
