/* recover.c: POST /recover: a mail with a link that signs in, to set a new password (contract 06 section 5.1). */
#include "cgi-src/api/accounts.h"
#include "latchkey/mail.h"

struct recover_params {
	struct text email, code_challenge, code_challenge_method;
};
static const struct json_field recover_fields[] = {
	JSON_FIELD(struct recover_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct recover_params, code_challenge, "code_challenge", JSON_TEXT),
	JSON_FIELD(struct recover_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
};
static const struct json_shape recover_shape = JSON_SHAPE("RecoverParams", recover_fields);

struct recovery {
	struct user *user;
	bool pkce;
};

static int write_recovery(struct request *req, void *arg)
{
	struct recovery *recovery = arg;

	audit(req, AUDIT_USER_RECOVERY_REQUESTED, recovery->user, NULL, false);
	return mail_recovery(req, recovery->user, recovery->pkce);
}

static int check(struct request *req, const struct recover_params *params, struct text *email)
{
	if (text_is_empty(params->email))
		return fail(req, 400, "validation_failed", "Password recovery requires an email");
	if (email_validate(req, params->email, email) < 0)
		return -1;
	return pkce_validate(req, params->code_challenge, params->code_challenge_method);
}

int api_recover(struct request *req)
{
	struct recover_params params = {0};
	struct recovery recovery = {0};
	struct text email;
	int moved;

	if (http_json(req, &recover_shape, &params) < 0 || check(req, &params, &email) < 0)
		return -1;
	moved = mail_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (user_by_email(req, email, request_audience(req), &recovery.user) < 0)
		return fail_server(req, "Unable to process request");
	if (!recovery.user)
		return reply_empty_object(req);
	recovery.pkce = !text_is_empty(params.code_challenge);
	/* it stays, even where the mail cannot be sent */
	if (remember_flow(req, recovery.user, "recovery", "recovery", params.code_challenge, params.code_challenge_method) < 0 ||
	    db_transaction(req, write_recovery, &recovery) < 0)
		return -1;
	return reply_empty_object(req);
}
