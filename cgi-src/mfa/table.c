/* table.c: the kinds of second factors (contract 08). */
#include <string.h>

#include "latchkey/webauthn.h"
#include "mfa_int.h"

static const struct factor_kind *const kinds[] = {&factor_totp, &factor_phone, &factor_webauthn};

const struct factor_kind *factor_kind_named(struct text type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_is(type, kinds[i]->type))
			return kinds[i];
	return NULL;
}

const struct factor_kind *factor_kind_of(const struct factor *factor)
{
	return factor_kind_named(text_of(factor->type));
}

static bool is_on(const struct settings *settings, size_t offset)
{
	bool on;

	memcpy(&on, (const char *)settings + offset, sizeof(on));
	return on;
}

bool factor_may_enroll(const struct settings *settings, const struct factor_kind *kind)
{
	return kind->built() && is_on(settings, kind->enroll_switch);
}

bool factor_may_verify(const struct settings *settings, const struct factor_kind *kind)
{
	return kind->built() && is_on(settings, kind->verify_switch);
}

bool factor_is_missing(const struct settings *settings, const struct factor_kind *kind)
{
	return !kind->built() && (is_on(settings, kind->enroll_switch) || is_on(settings, kind->verify_switch));
}

static void add(TALLOC_CTX *mem, const char **missing, const char *what, const char *library)
{
	*missing = *missing ? format(mem, "%s, %s (%s)", *missing, what, library) : format(mem, "%s (%s)", what, library);
}

const char *mfa_missing(TALLOC_CTX *mem, const struct settings *settings)
{
	const char *missing = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (factor_is_missing(settings, kinds[i]))
			add(mem, &missing, kinds[i]->name, kinds[i]->library);
	if (settings->mfa.totp_enroll_enabled && !qr_built())
		add(mem, &missing, "QR codes", "libqrencode");
	if (settings->passkey.enabled && !webauthn_built())
		add(mem, &missing, "passkeys", "libcbor");
	return missing;
}
