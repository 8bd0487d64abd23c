/* deliver.c: a message and the list of gateways: the next where one fails in a passing way, and none that is left alone. */
#include <ctype.h>

#include "cgi-src/sms/sms_int.h"
#include "latchkey/shared.h"

#define NUMBER_MIN 6			    /* digits in a row that may be somebody's number, or a code */
#define REST_OF_REQUEST (500 * MILLISECOND) /* for what comes after it */

static bool is_left_alone(struct request *req, const struct sms_gateway *gateway)
{
	return req->shared && !shared_breaker_passes(req->shared, text_of(format(req, "sms:%s", gateway->name)));
}

static void remember(struct request *req, const struct sms_gateway *gateway, bool fault)
{
	struct text key = text_of(format(req, "sms:%s", gateway->name));

	if (!req->shared)
		return;
	if (fault)
		shared_breaker_failed(req->shared, key);
	else
		shared_breaker_good(req->shared, key);
}

const char *sms_without_numbers(struct request *req, const char *words)
{
	struct buffer *out = buffer_new(req, 256);

	while (*words) {
		size_t digits = 0;

		while (isdigit((unsigned char)words[digits]))
			digits++;
		if (digits >= NUMBER_MIN)
			buffer_string(out, "(number)");
		else
			buffer_add(out, words, digits ? digits : 1);
		words += digits ? digits : 1;
	}
	return text_string(req, buffer_as_text(out));
}

static void say_failed(struct request *req, const struct sms_gateway *gateway, const struct sms_refusal *refusal)
{
	request_log_to(
		req, LOG_WARNING,
		refusal->fault == SMS_FAULT_NUMBER ? "an SMS provider refused a number for good" : "an SMS provider did not take a message for now",
		log_text("provider", gateway->name), log_text("error", sms_without_numbers(req, refusal->cause ? refusal->cause : refusal->message)));
}

/* Each of those that are left gets an equal share of the request's time. */
static int ask(struct request *req, const struct sms_gateway *gateway, const struct sms_message *message, size_t left, struct sms_refusal *refusal)
{
	int64_t deadline = req->deadline, now = monotonic_now();
	int result;

	if (deadline && left > 1 && deadline - REST_OF_REQUEST > now)
		req->deadline = now + (deadline - REST_OF_REQUEST - now) / (int64_t)left;
	*refusal = (struct sms_refusal){0};
	result = gateway->send(req, message, refusal);
	req->deadline = deadline;
	return result;
}

/* Of those that take this channel; where none does, the first is left to say so. */
static size_t choose(const struct settings *settings, const struct sms_message *message, const struct sms_gateway *list[GATEWAYS_MAX])
{
	size_t count = gateways_configured(settings, list), kept = 0;

	for (size_t i = 0; i < count; i++)
		if (list[i]->whatsapp || !text_is(message->channel, "whatsapp"))
			list[kept++] = list[i];
	return kept || !count ? kept : 1;
}

int sms_deliver(struct request *req, const struct sms_message *message, struct sms_refusal *refusal, const struct sms_gateway **by)
{
	const struct sms_gateway *list[GATEWAYS_MAX];
	size_t count = choose(req->settings, message, list);

	*by = NULL;
	for (size_t i = 0; i < count; i++) {
		/* a code cannot wait: the last one is asked all the same where nobody has been */
		if (is_left_alone(req, list[i]) && (i + 1 < count || *by))
			continue;
		*by = list[i];
		if (ask(req, list[i], message, count - i, refusal) == 0) {
			remember(req, list[i], false);
			return 0;
		}
		remember(req, list[i], refusal->fault == SMS_FAULT_GATEWAY);
		if (count > 1)
			say_failed(req, list[i], refusal);
		if (refusal->fault == SMS_FAULT_NUMBER)
			break;
	}
	return -1;
}
