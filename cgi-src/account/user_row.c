/* user_row.c: a user read from a row of sql/statements/users.sql. */
#include <string.h>

#include "account_int.h"

/* Reads one column after the other. */
struct cursor {
	struct request *req;
	const struct db_rows *rows;
	int row, column;
};

static const char *next_string(struct cursor *in)
{
	return db_get_string(in->rows, in->row, in->column++);
}

static moment next_moment(struct cursor *in)
{
	return db_get_moment(in->rows, in->row, in->column++);
}

/* SQL NULL and JSON null read as {} (contract 05 section 1.1). */
static struct json_object *next_object(struct cursor *in)
{
	struct text text = db_get_text(in->rows, in->row, in->column++);
	struct json_object *value = NULL;
	const char *why;

	if (text.len && json_parse(in->req, text, &value, &why) == 0 && json_object_is_type(value, json_type_object))
		return value;
	return json_hold(in->req, must(json_object_new_object()));
}

static void read_moments(struct cursor *in, struct user *user)
{
	moment *columns[] = {&user->email_confirmed_at,
			     &user->invited_at,
			     &user->phone_confirmed_at,
			     &user->confirmation_sent_at,
			     &user->confirmed_at,
			     &user->recovery_sent_at,
			     &user->email_change_sent_at,
			     &user->phone_change_sent_at,
			     &user->reauthentication_sent_at,
			     &user->last_sign_in_at,
			     &user->created_at,
			     &user->updated_at,
			     &user->banned_until,
			     &user->deleted_at};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		*columns[i] = next_moment(in);
}

static void read_tokens(struct cursor *in, struct user *user)
{
	const char **columns[] = {&user->confirmation_token, &user->recovery_token, &user->email_change_token_new, &user->email_change_token_current,
				  &user->email_change,	     &user->phone_change,   &user->phone_change_token,	   &user->reauthentication_token};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		*columns[i] = next_string(in);
}

static void read_columns(struct cursor *in, struct user *user)
{
	*user = (struct user){.id = db_get_uuid(in->rows, in->row, in->column++)};
	user->aud = next_string(in);
	user->role = next_string(in);
	user->email = next_string(in);
	user->phone = next_string(in);
	user->password_is_null = db_is_null(in->rows, in->row, in->column);
	user->encrypted_password = next_string(in);
	read_moments(in, user);
	read_tokens(in, user);
	user->email_change_confirm_status = (int)db_get_int(in->rows, in->row, in->column++);
	user->app_metadata = next_object(in);
	user->user_metadata = next_object(in);
	user->is_sso_user = db_get_bool(in->rows, in->row, in->column++);
	user->is_anonymous = db_get_bool(in->rows, in->row, in->column++);
}

void user_from_plain_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct user *user)
{
	read_columns(&(struct cursor){req, rows, row, first_column}, user);
}

/* ---- identities and factors: arrays of arrays ---------------------------------------------------------------------------------- */

static const char *item_string(struct json_object *item, size_t at)
{
	struct json_object *value = json_object_array_get_idx(item, at);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static struct uuid item_uuid(struct json_object *item, size_t at)
{
	struct uuid uuid = {0};

	uuid_parse(text_of(item_string(item, at)), &uuid);
	return uuid;
}

static moment item_moment(struct json_object *item, size_t at)
{
	moment value;

	return moment_parse(text_of(item_string(item, at)), &value) ? value : MOMENT_NONE;
}

static struct json_object *item_object(struct json_object *item, size_t at)
{
	struct json_object *value = json_object_array_get_idx(item, at);

	return json_object_is_type(value, json_type_object) ? value : NULL;
}

static void read_identity(struct request *req, struct json_object *item, const struct user *user, struct identity *identity)
{
	struct json_object *data = item_object(item, 3);

	*identity = (struct identity){
		.id = item_uuid(item, 0),
		.user_id = user->id,
		.provider_id = item_string(item, 1),
		.provider = item_string(item, 2),
		.data = data ? data : json_hold(req, must(json_object_new_object())),
		.last_sign_in_at = item_moment(item, 4),
		.created_at = item_moment(item, 5),
		.updated_at = item_moment(item, 6),
		.email = item_string(item, 7),
	};
}

static void read_factor(struct json_object *item, const struct user *user, struct factor *factor)
{
	*factor = (struct factor){
		.id = item_uuid(item, 0),
		.user_id = user->id,
		.friendly_name = item_string(item, 1),
		.type = item_string(item, 2),
		.status = item_string(item, 3),
		.phone = item_string(item, 4),
		.secret = item_string(item, 5),
		.created_at = item_moment(item, 6),
		.updated_at = item_moment(item, 7),
		.last_challenged_at = item_moment(item, 8),
		.has_aaguid = item_string(item, 9)[0],
		.aaguid = item_uuid(item, 9),
		.webauthn_credential = item_object(item, 10),
		.last_webauthn_challenge = item_object(item, 11),
	};
}

static struct json_object *next_array(struct cursor *in)
{
	struct text text = db_get_text(in->rows, in->row, in->column++);
	struct json_object *value = NULL;
	const char *why;

	if (text.len == 0 || json_parse(in->req, text, &value, &why) < 0 || !json_object_is_type(value, json_type_array))
		return NULL;
	return value;
}

void user_from_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct user *user)
{
	struct cursor in = {req, rows, row, first_column};
	struct json_object *identities, *factors;

	read_columns(&in, user);
	identities = next_array(&in);
	factors = next_array(&in);
	user->loaded = true;
	user->identity_count = identities ? json_object_array_length(identities) : 0;
	user->factor_count = factors ? json_object_array_length(factors) : 0;
	user->identities = must(talloc_array(req, struct identity, (unsigned)user->identity_count + 1));
	user->factors = must(talloc_array(req, struct factor, (unsigned)user->factor_count + 1));
	for (size_t i = 0; i < user->identity_count; i++)
		read_identity(req, json_object_array_get_idx(identities, i), user, &user->identities[i]);
	for (size_t i = 0; i < user->factor_count; i++)
		read_factor(json_object_array_get_idx(factors, i), user, &user->factors[i]);
}
