/* settings_values.c: every type of value, and what is corrected (contract 02 sections 2.1 to 2.6). */
#include "settings_test.h"

static void all_problems_come_at_once(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list problems = {0}, notes = {0};
	static const char *const expected[] = {"required key API_EXTERNAL_URL missing value", "required key GOTRUE_DB_DRIVER missing value",
					       "required key DATABASE_URL missing value", "required key GOTRUE_SITE_URL missing value",
					       "required key GOTRUE_JWT_SECRET missing value"};

	(void)state;
	assert_null(settings_make(mem, source_new(mem), &problems, &notes));
	assert_int_equal(problems.count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++)
		assert_string_equal(problems.items[i].data, expected[i]);
	talloc_free(mem);
}

static void numbers_and_truths(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=0x10")->jwt.exp, 16);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=010")->jwt.exp, 8);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=0b11")->jwt.exp, 3);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=0o17")->jwt.exp, 15);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=1_000")->jwt.exp, 1000);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=-5")->jwt.exp, -5);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=+0x_1F")->jwt.exp, 31);
	assert_int_equal(MAKE(mem, "GOTRUE_JWT_EXP=0")->jwt.exp, 3600);
	assert_true(MAKE(mem, "GOTRUE_DISABLE_SIGNUP=T")->disable_signup);
	assert_false(MAKE(mem, "GOTRUE_EXTERNAL_EMAIL_ENABLED=f")->external.email_enabled);
	assert_true(MAKE(mem, "GOTRUE_RATE_LIMIT_VERIFY=0x1p4")->rate_limit.verify == 16);
	assert_true(MAKE(mem, "GOTRUE_RATE_LIMIT_VERIFY=1_0.5e1")->rate_limit.verify == 105);
	assert_int_equal(MAKE(mem, "GOTRUE_MFA_MAX_ENROLLED_FACTORS=3.9")->mfa.max_enrolled_factors, 3);
	assert_false(MAKE(mem, "LATCHKEY_DB_PREPARE=off")->latchkey.db_prepare);
	REFUSED("assigning GOTRUE_SMTP_PORT to Port: converting '' to type int. details: strconv.ParseInt: parsing \"\": invalid syntax",
		"GOTRUE_SMTP_PORT=");
	REFUSED("strconv.ParseInt: parsing \" 5\": invalid syntax", "GOTRUE_JWT_EXP= 5");
	REFUSED("strconv.ParseInt: parsing \"5.0\": invalid syntax", "GOTRUE_JWT_EXP=5.0");
	REFUSED("strconv.ParseInt: parsing \"1__0\": invalid syntax", "GOTRUE_JWT_EXP=1__0");
	REFUSED("strconv.ParseInt: parsing \"_1\": invalid syntax", "GOTRUE_JWT_EXP=_1");
	REFUSED("strconv.ParseInt: parsing \"08\": invalid syntax", "GOTRUE_JWT_EXP=08");
	REFUSED("strconv.ParseInt: parsing \"99999999999999999999\": value out of range", "GOTRUE_JWT_EXP=99999999999999999999");
	REFUSED("assigning GOTRUE_MAILER_OTP_EXP to OTPExp: converting '-1' to type uint. details: strconv.ParseUint: parsing \"-1\": invalid syntax",
		"GOTRUE_MAILER_OTP_EXP=-1");
	REFUSED("strconv.ParseBool: parsing \"yes\": invalid syntax", "GOTRUE_EXTERNAL_EMAIL_ENABLED=yes");
	REFUSED("strconv.ParseBool: parsing \"\": invalid syntax", "GOTRUE_EXTERNAL_EMAIL_ENABLED=");
	REFUSED("converting 'abc' to type float64. details: strconv.ParseFloat: parsing \"abc\": invalid syntax",
		"GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER=abc");
	REFUSED("strconv.ParseFloat: parsing \"1e999\": value out of range", "GOTRUE_RATE_LIMIT_VERIFY=1e999");
	REFUSED("GOTRUE_RELOADING_POLLERENABLED", "GOTRUE_RELOADING_POLLERENABLED=abc");
	REFUSED("GOTRUE_LOG_DISABLE_COLORS", "GOTRUE_LOG_DISABLE_COLORS=abc");
	REFUSED("LATCHKEY_WORKERS: must be 0 or more, was -1", "LATCHKEY_WORKERS=-1");
	REFUSED("neither on nor off", "LATCHKEY_DB_PREPARE=maybe");
	talloc_free(mem);
}

