/* factor.c: codes for second factors, and codes that a gateway checks itself (contract 08 sections 6 and 7; 06 section 12.5). */
#include "cgi-src/sms/sms_int.h"
#include "latchkey/hook.h"

int sms_send_factor_code(struct request *req, const struct user *user, struct text phone, struct text code, const char *text_template,
			 struct text channel)
{
	struct sms_message message = {.phone = phone, .channel = channel, .code = code};
	const struct sms_gateway *by;
	struct sms_refusal refusal;
	const char *why;

	if (sms_render(req, text_template, code, &message.text, &why) < 0) {
		fail_server(req, "error generating sms template");
		return fail_cause(req, "sms template: %s", why);
	}
	if (hook_enabled(req, HOOK_SEND_SMS)) {
		if (sms_call_hook(req, user, phone, code, "mfa") == 0)
			return 0;
		req->failure.db = NULL; /* a fixed text, whatever the hook said (11 section 9.2) */
		return fail_server(req, "error invoking hook");
	}
	if (sms_deliver(req, &message, &refusal, &by) == 0)
		return 0;
	if (!by)
		return fail_server(req, "Failed to get SMS provider");
	fail_server(req, "error sending message");
	return fail_cause(req, "%s: %s", by->name, sms_without_numbers(req, refusal.cause ? refusal.cause : refusal.message));
}

bool sms_gateway_checks(const struct request *req)
{
	const struct sms_gateway *gateway = gateway_named(sms_provider(req->settings));

	return gateway && gateway->check;
}

enum sms_check sms_check_code(struct request *req, struct text phone, struct text code)
{
	const struct sms_gateway *list[GATEWAYS_MAX], *gateway = gateways_configured(req->settings, list) ? list[0] : NULL;
	struct sms_refusal refusal = {0};
	bool right = false;

	if (!gateway || !gateway->check)
		return SMS_CHECK_NO_GATEWAY;
	if (gateway->check(req, phone, code, &right, &refusal) < 0)
		request_log_to(req, LOG_WARNING, "the SMS gateway did not confirm a code", log_text("provider", gateway->name),
			       log_text("error", sms_without_numbers(req, refusal.cause ? refusal.cause : refusal.message)));
	return right ? SMS_CHECK_RIGHT : SMS_CHECK_WRONG;
}
