/* totp.c: codes that an app makes from a shared secret and the time (contract 08 sections 5.2, 6.2, 6.5; RFC 6238). */
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "mfa_int.h"

#ifdef HAVE_OATH
#include <liboath/oath.h>
#endif

enum { PERIOD = 30, DIGITS = 6, SECRET_BYTES = 20 };
#define WRONG "Invalid TOTP code entered"

/* ---- codes ------------------------------------------------------------------------------------------------------------------------------------- */

#ifdef HAVE_OATH
static bool built(void)
{
	return true;
}

/* A secret as somebody may have stored it: blanks around it, lower case, without padding. */
static bool decode_secret(const char *secret, char **key, size_t *len)
{
	TALLOC_CTX *mem = must(talloc_new(NULL));
	struct text text = text_copy(mem, text_trim_unicode_space(text_of(secret)));
	char *upper = text_string(mem, text);
	bool good;

	for (char *at = upper; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	good = text.len && oath_init() == OATH_OK && oath_base32_decode(upper, text.len, key, len) == OATH_OK;
	sodium_memzero(upper, text.len);
	talloc_free(mem);
	return good;
}

bool totp_code(const char *secret, int64_t step, char code[7])
{
	char *key;
	size_t len;
	bool made;

	if (step < 0 || !decode_secret(secret, &key, &len))
		return false;
	made = oath_hotp_generate(key, len, (uint64_t)step, DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, code) == OATH_OK;
	sodium_memzero(key, len);
	free(key);
	return made;
}
#else
static bool built(void)
{
	return false;
}

bool totp_code(const char *secret, int64_t step, char code[7])
{
	(void)secret;
	(void)step;
	code[0] = '\0';
	return false;
}
#endif

int64_t totp_match(const char *secret, struct text code, int64_t unix_now, int64_t after)
{
	static const int offsets[] = {0, 1, -1};
	int64_t now = unix_now / PERIOD, match = -1;
	struct text given = text_trim_unicode_space(code);
	char right[DIGITS + 1];

	if (given.len != DIGITS)
		return -1;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int64_t step = now + offsets[i];

		if (totp_code(secret, step, right) && secret_equal(given, (struct text){right, DIGITS}) && step > after && match < 0)
			match = step;
	}
	sodium_memzero(right, sizeof(right));
	return match;
}

/* ---- enrolling ----------------------------------------------------------------------------------------------------------------------------------- */

/* The issuer, where the client names none: host and port of the site. */
static int prepare(struct request *req, struct enrollment *enrollment)
{
	struct text site = text_of(req->settings->site_url);
	struct buffer *issuer;
	struct url url;
	const char *why;

	if (enrollment->issuer.len)
		return 0;
	if (url_parse(req, site, &url, &why) < 0) {
		fail_server(req, "site url is improperly formatted");
		return fail_cause(req, "site url: %s", why);
	}
	issuer = buffer_new(req, url.host.len + url.port.len + 4);
	url_put_host(issuer, &url);
	enrollment->issuer = buffer_as_text(issuer);
	return 0;
}

