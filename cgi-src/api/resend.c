/* resend.c: POST /resend: a confirmation that did not arrive is sent again (contract 06 section 5.4). */
#include "cgi-src/api/accounts.h"
#include "latchkey/mail.h"
#include "latchkey/sms.h"

struct resend_params {
	struct text type, email, phone, code_challenge, code_challenge_method;
};
static const struct json_field resend_fields[] = {
	JSON_FIELD(struct resend_params, type, "type", JSON_TEXT),
	JSON_FIELD(struct resend_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct resend_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct resend_params, code_challenge, "code_challenge", JSON_TEXT),
	JSON_FIELD(struct resend_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
};
static const struct json_shape resend_shape = JSON_SHAPE("ResendConfirmationParams", resend_fields);

struct resend {
	struct resend_params params;
	const struct resend_type *type;
	struct text address; /* normal form; of the phone where by_phone */
	bool by_phone;
	struct user *user;
	const char *message_id;
};

struct resend_type {
	const char *name;
	bool mail; /* PKCE counts, and a mail goes out; else a text message */
	bool (*is_due)(const struct user *user);
	int (*send)(struct request *req, struct resend *resend);
};

/* ---- what each type does ---- */

static bool signup_is_due(const struct user *user)
{
	return !user_email_confirmed(user);
}

static bool sms_is_due(const struct user *user)
{
	return !user_phone_confirmed(user);
}

static bool email_change_is_due(const struct user *user)
{
	return user->email_change[0] != '\0';
}

static bool phone_change_is_due(const struct user *user)
{
	return user->phone_change[0] != '\0';
}

static bool is_pkce(const struct resend *resend)
{
	return !text_is_empty(resend->params.code_challenge);
}

static int remember(struct request *req, const struct resend *resend, const char *method)
{
	return remember_flow(req, resend->user, method, method, resend->params.code_challenge, resend->params.code_challenge_method);
}

static int send_signup(struct request *req, struct resend *resend)
{
	audit(req, AUDIT_USER_CONFIRMATION_REQUESTED, resend->user, NULL, false);
	return remember(req, resend, "email/signup") < 0 ? -1 : mail_confirmation(req, resend->user, is_pkce(resend));
}

static int send_email_change(struct request *req, struct resend *resend)
{
	if (remember(req, resend, "email_change") < 0)
		return -1;
	return mail_email_change(req, resend->user, text_of(resend->user->email_change), is_pkce(resend));
}

static int send_sms(struct request *req, struct resend *resend)
{
	audit(req, AUDIT_USER_RECOVERY_REQUESTED, resend->user, NULL, false);
	return sms_send_code(req, resend->user, resend->address, SMS_CONFIRMATION, TEXT("sms"), &resend->message_id);
}

static int send_phone_change(struct request *req, struct resend *resend)
{
	return sms_send_code(req, resend->user, text_of(resend->user->phone_change), SMS_PHONE_CHANGE, TEXT("sms"), &resend->message_id);
}

static const struct resend_type resend_types[] = {
	{"signup", true, signup_is_due, send_signup},
	{"email_change", true, email_change_is_due, send_email_change},
	{"sms", false, sms_is_due, send_sms},
	{"phone_change", false, phone_change_is_due, send_phone_change},
};

/* ---- checks ---- */

static int find_type(struct request *req, struct resend *resend)
{
	for (size_t i = 0; i < sizeof(resend_types) / sizeof(resend_types[0]); i++)
		if (text_is(resend->params.type, resend_types[i].name))
			resend->type = &resend_types[i];
	if (!resend->type)
		return fail(req, 400, "validation_failed", "Missing one of these types: signup, email_change, sms, phone_change");
	return resend->type->mail ? pkce_validate(req, resend->params.code_challenge, resend->params.code_challenge_method) : 0;
}

static int check_kind(struct request *req, const struct resend *resend)
{
	bool email = !text_is_empty(resend->params.email), phone = !text_is_empty(resend->params.phone);

	if (resend->type->send == send_signup && !email)
		return fail(req, 400, "validation_failed", "Type provided requires an email address");
	if (resend->type->send == send_sms && !phone)
		return fail(req, 400, "validation_failed", "Type provided requires a phone number");
	if (email && phone)
		return fail(req, 400, "validation_failed", "Only an email address or phone number should be provided.");
	if (!email && !phone)
		return fail(req, 400, "validation_failed", "Missing email address or phone number");
	return 0;
}

static int check_address(struct request *req, struct resend *resend)
{
	resend->by_phone = text_is_empty(resend->params.email);
	if (resend->by_phone) {
		if (!req->settings->external.phone_enabled)
			return fail(req, 400, "phone_provider_disabled", "Phone logins are disabled");
		return phone_validate(req, resend->params.phone, &resend->address);
	}
	if (!req->settings->external.email_enabled)
		return fail(req, 400, "email_provider_disabled", "Email logins are disabled");
	return email_validate(req, resend->params.email, &resend->address);
}

static int find_user(struct request *req, struct resend *resend)
{
	struct text aud = request_audience(req);
	int found =
		resend->by_phone ? user_by_phone(req, resend->address, aud, &resend->user) : user_by_email(req, resend->address, aud, &resend->user);

	return found < 0 ? fail_server(req, "Unable to process request") : 0;
}

/* ---- the handler ---- */

static int write_resend(struct request *req, void *arg)
{
	struct resend *resend = arg;

	return resend->type->send(req, resend);
}

int api_resend(struct request *req)
{
	struct resend resend = {.message_id = ""};
	int moved;

	if (http_json(req, &resend_shape, &resend.params) < 0 || find_type(req, &resend) < 0 || check_kind(req, &resend) < 0 ||
	    check_address(req, &resend) < 0)
		return -1;
	moved = (resend.type->mail ? mail_waits(req) : sms_waits(req)) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (find_user(req, &resend) < 0)
		return -1;
	if (resend.user && resend.type->is_due(resend.user) && db_transaction(req, write_resend, &resend) < 0)
		return -1;
	return reply_message_id(req, resend.message_id);
}
