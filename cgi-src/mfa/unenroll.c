/* unenroll.c: a user gives a factor up (contract 08 section 7). */
#include <string.h>

#include "latchkey/mail.h"
#include "mfa_int.h"

static int may_leave(struct request *req, const struct factor *factor)
{
	if (strcmp(factor->status, "verified") == 0 && !session_is_aal2(req))
		return fail(req, 422, "insufficient_aal", "AAL2 required to unenroll verified factor");
	return 0;
}

/* Another request may have verified the factor meanwhile. */
static int write(struct request *req, void *arg)
{
	struct factor *factor = arg;

	if (factor_lock(req, factor) < 0 || may_leave(req, factor) < 0)
		return -1;
	db_later(req, NULL, STMT_FACTOR_DELETE, DB_ARGS(db_uuid(&factor->id)));
	audit(req, AUDIT_FACTOR_UNENROLLED, req->bearer->user,
	      audit_traits(req, "factor_id", uuid_string(req, &factor->id), "factor_status", factor->status, "session_id",
			   uuid_string(req, &req->bearer->session->id), NULL),
	      true);
	mfa_lower_sessions(req, factor, NULL);
	return 0;
}

int mfa_unenroll(struct request *req, struct factor *factor)
{
	struct notification gone = {.kind = MAIL_FACTOR_UNENROLLED, .user = req->bearer->user, .factor_type = factor->type};
	int moved;

	if (may_leave(req, factor) < 0)
		return -1;
	moved = req->settings->mailer.notify[MAIL_FACTOR_UNENROLLED] && mail_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (db_transaction(req, write, factor) < 0)
		return -1;
	if (req->bearer->user->email[0])
		mail_notify(req, &gone);
	return 0;
}
