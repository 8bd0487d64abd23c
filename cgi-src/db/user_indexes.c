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
#define SAY_MAX 4
#define NO_MORE NULL, (size_t)0
static void say(enum log_level level, const char *msg, const char *code, const char *outcome, const struct log_field *more, size_t more_count)
{
	struct log_field fields[4 + SAY_MAX] = {log_text("component", "apiworker"), log_text("worker_type", "apiworker_index_worker"),
						log_text("code", code)};
	size_t count = 3;

	if (outcome)
		fields[count++] = log_text("outcome", outcome);
	for (size_t i = 0; i < more_count && i < SAY_MAX; i++)
		fields[count++] = more[i];
	log_write(level, msg, fields, count);
}

static int run_sql(struct request *req, const char *sql)
{
	struct db_rows *rows;

	return db_fetch_text(req, sql, DB_NO_ARGS, &rows);
}

/* How many of the four are there, and how many of those are whole; invalid ones are dropped. */
static int count_indexes(struct request *req, const char *namespace_, bool drop, size_t *existing, size_t *whole)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_USER_INDEXES, DB_ARGS(db_string(namespace_)), &rows) < 0)
		return -1;
	*existing = (size_t)db_row_count(rows);
	*whole = 0;
	for (int i = 0; i < db_row_count(rows); i++) {
		struct log_field name = log_text("index_name", db_get_string(rows, i, 0));

		if (db_get_bool(rows, i, 1)) {
			(*whole)++;
			continue;
		}
		if (!drop)
			continue;
		say(LOG_INFO, "dropping an invalid index", "dropping_invalid_index", NULL, LOG_FIELDS(name));
		if (run_sql(req, format(req, "drop index concurrently if exists %s.%s", namespace_, db_get_string(rows, i, 0))) < 0)
			say(LOG_ERROR, "an invalid index cannot be dropped", "drop_invalid_index_failed", NULL, LOG_FIELDS(name));
		failure_clear(req);
	}
	return 0;
}

static bool create(struct request *req, const char *namespace_, const struct user_index *index)
{
	struct log_field name = log_text("index_name", index->name);
	int64_t began = monotonic_now();
	const char *sql = format(req, "create index concurrently if not exists %s on %s.users %s", index->name, namespace_, index->keys);

	say(LOG_INFO, "creating an index", "index_creating", NULL, LOG_FIELDS(name));
	if (run_sql(req, sql) < 0) {
		say(LOG_ERROR, "an index cannot be created", "index_creation_failed", NULL,
		    LOG_FIELDS(name, log_number("duration_ms", (monotonic_now() - began) / MILLISECOND),
			       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message)));
		failure_clear(req);
		return false;
	}
	say(LOG_INFO, "created an index", "index_created", NULL,
	    LOG_FIELDS(name, log_number("duration_ms", (monotonic_now() - began) / MILLISECOND)));
	return true;
}

/* Names as a JSON array, and as the reference prints a list. */
struct names {
	struct buffer *json, *words;
};

static void names_begin(TALLOC_CTX *mem, struct names *names)
{
	names->json = buffer_new(mem, 128);
	names->words = buffer_new(mem, 128);
	buffer_char(names->json, '[');
}

static void names_add(struct names *names, const char *name)
{
	buffer_format(names->json, "%s\"%s\"", names->words->len ? "," : "", name);
	buffer_format(names->words, "%s%s", names->words->len ? " " : "", name);
}

