/* refresh.c: a refresh token is changed for new tokens: what both forms have in common (contract 04 section 8.3). */
#include <sodium.h>
#include <time.h>

#include "session_int.h"

#define ATTEMPTS_FOR (5 * SECOND)
#define REFRESH_V1_LENGTH 12

/* Section 7.3. */
static bool has_known_shape(struct refresh *refresh)
{
	refresh->is_v2 = refresh->token.len > REFRESH_V1_LENGTH;
	if (refresh->is_v2)
		return refresh_v2_parse(refresh->token, &refresh->parsed);
	for (size_t i = 0; i < refresh->token.len; i++) {
		char byte = refresh->token.data[i];

		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')))
			return false;
	}
	return refresh->token.len == REFRESH_V1_LENGTH;
}

int refresh_is_busy(struct request *req, struct refresh *refresh)
{
	refresh->busy = true;
	return fail(req, 409, "conflict", REFRESH_BUSY);
}

static int not_found(struct request *req)
{
	return fail(req, 400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
}

/* Step 3: a token of very old data goes for good. */
static int drop_token_without_session(struct request *req, const struct refresh *refresh)
{
	if (db_execute(req, STMT_REFRESH_V1_DELETE, DB_ARGS(db_int8(refresh->row.id))) < 0)
		return fail_server(req, "Error deleting refresh token with missing session");
	return fail(req, 400, "session_not_found", "Invalid Refresh Token: No Valid Session Found");
}

/* Steps 4 to 6. */
static int check_validity(struct request *req, const struct refresh *refresh)
{
	static const char *const texts[] = {
		[SESSION_EXPIRED] = "Invalid Refresh Token: Session Expired",
		[SESSION_INACTIVE] = "Invalid Refresh Token: Session Expired (Inactivity)",
		[SESSION_LOW_AAL] = "Invalid Refresh Token: Session Expired (Low AAL: User Needs MFA Verification)",
	};
	enum session_validity validity = session_validity(req, refresh->session, refresh->token_time, user_has_verified_factor(refresh->user));

	return validity == SESSION_VALID ? 0 : fail(req, 400, "session_expired", "%s", texts[validity]);
}

/* Steps 1 to 6, outside any transaction. */
static int check_unlocked(struct request *req, struct refresh *refresh)
{
	bool found;

	if (refresh_lookup(req, refresh, false, &found) < 0)
		return -1;
	if (!found)
		return not_found(req);
	header_uuid(req, HEADER_USER, &refresh->user->id);
	if (user_is_banned(refresh->user, req->started))
		return fail(req, 400, "user_banned", "Invalid Refresh Token: User Banned");
	if (!refresh->session)
		return drop_token_without_session(req, refresh);
	header_uuid(req, HEADER_SESSION, &refresh->session->id);
	refresh->token_time = refresh->is_v2 ? MOMENT_NONE : refresh->row.updated_at;
	return check_validity(req, refresh);
}

/* Steps 8 and 9. */
static int check_client(struct request *req, const struct refresh *refresh)
{
	const struct uuid *wanted = &refresh->session->oauth_client_id;
	bool given = !uuid_is_nil(&refresh->client);

	if (uuid_is_nil(wanted))
		return given ? fail_oauth(req, "invalid_client", "Client authentication not allowed for non-OAuth session") : 0;
	if (!given)
		return fail_oauth(req, "invalid_client", "Client authentication required for OAuth session");
	if (!uuid_equal(wanted, &refresh->client))
		return fail_oauth(req, "invalid_client", "Client does not match the session's OAuth client");
	return 0;
}

void session_mark_refreshed(struct request *req, const struct session *session)
{
	db_later(req, "failed to update session information", STMT_SESSION_REFRESHED,
		 DB_ARGS(db_uuid(&session->id), db_moment(moment_now()), session_user_agent(req), session_address(req)));
}

/* Steps 7 to 13, in one transaction. */
static int refresh_locked(struct request *req, void *arg)
{
	struct refresh *refresh = arg;
	struct tokens *tokens = refresh->tokens;
	bool found;

	if (refresh_lookup(req, refresh, true, &found) < 0)
		return -1;
	if (!found)
		return refresh_is_busy(req, refresh);
	if (check_client(req, refresh) < 0 || refresh_single(req, refresh) < 0)
		return -1;
	if ((refresh->is_v2 ? refresh_with_v2(req, refresh) : refresh_with_v1(req, refresh)) < 0)
		return -1;
	tokens->user = refresh->user;
	tokens->session = refresh->session;
	if (access_token_make(req, refresh->user, refresh->session, "token_refresh", &refresh->client, &tokens->access_token, &tokens->expires_at) <
	    0)
		return -1;
	session_mark_refreshed(req, refresh->session);
	return 0;
}

static int attempt(struct request *req, struct refresh *refresh)
{
	refresh->busy = false;
	failure_clear(req);
	if (check_unlocked(req, refresh) < 0)
		return -1;
	return db_transaction(req, refresh_locked, refresh);
}

static void wait_a_little(void)
{
	struct timespec pause = {.tv_nsec = (long)(10 + random_below(20)) * 1000000};

	nanosleep(&pause, NULL);
}

/* The general way; nothing is locked while it waits. */
static int refresh_in_attempts(struct request *req, struct refresh *refresh)
{
	int64_t until = monotonic_now() + ATTEMPTS_FOR;
	int result;

	for (;;) {
		result = attempt(req, refresh);
		if (result == 0 || !refresh->busy || req->failure.final || monotonic_now() >= until)
			return result;
		wait_a_little();
	}
}

int session_refresh(struct request *req, struct text refresh_token, const struct uuid *client_id, struct tokens *tokens)
{
	struct refresh refresh = {.token = refresh_token, .token_time = MOMENT_NONE, .tokens = tokens};
	bool done = false;
	int result;

	if (client_id)
		refresh.client = *client_id;
	if (!has_known_shape(&refresh))
		return client_id ? not_found(req) : fail(req, 400, "validation_failed", "Refresh token is not valid");
	result = refresh_plain(req, &refresh, &done);
	if (result == 0 && !done)
		result = refresh_in_attempts(req, &refresh);
	if (result < 0)
		session_refresh_failed(req, refresh.is_v2);
	sodium_memzero(&refresh.key, sizeof(refresh.key));
	return result;
}
