/* manage.c: passkeys are listed, renamed, removed (contract 08 sections 9.5, 9.6). */
#include "latchkey/http.h"
#include "latchkey/mfa.h"
#include "passkey_int.h"

int passkey_may_manage(struct request *req)
{
	if (user_needs_aal2(req))
		return fail(req, 403, "insufficient_aal", "AAL2 session is required to manage passkeys when MFA is enabled");
	return 0;
}

void passkey_from_row(const struct db_rows *rows, int row, struct passkey *passkey)
{
	*passkey = (struct passkey){
		.id = db_get_uuid(rows, row, 0),
		.user_id = db_get_uuid(rows, row, 1),
		.credential_id = db_get_text(rows, row, 2),
		.public_key = db_get_text(rows, row, 3),
		.sign_count = db_get_int(rows, row, 4),
		.backup_eligible = db_get_bool(rows, row, 5),
		.friendly_name = db_get_string(rows, row, 6),
		.created_at = db_get_moment(rows, row, 7),
		.last_used_at = db_get_moment(rows, row, 8),
	};
}

struct webauthn_credential *passkey_credentials(struct request *req, const struct passkey *list, size_t count)
{
	struct webauthn_credential *out = must(talloc_zero_array(req, struct webauthn_credential, (unsigned)count + 1));

	for (size_t i = 0; i < count; i++)
		out[i] = (struct webauthn_credential){
			.id = list[i].credential_id,
			.public_key = list[i].public_key,
			.sign_count = (uint32_t)list[i].sign_count,
			.backup_eligible = list[i].backup_eligible,
		};
	return out;
}

int passkeys_count(struct request *req, const struct user *user)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_PASSKEYS_COUNT, DB_ARGS(db_uuid(&user->id)), &rows) < 0)
		return fail_server(req, "Database error counting passkeys");
	if (db_get_int(rows, 0, 0) >= req->settings->passkey.max_per_user)
		return fail(req, 422, "too_many_passkeys", "Maximum number of passkeys reached");
	return 0;
}

int passkeys_of_user(struct request *req, const struct uuid *user_id, struct passkey **list, size_t *count)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_PASSKEYS_OF_USER, DB_ARGS(db_uuid(user_id)), &rows) < 0)
		return fail_server(req, "Database error loading passkeys");
	*count = (size_t)db_row_count(rows);
	*list = must(talloc_array(req, struct passkey, (unsigned)*count + 1));
	for (size_t i = 0; i < *count; i++)
		passkey_from_row(rows, (int)i, &(*list)[i]);
	return 0;
}

int passkey_find(struct request *req, size_t capture, const struct uuid *user_id, struct passkey *passkey)
{
	struct db_rows *rows;
	struct uuid id;

	if (!uuid_parse(req->http->captures[capture], &id))
		return fail(req, 404, "validation_failed", "Passkey not found");
	if (db_fetch(req, STMT_PASSKEY_OF_USER, DB_ARGS(db_uuid(&id), db_uuid(user_id)), &rows) < 0)
		return fail_server(req, "Database error loading passkey");
	if (db_row_count(rows) == 0)
		return fail(req, 404, "validation_failed", "Passkey not found");
	passkey_from_row(rows, 0, passkey);
	return 0;
}

void passkey_json(struct json_writer *out, const struct passkey *passkey, bool with_use)
{
	json_open_object(out);
	json_member_uuid(out, "id", &passkey->id);
	json_member_string_opt(out, "friendly_name", passkey->friendly_name);
	json_member_moment(out, "created_at", passkey->created_at);
	if (with_use)
		json_member_moment_opt(out, "last_used_at", passkey->last_used_at);
	json_close_object(out);
}

struct change {
	const struct passkey *passkey;
	struct text name;
	bool by_admin;
};

static int write_name(struct request *req, void *arg)
{
	const struct change *change = arg;
	const struct uuid *id = &change->passkey->id;

	db_later(req, "Database error updating passkey", STMT_PASSKEY_RENAME, DB_ARGS(db_uuid(id), db_moment(moment_now()), db_text(change->name)));
	audit(req, AUDIT_PASSKEY_UPDATED, req->bearer->user, audit_traits(req, "passkey_id", uuid_string(req, id), NULL), true);
	return 0;
}

int passkey_rename(struct request *req, struct passkey *passkey, struct text name)
{
	struct change change = {passkey, name, false};

	if (db_transaction(req, write_name, &change) < 0)
		return fail_server(req, "Database error updating passkey");
	passkey->friendly_name = text_string(req, name);
	return 0;
}

static int write_removal(struct request *req, void *arg)
{
	const struct change *change = arg;
	const char *id = uuid_string(req, &change->passkey->id);

	db_later(req, NULL, STMT_PASSKEY_DELETE, DB_ARGS(db_uuid(&change->passkey->id)));
	if (change->by_admin)
		audit(req, AUDIT_PASSKEY_DELETED, NULL,
		      audit_traits(req, "user_id", uuid_string(req, &change->passkey->user_id), "passkey_id", id, NULL), true);
	else
		audit(req, AUDIT_PASSKEY_DELETED, req->bearer->user, audit_traits(req, "passkey_id", id, NULL), true);
	return 0;
}

int passkey_remove(struct request *req, const struct passkey *passkey, bool by_admin)
{
	struct change change = {passkey, TEXT_NONE, by_admin};

	return db_transaction(req, write_removal, &change) < 0 ? fail_server(req, "Database error deleting passkey") : 0;
}