static void durations_and_rates(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings;

	(void)state;
	REFUSED("GOTRUE_SESSIONS_TIMEBOX: conf: session timebox duration must be positive when set, was 0s", "GOTRUE_SESSIONS_TIMEBOX=0s");
	REFUSED("conf: session timebox duration must be positive when set, was -1h0m0s", "GOTRUE_SESSIONS_TIMEBOX=-1h");
	REFUSED("conf: session inactivity timeout duration must be positive when set, was -1m30s", "GOTRUE_SESSIONS_INACTIVITY_TIMEOUT=-90s");
	REFUSED("conf: session allow low AAL duration must be positive when set, was 0s", "GOTRUE_SESSIONS_ALLOW_LOW_AAL=0");
	REFUSED("to type *time.Duration. details: time: invalid duration \"\"", "GOTRUE_SESSIONS_TIMEBOX=");
	REFUSED("time: unknown unit \"d\" in duration \"1d\"", "GOTRUE_SESSIONS_TIMEBOX=1d");
	settings = MAKE(mem, "GOTRUE_SESSIONS_TIMEBOX=1h30m");
	assert_int_equal(settings->sessions.timebox, 90 * MINUTE);
	assert_int_equal(settings->sessions.allow_low_aal, 0);
	REFUSED("rate: value does not match rate syntax \"1h\"", "GOTRUE_RATE_LIMIT_EMAIL_SENT=1h");
	REFUSED("rate: value does not match rate syntax \"3/1h/2\"", "GOTRUE_RATE_LIMIT_SMS_SENT=3/1h/2");
	REFUSED("rate: value does not match rate syntax \"\"", "GOTRUE_RATE_LIMIT_SMS_SENT=");
	REFUSED("rate: over-time part of rate value \"100/1\" failed to parse as duration: time: missing unit in duration \"1\"",
		"GOTRUE_RATE_LIMIT_EMAIL_SENT=100/1");
	REFUSED("rate: events part of rate value \"3600.0/1h\" failed to parse as uint64: strconv.ParseUint: parsing \"3600.0\": invalid syntax",
		"GOTRUE_RATE_LIMIT_EMAIL_SENT=3600.0/1h");
	REFUSED("value out of range", "GOTRUE_RATE_LIMIT_EMAIL_SENT=4503599627370496/1h");
	settings = MAKE(mem, "GOTRUE_RATE_LIMIT_EMAIL_SENT=100/24h", "GOTRUE_RATE_LIMIT_SMS_SENT=30.5");
	assert_int_equal(settings->rate_limit.email_sent.kind, RATE_BURST);
	assert_true(settings->rate_limit.email_sent.events == 100);
	assert_int_equal(settings->rate_limit.email_sent.over, 24 * HOUR);
	assert_int_equal(settings->rate_limit.sms_sent.kind, RATE_INTERVAL);
	assert_true(settings->rate_limit.sms_sent.events == 30.5);
	assert_string_equal(settings->rate_limit.sms_sent.raw, "30.5");
	MAKE(mem, "GOTRUE_RATE_LIMIT_EMAIL_SENT=0/1h", "GOTRUE_RATE_LIMIT_SMS_SENT=-3");
	talloc_free(mem);
}

static void assert_list(const struct text_list *list, size_t count, const char *const *items)
{
	assert_int_equal(list->count, count);
	for (size_t i = 0; i < count; i++)
		assert_true(text_is(list->items[i], items[i]));
}
#define ASSERT_LIST(list, ...) assert_list(&(list), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__})

