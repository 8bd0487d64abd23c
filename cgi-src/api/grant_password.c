/* grant_password.c: POST /token?grant_type=password (contract 04 section 8.2). */
#include "cgi-src/api/accounts.h"
#include "cgi-src/api/grants.h"
#include "latchkey/crypto.h"

#define WRONG "Invalid login credentials"

struct body {
	struct text email, phone, password;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, email, "email", JSON_TEXT),
	JSON_FIELD(struct body, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct body, password, "password", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("PasswordGrantParams", fields);

struct sign_in {
	const char *provider; /* "email" or "phone" */
	struct user *user;
	bool right; /* the password */
	unsigned weak;
	const char *weak_message;
	struct tokens tokens;
};

struct verdict {
	struct text decision, message;
	bool should_logout_user;
};
static const struct json_field verdict_fields[] = {
	JSON_FIELD(struct verdict, decision, "decision", JSON_TEXT),
	JSON_FIELD(struct verdict, message, "message", JSON_TEXT),
	JSON_FIELD(struct verdict, should_logout_user, "should_logout_user", JSON_BOOL),
};
static const struct json_shape verdict_shape = JSON_SHAPE("PasswordVerificationAttemptOutput", verdict_fields);

static int refuse(struct request *req)
{
	return fail(req, 400, "invalid_credentials", WRONG);
}

/* Steps 1 to 5. */
static int read_body(struct request *req, struct body *body)
{
	if (http_json(req, &shape, body) < 0)
		return -1;
	if (body->email.len && body->phone.len)
		return fail(req, 400, "validation_failed", "Only an email address or phone number should be provided on login.");
	if (body->email.len && !req->settings->external.email_enabled)
		return fail(req, 422, "email_provider_disabled", "Email logins are disabled");
	if (body->phone.len && !req->settings->external.phone_enabled)
		return fail(req, 422, "phone_provider_disabled", "Phone logins are disabled");
	if (!body->email.len && !body->phone.len)
		return fail(req, 400, "validation_failed", "missing email or phone");
	return 0;
}

/* Steps 6 to 8. What no column can hold (NUL) is nobody's. */
static int find_user(struct request *req, const struct body *body, struct sign_in *sign_in)
{
	struct text aud = request_audience(req), name = body->email.len ? body->email : phone_normal(req, body->phone);
	int result = 0;

	sign_in->provider = body->email.len ? "email" : "phone";
	if (!text_has_nul(name) && !text_has_nul(aud))
		result = body->email.len ? user_by_email(req, name, aud, &sign_in->user) : user_by_phone(req, name, aud, &sign_in->user);
	if (result < 0)
		return fail_server(req, "Database error querying schema");
	if (!sign_in->user || !user_has_password(sign_in->user))
		return refuse(req);
	if (user_is_banned(sign_in->user, req->started))
		return fail(req, 400, "user_banned", "User is banned");
	return 0;
}

/* A weak password is told of, no more; what else comes of the check is only logged. */
static void look_at_strength(struct request *req, struct text password, struct sign_in *sign_in)
{
	if (password_weakness(req, password, &sign_in->weak, &sign_in->weak_message) == 0 || req->failure.final)
		return;
	request_log_to(req, LOG_WARNING, "password strength check on sign-in failed",
		       log_text("error", req->failure.cause ? req->failure.cause : ""));
	failure_clear(req);
	sign_in->weak = 0;
}

/* A hash that is stored plain, or under an old key, is made anew and kept whatever becomes of the sign-in (section 13). */
static int reseal_password(struct request *req, struct user *user, struct text password)
{
	const char *stored;

	if (!envelope_is_due(req->settings, text_of(user->encrypted_password)))
		return 0;
	if (password_stored_form(req, user, password, true, &stored) < 0) {
		failure_clear(req); /* more than 72 bytes: it stays as it is */
		return 0;
	}
	user->encrypted_password = stored;
	user->updated_at = moment_now();
	return db_execute(req, STMT_USER_SET_PASSWORD, DB_ARGS(db_uuid(&user->id), db_moment(user->updated_at), db_string(stored)));
}

/* Step 10: the operator's hook may refuse, and end all sessions; it cannot let a wrong password pass. */
static int ask_hook(struct request *req, const struct sign_in *sign_in)
{
	struct verdict verdict = {0};
	struct hook_answer answer;
	struct json_writer input;

	if (!hook_enabled(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT))
		return 0;
	input = hook_input(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT);
	json_member_uuid(&input, "user_id", &sign_in->user->id);
	json_member_truth(&input, "valid", sign_in->right);
	if (hook_call(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT, &input, &answer) < 0 || hook_decode(req, &answer, &verdict_shape, &verdict) < 0)
		return -1;
	if (!text_is(verdict.decision, "reject"))
		return 0;
	if (verdict.should_logout_user && session_delete_all(req, &sign_in->user->id, NULL) < 0)
		return -1;
	if (!verdict.message.len)
		return fail(req, 400, "invalid_credentials", "Further password verification attempts will be rejected.");
	return fail_text(req, 400, "invalid_credentials", verdict.message);
}

static bool waits_for_others(const struct request *req)
{
	return hook_waits(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT) || hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) ||
	       req->settings->password.hibp_enabled;
}

/* Step 9. Hashing has a lane of its own; what waits for others goes on from there, and finds it done. */
static int compare(struct request *req, const struct body *body, struct sign_in *sign_in)
{
	if (password_matches(req, sign_in->user, body->password, &sign_in->right) < 0)
		return -1;
	return waits_for_others(req) ? lane_require(req, LANE_OUTBOUND) : 0;
}

/* Steps 10 to 13. */
static int check_password(struct request *req, const struct body *body, struct sign_in *sign_in)
{
	struct user *user = sign_in->user;

	if (sign_in->right)
		look_at_strength(req, body->password, sign_in);
	if (sign_in->right && reseal_password(req, user, body->password) < 0)
		return -1;
	if (ask_hook(req, sign_in) < 0)
		return -1;
	if (!sign_in->right)
		return refuse(req);
	if (body->email.len && !user_email_confirmed(user))
		return fail(req, 400, "email_not_confirmed", "Email not confirmed");
	if (body->phone.len && !user_phone_confirmed(user))
		return fail(req, 400, "phone_not_confirmed", "Phone not confirmed");
	return 0;
}

static int issue(struct request *req, void *arg)
{
	struct sign_in *sign_in = arg;
	struct grant grant = {.method = "password", .not_after = MOMENT_NONE};

	audit(req, AUDIT_LOGIN, sign_in->user, audit_traits(req, "provider", sign_in->provider, NULL), false);
	return session_issue(req, sign_in->user, &grant, &sign_in->tokens);
}

int grant_password(struct request *req)
{
	struct body body = {0};
	struct sign_in sign_in = {0};
	int lane;

	if (read_body(req, &body) < 0)
		return -1;
	lane = lane_require(req, LANE_HASH);
	if (lane != 0)
		return lane;
	if (find_user(req, &body, &sign_in) < 0)
		return -1;
	lane = compare(req, &body, &sign_in);
	if (lane != 0)
		return lane;
	if (check_password(req, &body, &sign_in) < 0)
		return -1;
	if (db_transaction(req, issue, &sign_in) < 0) {
		session_issue_failed(req);
		return -1;
	}
	log_login(req, "password", &sign_in.user->id, sign_in.provider, false);
	return reply_tokens(req, &sign_in.tokens, WEAK_PRESENT, sign_in.weak, sign_in.weak_message);
}
