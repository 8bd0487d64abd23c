/* profile.c: what applications are told of a user: the profile's members, userinfo (contract 10 sections 13, 15). */
#include "idp_int.h"

struct text profile_text(const struct user *user, const char *first, const char *second)
{
	struct text text = json_get_text(user->user_metadata, first);

	return text.len || !second ? text : json_get_text(user->user_metadata, second);
}

struct text profile_name(const struct user *user)
{
	struct text name = profile_text(user, "name", NULL);

	return name.len ? name : text_of(user->email);
}

static void member_opt(struct json_writer *out, const char *name, struct text text)
{
	if (text.len)
		json_member_text(out, name, text);
}

static void member_true(struct json_writer *out, const char *name, bool truth)
{
	if (truth)
		json_member_truth(out, name, true);
}

static void member_metadata(struct json_writer *out, const struct user *user)
{
	if (user->user_metadata)
		json_member_value(out, "user_metadata", user->user_metadata);
	else
		json_member_raw(out, "user_metadata", TEXT("{}"));
}

void oauth_userinfo(struct json_writer *out, struct request *req, const struct user *user, struct text scope)
{
	struct text_list scopes = oauth_scopes(req, scope);
	bool email = text_list_has(&scopes, TEXT("email")), phone = text_list_has(&scopes, TEXT("phone"));
	bool profile = text_list_has(&scopes, TEXT("profile"));

	json_open_object(out);
	if (email)
		json_member_string_opt(out, "email", user->email);
	member_true(out, "email_verified", email && user->email_confirmed_at != MOMENT_NONE);
	if (profile)
		member_opt(out, "name", profile_name(user));
	if (phone)
		json_member_string_opt(out, "phone", user->phone);
	member_true(out, "phone_verified", phone && user->phone_confirmed_at != MOMENT_NONE);
	if (profile) {
		member_opt(out, "picture", profile_text(user, "picture", "avatar_url"));
		member_opt(out, "preferred_username", profile_text(user, "preferred_username", "username"));
	}
	json_member_uuid(out, "sub", &user->id);
	if (profile) {
		json_member_int(out, "updated_at", user->updated_at / 1000000);
		member_metadata(out, user);
	}
	json_close_object(out);
}
