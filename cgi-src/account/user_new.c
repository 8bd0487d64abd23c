/* user_new.c: users made and deleted (contract 05 sections 3.2 and 10.5). */
#include <string.h>

#include "account_int.h"
#include "latchkey/crypto.h"

#define PHONE_HASH_LEN 15

struct user *user_new(struct request *req, struct text email, struct text phone, struct text aud)
{
	struct user *user = must(talloc_zero(req, struct user));

	*user = (struct user){
		.id = uuid_v4(),
		.aud = text_string(req, aud),
		.role = "",
		.email = text_string(req, text_lower(req, email)),
		.phone = text_string(req, phone),
		.encrypted_password = "",
		.email_confirmed_at = MOMENT_NONE,
		.invited_at = MOMENT_NONE,
		.phone_confirmed_at = MOMENT_NONE,
		.confirmation_sent_at = MOMENT_NONE,
		.confirmed_at = MOMENT_NONE,
		.recovery_sent_at = MOMENT_NONE,
		.email_change_sent_at = MOMENT_NONE,
		.phone_change_sent_at = MOMENT_NONE,
		.reauthentication_sent_at = MOMENT_NONE,
		.last_sign_in_at = MOMENT_NONE,
		.created_at = MOMENT_NONE,
		.updated_at = MOMENT_NONE,
		.banned_until = MOMENT_NONE,
		.deleted_at = MOMENT_NONE,
		.confirmation_token = "",
		.recovery_token = "",
		.email_change_token_new = "",
		.email_change_token_current = "",
		.email_change = "",
		.phone_change = "",
		.phone_change_token = "",
		.reauthentication_token = "",
		.identities = must(talloc_array(req, struct identity, 1)),
		.factors = must(talloc_array(req, struct factor, 1)),
		.loaded = true,
	};
	return user;
}

void user_insert(struct request *req, struct user *user, const char *message)
{
	struct db_value user_metadata = user->user_metadata_is_null ? db_string("null") : db_json(req, user->user_metadata);

	user->created_at = user->updated_at = moment_now();
	db_later(req, message, STMT_USER_INSERT,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->created_at), db_string(user->aud), db_string(user->role), db_string_opt(user->email),
			 db_string_opt(user->phone), db_string(user->encrypted_password), db_json(req, user->app_metadata), user_metadata,
			 db_bool(user->is_sso_user), db_bool(user->is_anonymous)));
}

int user_create(struct request *req, struct user *user)
{
	user_insert(req, user, "Database error saving new user");
	user_set_role(req, user, text_of(req->settings->jwt.default_group_name), "Database error updating user");
	if (user_reload(req, user) == 0)
		return 0;
	return req->failure.kind == FAILURE_UNEXPECTED ? fail_server(req, "Database error loading user after sign-up") : -1;
}

void user_delete(struct request *req, const struct user *user, const char *message)
{
	db_later(req, message, STMT_USER_DELETE, DB_ARGS(db_uuid(&user->id)));
}

char *user_obfuscate(TALLOC_CTX *mem, const struct uuid *user, struct text text)
{
	char id[UUID_TEXT_LEN + 1];
	unsigned char digest[32];

	uuid_format(user, id);
	sha256_two((struct text){id, UUID_TEXT_LEN}, text, digest);
	return base64_encode(mem, BASE64_URL_RAW, digest, sizeof(digest));
}

static const char *obfuscated_phone(struct request *req, const struct user *user, const char *phone)
{
	char *hash = user_obfuscate(req, &user->id, text_of(phone));

	hash[PHONE_HASH_LEN] = '\0';
	return hash;
}

static void obfuscate_row(struct request *req, struct user *user)
{
	struct json_object *empty = json_hold(req, must(json_object_new_object()));

	user->email = user_obfuscate(req, &user->id, text_of(user->email));
	user->phone = obfuscated_phone(req, user, user->phone);
	user->email_change = user_obfuscate(req, &user->id, text_of(user->email_change));
	user->phone_change = obfuscated_phone(req, user, user->phone_change);
	user->encrypted_password = "";
	user->password_is_null = true;
	user->confirmation_token = user->recovery_token = user->email_change_token_current = user->email_change_token_new = user->phone_change_token =
		"";
	user->app_metadata = user->user_metadata = empty;
	user->deleted_at = user->updated_at = moment_now();
	db_later(req, "Error soft deleting user", STMT_USER_SOFT_DELETE,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->deleted_at), db_string(user->email), db_string(user->phone),
			 db_string(user->email_change), db_string(user->phone_change)));
}

static void obfuscate_identity(struct request *req, struct user *user, struct identity *identity)
{
	const char *name = format(req, "%s:%s", identity->provider, identity->provider_id);

	identity->provider_id = user_obfuscate(req, &user->id, text_of(name));
	identity->data = json_hold(req, must(json_object_new_object()));
	identity->email = "";
	identity->updated_at = moment_now();
	db_later(req, "Error soft deleting user identities", STMT_IDENTITY_OBFUSCATE,
		 DB_ARGS(db_uuid(&identity->id), db_string(identity->provider_id), db_moment(identity->updated_at)));
}

void user_soft_delete(struct request *req, struct user *user)
{
	obfuscate_row(req, user);
	for (size_t i = 0; i < user->identity_count; i++)
		obfuscate_identity(req, user, &user->identities[i]);
	db_later(req, "Error deleting user's factors", STMT_FACTORS_DELETE_ALL, DB_ARGS(db_uuid(&user->id)));
	db_later(req, "Error deleting user's WebAuthn credentials", STMT_WEBAUTHN_CREDENTIALS_DELETE_ALL, DB_ARGS(db_uuid(&user->id)));
	db_later(req, "Error deleting user's sessions", STMT_SESSIONS_DELETE_ALL, DB_ARGS(db_uuid(&user->id)));
	user->factor_count = 0;
}
