/* address_change.c: a change of address that takes effect (contract 06 sections 5.8 and 6.2; 05 sections 6.4 and 6.5). */
#include <string.h>

#include "cgi-src/api/address_change.h"
#include "latchkey/mail.h"

/* The identity that vouches for a verified address: made, or brought up to date. True where it was made. */
static bool verified_identity(struct request *req, struct user *user, const char *key, const char *address)
{
	const char *verified = strcmp(key, "email") == 0 ? "email_verified" : "phone_verified";
	struct identity *identity = identity_find(user, key);
	struct json_object *changes = json_hold(req, must(json_object_new_object()));

	json_object_object_add(changes, key, must(json_object_new_string(address)));
	json_object_object_add(changes, verified, must(json_object_new_boolean(true)));
	if (identity) {
		identity_update_data(req, identity, changes, NULL);
		return false;
	}
	identity_create(req, user, key, json_merge(req, identity_base_data(req, user, key, false), changes), NULL);
	return true;
}

static bool differs(const char *old, const char *new)
{
	return old[0] && new[0] && strcmp(old, new) != 0;
}

static void no_longer_anonymous(struct request *req, struct user *user, const char *message)
{
	if (user->is_anonymous)
		user_set_anonymous(req, user, false, message);
}

void email_change_complete(struct request *req, struct user *user, const char *message)
{
	struct notification changed = {.kind = MAIL_EMAIL_CHANGED, .user = user, .to = text_of(user->email), .old_email = user->email};

	audit(req, AUDIT_USER_MODIFIED, user, NULL, false);
	verified_identity(req, user, "email", user->email_change);
	no_longer_anonymous(req, user, message);
	user_confirm_email_change(req, user, 0, message);
	if (differs(changed.old_email, user->email))
		mail_notify(req, &changed);
}

bool email_change_waits(const struct request *req)
{
	return req->settings->mailer.notify[MAIL_EMAIL_CHANGED] && mail_waits(req);
}

void phone_change_complete(struct request *req, struct user *user, const char *message)
{
	struct notification changed = {.kind = MAIL_PHONE_CHANGED, .user = user, .old_phone = user->phone};
	struct notification linked = {.kind = MAIL_IDENTITY_LINKED, .user = user, .provider = "phone"};
	bool made;

	audit(req, AUDIT_USER_MODIFIED, user, NULL, false);
	made = verified_identity(req, user, "phone", user->phone_change);
	user_confirm_phone_change(req, user, message);
	no_longer_anonymous(req, user, message);
	if (user->email[0] == '\0')
		return;
	if (differs(changed.old_phone, user->phone))
		mail_notify(req, &changed);
	if (made)
		mail_notify(req, &linked);
}

bool phone_change_waits(const struct request *req)
{
	return (req->settings->mailer.notify[MAIL_PHONE_CHANGED] || req->settings->mailer.notify[MAIL_IDENTITY_LINKED]) && mail_waits(req);
}
