/* output.c: what a hook's answer says: a refusal, or its document (contract 11 section 5). */
#include "cgi-src/hook/hook_int.h"

static int unreadable(struct request *req, const char *why)
{
	fail_cause(req, "the hook's answer: %s", why);
	return fail_server(req, "Error unmarshaling JSON output.");
}

struct refusal {
	int64_t http_code;
	struct text message;
};
static const struct json_field refusal_fields[] = {
	JSON_FIELD(struct refusal, http_code, "http_code", JSON_INT),
	JSON_FIELD(struct refusal, message, "message", JSON_TEXT),
};
static const struct json_shape refusal_shape = JSON_SHAPE("Error", refusal_fields);

/* The document's error as the contract reads it: -1 where it, or a member of it, has another type. One that comes twice is merged. */
static int read_refusal(struct request *req, struct text body, struct refusal *refusal)
{
	static const struct json_field fields[] = {{"error", JSON_STRUCT, 0, &refusal_shape}};
	static const struct json_shape shape = JSON_SHAPE("HookOutput", fields);
	const char *why;

	return json_decode(req, body, &shape, refusal, &why);
}

/* The message of an error that is no refusal as it should be. */
static struct text message_of_malformed(struct request *req, struct text error)
{
	struct {
		struct json_object *message;
	} out = {NULL};
	static const struct json_field fields[] = {{"message", JSON_ANY, 0, NULL}};
	static const struct json_shape shape = JSON_SHAPE("Error", fields);
	const char *why;

	if (json_decode(req, error, &shape, &out, &why) < 0 || !json_object_is_type(out.message, json_type_string))
		return TEXT_NONE;
	return (struct text){json_object_get_string(out.message), (size_t)json_object_get_string_len(out.message)};
}

/* Any `error` that is not null refuses, also a malformed one: a policy must not fail open (chapter 12). */
static int refuse_malformed(struct request *req, const struct settings_hook *hook, struct text error)
{
	struct text message = message_of_malformed(req, error);

	request_log_to(req, LOG_ERROR, "a hook's refusal is malformed and was taken as one: error.message must be a text that is not empty",
		       log_text("hook", hook_uri_shown(req, hook)));
	return fail_text(req, 500, NULL, message.len ? message : TEXT("The request was refused by a hook"));
}

static int refuse(struct request *req, const struct settings_hook *hook, const struct refusal *refusal)
{
	int64_t status = refusal->http_code ? refusal->http_code : 500;

	fail_cause(req, "refused by hook %s", hook_uri_shown(req, hook));
	if (status < 100 || status > 999)
		return fail_fault(req, "hook %s answered with http_code %lld", hook_uri_shown(req, hook), (long long)status);
	return fail_text(req, status < 200 ? 500 : (int)status, NULL, refusal->message);
}

int hook_read_output(struct request *req, const struct settings_hook *hook, const struct hook_output *output, struct hook_answer *answer)
{
	struct {
		struct text error;
	} document = {TEXT_NONE};
	static const struct json_field fields[] = {{"error", JSON_SOURCE, 0, NULL}};
	static const struct json_shape shape = JSON_SHAPE("HookOutput", fields);
	struct refusal refusal = {0};
	const char *why;
	bool readable;

	*answer = (struct hook_answer){output->given, output->body};
	if (!output->given)
		return 0;
	if (json_decode(req, output->body, &shape, &document, &why) < 0)
		return unreadable(req, why);
	if (text_is_empty(document.error))
		return 0;
	readable = read_refusal(req, output->body, &refusal) == 0;
	if (readable && refusal.message.len)
		return refuse(req, hook, &refusal);
	return readable && text_is(document.error, "null") ? 0 : refuse_malformed(req, hook, document.error);
}

int hook_decode(struct request *req, const struct hook_answer *answer, const struct json_shape *shape, void *out)
{
	const char *why;

	if (!answer->given)
		return 0;
	return json_decode(req, answer->body, shape, out, &why) < 0 ? unreadable(req, why) : 0;
}

int hook_value(struct request *req, const struct hook_answer *answer, struct json_object **value)
{
	const char *why;

	*value = NULL;
	if (!answer->given)
		return 0;
	return json_parse(req, answer->body, value, &why) < 0 ? unreadable(req, why) : 0;
}