static void lists_and_sets(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	ASSERT_LIST(MAKE(mem, "GOTRUE_SESSIONS_TAGS=a, b")->sessions.tags, "a", " b");
	ASSERT_LIST(MAKE(mem, "GOTRUE_SESSIONS_TAGS=,")->sessions.tags, "", "");
	assert_int_equal(MAKE(mem, "GOTRUE_SESSIONS_TAGS=  ")->sessions.tags.count, 0);
	assert_true(MAKE(mem, "GOTRUE_JWT_VALID_METHODS=")->jwt.valid_methods.set);
	assert_false(MAKE(mem, NULL)->jwt.valid_methods.set);
	ASSERT_LIST(MAKE(mem, "GOTRUE_JWT_ADMIN_ROLES=")->jwt.admin_roles, "service_role", "supabase_admin");
	ASSERT_LIST(MAKE(mem, "GOTRUE_PASSWORD_REQUIRED_CHARACTERS=a:b:c")->password.required_characters, "a", "b", "c");
	ASSERT_LIST(MAKE(mem, "GOTRUE_PASSWORD_REQUIRED_CHARACTERS=a\\:b:c")->password.required_characters, "a:b", "c");
	ASSERT_LIST(MAKE(mem, "GOTRUE_PASSWORD_REQUIRED_CHARACTERS=::\\::")->password.required_characters, ":");
	ASSERT_LIST(MAKE(mem, "GOTRUE_PASSWORD_REQUIRED_CHARACTERS=a:b:c\\:")->password.required_characters, "a", "b", "c:");
	ASSERT_LIST(MAKE(mem, "GOTRUE_PASSWORD_REQUIRED_CHARACTERS= ")->password.required_characters, " ");
	ASSERT_LIST(MAKE(mem, "LATCHKEY_TRUSTED_PROXIES=10.0.0.0/8, ::1 192.0.2.1")->latchkey.trusted_proxies, "10.0.0.0/8", "::1", "192.0.2.1");
	REFUSED("\"10.0.0.0/33\" is neither an address nor a network", "LATCHKEY_TRUSTED_PROXIES=10.0.0.0/33");
	talloc_free(mem);
}

static void pairs_and_moments(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list notes = {0};
	struct settings *settings;

	(void)state;
	REFUSED("assigning GOTRUE_SMS_TEST_OTP to TestOTP: converting '1:2,3' to type map[string]string. details: invalid map item: \"3\"",
		"GOTRUE_SMS_TEST_OTP=1:2,3");
	REFUSED("invalid map item: \"1:2:3\"", "GOTRUE_SMS_TEST_OTP=1:2:3");
	REFUSED("parsing time \"tomorrow\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"tomorrow\" as \"2006\"",
		"GOTRUE_SMS_TEST_OTP_VALID_UNTIL=tomorrow");
	REFUSED("cannot parse \"\" as \"T\"", "GOTRUE_SMS_TEST_OTP_VALID_UNTIL=2050-01-01");
	assert_true(MAKE(mem, "GOTRUE_SMS_TEST_OTP_VALID_UNTIL=")->sms.test_otp_valid_until == MOMENT_NONE);
	assert_true(MAKE(mem, "GOTRUE_SMS_TEST_OTP_VALID_UNTIL= 2023-11-14T22:13:20Z ")->sms.test_otp_valid_until == 1700000000000000);
	settings = make(mem, (const char *const[VARS_MAX]){"GOTRUE_SMS_TEST_OTP=+1 555:12 , +2:3"}, &notes);
	assert_true(text_is(text_map_get(&settings->sms.test_otp, TEXT("1555")), "12 "));
	assert_true(text_is(text_map_get(&settings->sms.test_otp, TEXT("+2")), "3"));
	assert_true(has_part(&notes, "GOTRUE_SMS_TEST_OTP: entry \" +2\" has no effect"));
	REFUSED("conf: invalid provider linking domain \"google\", expected format \"provider=domain\"",
		"GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS=google");
	REFUSED("conf: invalid provider linking domain \"google= \", provider and domain must be non-empty",
		"GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS=google= ");
	settings = MAKE(mem, "GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS= google = corp , custom:x=y ",
			"GOTRUE_EXPERIMENTAL_PROVIDERS_WITH_OWN_LINKING_DOMAIN=google,zoom");
	assert_true(text_is(text_map_get(&settings->experimental.provider_linking_domains, TEXT("google")), "corp"));
	assert_true(text_is(text_map_get(&settings->experimental.provider_linking_domains, TEXT("custom:x")), "y"));
	assert_true(text_is(text_map_get(&settings->experimental.provider_linking_domains, TEXT("zoom")), "zoom"));
	talloc_free(mem);
}

