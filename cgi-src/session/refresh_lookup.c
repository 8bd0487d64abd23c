/* refresh_lookup.c: the token, session and user that a refresh token names (contract 04 section 7.4). */
#include <string.h>

#include "latchkey/crypto.h"
#include "session_int.h"

/* The text that a client reads instead of what the database or the cipher said (chapter 12). */
#define GENERIC "Unexpected failure, please check server logs for more information"

static void read_user_and_session(struct request *req, struct refresh *refresh, const struct db_rows *rows, int first_column)
{
	refresh->user = must(talloc(req, struct user));
	refresh->session = NULL;
	user_from_row(req, rows, 0, first_column, refresh->user);
	if (db_is_null(rows, 0, first_column + USER_COLUMNS))
		return;
	refresh->session = must(talloc(req, struct session));
	session_from_row(req, rows, 0, first_column + USER_COLUMNS, refresh->session);
}

static int lookup_v1(struct request *req, struct refresh *refresh, bool lock, bool *found)
{
	struct db_rows *rows;

	if (db_fetch(req, lock ? STMT_REFRESH_V1_LOCK : STMT_REFRESH_V1_FIND, DB_ARGS(db_text(refresh->token)), &rows) < 0)
		return fail_server(req, GENERIC);
	*found = db_row_count(rows) > 0;
	if (!*found)
		return 0;
	refresh->row.id = db_get_int(rows, 0, 0);
	refresh->row.created_at = db_get_moment(rows, 0, 2);
	refresh->row.updated_at = db_get_moment(rows, 0, 3);
	refresh->row.revoked = db_get_bool(rows, 0, 4);
	read_user_and_session(req, refresh, rows, REFRESH_TOKEN_COLUMNS);
	return 0;
}

static void reseal_key(struct request *req, struct refresh *refresh)
{
	struct session *session = refresh->session;

	if (!envelope_is_due(req->settings, text_of(session->refresh_hmac_key)))
		return;
	session->refresh_hmac_key = session_key_seal(req, &session->id, &refresh->key).data;
	db_later(req, GENERIC, STMT_SESSION_SET_KEY, DB_ARGS(db_uuid(&session->id), db_moment(moment_now()), db_string(session->refresh_hmac_key)));
}

/* A wrong signature looks like a session that is not there. */
static int lookup_v2(struct request *req, struct refresh *refresh, bool lock, bool *found)
{
	struct db_rows *rows;
	const char *why;

	if (db_fetch(req, lock ? STMT_REFRESH_V2_LOCK : STMT_REFRESH_V2_FIND, DB_ARGS(db_uuid(&refresh->parsed.session)), &rows) < 0)
		return fail_server(req, GENERIC);
	*found = db_row_count(rows) > 0;
	if (!*found)
		return 0;
	read_user_and_session(req, refresh, rows, 0);
	if (session_key_open(req, refresh->session, &refresh->key, &why) < 0) {
		fail_server(req, GENERIC);
		return fail_cause(req, "%s", why);
	}
	*found = refresh_v2_verify(&refresh->parsed, refresh->key.bytes);
	if (*found && lock)
		reseal_key(req, refresh);
	return 0;
}

int refresh_lookup(struct request *req, struct refresh *refresh, bool lock, bool *found)
{
	return refresh->is_v2 ? lookup_v2(req, refresh, lock, found) : lookup_v1(req, refresh, lock, found);
}

/* Tokens from before a second factor must not climb to the level that came with it. The locked row's own level counts too: its AMR rows may
 * have been read from before the lock. */
int refresh_level(struct request *req, const struct session *session, struct level *level)
{
	struct db_rows *rows;

	*level = (struct level){0};
	if (strcmp(session->aal, "aal2") < 0 && strcmp(session_aal_computed(session), "aal2") < 0)
		return 0;
	if (db_fetch(req, STMT_SESSION_LEVEL, DB_ARGS(db_uuid(&session->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) > 0)
		*level = (struct level){db_get_int(rows, 0, 0), db_get_int(rows, 0, 1)};
	return 0;
}
