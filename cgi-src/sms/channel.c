/* channel.c: how a code can reach a phone (contract 05 section 3.1). */
#include "cgi-src/sms/sms_int.h"
#include "latchkey/hook.h"

/* Twilio's two. That credentials are missing shows when it sends. */
static bool takes_whatsapp(const struct settings *settings)
{
	const struct sms_gateway *list[GATEWAYS_MAX], *first = gateway_named(sms_provider(settings));
	size_t count = gateways_configured(settings, list);

	for (size_t i = 0; i < count; i++)
		if (list[i]->whatsapp)
			return true;
	return first && first->whatsapp;
}

int sms_channel_valid(struct request *req, struct text channel)
{
	if (hook_enabled(req, HOOK_SEND_SMS) || text_is(channel, "sms") || (text_is(channel, "whatsapp") && takes_whatsapp(req->settings)))
		return 0;
	return fail(
		req, 400, "validation_failed",
		"Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the "
		"provider.");
}
