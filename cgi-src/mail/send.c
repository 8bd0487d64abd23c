/* send.c: the pipeline every mail goes through: who may get mail, the send limit, then hook or mailer (contract 06 section 7). */
#include <string.h>

#include "cgi-src/mail/mail_int.h"
#include "latchkey/hook.h"
#include "latchkey/http.h"
#include "latchkey/metrics.h"
#include "latchkey/shared.h"

/* A template from an address. */
static bool fetches(const struct settings *settings)
{
	for (size_t i = 0; i < SETTINGS_MAIL_KINDS; i++) {
		const char *source = settings->mailer.templates[i];

		if (source && *source && !text_starts(text_of(source), "file:"))
			return true;
	}
	return false;
}

bool mail_waits(const struct request *req)
{
	const struct settings *settings = req->settings;

	if (hook_enabled(req, HOOK_SEND_EMAIL))
		return hook_waits(req, HOOK_SEND_EMAIL);
	return settings->smtp.host[0] || settings->latchkey.smtp_relays.count || settings->mailer.validation_extended ||
	       settings->mailer.validation_service_url[0] || fetches(settings);
}

/* ---- authorized addresses (section 7.2) ---- */

/* Every part from a "+" to the next "@", at least one character, becomes "@". */
static struct text without_tags(struct request *req, struct text address)
{
	struct buffer *out = buffer_new(req, address.len + 1);

	for (size_t i = 0; i < address.len; i++) {
		const char *at = address.data[i] == '+' ? memchr(address.data + i, '@', address.len - i) : NULL;

		if (at && at > address.data + i + 1)
			i = (size_t)(at - address.data);
		buffer_char(out, address.data[i]);
	}
	return buffer_as_text(out);
}

static int check_authorized(struct request *req, struct text address)
{
	const struct text_list *list = &req->settings->external.email_authorized_addresses;
	struct text plain = without_tags(req, address);

	if (list->count == 0 || address.len == 0)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		if (text_equal_nocase(list->items[i], plain))
			return 0;
	return fail(req, 400, "email_address_not_authorized", "Email address %s cannot be used as it is not authorized", quote_go(req, address).data);
}

/* ---- the send limit (section 3.2) ---- */

static int check_limit(struct request *req)
{
	const struct rate *rate = &req->settings->rate_limit.email_sent;
	bool allowed = rate->events != 0 && (req->settings->mailer.autoconfirm || shared_send_allowed(req->shared, SENDING_EMAIL, rate));

	if (!allowed)
		metrics_sending_limit(req->shared, SENDING_EMAIL);
	return allowed ? 0 : fail(req, 429, "over_email_send_rate_limit", "email rate limit exceeded");
}

/* ---- the hook in place of the mailer (section 7.3; 11 section 4.4) ---- */

static int call_hook(struct request *req, const struct sending_operation *operation)
{
	const struct notification *notification = operation->notification;
	struct json_writer input = hook_input(req, HOOK_SEND_EMAIL);
	struct hook_answer answer;

	json_name(&input, "user");
	user_json(&input, operation->user);
	json_name(&input, "email_data");
	json_open_object(&input);
	json_member_text(&input, "token", operation->hook_token);
	json_member_text(&input, "token_hash", operation->hook_token_hash);
	json_member_text(&input, "redirect_to", redirect_referrer(req));
	json_member_string(&input, "email_action_type", mail_types[operation->kind].action);
	json_member_text(&input, "site_url", req->http ? req->http->external_url : text_of(req->settings->api.external_url));
	json_member_text(&input, "token_new", operation->hook_token_new);
	json_member_text(&input, "token_hash_new", operation->hook_token_hash_new);
	json_member_text(&input, "old_email", text_of(notification ? notification->old_email : NULL));
	json_member_text(&input, "old_phone", text_of(notification ? notification->old_phone : NULL));
	json_member_text(&input, "provider", text_of(notification ? notification->provider : NULL));
	json_member_text(&input, "factor_type", text_of(notification ? notification->factor_type : NULL));
	json_close_object(&input);
	if (hook_call(req, HOOK_SEND_EMAIL, &input, &answer) == 0)
		return 0;
	/* an endpoint that cannot even be asked reads as a mail that cannot be sent (11 section 9.3) */
	return req->failure.kind == FAILURE_UNEXPECTED ? fail_server(req, "%s", mail_types[operation->kind].failure) : -1;
}

