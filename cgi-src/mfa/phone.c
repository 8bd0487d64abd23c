/* phone.c: codes sent to a phone as a second factor (contract 08 sections 5.3, 6.3, 6.6). */
#include <string.h>

#include "latchkey/sms.h"
#include "mfa_int.h"

#define WRONG "Invalid MFA Phone code entered"

static bool built(void)
{
	return true;
}

/* ---- enrolling ----------------------------------------------------------------------------------------------------------------------------------- */

/* Unverified factors with this number make room for the new one, whatever becomes of it. */
static int replace_old(struct request *req, const char *phone)
{
	const struct user *user = req->bearer->user;

	for (size_t i = 0; i < user->factor_count; i++)
		if (strcmp(user->factors[i].phone, phone) == 0 && strcmp(user->factors[i].status, "verified") == 0)
			return fail(req, 422, "mfa_verified_factor_exists",
				    "A verified phone factor already exists, unenroll the existing factor to continue");
	for (size_t i = 0; i < user->factor_count; i++)
		if (strcmp(user->factors[i].phone, phone) == 0 &&
		    db_execute(req, STMT_FACTOR_DELETE_UNVERIFIED, DB_ARGS(db_uuid(&user->factors[i].id))) < 0)
			return fail_server(req, "Database error deleting unverified phone factors");
	return 0;
}

static int prepare(struct request *req, struct enrollment *enrollment)
{
	struct text normal;

	if (enrollment->phone.len == 0)
		return fail(req, 400, "validation_failed", "Phone number required to enroll Phone factor");
	if (phone_validate(req, enrollment->phone, &normal) < 0)
		return -1;
	enrollment->stored_phone = text_string(req, normal);
	return replace_old(req, enrollment->stored_phone);
}

/* ---- challenging ----------------------------------------------------------------------------------------------------------------------------------- */

/* Takes the right to send before it is used, so that requests at the same time send one message; *before is what to restore if none leaves. */
static int claim(struct request *req, const struct factor *factor, moment now)
{
	duration gap = req->settings->mfa.phone_max_frequency;
	moment next = factor->last_challenged_at == MOMENT_NONE ? MOMENT_NONE : moment_add(factor->last_challenged_at, gap);
	struct db_rows *rows;

	if (next != MOMENT_NONE && next >= now)
		return fail(req, 429, "over_sms_send_rate_limit", "For security purposes, you can only request this after %lld seconds.",
			    (long long)((next - now) / 1000000));
	if (db_fetch(req, STMT_CHALLENGE_CLAIM_FACTOR, DB_ARGS(db_uuid(&factor->id), db_moment(now), db_moment(moment_add(now, -gap))), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail(req, 429, "over_sms_send_rate_limit", "For security purposes, you can only request this after %lld seconds.",
			    (long long)(gap / SECOND));
	return 0;
}

/* No message has left: the next one may. What went wrong stays the failure. */
static int unclaim(struct request *req, const struct factor *factor, moment claimed)
{
	struct failure failure = req->failure;

	if (failure.final)
		return -1;
	failure_clear(req);
	db_execute(req, STMT_CHALLENGE_UNCLAIM_FACTOR, DB_ARGS(db_uuid(&factor->id), db_moment(claimed), db_moment(factor->last_challenged_at)));
	req->failure = failure;
	return -1;
}

static int challenge(struct request *req, struct factor *factor, struct text channel, struct challenge *challenge)
{
	struct text code;
	moment now = moment_now();

	if (sms_channel_valid(req, channel) < 0 || claim(req, factor, now) < 0)
		return -1;
	code = text_of(otp_digits(req, (int)req->settings->mfa.phone_otp_length));
	secret_hold(code.data);
	challenge->otp_code = envelope_seal(req, req->settings, &challenge->id, code);
	if (sms_send_factor_code(req, req->bearer->user, text_of(factor->phone), code, req->settings->mfa.phone_template, channel) < 0)
		return unclaim(req, factor, now);
	return 0;
}

/* ---- verifying ----------------------------------------------------------------------------------------------------------------------------------- */

static void reseal(struct request *req, const struct challenge *of, struct text code)
{
	if (envelope_is_due(req->settings, of->otp_code))
		db_later(req, NULL, STMT_CHALLENGE_SET_CODE, DB_ARGS(db_uuid(&of->id), db_text(envelope_seal(req, req->settings, &of->id, code))));
	if (failed(req))
		failure_clear(req);
}

/* The gateway that made the code is asked, the hook is not where it says no. */
static int ask_gateway(struct request *req, const struct verification *verification)
{
	switch (sms_check_code(req, text_of(verification->factor->phone), verification->code)) {
	case SMS_CHECK_RIGHT:
		return 0;
	case SMS_CHECK_NO_GATEWAY:
		return fail_server(req, "Failed to get SMS provider");
	case SMS_CHECK_WRONG:
		break;
	}
	return fail(req, 403, "otp_expired", "Token has expired or is invalid");
}

static int verify(struct request *req, struct verification *verification)
{
	struct text code;
	const char *why;
	bool right;

	if (challenge_load(req, verification) < 0)
		return -1;
	if (sms_gateway_checks(req))
		return ask_gateway(req, verification) < 0 ? -1 : verification_hook(req, verification, true);
	if (envelope_open(req, req->settings, &verification->challenge->id, verification->challenge->otp_code, &code, &why) < 0) {
		fail_server(req, "Database error verifying MFA TOTP secret");
		return fail_cause(req, "phone code: %s", why);
	}
	secret_hold(code.data);
	right = code.len > 0 && secret_equal(code, verification->code);
	if (verification_hook(req, verification, right) < 0)
		return -1;
	if (right)
		return 0;
	reseal(req, verification->challenge, code);
	return fail(req, 422, "mfa_verification_failed", WRONG);
}

static bool waits(const struct request *req)
{
	return verification_hook_waits(req) || (sms_gateway_checks(req) && sms_waits(req));
}

const struct factor_kind factor_phone = {
	.type = "phone",
	.method = "mfa/phone",
	.name = "Phone",
	.enroll_code = "mfa_phone_enroll_not_enabled",
	.challenge_code = "mfa_phone_verify_not_enabled",
	.verify_code = "mfa_phone_verify_not_enabled",
	.lowering_failed = "Failed to update sessions",
	.removal_failed = "Error removing unverified factors",
	.enroll_switch = offsetof(struct settings, mfa.phone_enroll_enabled),
	.verify_switch = offsetof(struct settings, mfa.phone_verify_enabled),
	.built = built,
	.needs_code = true,
	.challenge_has_body = true,
	.challenge_in_audit = true,
	.enrolling_tells_type = true,
	.prepare = prepare,
	.challenge_waits = sms_waits,
	.challenge = challenge,
	.waits = waits,
	.verify = verify,
	.accept = challenge_spend,
};
