/* cleanup.c: old rows go, a few at a time, after requests that wrote (contract 03 section 13). */
#include "latchkey/api.h"
#include "session_int.h"

struct step {
	enum statement statement;
	int64_t seconds; /* its only parameter; -1: it has none */
};
#define STEPS_MAX 14

/* What the OAuth server leaves goes along with something else: a turn of its own would move all the others'. */
static enum statement with_oauth(enum statement statement)
{
	return statement == STMT_CLEANUP_CLIENT_STATES ? STMT_CLEANUP_CLIENT_STATES_AND_OAUTH : statement;
}

/* What is to be done under these settings, in the contract's order. */
static size_t list_steps(const struct settings *settings, struct step steps[STEPS_MAX])
{
	static const enum statement always[] = {
		STMT_CLEANUP_REFRESH_TOKENS,	  STMT_CLEANUP_REFRESH_TOKENS_ENDED, STMT_CLEANUP_SESSIONS_ENDED, STMT_CLEANUP_RELAY_STATES,
		STMT_CLEANUP_FLOW_STATES,	  STMT_CLEANUP_CLIENT_STATES,	     STMT_CLEANUP_CHALLENGES,	  STMT_CLEANUP_FACTORS,
		STMT_CLEANUP_WEBAUTHN_CHALLENGES,
	};
	int64_t timebox = settings->sessions.timebox / SECOND, inactivity = settings->sessions.inactivity_timeout / SECOND;
	size_t count = 0;

	for (; count < sizeof(always) / sizeof(always[0]); count++)
		steps[count] = (struct step){settings->oauth_server.enabled ? with_oauth(always[count]) : always[count], -1};
	if (settings->external.anonymous_users_enabled)
		steps[count++] = (struct step){STMT_CLEANUP_ANONYMOUS_USERS, -1};
	if (settings->sessions.timebox > 0)
		steps[count++] = (struct step){STMT_CLEANUP_SESSIONS_TIMEBOX, timebox};
	if (settings->sessions.inactivity_timeout > 0) {
		steps[count++] = (struct step){STMT_CLEANUP_SESSIONS_INACTIVE, inactivity};
		steps[count++] = (struct step){STMT_CLEANUP_SESSIONS_NEVER_REFRESHED, inactivity};
	}
	return count;
}

/* The turn is shared by all workers and counts up before it is used: the first that runs is number 1. */
int cleanup_after_request(struct request *req, int64_t *affected)
{
	struct db_value seconds;
	struct db_rows *rows;
	struct step steps[STEPS_MAX];
	size_t count = list_steps(req->settings, steps);
	const struct step *step = &steps[shared_count(req->shared, COUNT_CLEANUP_TURN) % count];

	*affected = 0;
	seconds = db_int8(step->seconds);
	if (db_fetch(req, step->statement, &seconds, step->seconds < 0 ? 0 : 1, &rows) < 0)
		return -1;
	*affected = db_affected(rows);
	return 0;
}
