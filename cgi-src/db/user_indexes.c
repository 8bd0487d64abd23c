/* user_indexes.c: the four indexes that searching users wants, made beside the running server (contract 02 section 8.6, 03 section 14). */
#include "db_int.h"

static const struct user_index {
	const char *name, *keys;
} user_indexes[] = {
	{"idx_users_email", "(email)"},
	{"idx_users_created_at_desc", "(created_at desc)"},
	{"idx_users_last_sign_in_at_desc", "(last_sign_in_at desc)"},
	{"idx_users_name", "((raw_user_meta_data ->> 'name')) where raw_user_meta_data ->> 'name' is not null"},
};

#define USER_INDEXES (sizeof(user_indexes) / sizeof(user_indexes[0]))

/* An entry of the index worker; outcome NULL: it is not over. */
static void say(enum log_level level, const char *msg, const char *code, const char *outcome, struct log_field more)
{
	struct log_field fields[5] = {log_text("component", "apiworker"), log_text("worker_type", "apiworker_index_worker"), log_text("code", code)};
	size_t count = 3;

	if (outcome)
		fields[count++] = log_text("outcome", outcome);
	if (more.name)
		fields[count++] = more;
	log_write(level, msg, fields, count);
}

#define NOTHING_MORE ((struct log_field){0})

static int run_sql(struct request *req, const char *sql)
{
	struct db_rows *rows;

	return db_fetch_text(req, sql, DB_NO_ARGS, &rows);
}

/* How many of the four are whole; invalid ones are dropped. */
static int count_whole(struct request *req, const char *namespace_, bool drop, size_t *whole)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_USER_INDEXES, DB_ARGS(db_string(namespace_)), &rows) < 0)
		return -1;
	*whole = 0;
	for (int i = 0; i < db_row_count(rows); i++) {
		const char *name = db_get_string(rows, i, 0);

		if (db_get_bool(rows, i, 1)) {
			(*whole)++;
			continue;
		}
		if (!drop)
			continue;
		say(LOG_INFO, "dropping an invalid index", "dropping_invalid_index", NULL, log_text("index_name", name));
		if (run_sql(req, format(req, "drop index concurrently if exists %s.%s", namespace_, name)) < 0)
			say(LOG_ERROR, "an invalid index cannot be dropped", "drop_invalid_index_failed", NULL, log_text("index_name", name));
		failure_clear(req);
	}
	return 0;
}

static size_t create_all(struct request *req, const char *namespace_)
{
	size_t made = 0;

	for (size_t i = 0; i < USER_INDEXES; i++) {
		const struct user_index *index = &user_indexes[i];
		int64_t began = monotonic_now();

		say(LOG_INFO, "creating an index", "index_creating", NULL, log_text("index_name", index->name));
		if (run_sql(req, format(req, "create index concurrently if not exists %s on %s.users %s", index->name, namespace_, index->keys)) ==
		    0) {
			made++;
			say(LOG_INFO, "created an index", "index_created", NULL, log_number("duration_ms", (monotonic_now() - began) / MILLISECOND));
			continue;
		}
		say(LOG_ERROR, "an index cannot be created", "index_creation_failed", NULL, log_text("index_name", index->name));
		failure_clear(req);
	}
	return made;
}

static int make(struct request *req, const char *namespace_)
{
	size_t whole, made;

	if (count_whole(req, namespace_, true, &whole) < 0)
		return -1;
	made = create_all(req, namespace_);
	if (made == USER_INDEXES)
		say(LOG_INFO, "indexes for searching users are there", "index_creation_completed", "success", NOTHING_MORE);
	else
		say(LOG_ERROR, "Failed to create indexes", "index_creation_partial_failure", "failure",
		    log_number("succeeded_indexes", (int64_t)made));
	return 0;
}

/* Too many users for indexes that nobody asked for outright. */
static bool too_many(struct request *req, const char *namespace_, int64_t threshold)
{
	struct db_rows *rows;
	int64_t estimate = 0;

	if (db_fetch(req, STMT_USER_ESTIMATE, DB_ARGS(db_string(namespace_)), &rows) == 0)
		estimate = db_get_int(rows, 0, 0);
	else
		failure_clear(req);
	if (estimate > threshold)
		say(LOG_INFO, "there are more users than indexes are made for unasked", "index_creation_skipped", "skipped",
		    log_number("user_count", estimate));
	else
		say(LOG_INFO, "indexes for searching users are to be made", "index_creation_starting", NULL, log_number("user_count", estimate));
	return estimate > threshold;
}

static int under_lock(struct request *req, const char *namespace_, bool ensure, int64_t threshold)
{
	size_t whole;

	if (count_whole(req, namespace_, false, &whole) < 0)
		return -1;
	if (whole == USER_INDEXES) {
		say(LOG_DEBUG, "indexes for searching users are there", "indexes_already_exist", "skipped",
		    log_number("index_count", (int64_t)whole));
		return 0;
	}
	say(LOG_INFO, "indexes for searching users are missing", "indexes_missing", NULL, log_number("existing_count", (int64_t)whole));
	if (!ensure && too_many(req, namespace_, threshold))
		return 0;
	return make(req, namespace_);
}

int db_ensure_user_indexes(struct request *req, const char *namespace_, bool ensure, int64_t threshold)
{
	struct db_rows *rows;
	int result;

	if (db_fetch(req, STMT_USER_INDEX_LOCK, DB_ARGS(db_string(namespace_)), &rows) < 0) {
		say(LOG_ERROR, "the lock of the index worker cannot be asked for", "advisory_lock_acquisition_failed", "failure", NOTHING_MORE);
		return -1;
	}
	if (db_get_bool(rows, 0, 1)) {
		say(LOG_INFO, "tables of OrioleDB get no indexes", "orioledb_unsupported", "skipped", NOTHING_MORE);
		return db_execute(req, STMT_USER_INDEX_UNLOCK, DB_NO_ARGS);
	}
	if (!db_get_bool(rows, 0, 0)) {
		say(LOG_INFO, "another process makes the indexes", "advisory_lock_already_acquired", "skipped", NOTHING_MORE);
		return 0;
	}
	result = under_lock(req, namespace_, ensure, threshold);
	return db_execute(req, STMT_USER_INDEX_UNLOCK, DB_NO_ARGS) < 0 ? -1 : result;
}
