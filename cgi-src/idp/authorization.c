/* authorization.c: an authorization request's row, taken for one request at a time (contract 10 sections 3.2, 9). */
#include <string.h>

#include "idp_int.h"

static const char *string_or_null(const struct db_rows *rows, int column)
{
	return db_is_null(rows, 0, column) ? NULL : db_get_string(rows, 0, column);
}

struct oauth_authorization *authorization_from_row(struct request *req, const struct db_rows *rows)
{
	struct oauth_authorization *made = must(talloc(req, struct oauth_authorization));

	*made = (struct oauth_authorization){
		.id = db_get_uuid(rows, 0, 0),
		.client_id = db_get_uuid(rows, 0, 1),
		.user_id = db_get_uuid(rows, 0, 2),
		.authorization_id = db_get_text(rows, 0, 3),
		.redirect_uri = db_get_text(rows, 0, 4),
		.scope = db_get_text(rows, 0, 5),
		.state = db_get_text(rows, 0, 6),
		.resource = db_get_text(rows, 0, 7),
		.nonce = db_get_text(rows, 0, 8),
		.code = db_get_text(rows, 0, 9),
		.challenge = string_or_null(rows, 10),
		.challenge_method = string_or_null(rows, 11),
		.status = db_get_string(rows, 0, 12),
		.expires_at = db_get_moment(rows, 0, 13),
	};
	return made;
}

int authorization_not_found(struct request *req)
{
	return fail(req, 404, "oauth_authorization_not_found", "authorization not found");
}

int authorization_lock(struct request *req, struct text authorization_id, struct oauth_authorization **authorization)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_AUTHORIZATION_LOCK, DB_ARGS(db_text(authorization_id)), &rows) < 0)
		return fail_server(req, "error finding authorization");
	if (db_row_count(rows) == 0)
		return authorization_not_found(req);
	*authorization = authorization_from_row(req, rows);
	if (moment_now() <= (*authorization)->expires_at)
		return 0;
	if (strcmp((*authorization)->status, "pending") == 0)
		db_later(req, NULL, STMT_OAUTH_AUTHORIZATION_EXPIRE, DB_ARGS(db_uuid(&(*authorization)->id)));
	return fail_keeping(req, 404, "oauth_authorization_not_found", "authorization not found");
}

void authorization_approve(struct request *req, struct oauth_authorization *authorization, const char *message)
{
	struct uuid code = uuid_v4();

	authorization->code = (struct text){uuid_string(req, &code), UUID_TEXT_LEN};
	db_later(req, message, STMT_OAUTH_AUTHORIZATION_APPROVE,
		 DB_ARGS(db_uuid(&authorization->id), db_moment(moment_now()), db_text(authorization->code)));
}
