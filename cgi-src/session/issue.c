/* issue.c: a session is made by a sign-in; all its writes are queued in the caller's transaction (contract 04 section 5). */
#include <sodium.h>

#include "session_int.h"

/* What the reference says when one of the writes fails; the two forms of tokens say it differently. */
static const struct texts {
	const char *session, *sign_in;
} texts_v1 = {"Database error granting user", "Database error granting user"},
  texts_v2 = {"Database error creating new session", "Database error updating user's last_sign_in_at"};

static struct session *session_new(struct request *req, const struct user *user, const struct grant *grant)
{
	struct session *session = must(talloc(req, struct session));
	moment now = moment_now();

	*session = (struct session){
		.id = uuid_v4(),
		.user_id = user->id,
		.created_at = now,
		.updated_at = now,
		.refreshed_at = MOMENT_NONE,
		.not_after = grant->not_after,
		.factor_id = grant->factor_id,
		.oauth_client_id = grant->oauth_client_id,
		.aal = "aal1",
		.tag = "",
		.scopes = grant->scopes ? grant->scopes : "",
	};
	return session;
}

static void insert_session(struct request *req, const struct session *session, const char *message)
{
	db_later(req, message, STMT_SESSION_INSERT,
		 DB_ARGS(db_uuid(&session->id), db_uuid(&session->user_id), db_moment(session->created_at), db_moment(session->not_after),
			 session_user_agent(req), session_address(req), db_uuid_opt(&session->oauth_client_id), db_string_opt(session->scopes),
			 db_string(session->refresh_hmac_key), session->has_counter ? db_int8(session->refresh_counter) : db_null(),
			 db_uuid_opt(&session->factor_id)));
}

static struct text issue_v1(struct request *req, const struct session *session)
{
	struct text token = text_of(refresh_v1_new(req));

	insert_session(req, session, texts_v1.session);
	db_later(req, texts_v1.session, STMT_REFRESH_V1_INSERT,
		 DB_ARGS(db_text(token), db_uuid(&session->user_id), db_null(), db_uuid(&session->id), db_moment(session->created_at),
			 db_bool(false)));
	header_prefix(req, token);
	return token;
}

static struct text issue_v2(struct request *req, struct session *session)
{
	struct session_key key;
	struct text stored, token;

	session_key_new(req, &session->id, &key, &stored);
	session->refresh_hmac_key = stored.data;
	session->has_counter = true;
	insert_session(req, session, texts_v2.session);
	token = refresh_v2_make(req, &session->id, 0, key.bytes);
	sodium_memzero(&key, sizeof(key));
	header_counter(req, 0);
	return token;
}

int session_add_method(struct request *req, struct session *session, const char *method)
{
	moment now = moment_now();
	struct uuid id = uuid_v4();

	db_later(req, NULL, STMT_SESSION_ADD_METHOD, DB_ARGS(db_uuid(&session->id), db_string(method), db_moment(now), db_uuid(&id)));
	session->amr = must(talloc_realloc(req, session->amr, struct amr_claim, (unsigned)session->amr_count + 1));
	session->amr[session->amr_count++] = (struct amr_claim){method, now};
	return 0;
}

int session_issue(struct request *req, struct user *user, const struct grant *grant, struct tokens *tokens)
{
	bool v2 = req->settings->security.refresh_token_algorithm_version == 2;
	struct session *session = session_new(req, user, grant);

	header_uuid(req, HEADER_USER, &user->id);
	header_uuid(req, HEADER_SESSION, &session->id);
	tokens->user = user;
	tokens->session = session;
	tokens->refresh_token = v2 ? issue_v2(req, session) : issue_v1(req, session);
	user->last_sign_in_at = session->created_at;
	user->updated_at = moment_now();
	db_later(req, v2 ? texts_v2.sign_in : texts_v1.sign_in, STMT_USER_SIGNED_IN,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->last_sign_in_at), db_moment(user->updated_at)));
	session_add_method(req, session, grant->method);
	return access_token_make(req, user, session, grant->method, &grant->oauth_client_id, &tokens->access_token, &tokens->expires_at);
}
