/* vonage.c: Vonage. Its HTTP status says nothing. */
#include <stdlib.h>

#include "cgi-src/sms/sms_int.h"

struct receipt {
	struct json_object *messages;
};
static const struct json_field receipt_fields[] = {JSON_FIELD(struct receipt, messages, "messages", JSON_ANY)};
static const struct json_shape receipt_shape = JSON_SHAPE("VonageResponse", receipt_fields);

struct sent {
	struct text id, status, error;
};
static const struct json_field sent_fields[] = {
	JSON_FIELD(struct sent, id, "message-id", JSON_TEXT),
	JSON_FIELD(struct sent, status, "status", JSON_TEXT),
	JSON_FIELD(struct sent, error, "error-text", JSON_TEXT),
};
static const struct json_shape sent_shape = JSON_SHAPE("VonageResponseMessage", sent_fields);

/* throttled, login, trouble of its own, account barred, no credit, not allowed, signature; a value that is none (the number is the only one of the
 * user's), barred, out of use */
static const struct gateway_reason reasons[] = {
	{1, SMS_FAULT_GATEWAY},	 {4, SMS_FAULT_GATEWAY},  {5, SMS_FAULT_GATEWAY}, {8, SMS_FAULT_GATEWAY}, {9, SMS_FAULT_GATEWAY},
	{11, SMS_FAULT_GATEWAY}, {14, SMS_FAULT_GATEWAY}, {3, SMS_FAULT_NUMBER},  {7, SMS_FAULT_NUMBER},  {33, SMS_FAULT_NUMBER},
};

static bool configured(const struct settings *settings)
{
	return settings->sms.vonage.api_key[0] && settings->sms.vonage.api_secret[0] && settings->sms.vonage.from[0];
}

static bool is_ascii(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

static int send_message(struct request *req, const struct sms_message *message, struct sms_refusal *refusal)
{
	struct gateway_field fields[] = {
		{"api_key", text_of(req->settings->sms.vonage.api_key)},
		{"api_secret", text_of(req->settings->sms.vonage.api_secret)},
		{"from", text_of(req->settings->sms.vonage.from)},
		{"text", message->text},
		{"to", message->phone},
		{"type", is_ascii(message->text) ? TEXT_NONE : TEXT("unicode")},
	};
	struct gateway_call call = {
		.url = "https://rest.nexmo.com/sms/json",
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
	};
	struct outbound_answer answer;
	struct receipt receipt = {0};
	struct sent sent = {0};
	bool found;

	if (!text_is(message->channel, "sms"))
		return gateway_refuse(req, refusal, "channel type %s is not supported for Vonage", quote_go(req, message->channel).data);
	if (gateway_post(req, &call, &answer, refusal) < 0 || gateway_read(req, &answer, &receipt_shape, &receipt, refusal) < 0 ||
	    gateway_read_first(req, receipt.messages, &sent_shape, &sent, &found, refusal) < 0)
		return -1;
	if (!found)
		return gateway_refuse(req, refusal, "vonage error: Internal Error");
	if (text_is(sent.status, "0"))
		return 0;
	refusal->fault = gateway_fault(reasons, sizeof(reasons) / sizeof(reasons[0]), atoi(text_string(req, sent.status)));
	return gateway_refuse(req, refusal, "vonage error: %s (status: %s) for message %s", text_string(req, sent.error),
			      text_string(req, sent.status), text_string(req, sent.id));
}

const struct sms_gateway gateway_vonage = {"vonage", false, configured, send_message, NULL};
