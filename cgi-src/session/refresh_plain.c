/* refresh_plain.c: the plain case of a version 1 refresh, in one statement and one round trip (sql: refresh_token_rotate).
 *
 * It holds where nothing of section 8.3 and 8.4 but the common path is asked for; whatever else is the case, the statement writes nothing
 * and the general way finds out. */
#include "latchkey/hook.h"
#include "session_int.h"

static bool may_be_plain(const struct request *req, const struct refresh *refresh)
{
	const struct settings *settings = req->settings;
	bool upgrades = settings->security.refresh_token_algorithm_version == 2 && settings->security.refresh_token_upgrade_percentage > 0;

	return !refresh->is_v2 && uuid_is_nil(&refresh->client) && !upgrades && !settings->sessions.single_per_user &&
	       !hook_enabled(req, HOOK_CUSTOM_ACCESS_TOKEN);
}

/* The earliest moment that a limit of section 6 lets pass. */
static struct db_value earliest(const struct request *req, duration limit)
{
	return limit > 0 ? db_moment(moment_add(req->started, -limit)) : db_null();
}

struct entry_ids {
	struct uuid refreshed, revoked;
};

static int rotate(struct request *req, const struct refresh *refresh, const char *successor, moment now, const struct entry_ids *ids,
		  struct db_rows **rows)
{
	const struct settings *settings = req->settings;
	bool entries = !settings->audit_log.disable_postgres;

	return db_fetch(req, STMT_REFRESH_TOKEN_ROTATE,
			DB_ARGS(db_text(refresh->token), db_string(successor), db_moment(req->started), db_moment(now), session_user_agent(req),
				session_address(req), earliest(req, settings->sessions.timebox), earliest(req, settings->sessions.inactivity_timeout),
				earliest(req, settings->sessions.allow_low_aal), entries ? db_uuid(&ids->refreshed) : db_null(),
				entries ? db_uuid(&ids->revoked) : db_null()),
			rows);
}

/* What the statement has done is told to the client and to the log. */
static int answer(struct request *req, struct refresh *refresh, const struct db_rows *rows, const char *successor, moment now,
		  const struct entry_ids *ids)
{
	struct tokens *tokens = refresh->tokens;
	struct user *user = tokens->user = must(talloc(req, struct user));
	struct session *session = tokens->session = must(talloc(req, struct session));

	user_from_row(req, rows, 0, 0, user);
	session_from_row(req, rows, 0, USER_COLUMNS, session);
	audit_written(req, AUDIT_TOKEN_REFRESHED, user, &ids->refreshed, now);
	audit_written(req, AUDIT_TOKEN_REVOKED, user, &ids->revoked, now);
	header_uuid(req, HEADER_USER, &user->id);
	header_uuid(req, HEADER_SESSION, &session->id);
	http_set_header(req, HEADER_REUSE, TEXT("false"));
	tokens->refresh_token = text_of(successor);
	header_prefix(req, tokens->refresh_token);
	return access_token_make(req, user, session, "token_refresh", NULL, &tokens->access_token, &tokens->expires_at);
}

int refresh_plain(struct request *req, struct refresh *refresh, bool *done)
{
	const struct entry_ids ids = {uuid_v4(), uuid_v4()};
	const char *successor;
	moment now = moment_now();
	struct db_rows *rows;

	*done = false;
	if (!may_be_plain(req, refresh))
		return 0;
	successor = refresh_v1_new(req);
	if (rotate(req, refresh, successor, now, &ids, &rows) < 0) {
		/* a trigger of the operator's, say; the general way has the words for it */
		if (req->failure.final)
			return -1;
		failure_clear(req);
		return 0;
	}
	*done = db_row_count(rows) > 0;
	return *done ? answer(req, refresh, rows, successor, now, &ids) : 0;
}
