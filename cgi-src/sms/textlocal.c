/* textlocal.c: Textlocal. Its HTTP status says nothing. */
#include "cgi-src/sms/sms_int.h"

#define NO_SUCH_TEMPLATE 80

struct receipt {
	struct text status;
	struct json_object *errors, *messages;
};
static const struct json_field receipt_fields[] = {
	JSON_FIELD(struct receipt, status, "status", JSON_TEXT),
	JSON_FIELD(struct receipt, errors, "errors", JSON_ANY),
	JSON_FIELD(struct receipt, messages, "messages", JSON_ANY),
};
static const struct json_shape receipt_shape = JSON_SHAPE("TextlocalResponse", receipt_fields);

struct error {
	int64_t code;
	struct text message;
};
static const struct json_field error_fields[] = {
	JSON_FIELD(struct error, code, "code", JSON_INT),
	JSON_FIELD(struct error, message, "message", JSON_TEXT),
};
static const struct json_shape error_shape = JSON_SHAPE("TextlocalError", error_fields);

struct sent {
	struct text id;
};
static const struct json_field sent_fields[] = {JSON_FIELD(struct sent, id, "id", JSON_TEXT)};
static const struct json_shape sent_shape = JSON_SHAPE("TextlocalMessage", sent_fields);

/* login, credit; numbers that are none */
static const struct gateway_reason reasons[] = {{3, SMS_FAULT_GATEWAY}, {7, SMS_FAULT_GATEWAY}, {32, SMS_FAULT_NUMBER}, {51, SMS_FAULT_NUMBER}};

static bool configured(const struct settings *settings)
{
	return settings->sms.textlocal.api_key[0] && settings->sms.textlocal.sender[0];
}

static int refused(struct request *req, const struct sms_message *message, const struct receipt *receipt, struct sms_refusal *refusal)
{
	struct error error = {0};
	struct sent sent = {0};
	const char *text;
	bool found, has_id;

	if (gateway_read_first(req, receipt->errors, &error_shape, &error, &found, refusal) < 0 ||
	    gateway_read_first(req, receipt->messages, &sent_shape, &sent, &has_id, refusal) < 0)
		return -1;
	if (!found) /* the reference crashes here */
		return gateway_refuse(req, refusal, "textlocal error: it gave no reason");
	text = text_string(req, error.message);
	refusal->fault = gateway_fault(reasons, sizeof(reasons) / sizeof(reasons[0]), error.code);
	if (error.code == NO_SUCH_TEMPLATE)
		return gateway_refuse(req, refusal, "textlocal error: %s (code: %lld) template message: %s", text, (long long)error.code,
				      text_string(req, message->text));
	return gateway_refuse(req, refusal, "textlocal error: %s (code: %lld) message %s", text, (long long)error.code, text_string(req, sent.id));
}

static int send_message(struct request *req, const struct sms_message *message, struct sms_refusal *refusal)
{
	struct gateway_field fields[] = {
		{"apikey", text_of(req->settings->sms.textlocal.api_key)},
		{"message", message->text},
		{"numbers", message->phone},
		{"sender", text_of(req->settings->sms.textlocal.sender)},
	};
	struct gateway_call call = {
		.url = "https://api.textlocal.in/send",
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
	};
	struct outbound_answer answer;
	struct receipt receipt = {0};

	if (!text_is(message->channel, "sms"))
		return gateway_refuse(req, refusal, "channel type %s is not supported for TextLocal", quote_go(req, message->channel).data);
	if (gateway_post(req, &call, &answer, refusal) < 0 || gateway_read(req, &answer, &receipt_shape, &receipt, refusal) < 0)
		return -1;
	return text_is(receipt.status, "success") ? 0 : refused(req, message, &receipt, refusal);
}

const struct sms_gateway gateway_textlocal = {"textlocal", false, configured, send_message, NULL};
