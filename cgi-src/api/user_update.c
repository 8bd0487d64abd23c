/* user_update.c: what PUT /user writes (contract 05 sections 6.3 to 6.5). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/user_update.h"
#include "latchkey/mail.h"
#include "latchkey/sms.h"

static void write_password(struct request *req, struct update *update)
{
	const struct session *session = req->bearer->session;
	bool had_password = user_has_password(update->user);
	struct notification changed = {.kind = MAIL_PASSWORD_CHANGED, .user = update->user};

	user_store_password(req, update->user, update->stored_password, session ? &session->id : NULL, "Error during password storage");
	audit(req, AUDIT_USER_UPDATED_PASSWORD, update->user, NULL, false);
	user_first_password(req, update->user, had_password, NULL);
	if (update->user->email[0])
		mail_notify(req, &changed);
}

/* The identity that vouches for a verified address: made, or brought up to date. True where it was made. */
static bool verified_identity(struct request *req, struct user *user, const char *key, struct text address)
{
	const char *verified = strcmp(key, "email") == 0 ? "email_verified" : "phone_verified";
	struct identity *identity = identity_find(user, key);
	struct json_object *changes = json_hold(req, must(json_object_new_object()));

	json_object_object_add(changes, key, must(json_object_new_string_len(address.data, (int)address.len)));
	json_object_object_add(changes, verified, must(json_object_new_boolean(true)));
	if (identity) {
		identity_update_data(req, identity, changes, NULL);
		return false;
	}
	identity_create(req, user, key, json_merge(req, identity_base_data(req, user, key, false), changes), NULL);
	return true;
}

static int change_email_at_once(struct request *req, struct update *update)
{
	struct user *user = update->user;

	audit(req, AUDIT_USER_MODIFIED, user, NULL, false);
	verified_identity(req, user, "email", update->email);
	user_set_anonymous(req, user, false, NULL);
	user->email_change = text_string(req, update->email);
	user_confirm_email_change(req, user, 0, NULL);
	return 0;
}

static int request_email_change(struct request *req, struct update *update)
{
	bool pkce = !text_is_empty(update->params.code_challenge);
	struct flow_state flow = {
		.user_id = update->user->id,
		.provider_type = "email_change",
		.authentication_method = "email_change",
		.created_at = MOMENT_NONE,
		.auth_code_issued_at = MOMENT_NONE,
	};

	if (pkce && flow_state_create(req, &flow, update->params.code_challenge, update->params.code_challenge_method) < 0)
		return -1;
	return mail_email_change(req, update->user, update->email, pkce);
}

static int write_email(struct request *req, struct update *update)
{
	if (update->user->is_anonymous && req->settings->mailer.autoconfirm)
		return change_email_at_once(req, update);
	return request_email_change(req, update);
}

static void notify_phone(struct request *req, const struct user *user, const char *old_phone, bool linked)
{
	struct notification changed = {.kind = MAIL_PHONE_CHANGED, .user = user, .old_phone = old_phone};
	struct notification made = {.kind = MAIL_IDENTITY_LINKED, .user = user, .provider = "phone"};

	if (user->email[0] == '\0')
		return;
	if (old_phone[0] && user->phone[0] && strcmp(old_phone, user->phone) != 0)
		mail_notify(req, &changed);
	if (linked)
		mail_notify(req, &made);
}

static int change_phone_at_once(struct request *req, struct update *update)
{
	struct user *user = update->user;
	const char *old_phone = user->phone;
	bool linked;

	audit(req, AUDIT_USER_MODIFIED, user, NULL, false);
	linked = verified_identity(req, user, "phone", update->phone);
	user->phone_change = text_string(req, update->phone);
	user_confirm_phone_change(req, user, NULL);
	if (user->is_anonymous)
		user_set_anonymous(req, user, false, NULL);
	notify_phone(req, user, old_phone, linked);
	return 0;
}

static int write_phone(struct request *req, struct update *update)
{
	const char *message_id;

	if (req->settings->sms.autoconfirm)
		return change_phone_at_once(req, update);
	return sms_send_code(req, update->user, update->phone, SMS_PHONE_CHANGE, update->params.channel, &message_id);
}

int update_write(struct request *req, void *arg)
{
	struct update *update = arg;

	if (update->stored_password)
		write_password(req, update);
	user_merge_user_metadata(req, update->user, update->params.data, "Error updating user");
	user_merge_app_metadata(req, update->user, update->params.app_metadata, "Error updating user");
	if (update->email_differs && write_email(req, update) < 0)
		return -1;
	if (update->phone_differs && write_phone(req, update) < 0)
		return -1;
	audit_or(req, AUDIT_USER_MODIFIED, update->user, NULL, false, "Error recording audit log entry");
	return 0;
}
