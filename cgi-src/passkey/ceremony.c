/* ceremony.c: challenges of passkeys: stored once, taken away once (contract 08 sections 9.1 to 9.4). */
#include "passkey_int.h"

static const char *type_of(const struct user *user)
{
	return user ? "registration" : "authentication";
}

static int write_options(struct request *req, const struct webauthn_options *options, const struct user *user, struct text *json)
{
	struct json_writer out = json_writer(buffer_new(req, 2048));

	if (user)
		webauthn_creation_json(&out, req->settings, options);
	else
		webauthn_request_json(&out, req->settings, options);
	*json = buffer_as_text(out.buffer);
	return 0;
}

int ceremony_ready(struct request *req)
{
	if (!webauthn_built()) {
		fail_server(req, "Failed to initialize WebAuthn");
		return fail_cause(req, "webauthn: this build was made without libcbor");
	}
	if (!webauthn_ready(req->settings))
		return fail_server(req, "Failed to initialize WebAuthn");
	return 0;
}

static int check_party(struct request *req, bool registration)
{
	if (ceremony_ready(req) < 0)
		return -1;
	if (!webauthn_named(req->settings, registration))
		return fail_server(req, registration ? "Failed to generate WebAuthn registration options"
						     : "Failed to generate WebAuthn authentication options");
	return 0;
}

int ceremony_begin(struct request *req, struct webauthn_options *options, const struct user *user, struct passkey_ceremony *ceremony)
{
	moment now = moment_now();
	struct text session;

	if (check_party(req, user != NULL) < 0)
		return -1;
	webauthn_challenge(options);
	ceremony->id = uuid_v4();
	ceremony->expires_at = moment_add(now, req->settings->webauthn.challenge_expiry);
	session = webauthn_session_json(req, req->settings, options, user != NULL);
	write_options(req, options, user, &ceremony->options);
	if (db_execute(req, STMT_WEBAUTHN_CHALLENGE_INSERT,
		       DB_ARGS(db_uuid(&ceremony->id), db_uuid(user ? &user->id : NULL), db_string(type_of(user)), db_text(session), db_moment(now),
			       db_moment(ceremony->expires_at))) < 0)
		return fail_server(req, "Database error storing challenge");
	return 0;
}

int ceremony_consume(struct request *req, const struct uuid *id, const struct user *user, struct webauthn_session *session)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_WEBAUTHN_CHALLENGE_CONSUME, DB_ARGS(db_uuid(id), db_string(type_of(user)), db_uuid(user ? &user->id : NULL)), &rows) <
	    0)
		return fail_server(req, "Database error consuming challenge");
	if (db_row_count(rows) == 0)
		return fail(req, 400, "webauthn_challenge_not_found", "Challenge not found or already used");
	if (moment_now() > db_get_moment(rows, 0, 1))
		return fail(req, 400, "webauthn_challenge_expired", "Challenge has expired");
	if (!webauthn_session_read(req, db_get_text(rows, 0, 0), session))
		return fail_unexpected(req, "webauthn: the stored session cannot be read");
	return 0;
}

int ceremony_unreadable(struct request *req, const char *why)
{
	fail(req, 400, "webauthn_verification_failed", "Invalid credential response");
	return fail_cause(req, "webauthn: %s", why);
}

int ceremony_refuse(struct request *req, const char *why)
{
	fail(req, 400, "webauthn_verification_failed", "Credential verification failed");
	return fail_cause(req, "webauthn: %s", why);
}
