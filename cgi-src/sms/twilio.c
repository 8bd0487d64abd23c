/* twilio.c: Twilio's Programmable Messaging, SMS and WhatsApp. */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/sms/sms_int.h"

struct complaint {
	struct text message, more_info;
	int64_t code, status;
};
static const struct json_field complaint_fields[] = {
	JSON_FIELD(struct complaint, code, "code", JSON_INT),
	JSON_FIELD(struct complaint, message, "message", JSON_TEXT),
	JSON_FIELD(struct complaint, more_info, "more_info", JSON_TEXT),
	JSON_FIELD(struct complaint, status, "status", JSON_INT),
};
static const struct json_shape complaint_shape = JSON_SHAPE("twilioErrResponse", complaint_fields);

struct receipt {
	struct text sid, status, error_code, error_message;
};
static const struct json_field receipt_fields[] = {
	JSON_FIELD(struct receipt, sid, "sid", JSON_TEXT),
	JSON_FIELD(struct receipt, status, "status", JSON_TEXT),
	JSON_FIELD(struct receipt, error_code, "error_code", JSON_TEXT),
	JSON_FIELD(struct receipt, error_message, "error_message", JSON_TEXT),
};
static const struct json_shape receipt_shape = JSON_SHAPE("SmsStatus", receipt_fields);

/* numbers that are none, cannot be reached or are no mobile's, who wants no messages (refusals); handsets unknown, landlines (deliveries) */
static const struct gateway_reason reasons[] = {
	{21211, SMS_FAULT_NUMBER}, {21214, SMS_FAULT_NUMBER}, {21217, SMS_FAULT_NUMBER}, {21610, SMS_FAULT_NUMBER},
	{21614, SMS_FAULT_NUMBER}, {30005, SMS_FAULT_NUMBER}, {30006, SMS_FAULT_NUMBER},
};

static enum sms_fault fault_of(int64_t code)
{
	return gateway_fault(reasons, sizeof(reasons) / sizeof(reasons[0]), code);
}

int twilio_post(struct request *req, const struct gateway_call *call, struct outbound_answer *answer, struct sms_refusal *refusal)
{
	struct complaint complaint = {0};

	if (gateway_post(req, call, answer, refusal) < 0)
		return -1;
	if (answer->status == 200 || answer->status == 201)
		return 0;
	if (gateway_read(req, answer, &complaint_shape, &complaint, refusal) < 0)
		return -1;
	if (fault_of(complaint.code) == SMS_FAULT_NUMBER)
		refusal->fault = SMS_FAULT_NUMBER;
	return gateway_refuse(req, refusal, "%s More information: %s", text_string(req, complaint.message), text_string(req, complaint.more_info));
}

static bool configured(const struct settings *settings)
{
	return settings->sms.twilio.account_sid[0] && settings->sms.twilio.auth_token[0] && settings->sms.twilio.message_service_sid[0];
}

static bool is_phone_number(struct request *req, struct text sender)
{
	struct text normal;
	bool is = phone_validate(req, sender, &normal) == 0;

	failure_clear(req);
	return is;
}

static struct text whatsapp(struct request *req, const char *plus, struct text number)
{
	return text_of(format(req, "whatsapp:%s%s", plus, text_string(req, number)));
}

static int send_message(struct request *req, const struct sms_message *message, struct sms_refusal *refusal)
{
	const char *account = req->settings->sms.twilio.account_sid, *content = req->settings->sms.twilio.content_sid;
	struct text sender = text_of(req->settings->sms.twilio.message_service_sid);
	bool on_whatsapp = text_is(message->channel, "whatsapp"), by_content = on_whatsapp && content[0];
	struct gateway_field fields[] = {
		{"Body", by_content ? TEXT_NONE : message->text},
		{"Channel", message->channel},
		{"ContentSid", by_content ? text_of(content) : TEXT_NONE},
		{"ContentVariables", by_content ? text_of(format(req, "{\"1\": \"%s\"}", text_string(req, message->code))) : TEXT_NONE},
		{"From", on_whatsapp && is_phone_number(req, sender) ? whatsapp(req, "", sender) : sender},
		{"To", on_whatsapp ? whatsapp(req, "+", message->phone) : text_of(format(req, "+%s", text_string(req, message->phone)))},
	};
	struct gateway_call call = {
		.url = format(req, "https://api.twilio.com/2010-04-01/Accounts/%s/Messages.json", account),
		.user = account,
		.password = req->settings->sms.twilio.auth_token,
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
	};
	struct outbound_answer answer;
	struct receipt receipt = {0};

	if (!on_whatsapp && !text_is(message->channel, "sms"))
		return gateway_refuse(req, refusal, "channel type %s is not supported for Twilio", quote_go(req, message->channel).data);
	if (twilio_post(req, &call, &answer, refusal) < 0 || gateway_read(req, &answer, &receipt_shape, &receipt, refusal) < 0)
		return -1;
	if (!text_is(receipt.status, "failed") && !text_is(receipt.status, "undelivered"))
		return 0;
	refusal->fault = fault_of(atoi(text_string(req, receipt.error_code)));
	return gateway_refuse(req, refusal, "twilio error: %s %s for message %s", text_string(req, receipt.error_message),
			      text_string(req, receipt.error_code), text_string(req, receipt.sid));
}

const struct sms_gateway gateway_twilio = {"twilio", true, configured, send_message, NULL};
