/* ready.c: whether this server can do its work: it asks the database and the outbox of mails (docs/monitoring.md). */
#include "cgi-src/api/handlers.h"
#include "latchkey/db.h"

#define PATIENCE (3 * SECOND) /* balancers and probes give up soon themselves */
#define LATE (10 * MINUTE)

enum part_state { STATE_OK, STATE_LATE, STATE_FAILING, STATE_UNKNOWN };

static const char *const state_names[] = {"ok", "late", "failing", "unknown"};

static enum part_state look_at(struct request *req, enum statement statement, const struct db_value *args, size_t count, enum part_state otherwise)
{
	struct db_rows *rows = NULL;

	if (db_fetch(req, statement, args, count, &rows) < 0)
		return STATE_FAILING;
	return db_get_bool(rows, 0, 0) ? STATE_OK : otherwise;
}

/* Mails that are late keep nobody from signing in: that is told, and the server stays in service. */
static enum part_state look_at_outbox(struct request *req)
{
	return look_at(req, STMT_OUTBOX_ON_TIME, DB_ARGS(db_moment(moment_add(moment_now(), -LATE))), STATE_LATE);
}

static int reply(struct request *req, enum part_state database, enum part_state outbox)
{
	bool ready = database == STATE_OK && outbox != STATE_FAILING;
	struct json_writer out = http_reply(req, ready ? 200 : 503);

	json_open_object(&out);
	json_member_string(&out, "status", ready ? "ready" : "failing");
	json_member_string(&out, "database", state_names[database]);
	json_member_string(&out, "outbox", state_names[outbox]);
	json_close_object(&out);
	http_set_header(req, "Cache-Control", TEXT("no-store"));
	if (!ready)
		http_set_header(req, "Retry-After", TEXT("1"));
	return 0;
}

int api_ready(struct request *req)
{
	int64_t deadline = req->deadline, soon = monotonic_now() + PATIENCE;
	enum part_state database, outbox = STATE_UNKNOWN;

	if (deadline <= 0 || soon < deadline)
		req->deadline = soon;
	database = look_at(req, STMT_TABLES_THERE, DB_NO_ARGS, STATE_FAILING);
	if (database == STATE_OK)
		outbox = look_at_outbox(req);
	if (outbox == STATE_FAILING && req->failure.final)
		database = STATE_FAILING; /* lost in between */
	if (failed(req))
		request_log_to(req, LOG_WARNING, "the server is not ready",
			       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
	req->deadline = deadline;
	failure_clear(req);
	return reply(req, database, outbox);
}
