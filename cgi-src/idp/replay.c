/* replay.c: codes that have been exchanged are remembered for a day. One that comes again ends the session that it gave (RFC 6749 section
 * 4.1.2; contract 12, row for 10 section 12.3), unless it comes so soon that a form was sent twice. */
#include "idp_int.h"
#include "latchkey/crypto.h"

#define SENT_TWICE (10 * SECOND)

/* The code itself is a credential until it is spent; nobody has to find it here. */
static struct db_value code_digest(TALLOC_CTX *mem, struct text code)
{
	unsigned char *digest = must(talloc_size(mem, 32));

	sha256(code, digest);
	return db_bytes((struct text){(const char *)digest, 32});
}

void code_mark(struct request *req, const struct oauth_authorization *authorization, const struct session *session)
{
	db_later(req, "Error exchanging authorization code", STMT_OAUTH_CODE_MARK,
		 DB_ARGS(code_digest(req, authorization->code), db_uuid(&authorization->client_id), db_uuid(&session->id),
			 db_string(authorization->challenge), db_string(authorization->challenge_method), db_moment(moment_now())));
}

int code_replayed(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked)
{
	struct db_rows *rows;
	struct uuid session;

	if (db_fetch(req, STMT_OAUTH_CODE_MARKED, DB_ARGS(code_digest(req, asked->code), db_uuid(&client->id)), &rows) < 0)
		return fail_server(req, "Error finding authorization code");
	if (db_row_count(rows) == 0 || req->started <= moment_add(db_get_moment(rows, 0, 3), SENT_TWICE) ||
	    verifier_complaint(req, db_get_string(rows, 0, 1), db_get_string(rows, 0, 2), asked->verifier))
		return 0;
	session = db_get_uuid(rows, 0, 0);
	if (db_execute(req, STMT_SESSION_DELETE, DB_ARGS(db_uuid(&session))) < 0)
		return fail_server(req, "Error finding authorization code");
	request_log_to(req, LOG_WARNING, "an authorization code was used again: the session it gave has been ended",
		       log_text("session_id", uuid_string(req, &session)), log_text("client_id", uuid_string(req, &client->id)));
	return 0;
}
