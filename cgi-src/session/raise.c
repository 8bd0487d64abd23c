/* raise.c: a session gets new tokens after a second factor (contract 04 section 10, 08 section 6.8). */
#include <sodium.h>

#include "session_int.h"

static int lock_session(struct request *req, const struct uuid *id, struct session *session)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_SESSION_LOCK, DB_ARGS(db_uuid(id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail_unexpected(req, "the session is gone, or locked by another request");
	session_from_row(req, rows, 0, 0, session);
	return 0;
}

/* Counts on by two, so that the token of before is not taken for one that was lost on its way. The marks are those of chapter 12. */
static int next_v2(struct request *req, struct session *session, struct text *token)
{
	struct session_key key;
	const char *why = "the counter is used up";
	moment now = moment_now();

	if (session->refresh_counter > INT64_MAX - 2 || session_key_open(req, session, &key, &why) < 0)
		return fail_unexpected(req, "session key: %s", why);
	session->refresh_counter += 2;
	db_later(req, NULL, STMT_SESSION_SET_COUNTER, DB_ARGS(db_uuid(&session->id), db_moment(now), db_int8(session->refresh_counter)));
	db_later(req, NULL, STMT_SESSION_MARK_COUNTER, DB_ARGS(db_uuid(&session->id), db_int8(session->refresh_counter), db_moment(now)));
	*token = refresh_v2_make(req, &session->id, session->refresh_counter, key.bytes);
	sodium_memzero(&key, sizeof(key));
	return 0;
}

static int next_v1(struct request *req, struct user *user, const struct session *session, struct text *token)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_REFRESH_V1_OLDEST, DB_ARGS(db_uuid(&session->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail_unexpected(req, "the session has no live refresh token");
	*token = text_of(refresh_swap(req, user, session, db_get_int(rows, 0, 0), db_get_text(rows, 0, 1), false));
	db_later(req, NULL, STMT_SESSION_MARK_TOKEN, DB_ARGS(db_uuid(&session->id), db_text(*token), db_moment(user->updated_at)));
	return 0;
}

int session_raise(struct request *req, struct user *user, const char *method, const struct uuid *factor_id, struct tokens *tokens)
{
	struct session *session = must(talloc_zero(req, struct session));
	struct uuid id;

	if (!uuid_parse(req->bearer->claims.session_id, &id))
		return fail_server(req, "Cannot read SessionId claim as UUID");
	session->id = id;
	if (session_add_method(req, session, method) < 0 || lock_session(req, &id, session) < 0 || user_reload(req, user) < 0)
		return -1;
	if ((session->refresh_hmac_key && session->has_counter ? next_v2(req, session, &tokens->refresh_token)
							       : next_v1(req, user, session, &tokens->refresh_token)) < 0)
		return -1;
	session->aal = session_aal_computed(session);
	session->factor_id = *factor_id;
	db_later(req, NULL, STMT_SESSION_SET_LEVEL, DB_ARGS(db_uuid(&id), db_moment(moment_now()), db_string(session->aal), db_uuid(factor_id)));
	tokens->user = user;
	tokens->session = session;
	return access_token_make(req, user, session, method, NULL, &tokens->access_token, &tokens->expires_at);
}
