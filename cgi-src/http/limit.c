/* limit.c: the limits by client address (contract 01 section 9). */
#include <math.h>
#include <stddef.h>

#include "http_int.h"
#include "latchkey/metrics.h"

struct limit_rule {
	size_t events;	 /* offset of N in struct settings */
	double over;	 /* seconds in which N tokens come back */
	bool burst_of_n; /* the bucket holds N tokens instead of BURST */
	duration life;	 /* of a bucket, from its making */
	double fixed;	 /* N where no setting has it */
};

#define BURST 30
#define EVENTS(field) offsetof(struct settings, field)

static const struct limit_rule rules[LIMITERS] = {
	[LIMIT_SIGNUPS] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_RECOVER] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_RESEND] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_MAGIC_LINK] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_OTP] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_USER] = {EVENTS(rate_limit.otp), 300, false, HOUR},
	[LIMIT_ANONYMOUS] = {EVENTS(rate_limit.anonymous_users), 3600, true, HOUR},
	[LIMIT_TOKEN] = {EVENTS(rate_limit.token_refresh), 300, false, HOUR},
	[LIMIT_WEB3] = {EVENTS(rate_limit.web3), 300, false, HOUR},
	[LIMIT_VERIFY] = {EVENTS(rate_limit.verify), 300, false, HOUR},
	[LIMIT_FACTOR_VERIFY] = {EVENTS(mfa.rate_limit), 60, false, MINUTE},
	[LIMIT_FACTOR_CHALLENGE] = {EVENTS(mfa.rate_limit), 60, false, MINUTE},
	[LIMIT_SSO] = {EVENTS(rate_limit.sso), 300, false, HOUR},
	[LIMIT_SAML_ASSERTION] = {EVENTS(saml.rate_limit_assertion), 300, false, HOUR},
	[LIMIT_OAUTH_REGISTER] = {EVENTS(rate_limit.oauth_client_register), 300, false, HOUR},
	[LIMIT_OAUTH_AUTHORIZE] = {0, 300, true, HOUR, .fixed = 300}, /* a client at an address (chapter 12) */
	[LIMIT_PASSKEY] = {EVENTS(rate_limit.passkey), 300, false, HOUR},
};

static int64_t whole(double number)
{
	if (!(number >= 1))
		return 0;
	return number >= 1e15 ? (int64_t)1e15 : (int64_t)trunc(number);
}

/* Keys of several parts: the address has no blank in it. */
static struct text key_of(struct request *req, struct text client, struct text thing)
{
	return thing.len ? text_of(format(req, "%.*s %.*s", (int)client.len, client.data, (int)thing.len, thing.data)) : client;
}

int http_limit_of(struct request *req, enum limiter limiter, struct text thing)
{
	const struct limit_rule *rule = &rules[limiter];
	struct text key;
	double events;

	/* paid before it came into this lane; what follows a captcha that was asked here had not been reached yet */
	if (limiter == LIMIT_NONE || !req->shared || (req->resumed && !req->http->captcha_passed))
		return 0;
	if (!client_limit_key(req, &key))
		return 0;
	events = rule->fixed > 0 ? rule->fixed : *(const double *)(const void *)((const char *)req->settings + rule->events);
	if (shared_limit(req->shared, limiter, key_of(req, key, thing), events / rule->over, rule->burst_of_n ? whole(events) : BURST, rule->life))
		return 0;
	metrics_limit(req->shared, limiter);
	return fail(req, 429, "over_request_rate_limit", "Request rate limit reached");
}

int http_limit(struct request *req, enum limiter limiter)
{
	return http_limit_of(req, limiter, TEXT_NONE);
}
