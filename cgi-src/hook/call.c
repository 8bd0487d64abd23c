/* call.c: the seven hooks as a table, and asking one (contract 11 sections 1, 2, 4.2, 6). */
#include <string.h>

#include "cgi-src/hook/hook_int.h"

static const char *const wire_names[SETTINGS_HOOKS] = {
	[HOOK_MFA_VERIFICATION_ATTEMPT] = "mfa-verification",
	[HOOK_PASSWORD_VERIFICATION_ATTEMPT] = "password-verification",
	[HOOK_CUSTOM_ACCESS_TOKEN] = "customize-access-token",
	[HOOK_SEND_EMAIL] = "send-email",
	[HOOK_SEND_SMS] = "send-sms",
	[HOOK_BEFORE_USER_CREATED] = "before-user-created",
	[HOOK_AFTER_USER_CREATED] = "after-user-created",
};

static const struct transport {
	const char *prefix;
	int (*ask)(struct request *req, const struct settings_hook *hook, struct text input, struct hook_output *output);
} transports[] = {
	{"http:", hook_over_http},
	{"https:", hook_over_http},
	{"pg-functions:", hook_in_postgres},
};

const char *hook_name(enum hook_point point)
{
	return wire_names[point];
}

bool hook_enabled(const struct request *req, enum hook_point point)
{
	return req->settings->hooks[point].enabled;
}

bool hook_waits(const struct request *req, enum hook_point point)
{
	return hook_enabled(req, point) && text_starts(text_of(req->settings->hooks[point].uri), "http");
}

const char *hook_uri_shown(TALLOC_CTX *mem, const struct settings_hook *hook)
{
	const char *start = strstr(hook->uri, "//"), *end, *at;

	if (!start)
		return hook->uri;
	start += 2;
	end = start + strcspn(start, "/?#");
	at = memrchr(start, '@', (size_t)(end - start));
	return at ? format(mem, "%.*s%s", (int)(start - hook->uri), hook->uri, at + 1) : hook->uri;
}

int hook_failed_to_run(struct request *req, const struct settings_hook *hook)
{
	return fail_server(req, "Error running hook URI: %s", hook_uri_shown(req, hook));
}

struct json_writer hook_input(struct request *req, enum hook_point point)
{
	struct json_writer out = json_writer(buffer_new(req, 1024));
	struct uuid id = uuid_v4();

	json_open_object(&out);
	json_name(&out, "metadata");
	json_open_object(&out);
	json_member_uuid(&out, "uuid", &id);
	json_member_moment(&out, "time", moment_now());
	json_member_string(&out, "name", hook_name(point));
	if (!text_is_empty(req->address))
		json_member_text(&out, "ip_address", req->address);
	json_close_object(&out);
	return out;
}

static const struct transport *transport_of(const struct settings_hook *hook)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (text_starts(text_of(hook->uri), transports[i].prefix))
			return &transports[i];
	return NULL;
}

static void log_outcome(struct request *req, const struct settings_hook *hook, bool success, int64_t began)
{
	const struct failure *failure = &req->failure;
	struct log_field fields[] = {
		log_text("action", "run_hook"),
		log_text("hook", hook_uri_shown(req, hook)),
		log_truth("success", success),
		log_number("duration", (monotonic_now() - began) / MICROSECOND),
		log_text("error", success	   ? NULL
				  : failure->cause ? failure->cause
						   : failure->message),
	};

	request_log(req, success ? LOG_INFO : LOG_WARNING, success ? "Hook ran successfully" : "Hook errored out", fields,
		    sizeof(fields) / sizeof(fields[0]) - (success ? 1 : 0));
}

int hook_ask(struct request *req, enum hook_point point, struct text input, struct text *output, struct hook_answer *answer)
{
	const struct settings_hook *hook = &req->settings->hooks[point];
	struct hook_output brought = {false, TEXT_NONE};
	const struct transport *transport = transport_of(hook);
	int64_t began = monotonic_now();
	int result;

	*output = TEXT_NONE;
	if (!transport) /* no call, so no entry either */
		return fail_unexpected(req, "unsupported protocol: %s only postgres hooks and HTTPS functions are supported at the moment",
				       quote_go(req, text_of(hook_uri_shown(req, hook))).data);
	result = transport->ask(req, hook, input, &brought);
	if (result == 0)
		result = hook_read_output(req, hook, &brought, answer);
	*output = brought.body;
	log_outcome(req, hook, result == 0, began);
	return result;
}

int hook_call(struct request *req, enum hook_point point, struct json_writer *input, struct hook_answer *answer)
{
	struct text output;

	json_close_object(input);
	return hook_ask(req, point, buffer_as_text(input->buffer), &output, answer);
}
