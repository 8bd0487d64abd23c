/* notify.c: mails that tell of a change; they never fail what they tell of (contract 06 section 11). */
#include "cgi-src/mail/mail_int.h"
#include "latchkey/hook.h"

/* Something that was queued before the notification and failed is the request's own failure. */
static int operate_in_savepoint(struct request *req, struct sending_operation *operation)
{
	if (db_execute(req, STMT_NOTIFICATION_SAVEPOINT, DB_NO_ARGS) < 0)
		return 0;
	if (mail_operate(req, operation) == 0)
		return 0;
	if (!req->failure.final && db_execute(req, STMT_NOTIFICATION_ROLLBACK, DB_NO_ARGS) == 0)
		return -1;
	return 0;
}

void mail_notify(struct request *req, const struct notification *notification)
{
	const struct user *user = notification->user;
	struct sending_operation operation = {
		.kind = notification->kind, .user = user, .count = 1, .notification = notification, .expires_at = MOMENT_NONE};
	bool guarded = db_in_transaction(req->db) && hook_enabled(req, HOOK_SEND_EMAIL);
	struct failure before = req->failure;

	operation.messages[0].to = notification->to.len ? notification->to : text_of(user->email);
	if (!req->settings->mailer.notify[notification->kind] || operation.messages[0].to.len == 0)
		return;
	if ((guarded ? operate_in_savepoint(req, &operation) : mail_operate(req, &operation)) == 0)
		return;
	request_log_to(req, LOG_WARNING, "a notification mail was not sent", log_text("mail_type", mail_types[notification->kind].message_type),
		       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
	if (!req->failure.final)
		req->failure = before;
}
