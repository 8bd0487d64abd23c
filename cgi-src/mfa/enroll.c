/* enroll.c: a second factor is admitted and stored, unverified (contract 08 section 5). */
#include <string.h>

#include "mfa_int.h"

/* Section 5.1 from step 3 on, with the user's row held: two that enroll at once see each other. */
static int admit(struct request *req, const struct user *user, struct text name)
{
	int64_t verified = 0;

	for (size_t i = 0; i < user->factor_count; i++) {
		verified += strcmp(user->factors[i].status, "verified") == 0;
		if (text_is(name, user->factors[i].friendly_name))
			return fail(req, 422, "mfa_factor_name_conflict", "A factor with the friendly name %s for this user already exists",
				    text_string(req, quote_go(req, name)));
	}
	if ((int64_t)user->factor_count >= req->settings->mfa.max_enrolled_factors || verified >= req->settings->mfa.max_verified_factors)
		return fail(req, 422, "too_many_enrolled_mfa_factors", "Maximum number of verified factors reached, unenroll to continue");
	if (verified > 0 && !session_is_aal2(req))
		return fail(req, 403, "insufficient_aal", "AAL2 required to enroll a new factor");
	return 0;
}

struct enrolling {
	const struct factor_kind *kind;
	struct enrollment *enrollment;
};

static void insert(struct request *req, const struct enrolling *enrolling)
{
	const struct enrollment *enrollment = enrolling->enrollment;
	const struct factor_kind *kind = enrolling->kind;
	const char *id = uuid_string(req, &enrollment->id);

	db_later(req, NULL, STMT_FACTOR_INSERT,
		 DB_ARGS(db_uuid(&enrollment->id), db_uuid(&req->bearer->user->id), db_text(enrollment->friendly_name), db_string(kind->type),
			 db_moment(moment_now()), db_string(enrollment->stored_secret ? enrollment->stored_secret : ""),
			 db_string(enrollment->stored_phone)));
	audit(req, AUDIT_FACTOR_IN_PROGRESS, req->bearer->user,
	      kind->enrolling_tells_type ? audit_traits(req, "factor_id", id, "factor_type", kind->type, NULL)
					 : audit_traits(req, "factor_id", id, NULL),
	      true);
}

static int write(struct request *req, void *arg)
{
	struct enrolling *enrolling = arg;
	struct user *user = req->bearer->user;

	if (db_execute(req, STMT_USER_HOLD, DB_ARGS(db_uuid(&user->id))) < 0 || user_reload(req, user) < 0 ||
	    admit(req, user, enrolling->enrollment->friendly_name) < 0)
		return -1;
	enrolling->enrollment->id = uuid_v4();
	if (enrolling->kind->make && enrolling->kind->make(req, enrolling->enrollment) < 0)
		return -1;
	insert(req, enrolling);
	return 0;
}

int mfa_enroll(struct request *req, const struct factor_kind *kind, struct enrollment *enrollment)
{
	struct enrolling enrolling = {kind, enrollment};
	int64_t age = req->settings->mfa.factor_expiry / SECOND;

	if (kind->prepare && kind->prepare(req, enrollment) < 0)
		return -1;
	if (db_execute(req, STMT_FACTORS_PURGE, DB_ARGS(db_int8(age))) < 0)
		return -1;
	return db_transaction(req, write, &enrolling);
}
