/* user_change.c: the named state changes of contract 05 section 1.10 and 03 section 6.2: in memory, and queued. */
#include <string.h>

#include "account_int.h"

/* The values that every statement of a change starts with: $1 id, $2 the new updated_at. */
#define CHANGE(user, ...) DB_ARGS(db_uuid(&(user)->id), db_moment((user)->updated_at) __VA_OPT__(, ) __VA_ARGS__)

static void touch(struct user *user)
{
	user->updated_at = moment_now();
}

void user_set_role(struct request *req, struct user *user, struct text role, const char *message)
{
	struct text trimmed = text_trim_unicode_space(role);

	user->role = text_string(req, trimmed);
	touch(user);
	db_later(req, message, STMT_USER_SET_ROLE, CHANGE(user, db_text(trimmed)));
}

void user_confirm_email(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->confirmation_token = "";
	user->email_confirmed_at = user->updated_at;
	user->user_metadata = json_with_truth(req, user->user_metadata, "email_verified", true);
	user->user_metadata_is_null = false;
	db_later(req, message, STMT_USER_CONFIRM_EMAIL, CHANGE(user, db_json(req, user->user_metadata)));
}

void user_confirm_phone(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->confirmation_token = "";
	user->phone_confirmed_at = user->updated_at;
	db_later(req, message, STMT_USER_CONFIRM_PHONE, CHANGE(user));
}

/* The built-in identity follows the user's address where it names one; its row moves updated_at (contract 06 section 2.2). */
static void identity_follows(struct request *req, struct user *user, const char *key, const char *address, bool in_any_case, const char *message)
{
	struct identity *identity = identity_find(user, key);
	bool named = identity && json_has(identity->data, key);

	if (!identity || !(named || in_any_case))
		return;
	if (named)
		identity->data = json_with_text(req, identity->data, key, address);
	identity->updated_at = moment_now();
	db_later(req, message, STMT_IDENTITY_REWRITE, DB_ARGS(db_uuid(&identity->id), db_json(req, identity->data), db_moment(identity->updated_at)));
}

void user_confirm_email_change(struct request *req, struct user *user, int status, const char *message)
{
	touch(user);
	user->email = user->email_change;
	user->email_change = user->email_change_token_new = user->email_change_token_current = "";
	user->email_change_confirm_status = status;
	db_later(req, message, STMT_USER_CONFIRM_EMAIL_CHANGE, CHANGE(user, db_string_opt(user->email), db_int4(status)));
	if (!user_email_confirmed(user))
		user_confirm_email(req, user, message);
	identity_follows(req, user, "email", user->email, false, message);
}

void user_confirm_phone_change(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->phone = user->phone_change;
	user->phone_change = user->phone_change_token = "";
	user->phone_confirmed_at = user->updated_at;
	db_later(req, message, STMT_USER_CONFIRM_PHONE_CHANGE, CHANGE(user, db_string_opt(user->phone)));
	identity_follows(req, user, "phone", user->phone, true, message);
}

void user_confirm_reauthentication(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->reauthentication_token = "";
	db_later(req, message, STMT_USER_CONFIRM_REAUTHENTICATION, CHANGE(user));
}

void user_consume_recovery(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->recovery_token = "";
	db_later(req, message, STMT_USER_CONSUME_RECOVERY, CHANGE(user));
}

static void forget_tokens(struct user *user)
{
	user->confirmation_token = user->recovery_token = user->email_change_token_current = user->email_change_token_new = user->phone_change_token =
		user->reauthentication_token = "";
	user->confirmation_sent_at = user->recovery_sent_at = user->email_change_sent_at = user->phone_change_sent_at =
		user->reauthentication_sent_at = MOMENT_NONE;
}

void user_store_password(struct request *req, struct user *user, const char *hash, const struct uuid *keep_session, const char *message)
{
	touch(user);
	user->encrypted_password = hash ? hash : "";
	user->password_is_null = !hash;
	forget_tokens(user);
	db_later(req, message, STMT_USER_STORE_PASSWORD, CHANGE(user, db_string(hash), db_uuid(keep_session)));
}

void user_ban(struct request *req, struct user *user, moment until, const char *message)
{
	touch(user);
	user->banned_until = until;
	db_later(req, message, STMT_USER_BAN, CHANGE(user, db_moment(until)));
}

void user_set_email(struct request *req, struct user *user, struct text email, const char *message)
{
	touch(user);
	user->email = text_string(req, email);
	db_later(req, message, STMT_USER_SET_EMAIL, CHANGE(user, db_string_opt(user->email)));
}

void user_set_phone(struct request *req, struct user *user, struct text phone, const char *message)
{
	touch(user);
	user->phone = text_string(req, phone);
	db_later(req, message, STMT_USER_SET_PHONE, CHANGE(user, db_string_opt(user->phone)));
}

void user_remove_phone(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->phone = "";
	user->phone_confirmed_at = MOMENT_NONE;
	db_later(req, message, STMT_USER_REMOVE_PHONE, CHANGE(user));
}

void user_clear_pending(struct request *req, struct user *user, const char *message)
{
	touch(user);
	forget_tokens(user);
	user->email_change = user->phone_change = "";
	user->email_change_confirm_status = 0;
	db_later(req, message, STMT_USER_CLEAR_PENDING, CHANGE(user));
}

void user_set_anonymous(struct request *req, struct user *user, bool anonymous, const char *message)
{
	touch(user);
	user->is_anonymous = anonymous;
	db_later(req, message, STMT_USER_SET_ANONYMOUS, CHANGE(user, db_bool(anonymous)));
}

static void remove_password(struct request *req, struct user *user, const char *message)
{
	touch(user);
	user->encrypted_password = "";
	user->password_is_null = true;
	db_later(req, message, STMT_USER_SET_PASSWORD, CHANGE(user, db_null()));
}

/* The identity's data without its null members. */
static struct json_object *claims_of(struct request *req, const struct identity *identity)
{
	struct json_object *empty = json_hold(req, must(json_object_new_object()));

	return json_merge(req, empty, identity->data);
}

void user_drop_unconfirmed_identities(struct request *req, struct user *user, const struct identity *keep, const char *message)
{
	struct identity kept = *keep;

	if (strcmp(kept.provider, "email") != 0 && strcmp(kept.provider, "phone") != 0)
		remove_password(req, user, message);
	user->user_metadata = claims_of(req, &kept);
	user->user_metadata_is_null = false;
	touch(user);
	db_later(req, message, STMT_USER_SET_USER_METADATA, CHANGE(user, db_json(req, user->user_metadata)));
	for (size_t i = 0; i < user->identity_count; i++)
		if (!uuid_equal(&user->identities[i].id, &kept.id))
			db_later(req, message, STMT_IDENTITY_DELETE, DB_ARGS(db_uuid(&user->identities[i].id)));
	kept.data = user->user_metadata; /* what is shown now is one object, without nulls; the row keeps them */
	user->identities[0] = kept;
	user->identity_count = 1;
	user_recompute_providers(req, user, message);
}

void user_first_password(struct request *req, struct user *user, bool had_password, const char *message)
{
	struct json_object *data;

	if (!req->settings->experimental.create_email_identity_on_password_set || had_password || !user_has_password(user) || user->is_sso_user ||
	    user->is_anonymous || user->email[0] == '\0' || !user_email_confirmed(user) || identity_find(user, "email"))
		return;
	data = json_with_truth(req, identity_base_data(req, user, "email", false), "email_verified", true);
	identity_create(req, user, "email", data, message);
	user_recompute_providers(req, user, message);
}
