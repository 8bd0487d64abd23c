/* reload_limits.c: which limiters a reload makes new: those whose setting has changed (contract 02 section 4.3). */
#include <stddef.h>
#include <string.h>

#include "manager_int.h"

static const struct {
	const char *field, *variable;
	enum limiter limiter;
	size_t setting; /* of a double in struct settings */
} limits[] = {
	{"AnonymousSignIns", "GOTRUE_RATE_LIMIT_ANONYMOUS_USERS", LIMIT_ANONYMOUS, offsetof(struct settings, rate_limit.anonymous_users)},
	{"FactorChallenge", "GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY", LIMIT_FACTOR_CHALLENGE, offsetof(struct settings, mfa.rate_limit)},
	{"FactorVerify", "GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY", LIMIT_FACTOR_VERIFY, offsetof(struct settings, mfa.rate_limit)},
	{"MagicLink", "GOTRUE_RATE_LIMIT_OTP", LIMIT_MAGIC_LINK, offsetof(struct settings, rate_limit.otp)},
	{"OAuthClientRegister", "GOTRUE_RATE_LIMIT_OAUTH_DYNAMIC_CLIENT_REGISTER", LIMIT_OAUTH_REGISTER,
	 offsetof(struct settings, rate_limit.oauth_client_register)},
	{"Otp", "GOTRUE_RATE_LIMIT_OTP", LIMIT_OTP, offsetof(struct settings, rate_limit.otp)},
	{"PasskeyAuthentication", "GOTRUE_RATE_LIMIT_PASSKEY", LIMIT_PASSKEY, offsetof(struct settings, rate_limit.passkey)},
	{"Recover", "GOTRUE_RATE_LIMIT_OTP", LIMIT_RECOVER, offsetof(struct settings, rate_limit.otp)},
	{"Resend", "GOTRUE_RATE_LIMIT_OTP", LIMIT_RESEND, offsetof(struct settings, rate_limit.otp)},
	{"SAMLAssertion", "GOTRUE_SAML_RATE_LIMIT_ASSERTION", LIMIT_SAML_ASSERTION, offsetof(struct settings, saml.rate_limit_assertion)},
	{"SSO", "GOTRUE_RATE_LIMIT_SSO", LIMIT_SSO, offsetof(struct settings, rate_limit.sso)},
	{"Signups", "GOTRUE_RATE_LIMIT_OTP", LIMIT_SIGNUPS, offsetof(struct settings, rate_limit.otp)},
	{"Token", "GOTRUE_RATE_LIMIT_TOKEN_REFRESH", LIMIT_TOKEN, offsetof(struct settings, rate_limit.token_refresh)},
	{"User", "GOTRUE_RATE_LIMIT_OTP", LIMIT_USER, offsetof(struct settings, rate_limit.otp)},
	{"Verify", "GOTRUE_RATE_LIMIT_VERIFY", LIMIT_VERIFY, offsetof(struct settings, rate_limit.verify)},
	{"Web3", "GOTRUE_RATE_LIMIT_WEB3", LIMIT_WEB3, offsetof(struct settings, rate_limit.web3)},
};

static void say_changed(const char *field, const char *variable, const char *old, const char *fresh)
{
	char *msg = format(NULL, "env %s changed, updating %s limiter from %s to %s", variable, field, old, fresh);

	log_to(LOG_INFO, msg, log_text("rate_limit_field", field), log_text("rate_limit_env", variable), log_text("rate_limit_old", old),
	       log_text("rate_limit_new", fresh));
	talloc_free(msg);
}

/* Two rates are the same only where their text is (section 2.3). */
static void reload_sending(struct shared *shared, enum sending kind, const char *field, const char *variable, const struct rate *old,
			   const struct rate *fresh)
{
	if (strcmp(old->raw ? old->raw : "", fresh->raw ? fresh->raw : "") == 0)
		return;
	say_changed(field, variable, old->raw, fresh->raw);
	shared_send_reset(shared, kind);
}

void reload_limiters(struct shared *shared, const struct settings *old, const struct settings *fresh)
{
	reload_sending(shared, SENDING_EMAIL, "Email", "GOTRUE_RATE_LIMIT_EMAIL_SENT", &old->rate_limit.email_sent, &fresh->rate_limit.email_sent);
	reload_sending(shared, SENDING_SMS, "Phone", "GOTRUE_RATE_LIMIT_SMS_SENT", &old->rate_limit.sms_sent, &fresh->rate_limit.sms_sent);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		double was, is;
		char was_text[32], is_text[32];

		memcpy(&was, (const char *)old + limits[i].setting, sizeof(was));
		memcpy(&is, (const char *)fresh + limits[i].setting, sizeof(is));
		if (was >= is && was <= is)
			continue;
		snprintf(was_text, sizeof(was_text), "%.15g", was);
		snprintf(is_text, sizeof(is_text), "%.15g", is);
		say_changed(limits[i].field, limits[i].variable, was_text, is_text);
		shared_limit_reset(shared, limits[i].limiter);
	}
}
