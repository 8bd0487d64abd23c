/* accounts.c: what the endpoints of accounts share. */
#include <string.h>

#include "cgi-src/api/accounts.h"

int reply_user(struct request *req, const struct user *user)
{
	struct json_writer out = http_reply(req, 200);

	user_json(&out, user);
	return 0;
}

struct json_object *app_metadata_of(struct request *req, const char *provider, const char *second)
{
	struct json_object *metadata = json_hold(req, must(json_object_new_object()));
	struct json_object *providers;

	if (!provider)
		return metadata;
	providers = must(json_object_new_array());
	json_object_array_add(providers, must(json_object_new_string(provider)));
	if (second)
		json_object_array_add(providers, must(json_object_new_string(second)));
	json_object_object_add(metadata, "provider", must(json_object_new_string(provider)));
	json_object_object_add(metadata, "providers", providers);
	return metadata;
}

static int hook_about(struct request *req, enum hook_point point, const struct user *user)
{
	struct hook_answer answer;
	struct json_writer input;

	if (!hook_enabled(req, point))
		return 0;
	input = hook_input(req, point);
	json_name(&input, "user");
	user_json(&input, user);
	return hook_call(req, point, &input, &answer);
}

int hook_before_user_created(struct request *req, const struct user *user)
{
	return hook_about(req, HOOK_BEFORE_USER_CREATED, user);
}

int hook_after_user_created(struct request *req, const struct user *user)
{
	return hook_about(req, HOOK_AFTER_USER_CREATED, user);
}

int remember_flow(struct request *req, const struct user *user, const char *provider_type, const char *method, struct text challenge,
		  struct text challenge_method)
{
	struct flow_state flow = {
		.user_id = user->id,
		.provider_type = provider_type,
		.authentication_method = method,
		.created_at = MOMENT_NONE,
		.auth_code_issued_at = MOMENT_NONE,
	};

	return text_is_empty(challenge) ? 0 : flow_state_create(req, &flow, challenge, challenge_method);
}

int reply_message_id(struct request *req, const char *message_id)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_string_opt(&out, "message_id", message_id);
	json_close_object(&out);
	return 0;
}

bool audience_matches(struct request *req)
{
	const struct text_list *audience = &req->bearer->claims.aud;

	return audience->count > 0 && text_equal(audience->items[0], request_audience(req));
}

struct json_object *traits_of_user(struct request *req, const struct user *user, bool with_phone)
{
	return audit_traits(req, "user_id", uuid_string(req, &user->id), "user_email", user->email, with_phone ? "user_phone" : NULL, user->phone,
			    NULL);
}
