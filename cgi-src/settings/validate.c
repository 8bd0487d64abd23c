/* validate.c: what does not go together (contract 02 section 2.7), and the keys that sign. */
#include <arpa/inet.h>
#include <string.h>

#include "internal.h"
#include "latchkey/jose.h"
#include "latchkey/mail.h"
#include "latchkey/mfa.h"
#include "latchkey/sms.h"
#include "latchkey/template.h"

static void validate_api(struct making *making)
{
	const struct settings *settings = making->settings;
	const char *why;

	if (is_usable(making, &settings->api.external_url) && !api_url_check(making->mem, settings->api.external_url, &why))
		problem(making, &settings->api.external_url, NULL, "%s", why);
	if (settings->custom_oauth.external_url[0] && !api_url_check(making->mem, settings->custom_oauth.external_url, &why))
		problem(making, &settings->custom_oauth.external_url, NULL, "%s", why);
}

static void validate_database(struct making *making)
{
	const struct settings *settings = making->settings;
	struct text url = text_of(settings->db.url);

	if (!text_starts(url, "postgres://") && !text_starts(url, "postgresql://"))
		problem(making, &settings->db.url, NULL, "must be a postgres:// or postgresql:// URL");
}

static void validate_log(struct making *making)
{
	const struct settings *settings = making->settings;
	enum log_level level;

	if (settings->log.level[0] && !log_level_parse(text_of(settings->log.level), &level))
		problem(making, &settings->log.level, NULL, "Failed to parse log level: not a valid logrus Level: %s",
			quote_go(making->mem, text_of(settings->log.level)).data);
}

static void validate_mailer(struct making *making)
{
	const struct settings *settings = making->settings;

	if (settings->mailer.autoconfirm && settings->mailer.allow_unverified_email_sign_ins)
		problem(making, &settings->mailer.autoconfirm, NULL, "cannot enable both %s and %s", name_of(making, &settings->mailer.autoconfirm),
			name_of(making, &settings->mailer.allow_unverified_email_sign_ins));
	if (strcmp(settings->latchkey.mail_delivery, "request") != 0 && strcmp(settings->latchkey.mail_delivery, "queue") != 0)
		problem(making, &settings->latchkey.mail_delivery, NULL, "must be request or queue");
	for (size_t i = 0; i < settings->latchkey.smtp_relays.count; i++) {
		const char *wrong = mail_relay_check(making->mem, settings->latchkey.smtp_relays.items[i]);

		if (wrong)
			problem(making, &settings->latchkey.smtp_relays, NULL, "relay %zu: %s", i + 1, wrong);
	}
	validate_headers(making);
}

static void validate_captcha(struct making *making)
{
	struct settings *settings = making->settings;
	const char *provider = settings->security.captcha_provider;

	if (!settings->security.captcha_enabled)
		return;
	if (strcmp(provider, "hcaptcha") != 0 && strcmp(provider, "turnstile") != 0)
		problem(making, &settings->security.captcha_provider, &settings->security.captcha_enabled, "unsupported captcha provider: %s",
			provider);
	settings->security.captcha_secret = text_string(settings, text_trim_unicode_space(text_of(settings->security.captcha_secret)));
	if (settings->security.captcha_secret[0] == '\0')
		problem(making, &settings->security.captcha_secret, &settings->security.captcha_enabled, "captcha provider secret is empty");
}

static void validate_refresh_tokens(struct making *making)
{
	const int64_t *version = &making->settings->security.refresh_token_algorithm_version;
	const int64_t *percentage = &making->settings->security.refresh_token_upgrade_percentage;

	if (*version < 0 || *version > 2)
		problem(making, version, NULL, "refresh token algorithm version must be 0, 1 or 2 but was %lld", (long long)*version);
	if (*percentage < 0 || *percentage > 100)
		problem(making, percentage, NULL, "refresh token upgrade percentage must be between 0 and 100, but was %lld", (long long)*percentage);
}

static void validate_sessions(struct making *making)
{
	const struct settings *settings = making->settings;
	const struct {
		const duration *span;
		const char *name;
	} spans[] = {
		{&settings->sessions.timebox, "session timebox"},
		{&settings->sessions.inactivity_timeout, "session inactivity timeout"},
		{&settings->sessions.allow_low_aal, "session allow low AAL"},
	};

	for (size_t i = 0; i < COUNT_OF(spans); i++)
		if (is_given(making, spans[i].span) && *spans[i].span <= 0)
			problem(making, spans[i].span, NULL, "conf: %s duration must be positive when set, was %s", spans[i].name,
				duration_string(making->mem, *spans[i].span));
}

