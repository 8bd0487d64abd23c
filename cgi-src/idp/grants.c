/* grants.c: what a user has granted to which applications, and taking it back (contract 10 section 16). */
#include "idp_int.h"

#define REVOKE_FAILED "Error revoking grant"

static void grant_json(struct request *req, const struct db_rows *rows, int row, struct json_writer *out)
{
	struct text_list scopes = oauth_scopes(req, db_get_text(rows, row, 4));
	struct uuid id = db_get_uuid(rows, row, 0);

	json_open_object(out);
	json_name(out, "client");
	json_open_object(out);
	json_member_uuid(out, "id", &id);
	json_member_string_opt(out, "name", db_get_string(rows, row, 1));
	json_member_string_opt(out, "uri", db_get_string(rows, row, 2));
	json_member_string_opt(out, "logo_uri", db_get_string(rows, row, 3));
	json_close_object(out);
	json_name(out, "scopes");
	json_open_array(out);
	for (size_t i = 0; i < scopes.count; i++)
		json_text(out, scopes.items[i]);
	json_close_array(out);
	json_member_moment(out, "granted_at", db_get_moment(rows, row, 5));
	json_close_object(out);
}

int oauth_grants_json(struct request *req, const struct user *user, struct json_writer *out)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_GRANTS_OF_USER, DB_ARGS(db_uuid(&user->id)), &rows) < 0)
		return fail_server(req, "Error fetching OAuth grants");
	json_open_array(out);
	for (int i = 0; i < db_row_count(rows); i++)
		grant_json(req, rows, i, out);
	json_close_array(out);
	return 0;
}

struct revocation {
	const struct user *user;
	const struct uuid *client_id;
};

/* Codes that were approved before give nothing any more either (section 16.2 leaves that open). */
static int revoke(struct request *req, void *arg)
{
	const struct revocation *revocation = arg;
	const struct uuid *user = &revocation->user->id, *client = revocation->client_id;
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_CONSENT_REVOKE, DB_ARGS(db_uuid(user), db_uuid(client), db_moment(moment_now())), &rows) < 0)
		return fail_server(req, REVOKE_FAILED);
	if (db_row_count(rows) == 0)
		return fail(req, 404, "oauth_consent_not_found", "No active grant found for this client");
	db_later(req, REVOKE_FAILED, STMT_OAUTH_SESSIONS_DELETE, DB_ARGS(db_uuid(user), db_uuid(client)));
	db_later(req, REVOKE_FAILED, STMT_OAUTH_CODES_DROP, DB_ARGS(db_uuid(user), db_uuid(client)));
	audit_or(req, AUDIT_TOKEN_REVOKED, revocation->user,
		 audit_traits(req, "action", "revoke_oauth_grant", "oauth_client_id", uuid_string(req, client), NULL), false, REVOKE_FAILED);
	return 0;
}

int oauth_grant_revoke(struct request *req, const struct user *user, const struct uuid *client_id)
{
	return db_transaction(req, revoke, &(struct revocation){user, client_id});
}
