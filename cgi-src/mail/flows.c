/* flows.c: the mails with a code: frequency, code, mail, then columns and one-time token (contract 06 sections 2, 3.1, 5, 6.1). */
#include <string.h>

#include "cgi-src/mail/mail_int.h"
#include "latchkey/crypto.h"
#include "latchkey/http.h"

/* One flow: which columns and one-time token it keeps. */
struct flow {
	enum mail_kind kind;
	enum one_time_token ott;
	enum statement write;	      /* $1 user id, $2 token, $3 sent at, $4 updated at */
	const char *database_failure; /* NULL: as where it cannot be sent */
};

static const struct flow flows[] = {
	[MAIL_CONFIRMATION] = {MAIL_CONFIRMATION, OTT_CONFIRMATION, STMT_USER_SET_CONFIRMATION_TOKEN, NULL},
	[MAIL_INVITE] = {MAIL_INVITE, OTT_CONFIRMATION, STMT_USER_SET_INVITE_TOKEN, "Error inviting user"},
	[MAIL_RECOVERY] = {MAIL_RECOVERY, OTT_RECOVERY, STMT_USER_SET_RECOVERY_TOKEN, NULL},
	[MAIL_MAGIC_LINK] = {MAIL_MAGIC_LINK, OTT_RECOVERY, STMT_USER_SET_RECOVERY_TOKEN, NULL},
	[MAIL_REAUTHENTICATION] = {MAIL_REAUTHENTICATION, OTT_REAUTHENTICATION, STMT_USER_SET_REAUTHENTICATION_TOKEN, NULL},
};

struct text token_value(struct request *req, struct text address, struct text otp, bool pkce)
{
	const char *hash = otp_hash(req, address, otp);

	return text_of(pkce ? format(req, "pkce_%s", hash) : hash);
}

/* Section 3.1: refused while sent_at + interval lies ahead. */
static int check_frequency(struct request *req, moment sent_at)
{
	moment free_at = moment_add(sent_at, req->settings->smtp.max_frequency), now = moment_now();

	if (sent_at == MOMENT_NONE || free_at <= now)
		return 0;
	return fail(req, 429, "over_email_send_rate_limit", "For security purposes, you can only request this after %lld seconds.",
		    (long long)((free_at - now) / 1000000));
}

static moment expiry(const struct request *req)
{
	return moment_add(moment_now(), req->settings->mailer.otp_exp * SECOND);
}

static int send_one(struct request *req, struct user *user, const struct flow *flow, bool pkce, const char **token_column, moment *sent_column)
{
	struct text address = text_of(user->email), otp = text_of(otp_digits(req, (int)req->settings->mailer.otp_length));
	struct text value = token_value(req, address, otp, pkce);
	struct sending_operation operation = {
		.kind = flow->kind,
		.user = user,
		.messages = {{.to = address, .token = otp, .token_hash = value}},
		.count = 1,
		.hook_token = otp,
		.hook_token_hash = value,
		.expires_at = expiry(req),
	};
	const char *message = flow->database_failure ? flow->database_failure : mail_types[flow->kind].failure;
	moment now = moment_now();

	if (mail_operate(req, &operation) < 0)
		return -1;
	*token_column = value.data;
	*sent_column = user->updated_at = now;
	db_later(req, message, flow->write, DB_ARGS(db_uuid(&user->id), db_text(value), db_moment(now), db_moment(now)));
	ott_create(req, user, flow->ott, address, value, message);
	return 0;
}

int mail_confirmation(struct request *req, struct user *user, bool pkce)
{
	if (check_frequency(req, user->confirmation_sent_at) < 0)
		return -1;
	return send_one(req, user, &flows[MAIL_CONFIRMATION], pkce, &user->confirmation_token, &user->confirmation_sent_at);
}

int mail_invite(struct request *req, struct user *user)
{
	if (send_one(req, user, &flows[MAIL_INVITE], false, &user->confirmation_token, &user->confirmation_sent_at) < 0)
		return -1;
	user->invited_at = user->confirmation_sent_at;
	return 0;
}

int mail_recovery(struct request *req, struct user *user, bool pkce)
{
	if (check_frequency(req, user->recovery_sent_at) < 0)
		return -1;
	return send_one(req, user, &flows[MAIL_RECOVERY], pkce, &user->recovery_token, &user->recovery_sent_at);
}

int mail_magic_link(struct request *req, struct user *user, bool pkce)
{
	if (check_frequency(req, user->recovery_sent_at) < 0)
		return -1;
	return send_one(req, user, &flows[MAIL_MAGIC_LINK], pkce, &user->recovery_token, &user->recovery_sent_at);
}

int mail_reauthentication(struct request *req, struct user *user)
{
	if (check_frequency(req, user->reauthentication_sent_at) < 0)
		return -1;
	return send_one(req, user, &flows[MAIL_REAUTHENTICATION], false, &user->reauthentication_token, &user->reauthentication_sent_at);
}

/* ---- e-mail change (section 6.1) ---- */

/* An old token for the current address is armed again where no new one was made. */
static void write_email_change(struct request *req, struct user *user)
{
	const char *message = mail_types[MAIL_EMAIL_CHANGE].failure;
	struct text current = text_of(user->email_change_token_current), new = text_of(user->email_change_token_new);

	db_later(req, message, STMT_USER_SET_EMAIL_CHANGE,
		 DB_ARGS(db_uuid(&user->id), db_string(user->email_change), db_text(new), db_text(current), db_moment(user->email_change_sent_at),
			 db_moment(user->updated_at)));
	if (current.len)
		ott_create(req, user, OTT_EMAIL_CHANGE_CURRENT, text_of(user->email), current, message);
	if (new.len)
		ott_create(req, user, OTT_EMAIL_CHANGE_NEW, text_of(user->email_change), new, message);
}

int mail_email_change(struct request *req, struct user *user, struct text new_email, bool pkce)
{
	bool secure = req->settings->mailer.secure_email_change_enabled && user->email[0];
	struct sending_operation operation = {
		.kind = MAIL_EMAIL_CHANGE, .user = user, .count = secure ? 2 : 1, .new_email = new_email, .expires_at = expiry(req)};
	int digits = (int)req->settings->mailer.otp_length;
	struct text otp_new = text_of(otp_digits(req, digits)), otp_current = text_of(otp_digits(req, digits));
	struct text value_new = token_value(req, new_email, otp_new, pkce), value_current = TEXT_NONE;
	moment now = moment_now();

	if (check_frequency(req, user->email_change_sent_at) < 0)
		return -1;
	operation.messages[0] = (struct message){.to = new_email, .token = otp_new, .token_hash = value_new};
	if (secure) {
		value_current = token_value(req, text_of(user->email), otp_current, pkce);
		operation.messages[1] = (struct message){.to = text_of(user->email), .token = otp_current, .token_hash = value_current};
	}
	/* the crossed pairing of section 7.3, which receivers rely on */
	operation.hook_token = secure ? otp_current : otp_new;
	operation.hook_token_hash = value_new;
	operation.hook_token_new = secure ? otp_new : TEXT_NONE;
	operation.hook_token_hash_new = value_current;
	user->email_change = text_string(req, new_email);
	if (mail_operate(req, &operation) < 0)
		return -1;
	user->email_change_token_new = value_new.data;
	if (secure)
		user->email_change_token_current = value_current.data;
	user->email_change_confirm_status = 0;
	user->email_change_sent_at = user->updated_at = now;
	write_email_change(req, user);
	return 0;
}