static char *new_secret(struct request *req)
{
	unsigned char bytes[SECRET_BYTES];
	char *secret;

	random_bytes(bytes, sizeof(bytes));
	secret = base32_lower_raw(req, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
	for (char *at = secret; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return secret;
}

static int make(struct request *req, struct enrollment *enrollment)
{
	struct text account = text_of(req->bearer->user->email);

	if (account.len == 0 || enrollment->issuer.len == 0)
		return fail_server(req, "Error generating QR Code");
	enrollment->secret = new_secret(req);
	enrollment->uri = otpauth_uri(req, enrollment->issuer, account, enrollment->secret);
	secret_hold(enrollment->secret);
	secret_hold(enrollment->uri);
	if (!qr_svg(req, text_of(enrollment->uri), &enrollment->qr_code)) {
		fail_server(req, "Error generating QR Code");
		return fail_cause(req, "totp: the address is too long for a QR code, or this build has no libqrencode");
	}
	enrollment->stored_secret = text_string(req, envelope_seal(req, req->settings, &enrollment->id, text_of(enrollment->secret)));
	return 0;
}

/* ---- verifying ----------------------------------------------------------------------------------------------------------------------------------- */

static void reseal(struct request *req, const struct factor *factor, struct text secret)
{
	struct text sealed;

	if (!envelope_is_due(req->settings, text_of(factor->secret)))
		return;
	sealed = envelope_seal(req, req->settings, &factor->id, secret);
	db_later(req, NULL, STMT_FACTOR_SET_SECRET, DB_ARGS(db_uuid(&factor->id), db_moment(moment_now()), db_text(sealed)));
}

static int open_secret(struct request *req, TALLOC_CTX *mem, const struct factor *factor, struct text *secret)
{
	const char *why = NULL;

	if (envelope_open(mem, req->settings, &factor->id, text_of(factor->secret), secret, &why) == 0)
		return 0;
	fail_server(req, "Database error verifying MFA TOTP secret");
	return fail_cause(req, "totp secret: %s", why);
}

struct attempt {
	struct text secret;
	int64_t step; /* -1: the code is wrong, or was accepted before */
};

/* What cannot be rewritten now is rewritten the next time. */
static int refuse(struct request *req, const struct verification *verification, const struct attempt *attempt)
{
	reseal(req, verification->factor, attempt->secret);
	if (failed(req))
		failure_clear(req);
	return fail(req, 422, "mfa_verification_failed", WRONG);
}

static int verify(struct request *req, struct verification *verification)
{
	struct attempt *attempt = must(talloc_zero(req, struct attempt));

	if (challenge_load(req, verification) < 0 || open_secret(req, attempt, verification->factor, &attempt->secret) < 0)
		return -1;
	secret_hold(attempt->secret.data);
	attempt->step = totp_match(attempt->secret.data, verification->code, moment_now() / 1000000, verification->challenge->last_step);
	if (verification_hook(req, verification, attempt->step >= 0) < 0)
		return -1;
	if (attempt->step < 0)
		return refuse(req, verification, attempt);
	verification->private = attempt;
	return 0;
}

/* Of two requests with one code, the one that comes second to the factor's lock finds it used. */
static int accept(struct request *req, struct verification *verification)
{
	const struct attempt *attempt = verification->private;
	struct db_query queries[] = {
		{STMT_CHALLENGE_SPEND, DB_ARGS(db_uuid(&verification->challenge_id), db_moment(moment_now())), NULL},
		{STMT_TOTP_STEP_ACCEPT, DB_ARGS(db_uuid(&verification->factor->id), db_int8(attempt->step), db_moment(moment_now())), NULL},
	};

	if (db_fetch_all(req, queries, 2) < 0)
		return -1;
	if (db_row_count(queries[0].rows) == 0)
		return challenge_refuse(req);
	if (db_row_count(queries[1].rows) == 0)
		return fail(req, 422, "mfa_verification_failed", WRONG);
	reseal(req, verification->factor, attempt->secret);
	return 0;
}

const struct factor_kind factor_totp = {
	.type = "totp",
	.method = "totp",
	.name = "TOTP",
	.library = "liboath",
	.enroll_code = "mfa_totp_enroll_not_enabled",
	.challenge_code = "mfa_totp_verify_not_enabled",
	.verify_code = "mfa_totp_verify_not_enabled",
	.lowering_failed = "Failed to update sessions",
	.removal_failed = "Error removing unverified factors",
	.enroll_switch = offsetof(struct settings, mfa.totp_enroll_enabled),
	.verify_switch = offsetof(struct settings, mfa.totp_verify_enabled),
	.built = built,
	.needs_code = true,
	.challenge_in_audit = true,
	.prepare = prepare,
	.make = make,
	.waits = verification_hook_waits,
	.verify = verify,
	.accept = accept,
};
