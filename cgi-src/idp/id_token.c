/* id_token.c: ID tokens (contract 10 section 13, OpenID Connect Core section 2). */
#include <string.h>

#include "idp_int.h"
#include "latchkey/jose.h"

#define LIFETIME 3600

bool id_token_possible(const struct request *req)
{
	return strcmp(jose_signing_alg(req->settings->jwt.keys), "HS256") != 0;
}

static int64_t seconds_of(moment at)
{
	return at / 1000000;
}

static void member_opt(struct json_writer *out, const char *name, struct text text)
{
	if (text.len)
		json_member_text(out, name, text);
}

static void members_of_addresses(struct json_writer *out, const struct user *user, const struct text_list *scopes)
{
	bool email = text_list_has(scopes, TEXT("email")), phone = text_list_has(scopes, TEXT("phone"));

	if (email)
		json_member_string_opt(out, "email", user->email);
	json_member_truth(out, "email_verified", email && user->email_confirmed_at != MOMENT_NONE);
	if (phone)
		json_member_string_opt(out, "phone_number", user->phone);
	json_member_truth(out, "phone_number_verified", phone && user->phone_confirmed_at != MOMENT_NONE);
}

static void members_of_profile(struct json_writer *out, const struct user *user)
{
	member_opt(out, "name", profile_name(user));
	member_opt(out, "picture", profile_text(user, "picture", "avatar_url"));
	if (seconds_of(user->updated_at) > 0)
		json_member_int(out, "updated_at", seconds_of(user->updated_at));
	member_opt(out, "preferred_username", profile_text(user, "preferred_username", "username"));
}

static struct text claims_of(struct request *req, const struct user *user, const struct oauth_authorization *authorization)
{
	struct text_list scopes = oauth_scopes(req, authorization->scope);
	struct buffer *claims = buffer_new(req, 512);
	struct json_writer out = json_writer(claims);
	int64_t now = seconds_of(moment_now());

	json_open_object(&out);
	json_member_string_opt(&out, "iss", req->settings->jwt.issuer);
	json_member_uuid(&out, "sub", &user->id);
	json_member_uuid(&out, "aud", &authorization->client_id);
	json_member_int(&out, "exp", now + LIFETIME);
	json_member_int(&out, "iat", now);
	member_opt(&out, "nonce", authorization->nonce);
	json_member_int(&out, "auth_time", seconds_of(user->last_sign_in_at));
	members_of_addresses(&out, user, &scopes);
	if (text_list_has(&scopes, TEXT("profile")))
		members_of_profile(&out, user);
	json_member_uuid(&out, "client_id", &authorization->client_id);
	json_close_object(&out);
	return buffer_as_text(claims);
}

int id_token_make(struct request *req, const struct user *user, const struct oauth_authorization *authorization, struct text *token)
{
	*token = jose_sign(req, req->settings->jwt.keys, claims_of(req, user, authorization));
	return token->len ? 0 : fail_server(req, "Error generating ID token");
}