static void names_that_win_and_names_that_fall_back(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings =
		MAKE(mem, "GOTRUE_DB_DATABASE_URL=postgres://other", "PORT=1", "REQUEST_ID_HEADER=X", "GOTRUE_API_REQUEST_ID_HEADER=");

	(void)state;
	assert_string_equal(settings->db.url, "postgres://other");
	assert_string_equal(settings->api.port, "1");
	assert_string_equal(settings->api.request_id_header, "");
	assert_string_equal(MAKE(mem, "RP_ID=bare")->webauthn.rp_id, "bare");
	assert_string_equal(MAKE(mem, "GOTRUE_DB_DRIVER=")->db.driver, "postgres");
	settings = MAKE(mem, "GOTRUE_EXTERNAL_LINKEDIN_OIDC_CLIENT_ID=a,b", "GOTRUE_MAILER_NOTIFICATIONS_MFA_FACTOR_UNENROLLED_ENABLED=true",
			"GOTRUE_MAILER_TEMPLATES_PASSWORD_CHANGED_NOTIFICATION=/t", "GOTRUE_HOOK_AFTER_USER_CREATED_URI=https://x/");
	assert_int_equal(settings_provider(settings, TEXT("linkedin_oidc"))->client_id.count, 2);
	assert_null(settings_provider(settings, TEXT("nobody")));
	assert_true(settings->mailer.notify[MAIL_FACTOR_UNENROLLED]);
	assert_false(settings->mailer.notify[MAIL_PASSWORD_CHANGED]);
	assert_string_equal(settings->mailer.templates[MAIL_PASSWORD_CHANGED], "/t");
	assert_string_equal(settings->hooks[HOOK_AFTER_USER_CREATED].uri, "https://x/");
	talloc_free(mem);
}

static void corrections(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = MAKE(mem, "GOTRUE_PASSWORD_MIN_LENGTH=3", "GOTRUE_MAILER_OTP_LENGTH=11", "GOTRUE_SMS_OTP_LENGTH=10",
					 "GOTRUE_MFA_CHALLENGE_EXPIRY_DURATION=20", "GOTRUE_DB_CONN_PERCENTAGE=500", "GOTRUE_SMTP_MAX_FREQUENCY=0");

	(void)state;
	assert_int_equal(settings->password.min_length, 6);
	assert_int_equal(settings->mailer.otp_length, 6);
	assert_int_equal(settings->sms.otp_length, 10);
	assert_int_equal(settings->mfa.phone_otp_length, 6);
	assert_true(settings->mfa.challenge_expiry == 300);
	assert_int_equal(settings->db.conn_percentage, 100);
	assert_int_equal(settings->smtp.max_frequency, MINUTE);
	assert_int_equal(settings->external.flow_state_expiry, 5 * MINUTE);
	assert_int_equal(settings->mailer.otp_exp, 86400);
	assert_int_equal(settings->sms.otp_exp, 60);
	assert_string_equal(settings->mailer.url_paths[MAIL_RECOVERY], "/verify");
	assert_string_equal(settings->jwt.admin_group_name, "admin");
	ASSERT_LIST(settings->external.allowed_id_token_issuers, "https://appleid.apple.com", "https://accounts.google.com");
	assert_int_equal(settings->internal_http_timeout, 10 * SECOND);
	assert_string_equal(settings->latchkey.prefix, "");
	assert_string_equal(MAKE(mem, "LATCHKEY_PREFIX=/auth/v1/")->latchkey.prefix, "/auth/v1");
	talloc_free(mem);
}

static void every_setting_has_a_field_of_its_own(void **state)
{
	size_t count, ours = 0;
	const struct setting *rows = all_settings(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		ours += strncmp(rows[i].name, "LATCHKEY_", 9) == 0;
	assert_int_equal(count - ours, 475 + 6); /* the contract's, and six read outside its scheme (02 section 3.20) */
	for (size_t i = 0; i < count; i++) {
		assert_true(strlen(rows[i].meaning) > 3);
		assert_ptr_equal(setting_named(rows[i].name), &rows[i]);
		if (!(rows[i].flags & SETTING_UNUSED))
			assert_ptr_equal(setting_at(rows[i].offset), &rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_problems_come_at_once),
		cmocka_unit_test(numbers_and_truths),
		cmocka_unit_test(durations_and_rates),
		cmocka_unit_test(lists_and_sets),
		cmocka_unit_test(pairs_and_moments),
		cmocka_unit_test(names_that_win_and_names_that_fall_back),
		cmocka_unit_test(corrections),
		cmocka_unit_test(every_setting_has_a_field_of_its_own),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
