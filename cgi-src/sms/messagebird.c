/* messagebird.c: MessageBird. */
#include <json-c/json.h>
#include <string.h>

#include "cgi-src/sms/sms_int.h"

struct recipients {
	int64_t sent;
};
struct receipt {
	struct recipients recipients;
};
static const struct json_field recipients_fields[] = {JSON_FIELD(struct recipients, sent, "totalSentCount", JSON_INT)};
static const struct json_shape recipients_shape = JSON_SHAPE("MessagebirdResponseRecipients", recipients_fields);
static const struct json_field receipt_fields[] = {{"recipients", JSON_STRUCT, offsetof(struct receipt, recipients), &recipients_shape}};
static const struct json_shape receipt_shape = JSON_SHAPE("MessagebirdResponse", receipt_fields);

struct complaint {
	struct json_object *errors;
};
static const struct json_field complaint_fields[] = {JSON_FIELD(struct complaint, errors, "errors", JSON_ANY)};
static const struct json_shape complaint_shape = JSON_SHAPE("MessagebirdErrResponse", complaint_fields);

struct error {
	struct text description;
	struct json_object *parameter; /* which of ours it is about; a string where there is one */
};
static const struct json_field error_fields[] = {
	JSON_FIELD(struct error, description, "description", JSON_TEXT),
	JSON_FIELD(struct error, parameter, "parameter", JSON_ANY),
};
static const struct json_shape error_shape = JSON_SHAPE("MessagebirdError", error_fields);

static bool configured(const struct settings *settings)
{
	return settings->sms.messagebird.access_key[0] && settings->sms.messagebird.originator[0];
}

static int refused(struct request *req, const struct outbound_answer *answer, struct sms_refusal *refusal)
{
	struct complaint complaint = {0};
	struct error error = {0};
	bool found;

	if (gateway_read(req, answer, &complaint_shape, &complaint, refusal) < 0 ||
	    gateway_read_first(req, complaint.errors, &error_shape, &error, &found, refusal) < 0)
		return -1;
	if (error.parameter && json_object_is_type(error.parameter, json_type_string) &&
	    strcmp(json_object_get_string(error.parameter), "recipients") == 0)
		refusal->fault = SMS_FAULT_NUMBER;
	return found ? gateway_refuse(req, refusal, "%s", text_string(req, error.description))
		     : gateway_refuse(req, refusal, "messagebird error: status %d without a reason", answer->status);
}

static int send_message(struct request *req, const struct sms_message *message, struct sms_refusal *refusal)
{
	struct gateway_field fields[] = {
		{"body", message->text},	{"datacoding", TEXT("unicode")}, {"originator", text_of(req->settings->sms.messagebird.originator)},
		{"recipients", message->phone}, {"type", TEXT("sms")},
	};
	struct gateway_call call = {
		.url = "https://rest.messagebird.com/messages",
		.authorization = text_of(format(req, "AccessKey %s", req->settings->sms.messagebird.access_key)),
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
	};
	struct outbound_answer answer;
	struct receipt receipt = {0};

	if (!text_is(message->channel, "sms"))
		return gateway_refuse(req, refusal, "channel type %s is not supported for Messagebird", quote_go(req, message->channel).data);
	if (gateway_post(req, &call, &answer, refusal) < 0)
		return -1;
	if (answer.status == 400 || answer.status == 401 || answer.status == 403 || answer.status == 422)
		return refused(req, &answer, refusal);
	if (gateway_read(req, &answer, &receipt_shape, &receipt, refusal) < 0)
		return -1;
	return receipt.recipients.sent != 0 ? 0 : gateway_refuse(req, refusal, "messagebird error: total sent count is 0");
}

const struct sms_gateway gateway_messagebird = {"messagebird", false, configured, send_message, NULL};
