/* metadata.c: JSON objects of users and identities put together. */
#include "account_int.h"

static void copy_members(struct json_object *to, struct json_object *from)
{
	if (!json_object_is_type(from, json_type_object))
		return;
	json_object_object_foreach(from, name, value)
	{
		json_object_object_add(to, name, json_object_get(value));
	}
}

struct json_object *json_overlay(TALLOC_CTX *mem, struct json_object *base, struct json_object *changes)
{
	struct json_object *both = json_hold(mem, must(json_object_new_object()));

	copy_members(both, base);
	copy_members(both, changes);
	return both;
}

struct json_object *json_with_text(TALLOC_CTX *mem, struct json_object *base, const char *name, const char *value)
{
	struct json_object *with = json_overlay(mem, base, NULL);

	json_object_object_add(with, name, must(json_object_new_string(value)));
	return with;
}

struct json_object *json_with_truth(TALLOC_CTX *mem, struct json_object *base, const char *name, bool value)
{
	struct json_object *with = json_overlay(mem, base, NULL);

	json_object_object_add(with, name, must(json_object_new_boolean(value)));
	return with;
}

struct db_value db_json(struct request *req, struct json_object *value)
{
	return db_text(value ? json_canonical(req, value) : TEXT("{}"));
}

void user_merge_user_metadata(struct request *req, struct user *user, struct json_object *changes, const char *message)
{
	if (!changes)
		return;
	user->user_metadata = json_merge(req, user->user_metadata_is_null ? NULL : user->user_metadata, changes);
	user->user_metadata_is_null = false;
	user->updated_at = moment_now();
	db_later(req, message, STMT_USER_SET_USER_METADATA,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->updated_at), db_json(req, user->user_metadata)));
}

void user_merge_app_metadata(struct request *req, struct user *user, struct json_object *changes, const char *message)
{
	if (!changes)
		return;
	user->app_metadata = json_merge(req, user->app_metadata, changes);
	user->updated_at = moment_now();
	db_later(req, message, STMT_USER_SET_APP_METADATA,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->updated_at), db_json(req, user->app_metadata)));
}

static bool array_has(struct json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (text_is(text_of(json_object_get_string(json_object_array_get_idx(array, i))), text))
			return true;
	return false;
}

/* The identities' providers, each once; the room keeps identities in the order of their creation. */
static struct json_object *provider_array(const struct user *user)
{
	struct json_object *providers = must(json_object_new_array());

	for (size_t i = 0; i < user->identity_count; i++)
		if (!array_has(providers, user->identities[i].provider))
			json_object_array_add(providers, must(json_object_new_string(user->identities[i].provider)));
	return providers;
}

void user_recompute_providers(struct request *req, struct user *user, const char *message)
{
	struct json_object *changes = json_hold(req, must(json_object_new_object()));

	json_object_object_add(changes, "providers", provider_array(user));
	if (user->identity_count > 0)
		json_object_object_add(changes, "provider", must(json_object_new_string(user->identities[0].provider)));
	user_merge_app_metadata(req, user, changes, message);
}
