/* invite.c: an invitation accepted with a provider, and an identity linked by who is signed in (contract 07 sections 8.5 and 8.6). */
#include "latchkey/mail.h"
#include "linking.h"

int external_invited_user(struct request *req, struct text token, struct user **user)
{
	struct db_rows *rows;

	*user = NULL;
	if (text_has_nul(token) || !utf8_valid(token))
		return 0; /* nothing that the database could hold */
	if (db_fetch(req, STMT_USER_BY_INVITE_TOKEN, DB_ARGS(db_text(token)), &rows) < 0)
		return fail_server(req, "Database error finding user");
	if (db_row_count(rows) == 0)
		return 0;
	*user = must(talloc(req, struct user));
	user_from_row(req, rows, 0, 0, *user);
	return 0;
}

static bool has_address(const struct oauth_profile *profile, struct text address)
{
	for (size_t i = 0; i < profile->email_count; i++)
		if (text_equal(profile->emails[i].address, address))
			return true;
	return false;
}

int external_accept_invite(struct request *req, struct external_login *login, struct text token)
{
	struct json_object *claims = claims_with_lower_email(req, login->profile->claims);
	const struct identity *identity;
	struct user *user;

	if (external_invited_user(req, token, &user) < 0)
		return -1;
	if (!user)
		return fail(req, 404, "invite_not_found", "Invite not found");
	if (!has_address(login->profile, text_of(user->email)))
		return fail(req, 400, "validation_failed", "Invited email does not match emails from external provider");
	if (!json_get_text(claims, "sub").len)
		return fail_unexpected(req, "error missing provider id");
	identity = identity_create(req, user, login->provider, claims, "Error creating identity");
	audit(req, AUDIT_INVITE_ACCEPTED, user, audit_traits(req, "provider", login->provider, NULL), false);
	user_drop_unconfirmed_identities(req, user, identity, "Database error updating user");
	user_confirm_email(req, user, "Database error updating user");
	login->user = user;
	return 0;
}

int external_link(struct request *req, struct external_login *login)
{
	struct json_object *claims = claims_with_lower_email(req, login->profile->claims);
	struct user *user = login->user;
	enum link_result result;

	if (!json_get_text(claims, "sub").len)
		return fail_unexpected(req, "error missing provider id");
	if (identity_link(req, user, login->provider, claims, json_get_true(claims, "email_verified"), &result) < 0)
		return -1;
	if (result == LINK_UNVERIFIED) {
		if (mail_confirmation(req, user, false) < 0)
			return -1;
		return fail_keeping(req, 422, "email_not_confirmed", "Unverified email with %s. A confirmation email has been sent to your %s email",
				    login->provider, login->provider);
	}
	if (user->email[0])
		mail_notify(req, &(struct notification){.kind = MAIL_IDENTITY_LINKED, .user = user, .to = TEXT_NONE, .provider = login->provider});
	return 0;
}
