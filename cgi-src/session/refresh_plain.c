/* refresh_plain.c: the plain case of a version 1 refresh, in one statement (sql: refresh_token_rotate) and, unless a hook has its say, in one
 * round trip.
 *
 * It holds where nothing of section 8.3 and 8.4 but the common path is asked for; whatever else is the case, the statement writes nothing
 * and the general way finds out. */
#include "latchkey/hook.h"
#include "session_int.h"

/* One such refresh on its way. */
struct plain {
	struct refresh *refresh;
	const char *successor;
	moment now;
	struct uuid refreshed, revoked; /* ids of the audit entries */
	bool with_hook, unfit;		/* unfit: the general way is to be gone */
};

static bool may_be_plain(const struct request *req, const struct refresh *refresh)
{
	const struct settings *settings = req->settings;
	bool upgrades = settings->security.refresh_token_algorithm_version == 2 && settings->security.refresh_token_upgrade_percentage > 0;

	return !refresh->is_v2 && !upgrades && !settings->sessions.single_per_user;
}

/* The earliest moment that a limit of section 6 lets pass. */
static struct db_value earliest(const struct request *req, duration limit)
{
	return limit > 0 ? db_moment(moment_add(req->started, -limit)) : db_null();
}

/* Before a hook the session's row stays as it is: a function may look at it (step 13 follows step 12). */
static int rotate(struct request *req, const struct plain *plain, struct db_rows **rows)
{
	const struct settings *settings = req->settings;
	bool entries = !settings->audit_log.disable_postgres;

	return db_fetch(req, STMT_REFRESH_TOKEN_ROTATE,
			DB_ARGS(db_text(plain->refresh->token), db_string(plain->successor), db_moment(req->started), db_moment(plain->now),
				session_user_agent(req), session_address(req), earliest(req, settings->sessions.timebox),
				earliest(req, settings->sessions.inactivity_timeout), earliest(req, settings->sessions.allow_low_aal),
				entries ? db_uuid(&plain->refreshed) : db_null(), entries ? db_uuid(&plain->revoked) : db_null(),
				db_uuid(&plain->refresh->client), db_bool(!plain->with_hook)),
			rows);
}

/* What the statement has done is told to the client and to the log. */
static int answer(struct request *req, const struct plain *plain, const struct db_rows *rows)
{
	struct tokens *tokens = plain->refresh->tokens;
	struct user *user = tokens->user = must(talloc(req, struct user));
	struct session *session = tokens->session = must(talloc(req, struct session));

	user_from_row(req, rows, 0, 0, user);
	session_from_row(req, rows, 0, USER_COLUMNS, session);
	audit_written(req, AUDIT_TOKEN_REFRESHED, user, &plain->refreshed, plain->now);
	audit_written(req, AUDIT_TOKEN_REVOKED, user, &plain->revoked, plain->now);
	header_uuid(req, HEADER_USER, &user->id);
	header_uuid(req, HEADER_SESSION, &session->id);
	http_set_header(req, HEADER_REUSE, TEXT("false"));
	tokens->refresh_token = text_of(plain->successor);
	header_prefix(req, tokens->refresh_token);
	return access_token_make(req, user, session, "token_refresh", &plain->refresh->client, &tokens->access_token, &tokens->expires_at);
}

static int rotate_and_answer(struct request *req, void *arg)
{
	struct plain *plain = arg;
	struct db_rows *rows;

	plain->unfit = true;
	if (rotate(req, plain, &rows) < 0)
		return -1; /* a trigger of the operator's, say; the general way has the words for it */
	plain->unfit = db_row_count(rows) == 0;
	if (plain->unfit)
		return 0;
	if (answer(req, plain, rows) < 0)
		return -1;
	if (plain->with_hook)
		session_mark_refreshed(req, plain->refresh->tokens->session);
	return 0;
}

int refresh_plain(struct request *req, struct refresh *refresh, bool *done)
{
	struct plain plain = {
		.refresh = refresh,
		.now = moment_now(),
		.refreshed = uuid_v4(),
		.revoked = uuid_v4(),
		.with_hook = hook_enabled(req, HOOK_CUSTOM_ACCESS_TOKEN),
	};
	int result;

	*done = false;
	if (!may_be_plain(req, refresh))
		return 0;
	plain.successor = refresh_v1_new(req);
	result = plain.with_hook ? db_transaction(req, rotate_and_answer, &plain) : rotate_and_answer(req, &plain);
	*done = !plain.unfit;
	if (result == 0 || !plain.unfit || req->failure.final)
		return result;
	failure_clear(req);
	return 0;
}