static int make(struct request *req, const char *namespace_)
{
	int64_t began = monotonic_now();
	struct names made, missed;
	size_t existing, whole;
	bool all = true;

	if (count_indexes(req, namespace_, true, &existing, &whole) < 0)
		return -1;
	names_begin(req, &made);
	names_begin(req, &missed);
	for (size_t i = 0; i < USER_INDEXES; i++) {
		bool good = create(req, namespace_, &user_indexes[i]);

		names_add(good ? &made : &missed, user_indexes[i].name);
		all = all && good;
	}
	buffer_char(made.json, ']');
	buffer_char(missed.json, ']');
	struct log_field took = log_number("duration_ms", (monotonic_now() - began) / MILLISECOND);
	struct log_field succeeded = log_json("succeeded_indexes", buffer_as_text(made.json));

	if (all) {
		say(LOG_INFO, "indexes for searching users are there", "index_creation_completed", "success", LOG_FIELDS(took, succeeded));
		return 0;
	}
	say(LOG_ERROR, "not all indexes for searching users could be made", "index_creation_partial_failure", "failure",
	    LOG_FIELDS(took, succeeded, log_json("failed_indexes", buffer_as_text(missed.json))));
	log_to(LOG_ERROR, "Failed to create indexes", log_text("component", "apiworker"), log_text("worker_type", "apiworker_index_worker"),
	       log_text("error", format(req, "failed to create indexes: [%s]", missed.words->data)));
	return 0;
}

/* Too many users for indexes that nobody asked for outright. */
static bool too_many(struct request *req, const char *namespace_, int64_t threshold)
{
	struct db_rows *rows;
	int64_t estimate = 0;

	if (db_fetch(req, STMT_USER_ESTIMATE, DB_ARGS(db_string(namespace_)), &rows) == 0) {
		estimate = db_get_int(rows, 0, 0);
	} else {
		log_to(LOG_WARNING, "how many users there are cannot be found out", log_text("component", "apiworker"),
		       log_text("worker_type", "apiworker_index_worker"),
		       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
		failure_clear(req);
	}
	struct log_field users = log_number("user_count", estimate), most = log_number("max_users_threshold", threshold);

	if (estimate > threshold)
		say(LOG_INFO, "there are more users than indexes are made for unasked", "index_creation_skipped", "skipped", LOG_FIELDS(users, most));
	else
		say(LOG_INFO, "indexes for searching users are to be made", "index_creation_starting", NULL, LOG_FIELDS(users, most));
	return estimate > threshold;
}

static int under_lock(struct request *req, const char *namespace_, bool ensure, int64_t threshold)
{
	size_t existing, whole;

	if (count_indexes(req, namespace_, false, &existing, &whole) < 0)
		return -1;
	if (whole == USER_INDEXES) {
		say(LOG_DEBUG, "indexes for searching users are there", "indexes_already_exist", "skipped",
		    LOG_FIELDS(log_number("index_count", (int64_t)whole)));
		return 0;
	}
	say(LOG_INFO, "indexes for searching users are missing", whole < existing ? "index_unhealthy" : "indexes_missing", NULL,
	    LOG_FIELDS(log_number("existing_count", (int64_t)existing), log_number("expected_count", (int64_t)USER_INDEXES)));
	if (!ensure && too_many(req, namespace_, threshold))
		return 0;
	return make(req, namespace_);
}

int db_ensure_user_indexes(struct request *req, const char *namespace_, bool ensure, int64_t threshold)
{
	struct db_rows *rows;
	int result;

	if (db_fetch(req, STMT_USER_INDEX_LOCK, DB_ARGS(db_string(namespace_)), &rows) < 0) {
		say(LOG_ERROR, "the lock of the index worker cannot be asked for", "advisory_lock_acquisition_failed", "failure", NO_MORE);
		return -1;
	}
	/* the table's kind is looked at first (contract 02 section 8.6 step 1), with or without the lock */
	if (db_get_bool(rows, 0, 1))
		say(LOG_INFO, "tables of OrioleDB get no indexes", "orioledb_unsupported", "skipped", NO_MORE);
	else if (!db_get_bool(rows, 0, 0))
		say(LOG_INFO, "another process makes the indexes", "advisory_lock_already_acquired", "skipped", NO_MORE);
	if (!db_get_bool(rows, 0, 0))
		return 0;
	result = db_get_bool(rows, 0, 1) ? 0 : under_lock(req, namespace_, ensure, threshold);
	return db_execute(req, STMT_USER_INDEX_UNLOCK, DB_NO_ARGS) < 0 ? -1 : result;
}
