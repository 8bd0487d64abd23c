/* verify.c: an attempt is checked by its kind; a right one raises the session (contract 08 sections 6.4 to 6.9). */
#include <string.h>

#include "latchkey/hook.h"
#include "latchkey/mail.h"
#include "mfa_int.h"

/* Locks in one order for everybody: the user's sessions by id, the factor, refresh tokens. The user's other factors of this kind are removed
 * at the end, and a request that had locked one of those would wait for these sessions: so they come first. */
int factor_lock(struct request *req, struct factor *factor)
{
	struct db_rows *rows;

	db_later(req, NULL, STMT_SESSIONS_LOCK, DB_ARGS(db_uuid(&factor->user_id)));
	if (db_fetch(req, STMT_FACTOR_LOCK, DB_ARGS(db_uuid(&factor->id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail(req, 404, "mfa_factor_not_found", "Factor not found");
	factor->status = db_get_string(rows, 0, 0);
	factor->secret = db_get_string(rows, 0, 1);
	return 0;
}

static int raise_session(struct request *req, void *arg)
{
	struct verification *verification = arg;
	const struct factor_kind *kind = verification->kind;
	struct factor *factor = verification->factor;
	struct user *user = req->bearer->user;

	if (factor_lock(req, factor) < 0)
		return -1;
	verification->became_verified = strcmp(factor->status, "verified") != 0;
	audit(req, AUDIT_VERIFICATION_ATTEMPTED, user,
	      audit_traits(req, "factor_id", uuid_string(req, &factor->id), "challenge_id", uuid_string(req, &verification->challenge_id),
			   "factor_type", kind->type, NULL),
	      true);
	if (kind->accept(req, verification) < 0)
		return -1;
	if (verification->became_verified)
		db_later(req, NULL, STMT_FACTOR_VERIFIED, DB_ARGS(db_uuid(&factor->id), db_moment(moment_now())));
	if (session_raise(req, user, kind->method, &factor->id, &verification->tokens) < 0)
		return -1;
	db_later(req, kind->lowering_failed, STMT_SESSIONS_DELETE_LOW, DB_ARGS(db_uuid(&user->id)));
	db_later(req, kind->removal_failed, STMT_FACTORS_DELETE_UNVERIFIED, DB_ARGS(db_uuid(&user->id), db_string(kind->type)));
	return 0;
}

static bool waits(const struct request *req, const struct verification *verification)
{
	if (verification->kind->waits && verification->kind->waits(req))
		return true;
	return hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) || (req->settings->mailer.notify[MAIL_FACTOR_ENROLLED] && mail_waits(req));
}

int mfa_verify(struct request *req, struct verification *verification)
{
	const struct factor_kind *kind = verification->kind;
	struct notification enrolled = {.kind = MAIL_FACTOR_ENROLLED, .user = req->bearer->user, .factor_type = kind->type};
	int moved = waits(req, verification) ? lane_require(req, LANE_OUTBOUND) : 0;

	if (moved)
		return moved;
	if (kind->verify(req, verification) < 0 || db_transaction(req, raise_session, verification) < 0)
		return -1;
	if (verification->became_verified && req->bearer->user->email[0])
		mail_notify(req, &enrolled);
	log_login(req, "mfa", &req->bearer->user->id, kind->type, false);
	return 0;
}
