/* registration.c: a passkey is added to the bearer's account (contract 08 sections 9.1, 9.2). */
#include <string.h>

#include "passkey_int.h"

int passkey_may_register(struct request *req)
{
	if (req->bearer->user->is_sso_user)
		return fail(req, 422, "validation_failed", "SSO users cannot register passkeys");
	return passkey_may_manage(req);
}

static const char *display_name(const struct user *user, const char *otherwise)
{
	struct text name = json_get_text(user->user_metadata, "name");

	return name.len ? name.data : otherwise;
}

int passkey_begin_registration(struct request *req, struct passkey_ceremony *ceremony)
{
	const struct user *user = req->bearer->user;
	struct webauthn_options options = {.profile = WEBAUTHN_PASSKEY, .user_id = text_of(uuid_string(req, &user->id))};
	struct passkey *list;

	if (passkeys_count(req, user) < 0 || passkeys_of_user(req, &user->id, &list, &options.credential_count) < 0)
		return -1;
	options.credentials = passkey_credentials(req, list, options.credential_count);
	options.user_name = user->email[0] ? user->email : user->phone;
	options.user_display_name = display_name(user, options.user_name);
	return ceremony_begin(req, &options, user, ceremony);
}

/* ---- the answer ---------------------------------------------------------------------------------------------------------------------------------- */

struct registration {
	const struct webauthn_answer *answer;
	struct passkey *passkey;
};

/* "cable" is the old name of "hybrid". */
static struct text transports_json(struct request *req, const struct text_list *transports)
{
	struct json_writer out = json_writer(buffer_new(req, 64));

	json_open_array(&out);
	for (size_t i = 0; i < transports->count; i++)
		json_text(&out, text_is(transports->items[i], "cable") ? TEXT("hybrid") : transports->items[i]);
	json_close_array(&out);
	return buffer_as_text(out.buffer);
}

static int insert(struct request *req, const struct webauthn_answer *answer, const struct passkey *passkey)
{
	const struct authenticator_data *auth = &answer->auth;
	struct uuid aaguid;
	int done;

	memcpy(aaguid.bytes, auth->aaguid, sizeof(aaguid.bytes));
	done = db_execute(req, STMT_PASSKEY_INSERT,
			  DB_ARGS(db_uuid(&passkey->id), db_uuid(&passkey->user_id), db_bytes(auth->credential_id), db_bytes(auth->public_key),
				  db_text(answer->format), db_uuid(&aaguid), db_int8(auth->counter),
				  db_text(transports_json(req, &answer->transports)), db_bool(auth->flags & AUTH_BE), db_bool(auth->flags & AUTH_BS),
				  db_string(passkey->friendly_name), db_moment(passkey->created_at)));
	if (done == 0)
		return 0;
	if (failure_is_sqlstate(req, "23505")) { /* as the reference means it (contract 12) */
		failure_clear(req);
		return fail(req, 422, "webauthn_credential_exists", "This credential is already registered");
	}
	return fail_server(req, "Database error creating passkey");
}

static int write(struct request *req, void *arg)
{
	const struct registration *registration = arg;
	struct passkey *passkey = registration->passkey;
	const struct user *user = req->bearer->user;

	if (db_execute(req, STMT_USER_HOLD, DB_ARGS(db_uuid(&user->id))) < 0)
		return fail_server(req, "Database error counting passkeys");
	if (passkeys_count(req, user) < 0)
		return -1;
	*passkey = (struct passkey){
		.id = uuid_v4(),
		.user_id = user->id,
		.friendly_name = passkey_name(registration->answer->auth.aaguid),
		.created_at = moment_now(),
		.last_used_at = MOMENT_NONE,
	};
	if (insert(req, registration->answer, passkey) < 0)
		return -1;
	audit(req, AUDIT_PASSKEY_CREATED, user, audit_traits(req, "passkey_id", uuid_string(req, &passkey->id), NULL), true);
	return 0;
}

int passkey_finish_registration(struct request *req, const struct uuid *challenge, struct text credential, struct passkey *passkey)
{
	const struct user *user = req->bearer->user;
	struct webauthn_answer answer;
	struct webauthn_session session;
	struct registration registration = {&answer, passkey};
	const char *why;

	if (ceremony_consume(req, challenge, user, &session) < 0)
		return -1;
	if (!webauthn_read_registration(req, credential, &answer, &why))
		return ceremony_unreadable(req, why);
	if (ceremony_ready(req) < 0)
		return -1;
	if (!webauthn_check_registration(req, req->settings, &session, text_of(uuid_string(req, &user->id)), &answer, &why))
		return ceremony_refuse(req, why);
	return db_transaction(req, write, &registration);
}
