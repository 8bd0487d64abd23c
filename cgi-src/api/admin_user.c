/* admin_user.c: GET, PUT and DELETE /admin/users/{user_id} (contract 05 sections 10.2, 10.4, 10.5). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/admin_users.h"

int api_admin_user_get(struct request *req)
{
	return reply_user(req, req->http->subject);
}

/* ---- PUT ------------------------------------------------------------------------------------------------------------------------------ */

struct change {
	struct admin_user_params params;
	struct text email, phone; /* normal forms */
	struct user *user;
	const char *stored_password; /* NULL: stays */
	moment banned_until;
	bool bans;
};

static int check(struct request *req, struct change *change)
{
	const struct admin_user_params *params = &change->params;
	int moved;

	if (!text_is_empty(params->email) && email_validate(req, params->email, &change->email) < 0)
		return -1;
	if (!text_is_empty(params->phone) && phone_validate(req, params->phone, &change->phone) < 0)
		return -1;
	if (ban_duration_parse(req, params->ban_duration, &change->banned_until, &change->bans) < 0)
		return -1;
	if (!params->password.set)
		return 0;
	moved = lane_for_strength(req);
	if (moved)
		return moved;
	if (password_check_strength(req, params->password.text) < 0)
		return -1;
	moved = lane_for_password(req, false);
	return moved ? moved : password_stored_form(req, change->user, params->password.text, true, &change->stored_password);
}

/* The built-in identity of an address: made, or brought up to date; what is brought up to date is not shown yet (10.4). */
static void set_identity(struct request *req, struct user *user, const char *key, struct text address, bool confirmed)
{
	const char *verified = strcmp(key, "email") == 0 ? "email_verified" : "phone_verified";
	const struct identity *there = identity_find(user, key);
	struct json_object *changes = json_hold(req, must(json_object_new_object()));
	struct identity copy;

	json_object_object_add(changes, key, must(json_object_new_string_len(address.data, (int)address.len)));
	json_object_object_add(changes, verified, must(json_object_new_boolean(confirmed)));
	if (!there) {
		identity_create(req, user, key, json_merge(req, identity_base_data(req, user, key, false), changes), NULL);
		return;
	}
	copy = *there;
	identity_update_data(req, &copy, changes, NULL);
}

static void write_addresses(struct request *req, struct change *change)
{
	const struct admin_user_params *params = &change->params;
	struct user *user = change->user;

	if (change->email.len) {
		set_identity(req, user, "email", change->email, params->email_confirm);
		if (user->is_anonymous && params->email_confirm)
			user_set_anonymous(req, user, false, NULL);
		user_set_email(req, user, change->email, NULL);
	}
	if (change->phone.len) {
		set_identity(req, user, "phone", change->phone, params->phone_confirm);
		if (user->is_anonymous && params->phone_confirm)
			user_set_anonymous(req, user, false, NULL);
		user_set_phone(req, user, change->phone, NULL);
	}
}

static int write_change(struct request *req, void *arg)
{
	struct change *change = arg;
	const struct admin_user_params *params = &change->params;
	struct user *user = change->user;
	bool had_password = user_has_password(user);

	if (!text_is_empty(params->role))
		user_set_role(req, user, params->role, NULL);
	if (params->email_confirm)
		user_confirm_email(req, user, NULL);
	if (params->phone_confirm)
		user_confirm_phone(req, user, NULL);
	if (change->stored_password)
		user_store_password(req, user, change->stored_password, NULL, NULL);
	write_addresses(req, change);
	if (change->stored_password)
		user_first_password(req, user, had_password, NULL);
	user_merge_app_metadata(req, user, params->app_metadata, NULL);
	user_merge_user_metadata(req, user, params->user_metadata, NULL);
	if (change->bans)
		user_ban(req, user, change->banned_until, NULL);
	audit(req, AUDIT_USER_MODIFIED, NULL, traits_of_user(req, user, true), false);
	return 0;
}

int api_admin_user_update(struct request *req)
{
	struct change change = {.user = req->http->subject};
	int stopped;

	if (http_json(req, &admin_user_shape, &change.params) < 0)
		return -1;
	stopped = check(req, &change);
	if (stopped)
		return stopped;
	if (db_transaction(req, write_change, &change) < 0)
		return fail_server(req, "Error updating user");
	return reply_user(req, change.user);
}

/* ---- DELETE --------------------------------------------------------------------------------------------------------------------------- */

struct delete_params {
	bool should_soft_delete;
};
static const struct json_field delete_fields[] = {
	JSON_FIELD(struct delete_params, should_soft_delete, "should_soft_delete", JSON_BOOL),
};
static const struct json_shape delete_shape = JSON_SHAPE("adminUserDeleteParams", delete_fields);

static int write_deletion(struct request *req, void *arg)
{
	const struct delete_params *params = arg;
	struct user *user = req->http->subject;

	audit_or(req, AUDIT_USER_DELETED, NULL, traits_of_user(req, user, true), false, "Error recording audit log entry");
	if (!params->should_soft_delete)
		user_delete(req, user, "Database error deleting user");
	else if (user->deleted_at == MOMENT_NONE)
		user_soft_delete(req, user);
	return 0;
}

int api_admin_user_delete(struct request *req)
{
	struct delete_params params = {false};

	if (http_json_optional(req, &delete_shape, &params) < 0 || db_transaction(req, write_deletion, &params) < 0)
		return -1;
	return reply_empty_object(req);
}
