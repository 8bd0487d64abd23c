/* reauthenticate.c: GET /reauthenticate and the code that it sends (contract 05 section 7, 06 section 13). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/user_update.h"
#include "latchkey/crypto.h"
#include "latchkey/mail.h"
#include "latchkey/sms.h"

static int check_address(struct request *req, const struct user *user)
{
	if (user->email[0] == '\0' && user->phone[0] == '\0')
		return fail(req, 400, "validation_failed", "Reauthentication requires the user to have an email or a phone number");
	if (user->email[0] && !user_email_confirmed(user))
		return fail(req, 422, "email_not_confirmed", "Please verify your email first.");
	if (user->email[0] == '\0' && !user_phone_confirmed(user))
		return fail(req, 422, "phone_not_confirmed", "Please verify your phone first.");
	return 0;
}

static int send_code(struct request *req, void *arg)
{
	struct user *user = req->bearer->user;
	const char **message_id = arg;

	audit(req, AUDIT_USER_REAUTHENTICATE_REQUESTED, user, NULL, false);
	if (user->email[0])
		return mail_reauthentication(req, user);
	return sms_send_code(req, user, text_of(user->phone), SMS_REAUTHENTICATION, TEXT("sms"), message_id);
}

int api_reauthenticate(struct request *req)
{
	const char *message_id = "";
	int moved;

	if (check_address(req, req->bearer->user) < 0)
		return -1;
	moved = (req->bearer->user->email[0] ? mail_waits(req) : sms_waits(req)) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (db_transaction(req, send_code, &message_id) < 0)
		return -1;
	return reply_message_id(req, message_id);
}

/* ---- the code (7.2) ------------------------------------------------------------------------------------------------------------------- */

static int refuse(struct request *req)
{
	return fail(req, 422, "reauthentication_not_valid", "Nonce has expired or is invalid");
}

static bool nonce_is_right(struct request *req, const struct user *user, struct text address, struct text nonce, int64_t lifetime)
{
	struct text stored = text_of(user->reauthentication_token);
	bool right = secret_equal(stored, token_value(req, address, nonce, false)) || secret_equal(stored, token_value(req, address, nonce, true));

	return right && moment_now() <= moment_add(user->reauthentication_sent_at, lifetime * SECOND);
}

static int consume(struct request *req, void *user)
{
	user_confirm_reauthentication(req, user, "Error during reauthentication");
	return 0;
}

bool reauthentication_waits(const struct request *req, const struct user *user)
{
	return user->email[0] == '\0' && user->phone[0] && sms_gateway_checks(req);
}

/* A code that the gateway has confirmed leaves what is stored as it is. */
static int ask_gateway(struct request *req, const struct user *user, struct text nonce)
{
	switch (sms_check_code(req, text_of(user->phone), nonce)) {
	case SMS_CHECK_RIGHT:
		return 0;
	case SMS_CHECK_NO_GATEWAY:
		return fail_server(req, "Unable to get SMS provider");
	case SMS_CHECK_WRONG:
		break;
	}
	return fail(req, 403, "otp_expired", "Token has expired or is invalid");
}

int reauthentication_verify(struct request *req, struct user *user, struct text nonce)
{
	bool right;

	if (user->reauthentication_token[0] == '\0' || user->reauthentication_sent_at == MOMENT_NONE)
		return refuse(req);
	if (reauthentication_waits(req, user))
		return ask_gateway(req, user, nonce);
	if (user->email[0])
		right = nonce_is_right(req, user, text_of(user->email), nonce, req->settings->mailer.otp_exp);
	else if (user->phone[0])
		right = nonce_is_right(req, user, text_of(user->phone), nonce, req->settings->sms.otp_exp);
	else
		return fail(req, 422, "reauthentication_not_valid", "Reauthentication requires an email or a phone number");
	return right ? db_transaction(req, consume, user) : refuse(req);
}
