/* twilio_verify.c: Twilio Verify, which makes, sends and checks codes of its own. */
#include "cgi-src/sms/sms_int.h"

struct verdict {
	struct text status;
	bool valid;
};
static const struct json_field verdict_fields[] = {
	JSON_FIELD(struct verdict, status, "status", JSON_TEXT),
	JSON_FIELD(struct verdict, valid, "valid", JSON_BOOL),
};
static const struct json_shape verdict_shape = JSON_SHAPE("VerificationResponse", verdict_fields);

static bool configured(const struct settings *settings)
{
	return settings->sms.twilio_verify.account_sid[0] && settings->sms.twilio_verify.auth_token[0] &&
	       settings->sms.twilio_verify.message_service_sid[0];
}

static int ask(struct request *req, const char *what, const struct gateway_field *fields, struct verdict *verdict, struct sms_refusal *refusal)
{
	struct gateway_call call = {
		.url = format(req, "https://verify.twilio.com/v2/Services/%s/%s", req->settings->sms.twilio_verify.message_service_sid, what),
		.user = req->settings->sms.twilio_verify.account_sid,
		.password = req->settings->sms.twilio_verify.auth_token,
		.fields = fields,
		.count = 2,
	};
	struct outbound_answer answer;

	if (twilio_post(req, &call, &answer, refusal) < 0)
		return -1;
	return gateway_read(req, &answer, &verdict_shape, verdict, refusal);
}

static struct text recipient(struct request *req, struct text phone)
{
	return text_of(format(req, "+%s", text_string(req, phone)));
}

static int send_message(struct request *req, const struct sms_message *message, struct sms_refusal *refusal)
{
	struct gateway_field fields[] = {{"Channel", message->channel}, {"To", recipient(req, message->phone)}};
	struct verdict ignored = {0};

	if (!text_is(message->channel, "sms") && !text_is(message->channel, "whatsapp"))
		return gateway_refuse(req, refusal, "channel type %s is not supported for Twilio", quote_go(req, message->channel).data);
	return ask(req, "Verifications", fields, &ignored, refusal);
}

static int check(struct request *req, struct text phone, struct text code, bool *right, struct sms_refusal *refusal)
{
	struct gateway_field fields[] = {{"Code", code.data ? code : TEXT("")}, {"To", recipient(req, phone)}};
	struct verdict verdict = {0};

	if (ask(req, "VerificationCheck", fields, &verdict, refusal) < 0)
		return -1;
	*right = text_is(verdict.status, "approved") && verdict.valid;
	return 0;
}

const struct sms_gateway gateway_twilio_verify = {"twilio_verify", true, configured, send_message, check};
