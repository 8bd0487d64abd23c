/* refresh_single.c: only the session that was used last may go on, where there is to be one for each user (contract 04 section 8.3). */
#include "session_int.h"

static bool is_rival(struct request *req, const struct refresh *refresh, const struct session *other)
{
	const struct session *own = refresh->session;

	if (uuid_equal(&other->id, &own->id))
		return false;
	if (session_validity(req, other, MOMENT_NONE, user_has_verified_factor(refresh->user)) != SESSION_VALID)
		return false;
	if (!text_equal(session_tag(req->settings, other), session_tag(req->settings, own)))
		return false;
	return session_last_refreshed(other, MOMENT_NONE) > session_last_refreshed(own, refresh->token_time);
}

int refresh_single(struct request *req, struct refresh *refresh)
{
	struct db_rows *rows;
	struct session other;

	if (!req->settings->sessions.single_per_user)
		return 0;
	if (db_fetch(req, STMT_USER_LOCK, DB_ARGS(db_uuid(&refresh->user->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return refresh_is_busy(req, refresh);
	if (db_fetch(req, STMT_SESSIONS_OF_USER, DB_ARGS(db_uuid(&refresh->user->id)), &rows) < 0)
		return -1;
	for (int row = 0; row < db_row_count(rows); row++) {
		session_from_row(req, rows, row, 0, &other);
		if (is_rival(req, refresh, &other))
			return fail(req, 400, "session_expired", "Invalid Refresh Token: Session Expired (Revoked by Newer Login)");
	}
	return 0;
}
