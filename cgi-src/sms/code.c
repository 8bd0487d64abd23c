/* code.c: a code on its way to a phone: limits, test codes, hook or gateway, then columns and one-time token (contract 06 section 12.2). */
#include <string.h>

#include "cgi-src/sms/sms_int.h"
#include "latchkey/crypto.h"
#include "latchkey/hook.h"
#include "latchkey/metrics.h"
#include "latchkey/shared.h"
#include "latchkey/template.h"

#define BUILT_IN_TEXT "Your code is {{ .Code }}"

bool sms_waits(const struct request *req)
{
	const struct sms_gateway *list[GATEWAYS_MAX];

	return hook_enabled(req, HOOK_SEND_SMS) ? hook_waits(req, HOOK_SEND_SMS) : gateways_configured(req->settings, list) > 0;
}

int sms_render(struct request *req, const char *text_template, struct text code, struct text *text, const char **why)
{
	struct json_object *variables = json_hold(req, must(json_object_new_object()));
	struct template *parsed = template_parse(req, text_of(text_template[0] ? text_template : BUILT_IN_TEXT), TEMPLATE_TEXT, why);

	if (!parsed)
		return -1;
	json_object_object_add(variables, "Code", must(json_object_new_string_len(code.data, (int)code.len)));
	return template_execute(req, parsed, variables, text, why);
}

/* ---- limits ---- */

/* Section 3.1: refused until sent_at + interval has passed; the end still counts. */
static int check_frequency(struct request *req, moment sent_at)
{
	moment free_at = moment_add(sent_at, req->settings->sms.max_frequency), now = moment_now();

	if (sent_at == MOMENT_NONE || free_at < now)
		return 0;
	return fail(req, 429, "over_sms_send_rate_limit", "For security purposes, you can only request this after %lld seconds.",
		    (long long)((free_at - now) / 1000000));
}

static int check_limit(struct request *req)
{
	if (req->settings->sms.autoconfirm || shared_send_allowed(req->shared, SENDING_SMS, &req->settings->rate_limit.sms_sent))
		return 0;
	metrics_sending_limit(req->shared, SENDING_SMS);
	return fail(req, 429, "over_sms_send_rate_limit", "SMS rate limit exceeded");
}

struct text sms_test_code(const struct request *req, struct text phone)
{
	moment until = req->settings->sms.test_otp_valid_until;
	struct text code = text_map_get(&req->settings->sms.test_otp, phone);

	if (code.len == 0 || (until != MOMENT_NONE && moment_now() >= until))
		return TEXT_NONE;
	return code;
}

/* ---- hook and gateway ---- */

int sms_call_hook(struct request *req, const struct user *user, struct text phone, struct text code, const char *type)
{
	struct json_writer input = hook_input(req, HOOK_SEND_SMS);
	struct hook_answer answer;

	json_name(&input, "user");
	user_json(&input, user);
	json_name(&input, "sms");
	json_open_object(&input);
	json_member_text(&input, "otp", code);
	if (type)
		json_member_string(&input, "sms_type", type);
	if (phone.len)
		json_member_text(&input, "phone", phone);
	json_close_object(&input);
	return hook_call(req, HOOK_SEND_SMS, &input, &answer);
}

static int send_by_gateway(struct request *req, struct sms_message *message, const char *kind)
{
	const struct sms_gateway *list[GATEWAYS_MAX], *by;
	struct sms_refusal refusal;
	const char *why;

	if (gateways_configured(req->settings, list) == 0) {
		fail_server(req, "Unable to get SMS provider");
		return fail_cause(req, "sms: no gateway of this name, or its credentials are missing: %s",
				  text_string(req, sms_provider(req->settings)));
	}
	if (sms_render(req, req->settings->sms.template_, message->code, &message->text, &why) < 0) {
		fail_server(req, "error generating sms template");
		return fail_cause(req, "sms template: %s", why);
	}
	if (sms_deliver(req, message, &refusal, &by) == 0)
		return 0;
	fail(req, 422, "sms_send_failed", "Error sending %s OTP to provider: %s", kind, refusal.message);
	return fail_cause(req, "%s: %s", by->name, sms_without_numbers(req, refusal.cause ? refusal.cause : refusal.message));
}

/* ---- the flows ---- */

static const struct kind {
	const char *name; /* as error texts have it */
	enum one_time_token ott;
	enum statement write;
} kinds[] = {
	[SMS_CONFIRMATION] = {"confirmation", OTT_CONFIRMATION, STMT_USER_SET_CONFIRMATION_TOKEN},
	[SMS_PHONE_CHANGE] = {"phone_change", OTT_PHONE_CHANGE, STMT_USER_SET_PHONE_CHANGE_TOKEN},
	[SMS_REAUTHENTICATION] = {"reauthentication", OTT_REAUTHENTICATION, STMT_USER_SET_REAUTHENTICATION_TOKEN},
};

static moment *sent_column(struct user *user, enum sms_purpose purpose)
{
	switch (purpose) {
	case SMS_PHONE_CHANGE:
		return &user->phone_change_sent_at;
	case SMS_REAUTHENTICATION:
		return &user->reauthentication_sent_at;
	case SMS_CONFIRMATION:
		break;
	}
	return &user->confirmation_sent_at;
}

static const char **token_column(struct user *user, enum sms_purpose purpose)
{
	switch (purpose) {
	case SMS_PHONE_CHANGE:
		return &user->phone_change_token;
	case SMS_REAUTHENTICATION:
		return &user->reauthentication_token;
	case SMS_CONFIRMATION:
		break;
	}
	return &user->confirmation_token;
}

static void write_code(struct request *req, struct user *user, enum sms_purpose purpose, struct text phone, struct text code, moment sent_at)
{
	const struct kind *kind = &kinds[purpose];
	struct text hash = text_of(otp_hash(req, phone, code));

	*token_column(user, purpose) = hash.data;
	*sent_column(user, purpose) = sent_at;
	user->updated_at = moment_now();
	if (purpose == SMS_PHONE_CHANGE)
		db_later(req, NULL, kind->write,
			 DB_ARGS(db_uuid(&user->id), db_text(phone), db_text(hash), db_moment(sent_at), db_moment(user->updated_at)));
	else
		db_later(req, NULL, kind->write, DB_ARGS(db_uuid(&user->id), db_text(hash), db_moment(sent_at), db_moment(user->updated_at)));
	ott_create(req, user, kind->ott, phone, hash, "error creating one time token");
}

static int send_new_code(struct request *req, struct user *user, enum sms_purpose purpose, struct sms_message *message)
{
	if (check_limit(req) < 0)
		return -1;
	message->code = text_of(otp_digits(req, (int)req->settings->sms.otp_length));
	if (hook_enabled(req, HOOK_SEND_SMS))
		return sms_call_hook(req, user, message->phone, message->code, NULL);
	return send_by_gateway(req, message, kinds[purpose].name);
}

int sms_send_code(struct request *req, struct user *user, struct text phone, enum sms_purpose purpose, struct text channel, const char **message_id)
{
	struct sms_message message = {.phone = phone, .channel = channel, .code = sms_test_code(req, phone)};
	bool fixed = message.code.len > 0;
	moment now = moment_now();

	*message_id = "";
	if (check_frequency(req, *sent_column(user, purpose)) < 0)
		return -1;
	if (purpose == SMS_PHONE_CHANGE)
		user->phone_change = text_string(req, phone);
	if (!fixed && send_new_code(req, user, purpose, &message) < 0)
		return -1;
	write_code(req, user, purpose, phone, message.code, now);
	if (fixed)
		*message_id = "test-otp";
	return 0;
}
