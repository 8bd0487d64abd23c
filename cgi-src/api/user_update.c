/* user_update.c: what PUT /user writes (contract 05 sections 6.3 to 6.5). */
#include "cgi-src/api/user_update.h"
#include "cgi-src/api/accounts.h"
#include "cgi-src/api/address_change.h"
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

static int write_email(struct request *req, struct update *update)
{
	const struct update_params *params = &update->params;
	struct user *user = update->user;

	if (user->is_anonymous && req->settings->mailer.autoconfirm) {
		user->email_change = text_string(req, update->email);
		email_change_complete(req, user, NULL);
		return 0;
	}
	if (remember_flow(req, user, "email_change", "email_change", params->code_challenge, params->code_challenge_method) < 0)
		return -1;
	return mail_email_change(req, user, update->email, !text_is_empty(params->code_challenge));
}

static int write_phone(struct request *req, struct update *update)
{
	const char *message_id;

	if (!req->settings->sms.autoconfirm)
		return sms_send_code(req, update->user, update->phone, SMS_PHONE_CHANGE, update->params.channel, &message_id);
	update->user->phone_change = text_string(req, update->phone);
	phone_change_complete(req, update->user, NULL);
	return 0;
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
