/* webauthn.c: security keys and platform authenticators as a second factor (contract 08 sections 5.4, 6.7). */
#include <string.h>

#include "latchkey/webauthn.h"
#include "mfa_int.h"

struct attempt {
	struct webauthn_answer answer;
	struct text stored_answer; /* JSON of last_webauthn_challenge_data */
	bool create;
};

static bool is_verified(const struct factor *factor)
{
	return strcmp(factor->status, "verified") == 0;
}

/* Those of all verified factors of this kind; NULL-sized where there are none. */
static const struct webauthn_credential *credentials_of(struct request *req, const struct user *user, size_t *count)
{
	struct webauthn_credential *list = must(talloc_array(req, struct webauthn_credential, (unsigned)user->factor_count + 1));

	*count = 0;
	for (size_t i = 0; i < user->factor_count; i++) {
		const struct factor *factor = &user->factors[i];

		if (strcmp(factor->type, "webauthn") == 0 && is_verified(factor) && factor->webauthn_credential &&
		    webauthn_credential_read(req, factor->webauthn_credential, &list[*count]))
			(*count)++;
	}
	return list;
}

/* ---- challenging ----------------------------------------------------------------------------------------------------------------------------------- */

static void write_options(struct request *req, const struct webauthn_options *options, bool create, struct text *json)
{
	struct json_writer out = json_writer(buffer_new(req, 2048));

	json_open_object(&out);
	json_member_string(&out, "type", create ? "create" : "request");
	json_name(&out, "credential_options");
	json_open_object(&out);
	json_name(&out, "publicKey");
	if (create)
		webauthn_creation_json(&out, req->settings, options);
	else
		webauthn_request_json(&out, req->settings, options);
	json_close_object(&out);
	json_close_object(&out);
	*json = buffer_as_text(out.buffer);
}

static int challenge(struct request *req, struct factor *factor, struct text channel, struct challenge *challenge)
{
	const struct user *user = req->bearer->user;
	struct webauthn_options options = {.profile = WEBAUTHN_FACTOR, .user_id = text_of(uuid_string(req, &user->id))};
	bool create = !is_verified(factor);

	(void)channel;
	if (!webauthn_ready(req->settings))
		return fail_unexpected(req, "webauthn: no origins, or an RP id that cannot be one");
	if (!webauthn_named(req->settings, create))
		return create ? fail_server(req, "Failed to generate WebAuthn registration data") : fail_unexpected(req, "webauthn: no RP id");
	options.user_name = options.user_display_name = user->email;
	options.credentials = credentials_of(req, user, &options.credential_count);
	if (!create && options.credential_count == 0)
		return fail_unexpected(req, "webauthn: the factor has no readable credential");
	webauthn_challenge(&options);
	challenge->session_data = webauthn_session_json(req, req->settings, &options, create);
	write_options(req, &options, create, &challenge->options);
	return 0;
}

/* ---- verifying ----------------------------------------------------------------------------------------------------------------------------------- */

static int read_answer(struct request *req, const struct verification *verification, struct attempt *attempt)
{
	const char *why;

	if ((attempt->create ? webauthn_read_registration(req, verification->credential_response, &attempt->answer, &why)
			     : webauthn_read_assertion(req, verification->credential_response, &attempt->answer, &why)))
		return 0;
	fail(req, 400, "validation_failed", "Invalid credential_response");
	return fail_cause(req, "webauthn: %s", why);
}

/* A new key for an unverified factor, a known one for a verified factor (section 14, W2 and W3). */
static bool kind_fits(const struct verification *verification, const struct attempt *attempt, const char **why)
{
	*why = "a new key for a verified factor, or a known one for an unverified";
	return attempt->create != is_verified(verification->factor);
}

static int check_answer(struct request *req, const struct verification *verification, struct attempt *attempt)
{
	struct text user_id = text_of(uuid_string(req, &req->bearer->user->id));
	const struct webauthn_credential *credentials, *used;
	struct webauthn_session session;
	const char *why = "the stored session cannot be read";
	size_t count;
	bool right = webauthn_session_read(req, verification->challenge->session_data, &session) && kind_fits(verification, attempt, &why);

	credentials = credentials_of(req, req->bearer->user, &count);
	if (attempt->create)
		right = right && webauthn_check_registration(req, req->settings, &session, user_id, &attempt->answer, &why);
	else
		right = right && webauthn_check_assertion(req, req->settings, WEBAUTHN_FACTOR, &session, user_id, credentials, count,
							  &attempt->answer, &used, &why);
	if (right)
		return 0;
	if (attempt->create)
		return fail_unexpected(req, "webauthn: %s", why);
	fail_server(req, "Failed to validate WebAuthn MFA response");
	return fail_cause(req, "webauthn: %s", why);
}

