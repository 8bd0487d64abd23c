/* identity.c: login identities (contract 05 section 1.2). */
#include <string.h>

#include "account_int.h"

struct identity *identity_find(const struct user *user, const char *provider)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&user->id, id);
	for (size_t i = 0; i < user->identity_count; i++)
		if (strcmp(user->identities[i].provider, provider) == 0 && strcmp(user->identities[i].provider_id, id) == 0)
			return &user->identities[i];
	return NULL;
}

struct json_object *identity_base_data(struct request *req, const struct user *user, const char *provider, bool with_phone)
{
	struct json_object *data = json_hold(req, must(json_object_new_object()));

	if (user->email[0] && strcmp(provider, "email") == 0)
		json_object_object_add(data, "email", must(json_object_new_string(user->email)));
	json_object_object_add(data, "email_verified", must(json_object_new_boolean(false)));
	if (user->phone[0] && with_phone)
		json_object_object_add(data, "phone", must(json_object_new_string(user->phone)));
	json_object_object_add(data, "phone_verified", must(json_object_new_boolean(false)));
	json_object_object_add(data, "sub", must(json_object_new_string(uuid_string(req, &user->id))));
	return data;
}

/* identity_data.email is kept in lower case; the identity shows the claim as it was given (contract 03 section 6.2). */
static struct json_object *stored_data(struct request *req, struct json_object *data)
{
	struct text email = json_get_text(data, "email");
	struct text lower = text_lower(req, email);

	if (text_is_empty(email) || text_equal(email, lower))
		return data;
	data = json_overlay(req, data, NULL);
	json_object_object_add(data, "email", must(json_object_new_string_len(lower.data, (int)lower.len)));
	return data;
}

struct identity *identity_create(struct request *req, struct user *user, const char *provider, struct json_object *data, const char *message)
{
	struct identity *identity;

	user->identities = must(talloc_realloc(req, user->identities, struct identity, (unsigned)user->identity_count + 1));
	identity = &user->identities[user->identity_count++];
	*identity = (struct identity){
		.id = uuid_v4(),
		.user_id = user->id,
		.provider_id = text_string(req, json_get_text(data, "sub")),
		.provider = must(talloc_strdup(req, provider)),
		.data = stored_data(req, data),
		.last_sign_in_at = moment_now(),
		.email = text_string(req, json_get_text(data, "email")),
	};
	identity->created_at = identity->updated_at = identity->last_sign_in_at;
	db_later(req, message ? message : "Error creating identity", STMT_IDENTITY_INSERT,
		 DB_ARGS(db_uuid(&identity->id), db_uuid(&user->id), db_string(provider), db_text(json_get_text(data, "sub")),
			 db_json(req, identity->data), db_moment(identity->created_at)));
	return identity;
}

static void identity_read_row(struct request *req, const struct db_rows *rows, struct identity *identity)
{
	const char *why;

	*identity = (struct identity){
		.id = db_get_uuid(rows, 0, 0),
		.user_id = db_get_uuid(rows, 0, 1),
		.provider_id = db_get_string(rows, 0, 2),
		.provider = db_get_string(rows, 0, 3),
		.last_sign_in_at = db_get_moment(rows, 0, 5),
		.created_at = db_get_moment(rows, 0, 6),
		.updated_at = db_get_moment(rows, 0, 7),
		.email = db_get_string(rows, 0, 8),
	};
	if (json_parse(req, db_get_text(rows, 0, 4), &identity->data, &why) < 0 || !json_object_is_type(identity->data, json_type_object))
		identity->data = json_hold(req, must(json_object_new_object()));
}

int identity_by_provider(struct request *req, const char *provider, struct text provider_id, struct identity **identity)
{
	struct db_rows *rows;

	*identity = NULL;
	if (db_fetch(req, STMT_IDENTITY_BY_PROVIDER, DB_ARGS(db_string(provider), db_text(provider_id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*identity = must(talloc(req, struct identity));
	identity_read_row(req, rows, *identity);
	return 0;
}

void identity_update_data(struct request *req, struct identity *identity, struct json_object *changes, const char *message)
{
	identity->data = json_merge(req, identity->data, changes);
	db_later(req, message, STMT_IDENTITY_SET_DATA, DB_ARGS(db_uuid(&identity->id), db_json(req, identity->data)));
}

void identity_replace_data(struct request *req, struct identity *identity, struct json_object *data, const char *message)
{
	identity->data = stored_data(req, data);
	identity->email = text_string(req, json_get_text(identity->data, "email"));
	identity->updated_at = moment_now();
	db_later(req, message, STMT_IDENTITY_REWRITE, DB_ARGS(db_uuid(&identity->id), db_json(req, identity->data), db_moment(identity->updated_at)));
}

void identity_delete(struct request *req, struct user *user, const struct identity *identity, const char *message)
{
	size_t at = (size_t)(identity - user->identities);

	db_later(req, message, STMT_IDENTITY_DELETE, DB_ARGS(db_uuid(&identity->id)));
	user->identity_count--;
	memmove(&user->identities[at], &user->identities[at + 1], (user->identity_count - at) * sizeof(user->identities[0]));
}
