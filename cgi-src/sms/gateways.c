/* gateways.c: the table of SMS gateways, and how they are called (contract 06 section 12.5). */
#include <stdarg.h>
#include <string.h>

#include "cgi-src/sms/sms_int.h"

#define ANSWER_MAX ((size_t)256 * 1024)

static const struct sms_gateway *const gateways[] = {
	&gateway_twilio, &gateway_twilio_verify, &gateway_messagebird, &gateway_textlocal, &gateway_vonage,
};

const struct sms_gateway *gateway_named(struct text name)
{
	for (size_t i = 0; i < sizeof(gateways) / sizeof(gateways[0]); i++)
		if (text_is(name, gateways[i]->name))
			return gateways[i];
	return NULL;
}

struct text sms_provider(const struct settings *settings)
{
	const struct text_list *list = &settings->latchkey.sms_providers;

	return list->count ? list->items[0] : text_of(settings->sms.provider ? settings->sms.provider : "");
}

size_t gateways_configured(const struct settings *settings, const struct sms_gateway *list[GATEWAYS_MAX])
{
	const struct text_list *names = &settings->latchkey.sms_providers;
	size_t count = 0, wanted = names->count ? names->count : 1;

	for (size_t i = 0; i < wanted && count < GATEWAYS_MAX; i++) {
		const struct sms_gateway *gateway = gateway_named(names->count ? names->items[i] : sms_provider(settings));

		if (gateway && gateway->configured(settings))
			list[count++] = gateway;
	}
	return count;
}

const char *sms_providers_check(TALLOC_CTX *mem, const struct settings *settings)
{
	const struct text_list *names = &settings->latchkey.sms_providers;

	for (size_t i = 0; i < names->count; i++) {
		const struct sms_gateway *gateway = gateway_named(names->items[i]);
		const char *name = text_string(mem, names->items[i]);

		if (!gateway)
			return format(mem, "\"%s\" is no provider: there are twilio, twilio_verify, messagebird, textlocal and vonage", name);
		if (!gateway->configured(settings))
			return format(mem, "credentials of %s are missing", name);
		if (gateway->check && names->count > 1)
			return format(mem, "%s makes and checks codes of its own, and cannot stand beside others", name);
		for (size_t j = 0; j < i; j++)
			if (text_equal(names->items[i], names->items[j]))
				return format(mem, "%s is there twice", name);
	}
	return NULL;
}

enum sms_fault gateway_fault(const struct gateway_reason *reasons, size_t count, int64_t code)
{
	for (size_t i = 0; i < count; i++)
		if (reasons[i].code == code)
			return reasons[i].fault;
	return SMS_FAULT_MESSAGE;
}

int gateway_refuse(struct request *req, struct sms_refusal *refusal, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	refusal->message = must(talloc_vasprintf(req, text, args));
	va_end(args);
	return -1;
}

static struct text form(struct request *req, const struct gateway_field *fields, size_t count)
{
	struct buffer *out = buffer_new(req, 512);

	for (size_t i = 0; i < count; i++) {
		if (!fields[i].value.data)
			continue;
		buffer_format(out, "%s%s=", out->len ? "&" : "", fields[i].name);
		buffer_text(out, query_escape(req, fields[i].value));
	}
	return buffer_as_text(out);
}

int gateway_post(struct request *req, const struct gateway_call *call, struct outbound_answer *answer, struct sms_refusal *refusal)
{
	struct outbound_header authorization = {"Authorization", call->authorization};
	struct outbound_call outbound = {
		.method = "POST",
		.url = text_of(call->url),
		.headers = &authorization,
		.header_count = call->authorization.len > 0,
		.content_type = "application/x-www-form-urlencoded",
		.body = form(req, call->fields, call->count),
		.user = call->user,
		.password = call->password,
		.timeout = req->settings->internal_http_timeout,
		.answer_max = ANSWER_MAX,
	};

	if (outbound_call(req, &outbound, answer) == 0) {
		/* until the answer's own words say more: no login, no money, too much, or trouble of its own */
		if (answer->status == 401 || answer->status == 402 || answer->status == 403 || answer->status == 429 || answer->status >= 500)
			refusal->fault = SMS_FAULT_GATEWAY;
		return 0;
	}
	refusal->fault = SMS_FAULT_GATEWAY;
	refusal->cause = answer->why; /* its URL may hold an account's id */
	return gateway_refuse(req, refusal, "the provider could not be reached");
}

static int unreadable(struct request *req, const char *why, struct sms_refusal *refusal)
{
	refusal->cause = why;
	refusal->fault = SMS_FAULT_GATEWAY;
	return gateway_refuse(req, refusal, "the provider's answer could not be read");
}

int gateway_read(struct request *req, const struct outbound_answer *answer, const struct json_shape *shape, void *out, struct sms_refusal *refusal)
{
	const char *why;

	return json_decode_first(req, answer->body, shape, out, &why) < 0 ? unreadable(req, why, refusal) : 0;
}

int gateway_read_first(struct request *req, struct json_object *array, const struct json_shape *shape, void *out, bool *found,
		       struct sms_refusal *refusal)
{
	const char *why;

	*found = false;
	if (!array)
		return 0;
	if (!json_object_is_type(array, json_type_array))
		return unreadable(req, "an array was expected", refusal);
	if (json_object_array_length(array) == 0)
		return 0;
	*found = true;
	return json_decode_value(req, json_object_array_get_idx(array, 0), shape, out, &why) < 0 ? unreadable(req, why, refusal) : 0;
}