/* ---- the mailer ---- */

static void set(struct json_object *variables, const char *name, struct text value)
{
	json_object_object_add(variables, name, json_object_new_string_len(value.data ? value.data : "", (int)value.len));
}

/* Section 8.2; a variable that a kind does not define is simply empty there, so that one set serves all. */
static struct json_object *variables_of(struct request *req, const struct sending_operation *operation, const struct message *message)
{
	const struct notification *notification = operation->notification;
	struct json_object *variables = json_hold(req, must(json_object_new_object()));
	const struct user *user = operation->user;

	set(variables, "SiteURL", text_of(req->settings->site_url));
	set(variables, "Email", operation->kind == MAIL_IDENTITY_UNLINKED ? message->to : text_of(user->email));
	json_object_object_add(variables, "Data", user->user_metadata ? json_object_get(user->user_metadata) : json_object_new_object());
	if (mail_types[operation->kind].link_type) {
		set(variables, "ConfirmationURL", message->link);
		set(variables, "TokenHash", message->token_hash);
		set(variables, "RedirectTo", redirect_referrer(req));
	}
	if (message->token.len)
		set(variables, "Token", message->token);
	if (operation->kind == MAIL_EMAIL_CHANGE) {
		set(variables, "NewEmail", operation->new_email);
		set(variables, "SendingTo", message->to);
	}
	if (notification && notification->old_email)
		set(variables, "OldEmail", text_of(notification->old_email));
	if (operation->kind == MAIL_PHONE_CHANGED) {
		set(variables, "Phone", text_of(user->phone));
		set(variables, "OldPhone", text_of(notification->old_phone));
	}
	if (notification && notification->provider)
		set(variables, "Provider", text_of(notification->provider));
	if (notification && notification->factor_type)
		set(variables, "FactorType", text_of(notification->factor_type));
	return variables;
}

static int send_message(struct request *req, const struct sending_operation *operation, struct message *message)
{
	const char *why, *link_type = mail_types[operation->kind].link_type;
	struct failure before = req->failure;
	struct rendered rendered;

	if (link_type && mail_link(req, operation->kind, link_type, message->token_hash, redirect_referrer(req), &message->link) < 0)
		return fail_server(req, "%s", mail_types[operation->kind].failure);
	if (mail_render(req, operation->kind, variables_of(req, operation, message), operation->user, &rendered, &why) < 0) {
		fail_cause(req, "template of %s: %s", mail_types[operation->kind].key, why);
		return fail_server(req, "%s", mail_types[operation->kind].failure);
	}
	if (mail_validate_address(req, operation, message->to) < 0)
		return mail_fail_in_background(req, operation->kind, &before);
	return mail_enqueue(req, operation, message, &rendered);
}

/* A mail to an address that is no longer the user's is judged by the one that now is (section 7.2). */
static int check_recipients(struct request *req, const struct sending_operation *operation)
{
	if (operation->kind == MAIL_EMAIL_CHANGED)
		return check_authorized(req, text_of(operation->user->email));
	for (size_t i = 0; i < operation->count; i++)
		if (check_authorized(req, operation->messages[i].to) < 0)
			return -1;
	return 0;
}

int mail_operate(struct request *req, struct sending_operation *operation)
{
	if (check_recipients(req, operation) < 0)
		return -1;
	if (check_limit(req) < 0)
		return -1;
	if (hook_enabled(req, HOOK_SEND_EMAIL))
		return call_hook(req, operation);
	for (size_t i = 0; i < operation->count; i++)
		if (send_message(req, operation, &operation->messages[i]) < 0)
			return -1;
	return 0;
}
