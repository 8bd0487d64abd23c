/* hook.c: the operator's own code has its say about an attempt (contract 08 section 6.4, 11). */
#include "latchkey/hook.h"
#include "mfa_int.h"

struct verdict {
	struct text decision, message;
};
static const struct json_field verdict_fields[] = {
	JSON_FIELD(struct verdict, decision, "decision", JSON_TEXT),
	JSON_FIELD(struct verdict, message, "message", JSON_TEXT),
};
static const struct json_shape verdict_shape = JSON_SHAPE("MFAVerificationAttemptOutput", verdict_fields);

bool verification_hook_waits(const struct request *req)
{
	return hook_waits(req, HOOK_MFA_VERIFICATION_ATTEMPT);
}

int verification_hook(struct request *req, const struct verification *verification, bool valid)
{
	struct verdict verdict = {TEXT_NONE, TEXT_NONE};
	struct json_writer input;
	struct hook_answer answer;

	if (!hook_enabled(req, HOOK_MFA_VERIFICATION_ATTEMPT))
		return 0;
	input = hook_input(req, HOOK_MFA_VERIFICATION_ATTEMPT);
	json_member_uuid(&input, "user_id", &req->bearer->user->id);
	json_member_uuid(&input, "factor_id", &verification->factor->id);
	json_member_string(&input, "factor_type", verification->kind->type);
	json_member_truth(&input, "valid", valid);
	if (hook_call(req, HOOK_MFA_VERIFICATION_ATTEMPT, &input, &answer) < 0 || hook_decode(req, &answer, &verdict_shape, &verdict) < 0)
		return -1;
	if (!text_is(verdict.decision, "reject"))
		return 0;
	if (session_delete_all(req, &req->bearer->user->id, NULL) < 0)
		return -1;
	if (!verdict.message.len)
		return fail(req, 403, "mfa_verification_rejected", "Further MFA verification attempts will be rejected.");
	return fail_text(req, 403, "mfa_verification_rejected", verdict.message);
}
