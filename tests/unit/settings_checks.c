/* settings_checks.c: settings that do not go together, and those that nothing reads (contract 02 sections 2.5, 2.7, 3.18, 3.21). */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "settings_test.h"

static void urls(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	REFUSED("API_EXTERNAL_URL: parse \"foo\": invalid URI for request", "API_EXTERNAL_URL=foo");
	REFUSED("API_EXTERNAL_URL: parse \"\": empty url", "API_EXTERNAL_URL=");
	REFUSED("GOTRUE_API_API_EXTERNAL_URL: parse \"bar\": invalid URI for request", "GOTRUE_API_API_EXTERNAL_URL=bar");
	REFUSED("GOTRUE_CUSTOM_OAUTH_EXTERNAL_URL", "GOTRUE_CUSTOM_OAUTH_EXTERNAL_URL=no-url");
	REFUSED("net/url: invalid control character in URL", "API_EXTERNAL_URL=http://a/\001");
	MAKE(mem, "API_EXTERNAL_URL=/foo");
	REFUSED("GOTRUE_URI_ALLOW_LIST: pattern \"http://[a\": ", "GOTRUE_URI_ALLOW_LIST=https://ok.test/,http://[a");
	REFUSED("GOTRUE_LOG_LEVEL: Failed to parse log level: not a valid logrus Level: \"bogus\"", "GOTRUE_LOG_LEVEL=bogus");
	REFUSED("DATABASE_URL: must be a postgres:// or postgresql:// URL", "DATABASE_URL=host=x");
	REFUSED("GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: must be 1ns or more, was 0s", "GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL=0");
	talloc_free(mem);
}

#define KEY_A "{\"kty\":\"oct\",\"k\":\"bm90LXNlY3JldC1idXQtaGlkZGVu\",\"kid\":\"a\",\"alg\":\"HS256\",\"key_ops\":[\"sign\"]}"
#define KEY_B "{\"kty\":\"oct\",\"k\":\"bm90LXNlY3JldC1idXQtaGlkZGVu\",\"kid\":\"b\",\"alg\":\"HS256\",\"key_ops\":[\"sign\",\"verify\"]}"
/* x is 31 times 'x' */
#define KEY_SHORT                                                                                                      \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA\",\"y\":\"lW3-uOtqgk3c-" \
	"UdeVm093dkOZcOoUQ5T0xM1s9gsrTg\","                                                                            \
	"\"d\":\"pYw3QF3Fw81BYfgA7BS29QFanS0y83LV1wNvt4M6FUQ\",\"kid\":\"a\",\"alg\":\"ES256\",\"key_ops\":[\"sign\",\"verify\"]}"

static void keys_that_sign(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	REFUSED("GOTRUE_JWT_SECRET: ", "GOTRUE_JWT_SECRET=");
	REFUSED("non-empty []byte key required", "GOTRUE_JWT_SECRET=");
	assert_non_null(MAKE(mem, "GOTRUE_JWT_SECRET=", "GOTRUE_JWT_KEYS=[" KEY_A "]")->jwt.keys);
	REFUSED("assigning GOTRUE_JWT_KEYS to Keys: converting '[secret]' to type conf.JwtKeysDecoder. details: unexpected end of JSON input",
		"GOTRUE_JWT_KEYS=");
	assert_non_null(MAKE(mem, "GOTRUE_JWT_KEYS=[]")->jwt.keys);
	assert_non_null(MAKE(mem, "GOTRUE_JWT_KEYS=null")->jwt.keys);
	REFUSED("GOTRUE_JWT_KEYS", "GOTRUE_JWT_KEYS={}");
	REFUSED("GOTRUE_JWT_KEYS: ", "GOTRUE_JWT_KEYS=[{}]");
	REFUSED("GOTRUE_JWT_KEYS: multiple signing keys detected, only 1 signing key is supported", "GOTRUE_JWT_KEYS=[" KEY_A "," KEY_B "]");
	assert_non_null(MAKE(mem, "GOTRUE_JWT_KEYS=[" KEY_A "," KEY_A "]")->jwt.keys);
	REFUSED("no signing key found", "GOTRUE_JWT_KEYS=[{\"kty\":\"oct\",\"k\":\"aGlkZGVu\",\"kid\":\"a\",\"alg\":\"HS256\"}]");
	REFUSED("invalid \"x\" length (31) for curve \"P-256\"", "GOTRUE_JWT_KEYS=[" KEY_SHORT "]");
	talloc_free(mem);
}

