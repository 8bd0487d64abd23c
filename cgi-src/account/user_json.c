/* user_json.c: users, identities and factors as clients see them (contract 05 sections 1.1 to 1.3). */
#include "account_int.h"

static void member_object(struct json_writer *out, const char *name, struct json_object *value)
{
	if (value)
		json_member_value(out, name, value);
	else
		json_member_raw(out, name, TEXT("{}"));
}

void identity_json(struct json_writer *out, const struct identity *identity)
{
	json_open_object(out);
	json_member_uuid(out, "identity_id", &identity->id);
	json_member_string(out, "id", identity->provider_id);
	json_member_uuid(out, "user_id", &identity->user_id);
	if (json_object_object_length(identity->data) > 0)
		json_member_value(out, "identity_data", identity->data);
	json_member_string(out, "provider", identity->provider);
	json_member_moment_opt(out, "last_sign_in_at", identity->last_sign_in_at);
	json_member_moment(out, "created_at", identity->created_at);
	json_member_moment(out, "updated_at", identity->updated_at);
	json_member_string_opt(out, "email", identity->email);
	json_close_object(out);
}

static void members_in_order(struct json_writer *out, struct json_object *object, const char *const *names)
{
	for (; *names; names++)
		if (json_has(object, *names)) {
			json_name(out, *names);
			json_value_in_order(out, json_get(object, *names));
		}
}

/* The members that contract 08 section 6.7 gives, in its order; jsonb keeps another. */
static void member_last_challenge(struct json_writer *out, struct json_object *data)
{
	static const char *const of_challenge[] = {"challenge_id", "factor_id", "created_at", "verified_at", "ip_address", NULL};
	static const char *const of_session[] = {"challenge",  "rpId",	     "user_id", "allowed_credentials", "expires", "userVerification",
						 "extensions", "credParams", NULL};
	static const char *const of_answer[] = {"type", "credential_response", NULL};
	struct json_object *challenge = json_get(data, "challenge"), *session = json_get(challenge, "web_authn_session_data");

	json_name(out, "last_webauthn_challenge_data");
	json_open_object(out);
	json_name(out, "challenge");
	json_open_object(out);
	members_in_order(out, challenge, of_challenge);
	json_name(out, "web_authn_session_data");
	json_open_object(out);
	members_in_order(out, session, of_session);
	json_close_object(out);
	json_close_object(out);
	members_in_order(out, data, of_answer);
	json_close_object(out);
}

void factor_json(struct json_writer *out, const struct factor *factor)
{
	json_open_object(out);
	json_member_uuid(out, "id", &factor->id);
	json_member_moment(out, "created_at", factor->created_at);
	json_member_moment(out, "updated_at", factor->updated_at);
	json_member_string(out, "status", factor->status);
	json_member_string_opt(out, "friendly_name", factor->friendly_name);
	json_member_string(out, "factor_type", factor->type);
	json_member_string(out, "phone", factor->phone);
	json_member_moment(out, "last_challenged_at", factor->last_challenged_at);
	if (factor->has_aaguid)
		json_member_uuid(out, "web_authn_aaguid", &factor->aaguid);
	if (factor->last_webauthn_challenge)
		member_last_challenge(out, factor->last_webauthn_challenge);
	json_close_object(out);
}

static void members_of_addresses(struct json_writer *out, const struct user *user)
{
	json_member_uuid(out, "id", &user->id);
	json_member_string(out, "aud", user->aud);
	json_member_string(out, "role", user->role);
	json_member_string(out, "email", user->email);
	json_member_moment_opt(out, "email_confirmed_at", user->email_confirmed_at);
	json_member_moment_opt(out, "invited_at", user->invited_at);
	json_member_string(out, "phone", user->phone);
	json_member_moment_opt(out, "phone_confirmed_at", user->phone_confirmed_at);
	json_member_moment_opt(out, "confirmation_sent_at", user->confirmation_sent_at);
	json_member_moment_opt(out, "confirmed_at", user->confirmed_at);
	json_member_moment_opt(out, "recovery_sent_at", user->recovery_sent_at);
	json_member_string_opt(out, "new_email", user->email_change);
	json_member_moment_opt(out, "email_change_sent_at", user->email_change_sent_at);
	json_member_string_opt(out, "new_phone", user->phone_change);
	json_member_moment_opt(out, "phone_change_sent_at", user->phone_change_sent_at);
	json_member_moment_opt(out, "reauthentication_sent_at", user->reauthentication_sent_at);
	json_member_moment_opt(out, "last_sign_in_at", user->last_sign_in_at);
}

static void members_of_rows(struct json_writer *out, const struct user *user)
{
	if (user->loaded && user->factor_count > 0) {
		json_name(out, "factors");
		json_open_array(out);
		for (size_t i = 0; i < user->factor_count; i++)
			factor_json(out, &user->factors[i]);
		json_close_array(out);
	}
	json_name(out, "identities");
	if (!user->loaded) {
		json_null(out);
		return;
	}
	json_open_array(out);
	for (size_t i = 0; i < user->identity_count; i++)
		identity_json(out, &user->identities[i]);
	json_close_array(out);
}

static void member_date(struct json_writer *out, const char *name, moment at)
{
	if (at == MOMENT_NONE) /* never stored: Go's zero time (contract 05 section 13) */
		json_member_string(out, name, "0001-01-01T00:00:00Z");
	else
		json_member_moment(out, name, at);
}

void user_json_members(struct json_writer *out, const struct user *user)
{
	members_of_addresses(out, user);
	member_object(out, "app_metadata", user->app_metadata);
	if (user->user_metadata_is_null)
		json_member_raw(out, "user_metadata", TEXT("null"));
	else
		member_object(out, "user_metadata", user->user_metadata);
	members_of_rows(out, user);
	member_date(out, "created_at", user->created_at);
	member_date(out, "updated_at", user->updated_at);
	json_member_moment_opt(out, "banned_until", user->banned_until);
	json_member_moment_opt(out, "deleted_at", user->deleted_at);
	json_member_truth(out, "is_anonymous", user->is_anonymous);
}

void user_json(struct json_writer *out, const struct user *user)
{
	json_open_object(out);
	user_json_members(out, user);
	json_close_object(out);
}
