/* refresh_with_v2.c: a version 2 token moves the session's counter on; reuse (contract 04 section 8.5). */
#include "session_int.h"

static void add_cause(struct buffer *causes, bool applies, const char *cause)
{
	if (!applies)
		return;
	if (causes->len)
		buffer_char(causes, ',');
	buffer_string(causes, cause);
}

/* Whether two moments are less than span apart. */
static bool is_within(moment a, moment b, duration span)
{
	int64_t apart, limit = span / MICROSECOND;

	return !__builtin_sub_overflow(a, b, &apart) && apart < limit && apart > -limit;
}

/* Why a token that is behind by so many may be used again; empty: for no reason. */
static struct text causes_of_reuse(struct request *req, const struct session *session, int64_t behind)
{
	struct buffer *causes = buffer_new(req, 64);
	duration interval = seconds_span(req->settings->security.refresh_token_reuse_interval);

	add_cause(causes, is_within(req->started, session_last_refreshed(session, MOMENT_NONE), interval), "concurrent-refresh");
	add_cause(causes, behind == 1, "fail-to-save");
	add_cause(causes, req->settings->security.refresh_token_allow_reuse, "always-allow");
	return buffer_as_text(causes);
}

static int refuse(struct request *req, const struct refresh *refresh, bool end_session)
{
	if (end_session) {
		if (db_execute(req, STMT_SESSION_DELETE, DB_ARGS(db_uuid(&refresh->session->id))) < 0)
			return fail_server(req, "destroying session after detected refresh token reuse failed");
		http_set_header(req, HEADER_ROTATED, TEXT("true"));
	}
	fail_keeping(req, 400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
	return fail_cause(req, "refresh token %lld counts behind", (long long)(refresh->session->refresh_counter - refresh->parsed.counter));
}

/* Of the tokens from before the second factor only the last one leads on, and only to the first after it. */
static bool is_of_lower_level(const struct refresh *refresh, const struct level *level)
{
	int64_t presented = refresh->parsed.counter, first = level->counter;

	return presented < first && !(refresh->session->refresh_counter == first && presented == first - 2);
}

static int reuse(struct request *req, const struct refresh *refresh, int64_t behind)
{
	struct text causes = causes_of_reuse(req, refresh->session, behind);
	struct level level;

	if (causes.len == 0)
		return refuse(req, refresh, req->settings->security.refresh_token_rotation_enabled);
	if (behind > 1 && refresh_level(req, refresh->session, &level) < 0)
		return -1;
	if (behind > 1 && is_of_lower_level(refresh, &level))
		return refuse(req, refresh, false);
	http_set_header(req, HEADER_REUSE_CAUSE, causes);
	return 0;
}

static int advance(struct request *req, struct session *session)
{
	if (session->refresh_counter == INT64_MAX)
		return fail_server(req, "failed saving session");
	session->refresh_counter++;
	http_set_header(req, HEADER_REUSE, TEXT("false"));
	return 0;
}

int refresh_with_v2(struct request *req, struct refresh *refresh)
{
	struct session *session = refresh->session;
	int64_t behind = session->refresh_counter - refresh->parsed.counter;

	if (behind < 0)
		return fail(req, 400, "validation_failed", "Invalid Refresh Token: Not Issued By This Server");
	if ((behind == 0 ? advance(req, session) : reuse(req, refresh, behind)) < 0)
		return -1;
	db_later(req, "failed saving session", STMT_SESSION_SET_COUNTER,
		 DB_ARGS(db_uuid(&session->id), db_moment(moment_now()), db_int8(session->refresh_counter)));
	header_counter(req, session->refresh_counter);
	audit(req, AUDIT_TOKEN_REFRESHED, refresh->user, NULL, false);
	refresh->tokens->refresh_token = refresh_v2_make(req, &session->id, session->refresh_counter, refresh->key.bytes);
	return 0;
}
