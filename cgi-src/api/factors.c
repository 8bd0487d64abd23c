/* factors.c: a user's second factors: POST /factors, challenge, verify, DELETE (contract 08 sections 4 to 7). */
#include "cgi-src/api/handlers.h"
#include "latchkey/mfa.h"
#include "latchkey/settings.h"

/* ---- switches ---------------------------------------------------------------------------------------------------------------------------------- */

/* Switched off, or not part of this build: clients read the same, the log has the reason. */
static int switched_off(struct request *req, const struct factor_kind *kind, const char *code, const char *what)
{
	fail(req, 422, code, "MFA %s is disabled for %s", what, kind->name);
	return factor_is_missing(req->settings, kind) ? fail_cause(req, "%s: this build was made without the library for it", kind->type) : -1;
}

/* ---- POST /factors ------------------------------------------------------------------------------------------------------------------------------ */

struct enroll_params {
	struct text friendly_name, factor_type, issuer, phone;
};
static const struct json_field enroll_fields[] = {
	JSON_FIELD(struct enroll_params, friendly_name, "friendly_name", JSON_TEXT),
	JSON_FIELD(struct enroll_params, factor_type, "factor_type", JSON_TEXT),
	JSON_FIELD(struct enroll_params, issuer, "issuer", JSON_TEXT),
	JSON_FIELD(struct enroll_params, phone, "phone", JSON_TEXT),
};
static const struct json_shape enroll_shape = JSON_SHAPE("EnrollFactorParams", enroll_fields);

static int reply_enrollment(struct request *req, const struct factor_kind *kind, const struct enrollment *enrollment)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_uuid(&out, "id", &enrollment->id);
	json_member_string(&out, "type", kind->type);
	json_member_text(&out, "friendly_name", enrollment->friendly_name);
	if (enrollment->uri) {
		json_name(&out, "totp");
		json_open_object(&out);
		json_member_text(&out, "qr_code", enrollment->qr_code);
		json_member_string(&out, "secret", enrollment->secret);
		json_member_string(&out, "uri", enrollment->uri);
		json_close_object(&out);
	}
	if (enrollment->stored_phone)
		json_member_text(&out, "phone", enrollment->phone);
	json_close_object(&out);
	return 0;
}

int api_factor_enroll(struct request *req)
{
	struct enroll_params params = {.phone = TEXT_NONE};
	struct enrollment enrollment = {.uri = NULL};
	const struct factor_kind *kind;

	if (!req->bearer->session)
		return fail_server(req, "A valid session and a registered user are required to enroll a factor");
	if (http_json(req, &enroll_shape, &params) < 0)
		return -1;
	kind = factor_kind_named(params.factor_type);
	if (!kind)
		return fail(req, 400, "validation_failed", "factor_type needs to be totp, phone, or webauthn");
	if (!factor_may_enroll(req->settings, kind))
		return switched_off(req, kind, kind->enroll_code, "enroll");
	enrollment.friendly_name = params.friendly_name;
	enrollment.issuer = params.issuer;
	enrollment.phone = params.phone;
	if (mfa_enroll(req, kind, &enrollment) < 0)
		return -1;
	return reply_enrollment(req, kind, &enrollment);
}

/* ---- POST /factors/{factor_id}/challenge --------------------------------------------------------------------------------------------------------- */

struct challenge_webauthn {
	struct text type; /* read so that a wrong type is an error, and no more */
};
struct challenge_params {
	struct text channel;
	struct challenge_webauthn webauthn;
};
static const struct json_field challenge_webauthn_fields[] = {JSON_FIELD(struct challenge_webauthn, type, "type", JSON_TEXT)};
static const struct json_shape challenge_webauthn_shape = JSON_SHAPE("WebAuthnParams", challenge_webauthn_fields);
static const struct json_field challenge_fields[] = {
	JSON_FIELD(struct challenge_params, channel, "channel", JSON_TEXT),
	{"webauthn", JSON_STRUCT, offsetof(struct challenge_params, webauthn), &challenge_webauthn_shape},
};
static const struct json_shape challenge_shape = JSON_SHAPE("ChallengeFactorParams", challenge_fields);