/* A problem that stops nothing (contract 02 section 2.7); only the first is told. */
static void validate_webauthn(struct making *making)
{
	const struct settings *settings = making->settings;
	const char *missing = NULL;

	if (!settings->passkey.enabled && !settings->mfa.webauthn_enroll_enabled && !settings->mfa.webauthn_verify_enabled)
		return;
	if (settings->webauthn.rp_origins.count == 0)
		missing = "GOTRUE_WEBAUTHN_RP_ORIGINS";
	if (settings->webauthn.rp_display_name[0] == '\0')
		missing = "GOTRUE_WEBAUTHN_RP_DISPLAY_NAME";
	if (settings->webauthn.rp_id[0] == '\0')
		missing = "GOTRUE_WEBAUTHN_RP_ID";
	if (missing)
		note(making, "WebAuthn configuration is invalid", format(making->mem, "conf: %s is required when WebAuthn is enabled", missing));
}

/* NULL, or what is wrong with the text of a message. */
static const char *template_check(TALLOC_CTX *mem, const char *text)
{
	const char *why;

	return template_parse(mem, text_of(text), TEMPLATE_TEXT, &why) ? NULL : format(mem, "template: :1: %s", why);
}

static void validate_templates(struct making *making)
{
	const struct settings *settings = making->settings;
	const char *sms = template_check(making->mem, settings->sms.template_), *phone = template_check(making->mem, settings->mfa.phone_template);
	const char *providers = sms_providers_check(making->mem, settings);

	if (sms_provider(settings).len && sms)
		problem(making, &settings->sms.template_, &settings->sms.provider, "%s", sms);
	if (providers)
		problem(making, &settings->latchkey.sms_providers, NULL, "%s", providers);
	if ((settings->mfa.phone_enroll_enabled || settings->mfa.phone_verify_enabled) && phone)
		problem(making, &settings->mfa.phone_template,
			settings->mfa.phone_enroll_enabled ? &settings->mfa.phone_enroll_enabled : &settings->mfa.phone_verify_enabled, "%s", phone);
}

/* An empty list in GOTRUE_JWT_VALID_METHODS rejects every token; not set, the keys say (section 2.5 rule 5). */
static void validate_jwt(struct making *making)
{
	struct settings *settings = making->settings;
	struct text json = value_of(making, &settings->jwt.keys);
	const char *why = "";

	if (!is_usable(making, &settings->jwt.keys) || !is_usable(making, &settings->jwt.secret))
		return;
	settings->jwt.keys =
		jose_keys_make(settings, json, text_of(settings->jwt.secret), text_of(settings->jwt.key_id), &settings->jwt.valid_methods, &why);
	if (settings->jwt.keys)
		return;
	if (json.data)
		problem(making, &settings->jwt.keys, NULL, "%s", why);
	else
		problem(making, &settings->jwt.secret, NULL, "non-empty []byte key required (%s)", why);
}

/* An address, or one with a prefix length. */
static bool is_network(TALLOC_CTX *mem, struct text text)
{
	struct text address, length;
	unsigned char bytes[16];
	const char *name, *why;
	bool cut = text_cut(text, '/', &address, &length), four, six;
	uint64_t bits = 0;

	name = text_string(mem, address);
	four = inet_pton(AF_INET, name, bytes) == 1;
	six = inet_pton(AF_INET6, name, bytes) == 1;
	if (cut && !parse_decimal(mem, length, 8, &bits, &why))
		return false;
	return (four && bits <= 32) || (six && bits <= 128);
}

static void validate_ours(struct making *making)
{
	const struct settings *settings = making->settings;
	const struct text_list *proxies = &settings->latchkey.trusted_proxies;

	for (size_t i = 0; i < proxies->count; i++)
		if (!is_network(making->mem, proxies->items[i]))
			problem(making, proxies, NULL, "%s is neither an address nor a network such as 10.0.0.0/8",
				quote_go(making->mem, proxies->items[i]).data);
	if (settings->latchkey.prefix[0] && settings->latchkey.prefix[0] != '/')
		problem(making, &settings->latchkey.prefix, NULL, "must begin with /");
}

static void validate_build(struct making *making)
{
	const char *missing = mfa_missing(making->mem, making->settings);

	if (missing)
		note(making, "what is switched on is not part of this build", missing);
}

void validate_settings(struct making *making)
{
	validate_api(making);
	validate_database(making);
	validate_log(making);
	validate_mailer(making);
	validate_saml(making);
	validate_captcha(making);
	validate_encryption(making);
	validate_refresh_tokens(making);
	validate_sessions(making);
	validate_hooks(making);
	validate_jwt(making);
	validate_webauthn(making);
	validate_build(making);
	validate_templates(making);
	validate_ours(making);
}
