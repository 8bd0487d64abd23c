/* otp.c: POST /otp: a code by mail or to a phone (contract 06 section 5.3). */
#include "cgi-src/api/accounts.h"
#include "cgi-src/api/magiclink.h"
#include "cgi-src/api/signup.h"
#include "latchkey/crypto.h"
#include "latchkey/sms.h"

struct otp_params {
	struct text email, phone, channel, code_challenge, code_challenge_method;
	struct json_opt_bool create_user;
	struct json_object *data;
};
static const struct json_field otp_fields[] = {
	JSON_FIELD(struct otp_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct otp_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct otp_params, create_user, "create_user", JSON_BOOL_OPT),
	JSON_FIELD(struct otp_params, data, "data", JSON_MAP),
	JSON_FIELD(struct otp_params, channel, "channel", JSON_TEXT),
	JSON_FIELD(struct otp_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
	JSON_FIELD(struct otp_params, code_challenge, "code_challenge", JSON_TEXT),
};
static const struct json_shape otp_shape = JSON_SHAPE("OtpParams", otp_fields);

/* ---- checks ---- */

static int check(struct request *req, const struct otp_params *params)
{
	if (!text_is_empty(params->email) && !text_is_empty(params->phone))
		return fail(req, 400, "validation_failed", "Only an email address or phone number should be provided");
	if (!text_is_empty(params->email) && !text_is_empty(params->channel))
		return fail(req, 400, "validation_failed", "Channel should only be specified with Phone OTP");
	return pkce_validate(req, params->code_challenge, params->code_challenge_method);
}

/* 1: there; 0: not there, or no address; -1: the database could not say. */
static int is_known(struct request *req, const struct otp_params *params)
{
	struct user *user = NULL;
	struct text address;
	int found;

	if (!text_is_empty(params->email)) {
		if (email_validate(req, params->email, &address) < 0)
			return 0;
		found = user_by_email(req, address, request_audience(req), &user);
	} else {
		if (phone_validate(req, params->phone, &address) < 0)
			return 0;
		found = user_by_phone(req, address, request_audience(req), &user);
	}
	return found < 0 ? -1 : user != NULL;
}

/* Step 5: nobody is to be made. */
static int check_known(struct request *req, const struct otp_params *params)
{
	bool wants_new = !params->create_user.set || params->create_user.value;

	if (wants_new || (text_is_empty(params->email) && text_is_empty(params->phone)))
		return 0;
	if (is_known(req, params) == 0) {
		failure_clear(req);
		return fail(req, 422, "otp_disabled", "Signups not allowed for otp");
	}
	failure_clear(req);
	return failed(req) ? -1 : 0;
}

/* ---- by phone ---- */

struct code {
	struct user *user;
	struct text phone, channel;
	const char *message_id;
};

static int write_code(struct request *req, void *arg)
{
	struct code *code = arg;
	const char *channel = text_string(req, code->channel);

	audit(req, AUDIT_USER_RECOVERY_REQUESTED, code->user, audit_traits(req, "channel", channel, NULL), false);
	return sms_send_code(req, code->user, code->phone, SMS_CONFIRMATION, code->channel, &code->message_id);
}

static int send_code(struct request *req, struct code *code)
{
	if (db_transaction(req, write_code, code) < 0)
		return -1;
	return reply_message_id(req, code->message_id);
}

static int sign_up(struct request *req, const struct otp_params *params, const struct code *code)
{
	struct signup_params signup = {
		.phone = code->phone,
		.password = text_of(random_password(req, PASSWORD_OTP_SIGN_UP)),
		.channel = code->channel,
		.data = params->data,
	};

	return signup_unseen(req, &signup);
}

static int find_user(struct request *req, struct code *code)
{
	if (user_by_phone(req, code->phone, request_audience(req), &code->user) < 0)
		return fail_server(req, "Database error finding user");
	return 0;
}

static int check_phone(struct request *req, const struct otp_params *params, struct code *code)
{
	if (!req->settings->external.phone_enabled)
		return fail(req, 400, "phone_provider_disabled", "Unsupported phone provider");
	code->channel = text_is_empty(params->channel) ? TEXT("sms") : params->channel;
	if (phone_validate(req, params->phone, &code->phone) < 0)
		return -1;
	return sms_channel_valid(req, code->channel);
}

static int otp_by_phone(struct request *req, const struct otp_params *params)
{
	struct code code = {.message_id = ""};
	int stopped;

	if (check_phone(req, params, &code) < 0)
		return -1;
	stopped = sms_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (stopped)
		return stopped;
	if (find_user(req, &code) < 0)
		return -1;
	if (code.user && user_phone_confirmed(code.user))
		return send_code(req, &code);
	stopped = sign_up(req, params, &code);
	if (stopped)
		return stopped;
	if (!req->settings->sms.autoconfirm)
		return reply_empty_object(req);
	if (find_user(req, &code) < 0)
		return -1;
	return code.user && user_phone_confirmed(code.user) ? send_code(req, &code) : reply_empty_object(req);
}

/* ---- the handler ---- */

static int otp_by_mail(struct request *req, const struct otp_params *params)
{
	struct magic_link_params link = {
		.email = params->email,
		.code_challenge = params->code_challenge,
		.code_challenge_method = params->code_challenge_method,
		.data = params->data,
	};

	return magic_link_check_open(req) < 0 ? -1 : magic_link_send(req, &link);
}

int api_otp(struct request *req)
{
	struct otp_params params = {0};

	if (http_json(req, &otp_shape, &params) < 0 || check(req, &params) < 0 || check_known(req, &params) < 0)
		return -1;
	if (!text_is_empty(params.email))
		return otp_by_mail(req, &params);
	if (!text_is_empty(params.phone))
		return otp_by_phone(req, &params);
	return fail(req, 400, "validation_failed", "One of email or phone must be set");
}