static int reply_challenge(struct request *req, const struct factor_kind *kind, const struct challenge *challenge)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_uuid(&out, "id", &challenge->id);
	json_member_string(&out, "type", kind->type);
	json_member_int(&out, "expires_at", challenge_expires_at(req->settings, challenge));
	if (challenge->options.len)
		json_member_raw(&out, "webauthn", challenge->options);
	json_close_object(&out);
	return 0;
}

int api_factor_challenge(struct request *req)
{
	struct factor *factor = req->http->subject_factor;
	const struct factor_kind *kind = factor_kind_of(factor);
	struct challenge_params params = {.channel = TEXT_NONE};
	struct challenge challenge = {.verified_at = MOMENT_NONE};
	int made;

	if (!factor_may_verify(req->settings, kind))
		return switched_off(req, kind, kind->challenge_code, "verification");
	if (kind->challenge_has_body && http_json(req, &challenge_shape, &params) < 0)
		return -1;
	made = mfa_challenge(req, kind, factor, params.channel.len ? params.channel : TEXT("sms"), &challenge);
	return made ? made : reply_challenge(req, kind, &challenge);
}

/* ---- POST /factors/{factor_id}/verify ------------------------------------------------------------------------------------------------------------- */

struct verify_webauthn {
	struct text type, credential_response;
};
struct verify_params {
	struct json_opt_text challenge_id;
	struct text code, webauthn;
};
static const struct json_field verify_webauthn_fields[] = {
	JSON_FIELD(struct verify_webauthn, type, "type", JSON_TEXT),
	JSON_FIELD(struct verify_webauthn, credential_response, "credential_response", JSON_SOURCE),
};
static const struct json_shape verify_webauthn_shape = JSON_SHAPE("VerifyFactorParams.webauthn", verify_webauthn_fields);
static const struct json_field verify_fields[] = {
	JSON_FIELD(struct verify_params, challenge_id, "challenge_id", JSON_TEXT_OPT),
	JSON_FIELD(struct verify_params, code, "code", JSON_TEXT),
	JSON_FIELD(struct verify_params, webauthn, "webauthn", JSON_SOURCE),
};
static const struct json_shape verify_shape = JSON_SHAPE("VerifyFactorParams", verify_fields);

static int read_verification(struct request *req, struct verification *verification)
{
	struct verify_params params = {.code = TEXT_NONE};
	struct verify_webauthn webauthn = {.type = TEXT_NONE};
	const char *why;

	if (http_json(req, &verify_shape, &params) < 0 || http_json_uuid(req, &params.challenge_id, &verification->challenge_id) < 0)
		return -1;
	verification->webauthn_given = params.webauthn.len && !text_is(params.webauthn, "null");
	if (verification->webauthn_given && json_decode(req, params.webauthn, &verify_webauthn_shape, &webauthn, &why) < 0)
		return fail(req, 400, "bad_json", "Could not parse request body as JSON: %s", why);
	verification->code = params.code;
	verification->webauthn_type = webauthn.type;
	verification->credential_response = webauthn.credential_response;
	return 0;
}

int api_factor_verify(struct request *req)
{
	struct factor *factor = req->http->subject_factor;
	struct verification verification = {.factor = factor, .kind = factor_kind_of(factor)};
	int done;

	if (read_verification(req, &verification) < 0)
		return -1;
	if (verification.kind->needs_code && verification.code.len == 0)
		return fail(req, 400, "validation_failed", "Code needs to be non-empty");
	if (!factor_may_verify(req->settings, verification.kind))
		return switched_off(req, verification.kind, verification.kind->verify_code, "verification");
	done = mfa_verify(req, &verification);
	return done ? done : reply_tokens(req, &verification.tokens, WEAK_ABSENT, 0, NULL);
}

/* ---- DELETE /factors/{factor_id} -------------------------------------------------------------------------------------------------------------------- */

int api_factor_delete(struct request *req)
{
	struct factor *factor = req->http->subject_factor;
	struct json_writer out;
	int done;

	if (!req->bearer->session)
		return fail_server(req, "A valid session and factor are required to unenroll a factor");
	done = mfa_unenroll(req, factor);
	if (done)
		return done;
	out = http_reply(req, 200);
	json_open_object(&out);
	json_member_uuid(&out, "id", &factor->id);
	json_close_object(&out);
	return 0;
}
