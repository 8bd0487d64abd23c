/* admin_user_create.c: POST /admin/users (contract 05 section 10.3). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/admin_users.h"
#include "latchkey/crypto.h"

static const struct json_field admin_user_fields[] = {
	JSON_FIELD(struct admin_user_params, id, "id", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, aud, "aud", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, role, "role", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, password, "password", JSON_TEXT_OPT),
	JSON_FIELD(struct admin_user_params, password_hash, "password_hash", JSON_TEXT),
	JSON_FIELD(struct admin_user_params, email_confirm, "email_confirm", JSON_BOOL),
	JSON_FIELD(struct admin_user_params, phone_confirm, "phone_confirm", JSON_BOOL),
	JSON_FIELD(struct admin_user_params, user_metadata, "user_metadata", JSON_MAP),
	JSON_FIELD(struct admin_user_params, app_metadata, "app_metadata", JSON_MAP),
	JSON_FIELD(struct admin_user_params, ban_duration, "ban_duration", JSON_TEXT),
};
const struct json_shape admin_user_shape = JSON_SHAPE("AdminUserParams", admin_user_fields);

struct creation {
	struct admin_user_params params;
	struct text email, phone, aud; /* normal forms */
	struct user *user;
	moment banned_until;
	bool bans;
};

static int check_email(struct request *req, struct creation *creation)
{
	struct user *other;

	if (text_is_empty(creation->params.email))
		return 0;
	if (email_validate(req, creation->params.email, &creation->email) < 0)
		return -1;
	if (user_duplicate_email(req, creation->email, creation->aud, NULL, &other) < 0)
		return fail_server(req, "Database error checking email");
	return other ? fail(req, 422, "email_exists", EMAIL_TAKEN) : 0;
}

static int check_phone(struct request *req, struct creation *creation)
{
	bool taken;

	if (text_is_empty(creation->params.phone))
		return 0;
	if (phone_validate(req, creation->params.phone, &creation->phone) < 0)
		return -1;
	if (user_duplicate_phone(req, creation->phone, creation->aud, &taken) < 0)
		return fail_server(req, "Database error checking phone");
	return taken ? fail(req, 422, "phone_exists", "Phone number already registered by another user") : 0;
}

/* A given hash is taken as it is; a missing or empty password is made up. */
static int stored_password(struct request *req, const struct creation *creation, const char **stored)
{
	const struct admin_user_params *params = &creation->params;
	struct text password = params->password.text;

	if (params->password.set && !text_is_empty(params->password_hash))
		return fail(req, 400, "validation_failed", "Only a password or a password hash should be provided");
	if (!text_is_empty(params->password_hash)) {
		if (!password_hash_acceptable(params->password_hash))
			return fail_server(req, "Error creating user");
		*stored = text_string(req, params->password_hash);
		return 0;
	}
	if (text_is_empty(password))
		password = text_of(random_password(req, PASSWORD_ADMIN_CREATED));
	return password_stored_form(req, creation->user, password, false, stored);
}

static int choose_id(struct request *req, const struct creation *creation)
{
	if (text_is_empty(creation->params.id))
		return 0;
	if (!uuid_parse(creation->params.id, &creation->user->id))
		return fail(req, 400, "validation_failed", "ID must conform to the uuid v4 format");
	if (uuid_is_nil(&creation->user->id))
		return fail(req, 400, "validation_failed", "ID cannot be a nil uuid");
	return 0;
}

static int make_user(struct request *req, struct creation *creation)
{
	bool both = creation->email.len && creation->phone.len;
	struct user *user = user_new(req, creation->email, creation->phone, creation->aud);
	const char *stored;

	creation->user = user;
	if (stored_password(req, creation, &stored) < 0 || choose_id(req, creation) < 0)
		return -1;
	user->encrypted_password = stored;
	user->app_metadata = app_metadata_of(req, creation->email.len ? "email" : "phone", both ? "phone" : NULL);
	user->user_metadata = creation->params.user_metadata;
	user->user_metadata_is_null = !user->user_metadata && !text_is_empty(creation->params.password_hash);
	return ban_duration_parse(req, creation->params.ban_duration, &creation->banned_until, &creation->bans);
}

static void make_identities(struct request *req, struct user *user)
{
	if (user->email[0])
		identity_create(req, user, "email", identity_base_data(req, user, "email", false), NULL);
	if (user->phone[0])
		identity_create(req, user, "phone", identity_base_data(req, user, "phone", true), NULL);
}

static struct json_object *traits(struct request *req, const struct creation *creation)
{
	const struct user *user = creation->user;

	return audit_traits(req, "user_id", uuid_string(req, &user->id), "user_email", user->email, "user_phone", user->phone, "provider",
			    user->email[0] ? "email" : "phone", NULL);
}

static int write_user(struct request *req, void *arg)
{
	struct creation *creation = arg;
	const struct admin_user_params *params = &creation->params;
	struct user *user = creation->user;
	struct text role = text_is_empty(params->role) ? text_of(req->settings->jwt.default_group_name) : params->role;

	user_insert(req, user, NULL);
	make_identities(req, user);
	audit(req, AUDIT_USER_SIGNEDUP, NULL, traits(req, creation), false);
	user_set_role(req, user, role, NULL);
	user_merge_app_metadata(req, user, params->app_metadata, NULL);
	if (params->email_confirm)
		user_confirm_email(req, user, NULL);
	if (params->phone_confirm)
		user_confirm_phone(req, user, NULL);
	if (creation->bans)
		user_ban(req, user, creation->banned_until, NULL);
	return 0;
}

int api_admin_user_create(struct request *req)
{
	struct creation creation = {0};
	struct admin_user_params *params = &creation.params;
	int moved;

	if (http_json(req, &admin_user_shape, params) < 0)
		return -1;
	if (text_is_empty(params->email) && text_is_empty(params->phone))
		return fail(req, 400, "validation_failed", "Cannot create a user without either an email or phone");
	moved = text_is_empty(params->password_hash) ? lane_require(req, LANE_HASH) : 0;
	if (moved)
		return moved;
	creation.aud = text_is_empty(params->aud) ? request_audience(req) : params->aud;
	if (check_email(req, &creation) < 0 || check_phone(req, &creation) < 0 || make_user(req, &creation) < 0)
		return -1;
	if (db_transaction(req, write_user, &creation) < 0)
		return fail_server(req, "Database error creating new user");
	return reply_user(req, creation.user);
}
