/* passkeys.c: passkeys: signing in with them, registering and managing them; the administrator's view (contract 08 section 9). */
#include "cgi-src/api/handlers.h"
#include "latchkey/hook.h"
#include "latchkey/passkey.h"

#define NAME_MAX_BYTES 120

/* Bodies are read in another way than elsewhere: one that is too large has the same answer as one that cannot be read. */
static int read_body(struct request *req, const struct json_shape *shape, void *out)
{
	if (req->http->body_too_large)
		return fail(req, 400, "bad_json", "Could not read request body");
	return http_json(req, shape, out);
}

/* ---- ceremonies --------------------------------------------------------------------------------------------------------------------------------- */

static int reply_ceremony(struct request *req, const struct passkey_ceremony *ceremony)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_uuid(&out, "challenge_id", &ceremony->id);
	json_member_raw(&out, "options", ceremony->options);
	json_member_int(&out, "expires_at", ceremony->expires_at / 1000000);
	json_close_object(&out);
	return 0;
}

struct answer {
	struct text challenge_id, credential;
};
static const struct json_field answer_fields[] = {
	JSON_FIELD(struct answer, challenge_id, "challenge_id", JSON_TEXT),
	JSON_FIELD(struct answer, credential, "credential", JSON_SOURCE),
};
static const struct json_shape answer_shape = JSON_SHAPE("PasskeyVerifyParams", answer_fields);

static int read_answer(struct request *req, struct uuid *challenge, struct text *credential)
{
	struct answer answer = {TEXT_NONE, TEXT_NONE};

	if (read_body(req, &answer_shape, &answer) < 0)
		return -1;
	if (answer.challenge_id.len == 0)
		return fail(req, 400, "validation_failed", "challenge_id is required");
	if (answer.credential.len == 0)
		return fail(req, 400, "validation_failed", "credential is required");
	if (!uuid_parse(answer.challenge_id, challenge))
		return fail(req, 400, "validation_failed", "challenge_id must be a valid UUID");
	*credential = answer.credential;
	return 0;
}

int api_passkey_registration_options(struct request *req)
{
	struct passkey_ceremony ceremony;

	if (passkey_may_register(req) < 0 || passkey_begin_registration(req, &ceremony) < 0)
		return -1;
	return reply_ceremony(req, &ceremony);
}

int api_passkey_registration_verify(struct request *req)
{
	struct uuid challenge;
	struct text credential;
	struct passkey passkey;
	struct json_writer out;

	if (passkey_may_register(req) < 0 || read_answer(req, &challenge, &credential) < 0 ||
	    passkey_finish_registration(req, &challenge, credential, &passkey) < 0)
		return -1;
	out = http_reply(req, 200);
	passkey_json(&out, &passkey, false);
	return 0;
}

int api_passkey_sign_in_options(struct request *req)
{
	struct passkey_ceremony ceremony;

	if (passkey_begin_sign_in(req, &ceremony) < 0)
		return -1;
	return reply_ceremony(req, &ceremony);
}

int api_passkey_sign_in_verify(struct request *req)
{
	struct tokens tokens = {.user = NULL};
	struct uuid challenge;
	struct text credential;
	int moved;

	if (read_answer(req, &challenge, &credential) < 0)
		return -1;
	moved = hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (passkey_finish_sign_in(req, &challenge, credential, &tokens) < 0)
		return -1;
	return reply_tokens(req, &tokens, WEAK_ABSENT, 0, NULL);
}

/* ---- management ---------------------------------------------------------------------------------------------------------------------------------- */

static int reply_list(struct request *req, const struct uuid *user_id)
{
	struct passkey *list;
	struct json_writer out;
	size_t count;

	if (passkeys_of_user(req, user_id, &list, &count) < 0)
		return -1;
	out = http_reply(req, 200);
	json_open_array(&out);
	for (size_t i = 0; i < count; i++)
		passkey_json(&out, &list[i], true);
	json_close_array(&out);
	return 0;
}

int api_passkeys_list(struct request *req)
{
	return reply_list(req, &req->bearer->user->id);
}

struct rename_params {
	struct text friendly_name;
};
static const struct json_field rename_fields[] = {JSON_FIELD(struct rename_params, friendly_name, "friendly_name", JSON_TEXT)};
static const struct json_shape rename_shape = JSON_SHAPE("PasskeyUpdateParams", rename_fields);

int api_passkey_rename(struct request *req)
{
	struct rename_params params = {TEXT_NONE};
	struct passkey passkey;
	struct json_writer out;
	struct uuid id;

	if (!uuid_parse(req->http->captures[0], &id))
		return fail(req, 404, "validation_failed", "Passkey not found");
	if (read_body(req, &rename_shape, &params) < 0)
		return -1;
	if (params.friendly_name.len == 0)
		return fail(req, 400, "validation_failed", "friendly_name is required");
	if (params.friendly_name.len > NAME_MAX_BYTES)
		return fail(req, 400, "validation_failed", "friendly_name must be 120 characters or less");
	if (passkey_find(req, 0, &req->bearer->user->id, &passkey) < 0 || passkey_rename(req, &passkey, params.friendly_name) < 0)
		return -1;
	out = http_reply(req, 200);
	passkey_json(&out, &passkey, true);
	return 0;
}

int api_passkey_delete(struct request *req)
{
	struct passkey passkey;

	if (passkey_may_manage(req) < 0 || passkey_find(req, 0, &req->bearer->user->id, &passkey) < 0 || passkey_remove(req, &passkey, false) < 0)
		return -1;
	return reply_empty(req, 204);
}

int api_admin_passkeys_list(struct request *req)
{
	return reply_list(req, &req->http->subject->id);
}

int api_admin_passkey_delete(struct request *req)
{
	struct passkey passkey;

	if (passkey_find(req, 1, &req->http->subject->id, &passkey) < 0 || passkey_remove(req, &passkey, true) < 0)
		return -1;
	return reply_empty(req, 204);
}
