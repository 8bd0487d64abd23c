/* tables.c: all values that labels can have. */
#include "cgi-src/metrics/metrics_int.h"

const int metric_statuses[] = {200, 201, 202, 204, 301, 302, 303, 304, 307, 400, 401, 403, 404, 405,
			       406, 409, 410, 413, 415, 422, 429, 500, 501, 502, 503, 504, 0};
_Static_assert(sizeof(metric_statuses) / sizeof(metric_statuses[0]) <= STATUSES, "more statuses than cells");

const char *const metric_grants[] = {"password", "refresh_token", "pkce", "id_token", "web3", "other", NULL};
_Static_assert(sizeof(metric_grants) / sizeof(metric_grants[0]) <= GRANTS, "more grants than cells");

/* the buckets of http.server.request.duration */
const duration metric_bounds[BUCKETS] = {5 * MILLISECOND,    10 * MILLISECOND,	25 * MILLISECOND,   50 * MILLISECOND,  75 * MILLISECOND,
					 100 * MILLISECOND,  250 * MILLISECOND, 500 * MILLISECOND,  750 * MILLISECOND, 1 * SECOND,
					 2500 * MILLISECOND, 5 * SECOND,	7500 * MILLISECOND, 10 * SECOND};

/* where people sign in */
const char *const metric_sign_ins[] = {"/token", "/verify", "/factors/{factor_id}/verify", "/passkeys/authentication/verify", "/sso/saml/acs", NULL};
_Static_assert(sizeof(metric_sign_ins) / sizeof(metric_sign_ins[0]) == SIGN_INS + 1, "rows and cells of sign-ins differ");

const char *const metric_reasons[] = {"invalid_credentials",
				      "user_banned",
				      "email_not_confirmed",
				      "phone_not_confirmed",
				      "otp_expired",
				      "otp_disabled",
				      "refresh_token_not_found",
				      "refresh_token_already_used",
				      "session_not_found",
				      "session_expired",
				      "user_not_found",
				      "invalid_grant",
				      "captcha_failed",
				      "flow_state_not_found",
				      "flow_state_expired",
				      "bad_code_verifier",
				      "provider_disabled",
				      "email_provider_disabled",
				      "phone_provider_disabled",
				      "signup_disabled",
				      "weak_password",
				      "mfa_verification_failed",
				      "mfa_verification_rejected",
				      "mfa_challenge_expired",
				      "mfa_factor_not_found",
				      "webauthn_verification_failed",
				      "saml_assertion_no_user_id",
				      "saml_assertion_no_email",
				      "saml_idp_not_found",
				      "validation_failed",
				      "bad_json",
				      "bad_jwt",
				      "no_authorization",
				      "over_request_rate_limit",
				      "hook_timeout",
				      "hook_timeout_after_retry",
				      "unexpected_failure",
				      "request_timeout",
				      "other",
				      NULL};
_Static_assert(sizeof(metric_reasons) / sizeof(metric_reasons[0]) <= REASONS + 1, "more reasons than cells");

const char *const metric_limiters[LIMITERS] = {
	[LIMIT_NONE] = "none",
	[LIMIT_SIGNUPS] = "signups",
	[LIMIT_RECOVER] = "recover",
	[LIMIT_RESEND] = "resend",
	[LIMIT_MAGIC_LINK] = "magic_link",
	[LIMIT_OTP] = "otp",
	[LIMIT_USER] = "user",
	[LIMIT_ANONYMOUS] = "anonymous",
	[LIMIT_TOKEN] = "token",
	[LIMIT_WEB3] = "web3",
	[LIMIT_VERIFY] = "verify",
	[LIMIT_FACTOR_VERIFY] = "factor_verify",
	[LIMIT_FACTOR_CHALLENGE] = "factor_challenge",
	[LIMIT_SSO] = "sso",
	[LIMIT_SAML_ASSERTION] = "saml_assertion",
	[LIMIT_OAUTH_REGISTER] = "oauth_register",
	[LIMIT_PASSKEY] = "passkey",
	[LIMIT_OAUTH_AUTHORIZE] = "oauth_authorize",
};

const char *const metric_sendings[SENDINGS] = {[SENDING_EMAIL] = "email", [SENDING_SMS] = "sms"};
const char *const metric_lanes[LANES] = {[LANE_FAST] = "fast", [LANE_HASH] = "hash", [LANE_OUTBOUND] = "outbound"};
const char *const metric_outcomes[MAIL_OUTCOMES] = {
	[MAIL_OUTCOME_SENT] = "sent",	  [MAIL_OUTCOME_REFUSED] = "refused", [MAIL_OUTCOME_DEFERRED] = "deferred",
	[MAIL_OUTCOME_UNSURE] = "unsure", [MAIL_OUTCOME_EXPIRED] = "expired",
};
