/* sign_in.c: somebody signs in with a passkey (contract 08 sections 9.3, 9.4). */
#include "passkey_int.h"

int passkey_begin_sign_in(struct request *req, struct passkey_ceremony *ceremony)
{
	struct webauthn_options options = {.profile = WEBAUTHN_PASSKEY, .user_id = TEXT_NONE};

	return ceremony_begin(req, &options, NULL, ceremony);
}

struct sign_in {
	struct user *user;
	struct webauthn_answer answer;
	struct tokens *tokens;
};

/* One answer for an unknown user, an unknown credential and a wrong signature. */
static int find_user(struct request *req, struct sign_in *sign_in)
{
	struct text handle = sign_in->answer.user_handle;
	struct uuid id;

	if (handle.len == 0 || !uuid_parse(handle, &id))
		return ceremony_refuse(req, "no user handle");
	if (user_by_id(req, &id, &sign_in->user) < 0 || !sign_in->user) {
		if (req->failure.final)
			return -1;
		return ceremony_refuse(req, "no such user");
	}
	return 0;
}

static int check(struct request *req, const struct webauthn_session *session, struct sign_in *sign_in)
{
	struct text user_id = text_of(uuid_string(req, &sign_in->user->id));
	const struct webauthn_credential *used;
	struct passkey *list;
	size_t count;
	const char *why;

	if (passkeys_of_user(req, &sign_in->user->id, &list, &count) < 0)
		return req->failure.final ? -1 : ceremony_refuse(req, "passkeys cannot be loaded");
	if (!webauthn_check_assertion(req, req->settings, WEBAUTHN_PASSKEY, session, user_id, passkey_credentials(req, list, count), count,
				      &sign_in->answer, &used, &why))
		return ceremony_refuse(req, why);
	return 0;
}

/* Only now is anything told about the account (step 6). */
static int check_account(struct request *req, const struct user *user)
{
	if (user->email[0] && !user_email_confirmed(user))
		return fail(req, 403, "email_not_confirmed", "Email not confirmed");
	if (user->phone[0] && !user_phone_confirmed(user))
		return fail(req, 403, "phone_not_confirmed", "Phone not confirmed");
	if (user_is_banned(user, req->started))
		return fail(req, 403, "user_banned", "User is banned");
	return 0;
}

/* The row is locked, so that counters of two sign-ins at once only go up. */
static int issue(struct request *req, void *arg)
{
	struct sign_in *sign_in = arg;
	struct grant grant = {.method = "passkey", .not_after = MOMENT_NONE};
	struct webauthn_credential stored;
	struct passkey passkey;
	struct db_rows *rows;

	if (db_fetch(req, STMT_PASSKEY_BY_CREDENTIAL, DB_ARGS(db_bytes(sign_in->answer.raw_id), db_uuid(&sign_in->user->id)), &rows) < 0 ||
	    db_row_count(rows) == 0)
		return fail_server(req, "Database error loading passkey");
	passkey_from_row(rows, 0, &passkey);
	stored = (struct webauthn_credential){.sign_count = (uint32_t)passkey.sign_count};
	db_later(req, NULL, STMT_PASSKEY_USED,
		 DB_ARGS(db_uuid(&passkey.id), db_moment(moment_now()), db_int8(webauthn_counter(&stored, &sign_in->answer))));
	audit(req, AUDIT_LOGIN, sign_in->user, audit_traits(req, "passkey_id", uuid_string(req, &passkey.id), NULL), true);
	return session_issue(req, sign_in->user, &grant, sign_in->tokens);
}

int passkey_finish_sign_in(struct request *req, const struct uuid *challenge, struct text credential, struct tokens *tokens)
{
	struct sign_in sign_in = {.tokens = tokens};
	struct webauthn_session session;
	const char *why;

	if (ceremony_consume(req, challenge, NULL, &session) < 0)
		return -1;
	if (!webauthn_read_assertion(req, credential, &sign_in.answer, &why))
		return ceremony_unreadable(req, why);
	if (ceremony_ready(req) < 0 || find_user(req, &sign_in) < 0 || check(req, &session, &sign_in) < 0 || check_account(req, sign_in.user) < 0 ||
	    db_transaction(req, issue, &sign_in) < 0)
		return -1;
	log_login(req, "passkey", &sign_in.user->id, NULL, false);
	return 0;
}