/* last_webauthn_challenge_data (section 6.7). */
static int write_answer(struct request *req, const struct verification *verification, struct attempt *attempt)
{
	const struct challenge *of = verification->challenge;
	struct json_writer out = json_writer(buffer_new(req, 4096));

	json_open_object(&out);
	json_name(&out, "challenge");
	json_open_object(&out);
	json_member_uuid(&out, "challenge_id", &of->id);
	json_member_uuid(&out, "factor_id", &verification->factor->id);
	json_member_moment(&out, "created_at", of->created_at);
	json_member_text(&out, "ip_address", of->address);
	json_member_raw(&out, "web_authn_session_data", of->session_data);
	json_close_object(&out);
	json_member_string(&out, "type", attempt->create ? "create" : "request");
	json_name(&out, "credential_response");
	if (!webauthn_response_json(&out, &attempt->answer, attempt->create))
		return fail_unexpected(req, "webauthn: an attestation statement that has no form in JSON");
	json_close_object(&out);
	attempt->stored_answer = buffer_as_text(out.buffer);
	return 0;
}

/* From here on the challenge is spent, whatever comes (step 8); who deletes it may go on. */
static int consume(struct request *req, const struct verification *verification)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_CHALLENGE_DELETE, DB_ARGS(db_uuid(&verification->challenge_id)), &rows) < 0)
		return fail_server(req, "Database error deleting challenge");
	if (db_row_count(rows) == 0)
		return fail(req, 422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
	return 0;
}

static int verify(struct request *req, struct verification *verification)
{
	struct attempt *attempt = must(talloc_zero(req, struct attempt));

	if (!verification->webauthn_given)
		return fail(req, 400, "validation_failed", "WebAuthn config required");
	attempt->create = text_is(verification->webauthn_type, "create");
	if (!attempt->create && !text_is(verification->webauthn_type, "request"))
		return fail(req, 400, "validation_failed", "WebAuthn type must be create or request");
	if (verification->credential_response.len == 0)
		return fail(req, 400, "validation_failed", "credential_response required");
	if (!webauthn_ready(req->settings))
		return fail_unexpected(req, "webauthn: no origins, or an RP id that cannot be one");
	verification->private = attempt;
	if (challenge_load(req, verification) < 0 || read_answer(req, verification, attempt) < 0 || check_answer(req, verification, attempt) < 0 ||
	    consume(req, verification) < 0)
		return -1;
	return write_answer(req, verification, attempt);
}

static int accept(struct request *req, struct verification *verification)
{
	const struct attempt *attempt = verification->private;
	const struct uuid *id = &verification->factor->id;
	moment now = moment_now();
	struct uuid aaguid;

	/* what the lock shows decides: another request may have verified the factor meanwhile */
	if (attempt->create != verification->became_verified)
		return fail_unexpected(req, "webauthn: the factor's status has changed meanwhile");
	if (attempt->create) {
		memcpy(aaguid.bytes, attempt->answer.auth.aaguid, sizeof(aaguid.bytes));
		db_later(req, NULL, STMT_FACTOR_SET_CREDENTIAL,
			 DB_ARGS(db_uuid(id), db_moment(now), db_text(webauthn_credential_json(req, &attempt->answer)), db_uuid(&aaguid)));
	}
	db_later(req, NULL, STMT_FACTOR_SET_ANSWER, DB_ARGS(db_uuid(id), db_moment(now), db_text(attempt->stored_answer)));
	return 0;
}

const struct factor_kind factor_webauthn = {
	.type = "webauthn",
	.method = "mfa/webauthn",
	.name = "WebAuthn",
	.library = "libcbor",
	.enroll_code = "mfa_webauthn_enroll_not_enabled",
	.challenge_code = "mfa_webauthn_verify_not_enabled",
	.verify_code = "mfa_webauthn_enroll_not_enabled", /* the reference's, section 6.4 */
	.lowering_failed = "Failed to update session",
	.removal_failed = "Failed to remove unverified MFA WebAuthn factors",
	.enroll_switch = offsetof(struct settings, mfa.webauthn_enroll_enabled),
	.verify_switch = offsetof(struct settings, mfa.webauthn_verify_enabled),
	.built = webauthn_built,
	.challenge_has_body = true,
	.enrolling_tells_type = true,
	.challenge = challenge,
	.verify = verify,
	.accept = accept,
};