static void secrets_are_never_told(void **state)
{
	static const char *const vars[][VARS_MAX] = {
		{"GOTRUE_JWT_KEYS=[" KEY_A "," KEY_B "]"},
		{"GOTRUE_JWT_KEYS=[" KEY_SHORT "]"},
		{"GOTRUE_JWT_KEYS={\"k\":\"bm90LXNlY3JldC1idXQtaGlkZGVu\""},
		{"GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS=a:bm90LXNlY3JldC1idXQtaGlkZGVu:c"},
		{"GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS=a:bm90LXNlY3JldC1idXQtaGlkZGVu"},
		{"GOTRUE_HOOK_SEND_SMS_URI=ftp://u:bm90LXNlY3JldC1idXQtaGlkZGVu@h/"},
		{"GOTRUE_HOOK_SEND_SMS_URI=http://u:bm90LXNlY3JldC1idXQtaGlkZGVu@[::1/"},
		{"GOTRUE_HOOK_SEND_SMS_URI=https://h/", "GOTRUE_HOOK_SEND_SMS_SECRETS=bm90LXNlY3JldC1idXQtaGlkZGVu"},
		{"GOTRUE_SAML_ENABLED=true", "GOTRUE_SAML_PRIVATE_KEY=bm90LXNlY3JldC1idXQtaGlkZGVu"},
		{"DATABASE_URL=mysql://u:bm90LXNlY3JldC1idXQtaGlkZGVu@h/d"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(vars); i++) {
		TALLOC_CTX *mem = talloc_new(NULL);
		struct text_list problems = {0}, notes = {0};

		assert_null(settings_make(mem, source_of(mem, vars[i]), &problems, &notes));
		assert_false(has_part(&problems, "bm90LXNlY3JldC1idXQtaGlkZGVu"));
		assert_false(has_part(&problems, "pYw3QF3Fw81BYfgA7BS29QFanS0y83LV1wNvt4M6FUQ"));
		assert_false(has_part(&problems, "db-secret"));
		assert_false(has_part(&notes, "bm90LXNlY3JldC1idXQtaGlkZGVu"));
		talloc_free(mem);
	}
}

static void relays_are_read_at_the_start(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	REFUSED("LATCHKEY_SMTP_RELAYS: relay 2: tls is none, starttls or required",
		"LATCHKEY_SMTP_RELAYS=smtp://one smtp://u:secret@two?tls=perhaps");
	REFUSED("LATCHKEY_MAIL_DELIVERY: must be request or queue", "LATCHKEY_MAIL_DELIVERY=later");
	assert_int_equal(MAKE(mem, "LATCHKEY_SMTP_RELAYS=smtp://one, smtps://two")->latchkey.smtp_relays.count, 2);
	talloc_free(mem);
}

static void switches_that_exclude_each_other(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	REFUSED("cannot enable both GOTRUE_MAILER_AUTOCONFIRM and GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS", "GOTRUE_MAILER_AUTOCONFIRM=true",
		"GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS=true");
	REFUSED("unsupported captcha provider: recaptcha", "GOTRUE_SECURITY_CAPTCHA_ENABLED=true", "GOTRUE_SECURITY_CAPTCHA_PROVIDER=recaptcha",
		"GOTRUE_SECURITY_CAPTCHA_SECRET=x");
	REFUSED("GOTRUE_SECURITY_CAPTCHA_SECRET (needed by GOTRUE_SECURITY_CAPTCHA_ENABLED): captcha provider secret is empty",
		"GOTRUE_SECURITY_CAPTCHA_ENABLED=true", "GOTRUE_SECURITY_CAPTCHA_SECRET=  ");
	MAKE(mem, "GOTRUE_SECURITY_CAPTCHA_PROVIDER=recaptcha");
	REFUSED("refresh token algorithm version must be 0, 1 or 2 but was 3", "GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION=3");
	REFUSED("refresh token upgrade percentage must be between 0 and 100, but was 101", "GOTRUE_SECURITY_REFRESH_TOKEN_UPGRADE_PERCENTAGE=101");
	talloc_free(mem);
}

#define KEY_32 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

static void keys_that_encrypt(void **state)
{
	static const char encrypt[] = "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT=true", id[] = "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID=a";
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list problems = {0}, notes = {0};
	struct settings *settings;
	struct text key;

	(void)state;
	assert_null(settings_make(mem, source_of(mem, (const char *const[VARS_MAX]){encrypt}), &problems, &notes));
	assert_true(has_part(&problems, "conf: encryption key ID must be specified"));
	REFUSED("conf: encryption key is not 256 bits", encrypt, id, "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY=c2hvcnQ");
	REFUSED("illegal base64 data at input byte 1", encrypt, id, "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY=a+b");
	REFUSED("conf: encryption key must also be present in decryption keys", encrypt, id, "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY=" KEY_32);
	REFUSED("conf: decryption key with ID \"a\" must be 256 bits", "GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS=a:aaa");
	settings = MAKE(mem, encrypt, id, "GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY=" KEY_32,
			"GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS=a:" KEY_32);
	key = text_map_get(&settings->security.decryption_keys, TEXT("a"));
	assert_int_equal(key.len, 32);
	assert_int_equal(key.data[31], 1);
	talloc_free(mem);
}

static void hooks(void **state)
{
	static const char symmetric[] = "v1,whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh", half[] = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh";
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings;

	(void)state;
	REFUSED("GOTRUE_HOOK_SEND_SMS_URI: only localhost, 127.0.0.1, and ::1 are supported with http",
		"GOTRUE_HOOK_SEND_SMS_URI=http://example.com/x");
	REFUSED("only postgres hooks and HTTPS functions are supported at the moment", "GOTRUE_HOOK_SEND_SMS_URI=ftp://x");
	REFUSED("URI path does not contain enough parts", "GOTRUE_HOOK_SEND_SMS_URI=pg-functions://postgres/auth");
	REFUSED("invalid schema name: 1a", "GOTRUE_HOOK_SEND_SMS_URI=pg-functions://postgres/1a/f");
	REFUSED("invalid table name: f-g", "GOTRUE_HOOK_SEND_SMS_URI=pg-functions://postgres/a/f-g");
	REFUSED("SECRETS (needed by GOTRUE_HOOK_SEND_SMS_URI): invalid secret format", "GOTRUE_HOOK_SEND_SMS_URI=https://example.com/x",
		"SECRETS=foo");
	MAKE(mem, "GOTRUE_HOOK_SEND_SMS_URI=https://example.com/x", "SECRETS=foo", "GOTRUE_HOOK_SEND_SMS_SECRETS=");
	MAKE(mem, "GOTRUE_HOOK_SEND_SMS_URI=", "SECRETS=foo");
	settings = MAKE(mem, "GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI=pg-functions://postgres/Auth/f_1/more?x",
			"GOTRUE_HOOK_SEND_EMAIL_URI=HTTP://host.docker.internal:1/x",
			format(mem, "GOTRUE_HOOK_SEND_EMAIL_SECRETS=|%s and more||v1a,whpk_%s:whsk_%s|", symmetric, half, half));
	assert_string_equal(settings->hooks[HOOK_CUSTOM_ACCESS_TOKEN].function, "\"Auth\".\"f_1\"");
	assert_string_equal(settings->hooks[HOOK_SEND_SMS].function, "");
	assert_int_equal(settings->hooks[HOOK_SEND_EMAIL].secrets.count, 2);
	assert_string_equal(MAKE(mem, "GOTRUE_HOOK_SEND_SMS_URI=pg-functions:/s/f")->hooks[HOOK_SEND_SMS].function, "\"s\".\"f\"");
	REFUSED("invalid secret format", "GOTRUE_HOOK_SEND_SMS_URI=https://x/",
		format(mem, "GOTRUE_HOOK_SEND_SMS_SECRETS=v1a,whpk_%s:whsk_%s!", half, half));
	talloc_free(mem);
}

static EVP_PKEY *make_rsa(int bits, unsigned exponent)
{
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	BN_set_word(e, exponent);
	assert_true(EVP_PKEY_keygen_init(maker) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(maker, bits) == 1 &&
		    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(maker, e) == 1 && EVP_PKEY_keygen(maker, &key) == 1);
	BN_free(e);
	EVP_PKEY_CTX_free(maker);
	return key;
}

/* An RSA key as GOTRUE_SAML_PRIVATE_KEY has it, or in the other form. */
static const char *saml_variable(TALLOC_CTX *mem, int bits, unsigned exponent, bool pkcs8)
{
	EVP_PKEY *key = make_rsa(bits, exponent);
	PKCS8_PRIV_KEY_INFO *other = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int len = pkcs8 ? i2d_PKCS8_PRIV_KEY_INFO(other, &der) : i2d_PrivateKey(key, &der);
	const char *made;

	assert_true(len > 0);
	made = format(mem, "GOTRUE_SAML_PRIVATE_KEY=%s", base64_encode(mem, BASE64_STD, der, (size_t)len));
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(other);
	EVP_PKEY_free(key);
	return made;
}

static void saml_keys(void **state)
{
	static const char on[] = "GOTRUE_SAML_ENABLED=true";
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *good = saml_variable(mem, 2048, 65537, false);

	(void)state;
	REFUSED("GOTRUE_SAML_PRIVATE_KEY (needed by GOTRUE_SAML_ENABLED): SAML private key not in PKCS#1 format", on);
	REFUSED("SAML private key not in standard Base64 format", on, "GOTRUE_SAML_PRIVATE_KEY=!!!");
	REFUSED("SAML private key not in PKCS#1 format", on, saml_variable(mem, 2048, 65537, true));
	REFUSED("SAML private key must be at least RSA 2048", on, saml_variable(mem, 1024, 65537, false));
	REFUSED("SAML private key should use the 65537 (0x10001) RSA public exponent", on, saml_variable(mem, 2048, 17, false));
	REFUSED("SAML next private key not in standard Base64 format", on, good, "GOTRUE_SAML_PRIVATE_KEY_NEXT=!");
	REFUSED("SAML RelayState validity period should be a positive duration", on, good, "GOTRUE_SAML_RELAY_STATE_VALIDITY_PERIOD=-1s");
	assert_int_equal(MAKE(mem, on, good)->saml.relay_state_validity, 2 * MINUTE);
	MAKE(mem, "GOTRUE_SAML_PRIVATE_KEY=!!!");
	talloc_free(mem);
}

static void settings_that_are_left_out(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list notes = {0};
	struct settings *settings = make(
		mem,
		(const char *const[VARS_MAX]){"GOTRUE_SMTP_HEADERS=x", "GOTRUE_PASSKEY_ENABLED=true", "GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX={",
					      "GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS={\"a\":\"b\"}", "GOTRUE_SMS_TEMPLATE={{ .Code"},
		&notes);

	(void)state;
	assert_true(has_part(&notes, "conf: SMTP headers configuration is invalid, ignoring\n"));
	assert_true(has_part(&notes, "conf: mailer validation headers configuration is invalid, ignoring\n"));
	assert_true(has_part(&notes, "conf: blocked mx records configuration is invalid, ignoring\n"));
	assert_true(has_part(&notes, "WebAuthn configuration is invalid\nconf: GOTRUE_WEBAUTHN_RP_ID is required when WebAuthn is enabled"));
	assert_string_equal(settings->smtp.headers, "");
	REFUSED("template: :1: unclosed action", "GOTRUE_SMS_PROVIDER=twilio", "GOTRUE_SMS_TEMPLATE={{ .Code");
	REFUSED("GOTRUE_SMS_TEMPLATE (needed by GOTRUE_SMS_PROVIDER): template: :1: ", "GOTRUE_SMS_PROVIDER=twilio",
		"GOTRUE_SMS_TEMPLATE={{ nothing .Code }}");
	REFUSED("template: :1: unclosed action", "GOTRUE_MFA_PHONE_VERIFY_ENABLED=true", "GOTRUE_MFA_PHONE_TEMPLATE={{");
	assert_string_equal(MAKE(mem, "GOTRUE_SMTP_HEADERS={\"X-A\":[\"b\"]}")->smtp.headers, "{\"X-A\":[\"b\"]}");
	talloc_free(mem);
}

static void names_that_nothing_reads(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list notes = {0};

	(void)state;
	make(mem,
	     (const char *const[VARS_MAX]){"GOTRUE_RATE_LIMIT_OAUTH_DYNAMIC_CLIENT_REGISTER=abc", "LOG_LEVEL=bogus", "GOTRUE_SMTP_PROT=1",
					   "GOTRUE_HOOK_SEND_SMS_SECRET=x", "LATCHKEY_WORKER=3", "HOME=/x"},
	     &notes);
	assert_true(has_part(&notes, "GOTRUE_RATE_LIMIT_OAUTH_DYNAMIC_CLIENT_REGISTER is not read: the name is GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC"));
	assert_true(has_part(&notes, "LOG_LEVEL is not read: the name is GOTRUE_LOG_LEVEL"));
	assert_true(has_part(&notes, "GOTRUE_SMTP_PROT is not known and not read; the nearest name is GOTRUE_SMTP_PORT"));
	assert_true(has_part(&notes, "GOTRUE_HOOK_SEND_SMS_SECRET is not read"));
	assert_true(has_part(&notes, "the nearest name is LATCHKEY_WORKERS"));
	assert_false(has_part(&notes, "HOME"));
	assert_true(has_part(&notes, "DEPRECATION NOTICE: GOTRUE_JWT_ADMIN_GROUP_NAME not supported by Supabase's GoTrue, will be removed soon"));
	assert_false(has_part(&notes, "GOTRUE_JWT_DEFAULT_GROUP_NAME"));
	assert_false(has_part(&notes, "GOTRUE_PROFILER_ENABLED"));
	make(mem, (const char *const[VARS_MAX]){"GOTRUE_PROFILER_ENABLED=true"}, &notes);
	assert_true(has_part(&notes, "GOTRUE_PROFILER_ENABLED has no effect"));
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(keys_that_sign),
		cmocka_unit_test(secrets_are_never_told),
		cmocka_unit_test(relays_are_read_at_the_start),
		cmocka_unit_test(switches_that_exclude_each_other),
		cmocka_unit_test(keys_that_encrypt),
		cmocka_unit_test(hooks),
		cmocka_unit_test(saml_keys),
		cmocka_unit_test(settings_that_are_left_out),
		cmocka_unit_test(names_that_nothing_reads),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
