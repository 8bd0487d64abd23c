/* validity.c: whether a session may go on, and at what level of assurance it stands (contract 04 sections 2.4 and 6). */
#include <string.h>

#include "session_int.h"

bool is_aal2_method(const char *method)
{
	return strcmp(method, "totp") == 0 || strcmp(method, "mfa/phone") == 0 || strcmp(method, "mfa/webauthn") == 0;
}

const char *session_aal_computed(const struct session *session)
{
	for (size_t i = 0; i < session->amr_count; i++)
		if (is_aal2_method(session->amr[i].method))
			return "aal2";
	return "aal1";
}

moment session_last_refreshed(const struct session *session, moment token_time)
{
	if (session->refreshed_at != MOMENT_NONE)
		return session->refreshed_at;
	return token_time > session->created_at ? token_time : session->created_at; /* MOMENT_NONE is before everything */
}

duration seconds_span(int64_t seconds)
{
	duration span;

	if (__builtin_mul_overflow(seconds, SECOND, &span))
		return seconds < 0 ? INT64_MIN + 1 : INT64_MAX;
	return span;
}

static bool is_over(const struct request *req, moment since, duration limit)
{
	return limit > 0 && req->started > moment_add(since, limit);
}

enum session_validity session_validity(const struct request *req, const struct session *session, moment token_time, bool user_can_aal2)
{
	const struct settings *settings = req->settings;

	if (session->not_after != MOMENT_NONE && req->started > session->not_after)
		return SESSION_EXPIRED;
	if (is_over(req, session->created_at, settings->sessions.timebox))
		return SESSION_EXPIRED;
	if (is_over(req, session_last_refreshed(session, token_time), settings->sessions.inactivity_timeout))
		return SESSION_INACTIVE;
	if (user_can_aal2 && strcmp(session->aal, "aal2") < 0 && is_over(req, session->created_at, settings->sessions.allow_low_aal))
		return SESSION_LOW_AAL;
	return SESSION_VALID;
}

struct text session_tag(const struct settings *settings, const struct session *session)
{
	const struct text_list *tags = &settings->sessions.tags;

	if (tags->count == 0)
		return TEXT_NONE;
	return text_list_has(tags, text_of(session->tag)) ? text_of(session->tag) : tags->items[0];
}
