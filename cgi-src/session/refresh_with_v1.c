/* refresh_with_v1.c: a version 1 token is swapped for its successor; reuse; the way over to version 2 (contract 04 section 8.4). */
#include <sodium.h>

#include "session_int.h"

const char *refresh_swap(struct request *req, struct user *user, const struct session *session, int64_t old_id, struct text old_token, bool revoked)
{
	const char *token = refresh_v1_new(req);
	moment now = moment_now();

	audit(req, AUDIT_TOKEN_REVOKED, user, NULL, false);
	db_later(req, NULL, STMT_REFRESH_V1_REVOKE, DB_ARGS(db_int8(old_id), db_moment(now)));
	db_later(req, NULL, STMT_REFRESH_V1_INSERT,
		 DB_ARGS(db_string(token), db_uuid(&user->id), db_text(old_token), db_uuid(&session->id), db_moment(now), db_bool(revoked)));
	db_later(req, NULL, STMT_USER_TOUCH, DB_ARGS(db_uuid(&user->id), db_moment(now)));
	user->updated_at = now;
	return token;
}

/* ---- reuse ----------------------------------------------------------------------------------------------------------------------------- */

struct live { /* the session's newest token that is not revoked */
	bool exists, is_successor;
	struct text token;
};

static int find_live(struct request *req, const struct refresh *refresh, struct live *live)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_REFRESH_V1_ACTIVE, DB_ARGS(db_uuid(&refresh->session->id)), &rows) < 0)
		return -1;
	*live = (struct live){.exists = db_row_count(rows) > 0};
	if (live->exists) {
		live->token = db_get_text(rows, 0, 1);
		live->is_successor = text_equal(db_get_text(rows, 0, 2), refresh->token);
	}
	return 0;
}

static int refuse(struct request *req, const struct refresh *refresh, bool revoke, const char *cause)
{
	if (revoke && req->settings->security.refresh_token_rotation_enabled)
		db_later(req, NULL, STMT_REFRESH_V1_REVOKE_FAMILY, DB_ARGS(db_uuid(&refresh->session->id)));
	fail_keeping(req, 400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
	return fail_cause(req, "refresh token %lld: %s", (long long)refresh->row.id, cause);
}

/* Step 2, where the newest token is not the successor: within the interval a further token is minted. */
static int tolerate(struct request *req, const struct refresh *refresh, const struct live *live)
{
	duration interval = seconds_span(req->settings->security.refresh_token_reuse_interval);
	bool upgraded = refresh->session->refresh_hmac_key != NULL;

	if (moment_now() > moment_add(refresh->row.updated_at, interval))
		return refuse(req, refresh, true, "reuse of a revoked token");
	/* chapter 12, 04 section 8.4: what was revoked as stolen mints nothing */
	if (!live->exists && !upgraded)
		return refuse(req, refresh, true, "reuse in a session whose tokens are all revoked");
	return 0;
}

/* Whether the token may mint another. */
static int may_mint(struct request *req, const struct refresh *refresh, const struct live *live)
{
	struct level level;

	if (refresh->row.revoked && tolerate(req, refresh, live) < 0)
		return -1;
	if (refresh_level(req, refresh->session, &level) < 0)
		return -1;
	return refresh->row.id < level.token_id ? refuse(req, refresh, false, "it is from before the second factor") : 0;
}

/* ---- over to version 2 ------------------------------------------------------------------------------------------------------------------ */

static bool is_upgraded(const struct settings *settings, const struct session *session)
{
	int64_t percentage = settings->security.refresh_token_upgrade_percentage;

	if (settings->security.refresh_token_algorithm_version != 2 || percentage <= 0)
		return false;
	return percentage >= 100 || crc32_of(session->id.bytes, sizeof(session->id.bytes)) % 100 < percentage;
}

/* Step 5: the key and the counter of the session, new or moved on by one. */
static int upgrade(struct request *req, struct refresh *refresh, struct text *token)
{
	struct session *session = refresh->session;
	struct text stored = text_of(session->refresh_hmac_key);
	int64_t counter = 0;
	const char *why;

	if (session->refresh_hmac_key && session->has_counter) {
		if (session->refresh_counter == INT64_MAX || session_key_open(req, session, &refresh->key, &why) < 0) {
			fail_server(req, "failed to load session signing key from database");
			return fail_cause(req, "session key: %s", session->refresh_counter == INT64_MAX ? "the counter is used up" : why);
		}
		counter = session->refresh_counter + 1;
	} else {
		session_key_new(req, &session->id, &refresh->key, &stored);
	}
	db_later(req, "failed to set up session with refresh token algorithm v2", STMT_SESSION_SET_KEY_COUNTER,
		 DB_ARGS(db_uuid(&session->id), db_moment(moment_now()), db_text(stored), db_int8(counter)));
	*token = refresh_v2_make(req, &session->id, counter, refresh->key.bytes);
	header_counter(req, counter);
	return 0;
}

int refresh_with_v1(struct request *req, struct refresh *refresh)
{
	struct text *token = &refresh->tokens->refresh_token;
	struct live live = {0};
	bool upgrades = is_upgraded(req->settings, refresh->session);

	if (refresh->row.revoked && find_live(req, refresh, &live) < 0)
		return -1;
	if (!live.is_successor && may_mint(req, refresh, &live) < 0)
		return -1;
	audit(req, AUDIT_TOKEN_REFRESHED, refresh->user, NULL, false);
	if (live.is_successor) {
		*token = live.token;
	} else {
		*token = text_of(refresh_swap(req, refresh->user, refresh->session, refresh->row.id, refresh->token, upgrades));
		if (upgrades && upgrade(req, refresh, token) < 0)
			return -1;
		http_set_header(req, HEADER_REUSE, TEXT("false"));
	}
	header_prefix(req, *token);
	return 0;
}
