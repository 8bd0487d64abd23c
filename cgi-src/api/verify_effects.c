/* verify_effects.c: what a good code or link does (contract 06 sections 5.8 and 6.2). */
#include <string.h>

#include "cgi-src/api/address_change.h"
#include "cgi-src/api/verify.h"
#include "latchkey/crypto.h"
#include "latchkey/settings.h"

static void audit_signed_up(struct request *req, const struct user *user, const char *provider, const char *message)
{
	audit_or(req, AUDIT_USER_SIGNEDUP, user, audit_traits(req, "provider", provider, NULL), false, message);
}

/* ---- signup, invite ---- */

/* Identities with the address that has just proved to be the user's. */
static void verify_identities(struct request *req, struct user *user)
{
	struct json_object *verified = json_hold(req, must(json_object_new_object()));

	json_object_object_add(verified, "email_verified", must(json_object_new_boolean(true)));
	for (size_t i = 0; i < user->identity_count; i++)
		if (user->identities[i].email[0] && strcmp(user->identities[i].email, user->email) == 0)
			identity_update_data(req, &user->identities[i], verified, "Error setting email_verified to true on identity");
}

int verify_signup(struct request *req, struct verification *verification)
{
	struct user *user = verification->user;

	/* an invited account has a password from now on, which nobody knows */
	if (!user_has_password(user) && user->invited_at != MOMENT_NONE)
		user_store_password(req, user, password_hash_of_nothing(req), NULL, "Error storing password");
	audit_signed_up(req, user, "email", NULL);
	user_confirm_email(req, user, "Error confirming user");
	verify_identities(req, user);
	return 0;
}

/* ---- recovery, magiclink ---- */

int verify_recovery(struct request *req, struct verification *verification)
{
	static const char failure[] = "Database error updating user";
	struct user *user = verification->user;

	user_consume_recovery(req, user, failure);
	if (user_email_confirmed(user)) {
		audit_or(req, AUDIT_LOGIN, user, NULL, false, failure);
		return 0;
	}
	audit_signed_up(req, user, "email", failure);
	user_confirm_email(req, user, failure);
	return 0;
}

/* ---- phones ---- */

int verify_sms(struct request *req, struct verification *verification)
{
	struct user *user = verification->user;

	audit_signed_up(req, user, "phone", NULL);
	user_confirm_phone(req, user, "Error confirming user");
	if (user->is_anonymous)
		user_set_anonymous(req, user, false, "Error confirming user");
	return 0;
}

int verify_phone_change(struct request *req, struct verification *verification)
{
	phone_change_complete(req, verification->user, "Error confirming user");
	return 0;
}

/* ---- email_change (section 6.2) ---- */

static bool needs_both(const struct request *req, const struct user *user)
{
	return !req->settings->mailer.autoconfirm && req->settings->mailer.secure_email_change_enabled && user->email_change_confirm_status == 0 &&
	       user->email[0];
}

/* The token that was presented is used up, whichever it was. */
static void confirm_half(struct request *req, struct verification *verification)
{
	struct user *user = verification->user;
	enum one_time_token token = verification->type->tokens[verification->matched];

	if (token == OTT_EMAIL_CHANGE_CURRENT)
		user->email_change_token_current = "";
	else
		user->email_change_token_new = "";
	user->email_change_confirm_status = 1;
	user->updated_at = moment_now();
	db_later(req, NULL, STMT_USER_CONFIRM_HALF_EMAIL_CHANGE,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->updated_at), db_string(user->email_change_token_current),
			 db_string(user->email_change_token_new)));
	ott_delete(req, user, token, NULL);
	verification->half = true;
}

int verify_email_change(struct request *req, struct verification *verification)
{
	struct user *user = verification->user;

	if (user->email_change[0] == '\0') /* a token that has outlived its change */
		return fail(req, 403, "otp_expired", "Token has expired or is invalid");
	if (needs_both(req, user))
		confirm_half(req, verification);
	else
		email_change_complete(req, user, "Error confirm email");
	return 0;
}
