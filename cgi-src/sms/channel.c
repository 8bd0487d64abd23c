/* channel.c: how a code can reach a phone (contract 05 section 3.1). */
#include <string.h>

#include "latchkey/hook.h"
#include "latchkey/sms.h"

static bool provider_is_twilio(const struct request *req)
{
	const char *provider = req->settings->sms.provider;

	return strcmp(provider, "twilio") == 0 || strcmp(provider, "twilio_verify") == 0;
}

int sms_channel_valid(struct request *req, struct text channel)
{
	if (hook_enabled(req, HOOK_SEND_SMS) || text_is(channel, "sms") || (text_is(channel, "whatsapp") && provider_is_twilio(req)))
		return 0;
	return fail(
		req, 400, "validation_failed",
		"Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the "
		"provider.");
}
