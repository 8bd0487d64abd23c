/* challenge.c: challenges are made, found again, spent (contract 08 sections 6.1, 6.4). */
#include "mfa_int.h"

int64_t challenge_expires_at(const struct settings *settings, const struct challenge *challenge)
{
	return moment_add(challenge->created_at, (int64_t)settings->mfa.challenge_expiry * SECOND) / 1000000;
}

/* ---- making ---------------------------------------------------------------------------------------------------------------------------------- */

struct making {
	const struct factor_kind *kind;
	struct factor *factor;
	struct challenge *challenge;
};

/* The factor's row first: the reference's order deadlocks (section 6.1). */
static int write(struct request *req, void *arg)
{
	const struct making *making = arg;
	const struct challenge *challenge = making->challenge;
	const struct factor *factor = making->factor;

	db_later(req, NULL, STMT_CHALLENGE_MARK_FACTOR, DB_ARGS(db_uuid(&factor->id), db_moment(challenge->created_at)));
	db_later(req, NULL, STMT_CHALLENGE_INSERT,
		 DB_ARGS(db_uuid(&challenge->id), db_uuid(&factor->id), db_moment(challenge->created_at), db_text(req->address),
			 db_text(challenge->otp_code.data ? challenge->otp_code : TEXT("")),
			 challenge->session_data.len ? db_text(challenge->session_data) : db_null()));
	if (making->kind->challenge_in_audit)
		audit(req, AUDIT_CHALLENGE_CREATED, req->bearer->user,
		      audit_traits(req, "factor_id", uuid_string(req, &factor->id), "factor_status", factor->status, NULL), true);
	return 0;
}

int mfa_challenge(struct request *req, const struct factor_kind *kind, struct factor *factor, struct text channel, struct challenge *challenge)
{
	struct making making = {kind, factor, challenge};
	int moved = kind->challenge_waits && kind->challenge_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;

	if (moved)
		return moved;
	challenge->id = uuid_v4();
	if (kind->challenge && kind->challenge(req, factor, channel, challenge) < 0)
		return -1;
	/* last_challenged_at is unique in the whole table: a neighbour of the same microsecond makes for another try */
	for (int tries = 3; tries > 0; tries--) {
		challenge->created_at = moment_now();
		if (db_transaction(req, write, &making) == 0)
			return 0;
		if (!failure_is_sqlstate(req, "23505"))
			break;
		if (tries > 1)
			failure_clear(req);
	}
	return -1;
}

/* ---- finding again ----------------------------------------------------------------------------------------------------------------------------- */

int challenge_refuse(struct request *req)
{
	return fail(req, 422, "mfa_ip_address_mismatch", "Challenge and verify IP addresses mismatch.");
}

static int expire(struct request *req, const struct verification *verification)
{
	char id[UUID_TEXT_LEN + 1];

	if (db_execute(req, STMT_CHALLENGE_DELETE, DB_ARGS(db_uuid(&verification->challenge_id))) < 0)
		return fail_server(req, "Database error deleting challenge");
	uuid_format(&verification->challenge_id, id);
	return fail(req, 422, "mfa_challenge_expired", "MFA challenge %s has expired, verify against another challenge or create a new challenge.",
		    id);
}

int challenge_load(struct request *req, struct verification *verification)
{
	struct challenge *challenge = must(talloc_zero(req, struct challenge));
	duration lifetime = (int64_t)req->settings->mfa.challenge_expiry * SECOND;
	struct db_rows *rows;

	if (db_fetch(req, STMT_CHALLENGE_BY_ID, DB_ARGS(db_uuid(&verification->challenge_id), db_uuid(&verification->factor->id)), &rows) < 0)
		return fail_server(req, "Database error finding Challenge");
	if (db_row_count(rows) == 0)
		return fail(req, 422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
	*challenge = (struct challenge){
		.id = verification->challenge_id,
		.created_at = db_get_moment(rows, 0, 0),
		.verified_at = db_get_moment(rows, 0, 1),
		.address = db_get_text(rows, 0, 2),
		.otp_code = db_get_text(rows, 0, 3),
		.session_data = db_get_text(rows, 0, 4),
		.last_step = db_is_null(rows, 0, 5) ? -1 : db_get_int(rows, 0, 5),
	};
	verification->challenge = challenge;
	if (challenge->verified_at != MOMENT_NONE || !text_equal(challenge->address, req->address))
		return challenge_refuse(req);
	if (moment_now() > moment_add(challenge->created_at, lifetime))
		return expire(req, verification);
	return 0;
}

int challenge_spend(struct request *req, struct verification *verification)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_CHALLENGE_SPEND, DB_ARGS(db_uuid(&verification->challenge_id), db_moment(moment_now())), &rows) < 0)
		return -1;
	return db_row_count(rows) ? 0 : challenge_refuse(req);
}
