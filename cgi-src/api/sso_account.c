/* sso_account.c: an assertion becomes an account and a session (contract 09 sections 6.9 and 6.10). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/sso.h"
#include "latchkey/crypto.h"
#include "latchkey/oauth.h"

/* ---- what is kept of the assertion ----------------------------------------------------------------------------------------------------------- */

/* A member that a standard claim of that very name has taken over. */
static bool is_taken(struct json_object *data, const char *name)
{
	struct json_object *value = json_get(data, name);

	if (json_object_is_type(value, json_type_object))
		return json_object_object_length(value) > 0;
	return value && claim_is_standard(name);
}

static void set_text(struct json_object *object, const char *name, struct text value)
{
	json_object_object_add(object, name, must(json_object_new_string_len(value.data, (int)value.len)));
}

static struct json_object *rest_of(struct json_object *claims, struct json_object *data)
{
	struct json_object *rest = must(json_object_new_object());

	json_object_object_foreach(claims, name, value)
	{
		if (!is_taken(data, name))
			json_object_object_add(rest, name, json_object_get(value));
	}
	return rest;
}

int sso_read_profile(struct request *req, struct sso_login *login, const struct saml_person *person)
{
	struct oauth_profile *profile = login->profile = must(talloc_zero(req, struct oauth_profile));
	struct json_object *data, *rest;

	profile_start(req, profile);
	if (claims_standard(req, person->claims, profile) < 0)
		return fail_server(req, "Mapped claims from provider could not be deserialized from JSON");
	data = profile->claims;
	set_text(data, "sub", person->user_id);
	set_text(data, "iss", text_of(login->provider->entity_id));
	set_text(data, "email", text_lower(req, person->email));
	json_object_object_add(data, "email_verified", must(json_object_new_boolean(true)));
	rest = rest_of(person->claims, data);
	json_object_object_add(data, "custom_claims", rest);
	profile_email(req, profile, person->email, true, true);
	return 0;
}

/* ---- the transaction ---------------------------------------------------------------------------------------------------------------------------- */

struct signing_in {
	struct sso_login *login;
	struct external_login external;
};

/* Chapter 12: one assertion signs in once, whichever worker gets it, until it is of no use anyway. */
static int spend_assertion(struct request *req, const struct sso_login *login)
{
	struct buffer *key = buffer_new(req, 128);
	unsigned char digest[32];
	struct db_rows *rows;

	buffer_string(key, login->provider->entity_id);
	buffer_char(key, '\0');
	buffer_text(key, login->assertion->id);
	sha256(buffer_as_text(key), digest);
	if (db_fetch(req, STMT_SAML_ASSERTION_SPEND,
		     DB_ARGS(db_bytes((struct text){(char *)digest, sizeof(digest)}), db_moment(login->assertion->expires), db_moment(req->started)),
		     &rows) < 0)
		return -1;
	if (db_row_count(rows) > 0)
		return 0;
	fail(req, 400, "validation_failed", "SAML Assertion is not valid ");
	return fail_cause(req, "the assertion has been used already");
}

/* Step 3b. */
static int take_flow_state(struct request *req, const struct sso_login *login, const struct user *user)
{
	struct db_rows *rows;

	if (uuid_is_nil(&login->flow_state))
		return 0;
	if (db_fetch(req, STMT_SAML_FLOW_STATE_LOCK, DB_ARGS(db_uuid(&login->flow_state)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail_oauth(req, "server_error", "Flow State not found");
	if (!db_is_null(rows, 0, 0))
		return fail(req, 400, "flow_state_already_used", "State has already been used");
	db_later(req, NULL, STMT_SAML_FLOW_STATE_SET_USER, DB_ARGS(db_uuid(&login->flow_state), db_uuid(&user->id), db_moment(moment_now())));
	return 0;
}

/* Step 3c. The token names the provider by the identities that were there before this request (section 10). */
static int make_session(struct request *req, const struct signing_in *in)
{
	struct grant grant = {.method = "sso/saml", .not_after = in->login->assertion->session_not_after};
	struct user *user = in->external.user;
	bool linked = in->external.decision == DECIDED_LINK && user->identity_count > 1;
	int issued;

	user->identity_count -= linked;
	issued = session_issue(req, user, &grant, in->login->tokens);
	user->identity_count += linked;
	if (issued == 0)
		return 0;
	fail_server(req, "Unable to issue refresh token from SAML Assertion");
	req->failure.db = NULL;
	return -1;
}

static int write_all(struct request *req, void *arg)
{
	struct signing_in *in = arg;

	if (spend_assertion(req, in->login) < 0 || external_sign_in(req, &in->external) < 0)
		return -1;
	if (take_flow_state(req, in->login, in->external.user) < 0)
		return -1;
	return make_session(req, in);
}

bool sso_login_waits(const struct request *req)
{
	return hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED) || hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN);
}

int sso_sign_in(struct request *req, struct sso_login *login)
{
	struct signing_in in = {.login = login};

	in.external.provider = format(req, "sso:%s", uuid_string(req, &login->provider->id));
	in.external.profile = login->profile;
	if (hook_enabled(req, HOOK_BEFORE_USER_CREATED) && external_ask_hook(req, &in.external, hook_before_user_created) < 0)
		return -1;
	if (db_transaction(req, write_all, &in) < 0)
		return -1;
	login->user = in.external.user;
	return in.external.decision == DECIDED_CREATE ? hook_after_user_created(req, login->user) : 0;
}
