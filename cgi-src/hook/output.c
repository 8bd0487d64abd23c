/* output.c: what a hook's answer says: a refusal, or its document (contract 11 section 5). */
#include <strings.h>

#include "cgi-src/hook/hook_int.h"

static int unreadable(struct request *req, const char *why)
{
	fail_cause(req, "the hook's answer: %s", why);
	return fail_server(req, "Error unmarshaling JSON output.");
}

/* The last member of that name in any letter case. */
static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *found = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_foreach(object, key, value)
	{
		if (strcasecmp(key, name) == 0)
			found = value;
	}
	return found;
}

struct refusal {
	struct {
		int64_t http_code;
		struct text message;
	} error;
};
static const struct json_field error_fields[] = {
	JSON_FIELD(struct refusal, error.http_code, "http_code", JSON_INT),
	JSON_FIELD(struct refusal, error.message, "message", JSON_TEXT),
};
static const struct json_shape error_shape = JSON_SHAPE("Error", error_fields);

/* http_code as the contract reads it: a whole number, written as one, other than 0; else 500. */
static int refusal_status(struct request *req, struct text body)
{
	static const struct json_field fields[] = {{"error", JSON_STRUCT, 0, &error_shape}};
	static const struct json_shape shape = JSON_SHAPE("HookOutput", fields);
	struct refusal refusal = {0};
	int64_t code = json_decode(req, body, &shape, &refusal, &(const char *){NULL}) < 0 ? 500 : refusal.error.http_code;

	return code == 0 ? 500 : code < 0 || code > 999 ? 0 : (int)code;
}

/* Any `error` that is not null refuses, also a malformed one: a policy must not fail open (chapter 12). */
static int refuse(struct request *req, const struct settings_hook *hook, struct json_object *error, struct text body)
{
	struct json_object *text = member(error, "message");
	struct text message = TEXT_NONE;
	int status = refusal_status(req, body);

	if (json_object_is_type(text, json_type_string))
		message = (struct text){json_object_get_string(text), (size_t)json_object_get_string_len(text)};
	if (text_is_empty(message)) {
		request_log_to(req, LOG_ERROR, "a hook's refusal is malformed and was taken as one: error.message must be a text that is not empty",
			       log_text("hook", hook_uri_shown(req, hook)));
		return fail(req, 500, NULL, "The request was refused by a hook");
	}
	fail_cause(req, "refused by hook %s", hook_uri_shown(req, hook));
	if (status < 100)
		return fail_fault(req, "hook %s answered with http_code %d", hook_uri_shown(req, hook), status);
	return fail(req, status < 200 ? 500 : status, NULL, "%.*s", (int)message.len, message.data);
}

int hook_read_output(struct request *req, const struct settings_hook *hook, const struct hook_output *output, struct hook_answer *answer)
{
	struct json_object *value, *error;
	const char *why;

	*answer = (struct hook_answer){output->given, NULL};
	if (!output->given)
		return 0;
	if (json_parse(req, output->body, &value, &why) < 0)
		return unreadable(req, why);
	error = member(value, "error");
	if (error)
		return refuse(req, hook, error, output->body);
	if (value && !json_object_is_type(value, json_type_object))
		return unreadable(req, "it is no object");
	answer->value = value;
	return 0;
}

int hook_decode(struct request *req, const struct hook_answer *answer, const struct json_shape *shape, void *out)
{
	const char *why;

	if (!answer->value)
		return 0;
	return json_decode_value(req, answer->value, shape, out, &why) < 0 ? unreadable(req, why) : 0;
}
