/* derive.c: what follows from other settings (contract 02 section 2.6); numbers out of range are corrected by the table. */
#include <string.h>

#include "internal.h"
#include "latchkey/http.h"

static void name_providers(struct settings *settings)
{
	for (size_t i = 0; i < SETTINGS_PROVIDERS; i++)
		settings->external.providers[i].name = text_lower(settings, text_of(provider_names[i])).data;
	for (size_t i = 0; i < SETTINGS_HOOKS; i++)
		settings->hooks[i].function = "";
}

/* Set but empty: the scheme of the database URL. */
static void derive_driver(struct settings *settings)
{
	struct text scheme, rest;

	if (settings->db.driver[0] == '\0' && text_cut(text_of(settings->db.url), ':', &scheme, &rest))
		settings->db.driver = text_string(settings, scheme);
}

static void derive_linking_domains(struct settings *settings)
{
	const struct text_list *names = &settings->experimental.providers_with_own_linking_domain;
	struct text_map *domains = &settings->experimental.provider_linking_domains;

	for (size_t i = 0; i < names->count; i++)
		if (text_is_empty(text_map_get(domains, names->items[i])))
			map_put(settings, domains, names->items[i], names->items[i]);
}

static void derive_url_paths(struct settings *settings)
{
	for (enum mail_kind kind = MAIL_INVITE; kind <= MAIL_EMAIL_CHANGE; kind++)
		if (settings->mailer.url_paths[kind][0] == '\0')
			settings->mailer.url_paths[kind] = "/verify";
}

/* One leading + goes, then all blanks; a blank before the + keeps it there, and the entry never matches (06 section 12.3). */
static void derive_test_otp(struct making *making)
{
	struct settings *settings = making->settings;
	const struct text_map given = settings->sms.test_otp;

	settings->sms.test_otp = (struct text_map){0};
	for (size_t i = 0; i < given.count; i++) {
		struct text name = given.items[i].name;
		struct buffer *phone = buffer_new(settings, name.len + 1);

		for (size_t at = name.len && name.data[0] == '+' ? 1 : 0; at < name.len; at++)
			if (name.data[at] != ' ')
				buffer_char(phone, name.data[at]);
		map_put(settings, &settings->sms.test_otp, buffer_as_text(phone), given.items[i].value);
		if (phone->len && phone->data[0] == '+')
			note(making,
			     format(making->mem, "GOTRUE_SMS_TEST_OTP: entry %s has no effect: there is a blank before its +",
				    quote_go(making->mem, name).data),
			     NULL);
	}
}

static void derive_globs(struct making *making)
{
	struct settings *settings = making->settings;
	const struct text_list *list = &settings->uri_allow_list;
	const char *why = "";

	settings->uri_globs = must(talloc_zero_array(settings, struct glob *, (unsigned)list->count));
	for (size_t i = 0; i < list->count; i++) {
		settings->uri_globs[i] = glob_compile(settings, list->items[i], &why);
		if (!settings->uri_globs[i])
			problem(making, list, NULL, "pattern %s: %s", quote_go(making->mem, list->items[i]).data, why);
	}
}

static void derive_prefix(struct settings *settings)
{
	struct text prefix = text_of(settings->latchkey.prefix);

	while (prefix.len && prefix.data[prefix.len - 1] == '/')
		prefix.len--;
	settings->latchkey.prefix = text_string(settings, prefix);
}

void derive_settings(struct making *making)
{
	struct settings *settings = making->settings;

	name_providers(settings);
	derive_driver(settings);
	derive_linking_domains(settings);
	derive_url_paths(settings);
	derive_test_otp(making);
	derive_globs(making);
	derive_prefix(settings);
	settings->jwt.secret_len = strlen(settings->jwt.secret);
	if (settings->saml.enabled && settings->saml.relay_state_validity == 0)
		settings->saml.relay_state_validity = 2 * MINUTE;
}
