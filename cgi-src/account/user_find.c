/* user_find.c: users looked up (contract 05 section 1.7). */
#include <string.h>

#include "account_int.h"

static int fetch_user(struct request *req, enum statement statement, const struct db_value *args, size_t count, struct user **user)
{
	struct db_rows *rows;

	*user = NULL;
	if (db_fetch(req, statement, args, count, &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*user = must(talloc(req, struct user));
	user_from_row(req, rows, 0, 0, *user);
	return 0;
}

int user_by_id(struct request *req, const struct uuid *id, struct user **user)
{
	return fetch_user(req, STMT_USER_BY_ID, DB_ARGS(db_uuid(id)), user);
}

int user_by_email(struct request *req, struct text email, struct text aud, struct user **user)
{
	return fetch_user(req, STMT_USER_BY_EMAIL, DB_ARGS(db_text(text_lower(req, email)), db_text(aud)), user);
}

int user_by_phone(struct request *req, struct text phone, struct text aud, struct user **user)
{
	return fetch_user(req, STMT_USER_BY_PHONE, DB_ARGS(db_text(phone), db_text(aud)), user);
}

int user_by_phone_change(struct request *req, struct text phone, struct text aud, struct user **user)
{
	return fetch_user(req, STMT_USER_BY_PHONE_CHANGE, DB_ARGS(db_text(phone), db_text(aud)), user);
}

/* The providers that the linking-domain map takes out of the default domain (contract 07 section 8.1). */
static struct text_list providers_elsewhere(struct request *req)
{
	const struct text_map *domains = &req->settings->experimental.provider_linking_domains;
	struct text_list list = {must(talloc_array(req, struct text, (unsigned)domains->count + 1)), 0, true};

	for (size_t i = 0; i < domains->count; i++)
		if (!text_is(domains->items[i].value, "default"))
			list.items[list.count++] = domains->items[i].name;
	return list;
}

bool provider_in_default_domain(const struct request *req, const char *provider)
{
	struct text domain = text_map_get(&req->settings->experimental.provider_linking_domains, text_of(provider));

	if (strncmp(provider, "sso:", 4) == 0)
		return false;
	return text_is_empty(domain) || text_is(domain, "default");
}

int user_duplicate_email(struct request *req, struct text email, struct text aud, const struct uuid *except, struct user **user)
{
	struct text_list elsewhere = providers_elsewhere(req);

	return fetch_user(req, STMT_USER_DUPLICATE_EMAIL,
			  DB_ARGS(db_text(text_lower(req, email)), db_text(aud), db_uuid(except), db_text_array(req, &elsewhere)), user);
}

int user_duplicate_phone(struct request *req, struct text phone, struct text aud, bool *taken)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_USER_PHONE_TAKEN, DB_ARGS(db_text(phone), db_text(aud)), &rows) < 0)
		return -1;
	*taken = db_row_count(rows) > 0;
	return 0;
}

int user_reload(struct request *req, struct user *user)
{
	struct json_object *app = user->app_metadata, *data = user->user_metadata;
	struct user *found;

	if (user_by_id(req, &user->id, &found) < 0)
		return -1;
	if (!found)
		return fail_unexpected(req, "user: the row that was just written is gone");
	*user = *found;
	/* keys that a trigger removed stay in this answer (contract 03 section 5.1) */
	if (app)
		user->app_metadata = json_overlay(req, app, user->app_metadata);
	if (data)
		user->user_metadata = json_overlay(req, data, user->user_metadata);
	return 0;
}

bool user_is_banned(const struct user *user, moment at)
{
	return user->banned_until != MOMENT_NONE && user->banned_until > at;
}

bool user_has_password(const struct user *user)
{
	return user->encrypted_password[0] != '\0';
}

bool user_has_verified_factor(const struct user *user)
{
	for (size_t i = 0; i < user->factor_count; i++)
		if (strcmp(user->factors[i].status, "verified") == 0)
			return true;
	return false;
}

bool user_email_confirmed(const struct user *user)
{
	return user->email_confirmed_at != MOMENT_NONE;
}

bool user_phone_confirmed(const struct user *user)
{
	return user->phone_confirmed_at != MOMENT_NONE;
}
