/* account.c: addresses, passwords, bans, merges, what is shown of users, what is written about them (contract 05, 03 section 10). */
#include "tests/unit/test.h"

#include "cgi-src/account/account_int.h"
#include "latchkey/session.h"

static struct settings settings;

static struct request *fresh(void)
{
	settings = (struct settings){0};
	return request_new(NULL, &settings);
}

static struct text all(char byte, size_t count)
{
	static char bytes[512];

	memset(bytes, byte, count);
	return (struct text){bytes, count};
}

/* ---- e-mail addresses (05 section 1.8, check 12) ---------------------------------------------------------------------------------- */

#define INVALID_EMAIL "Unable to validate email address: invalid format"

static void addresses_that_pass(void **state)
{
	static const char *const cases[][2] = {
		{"a@b", "a@b"},
		{"A@Example.com", "a@example.com"},
		{".a..b.@x.y", ".a..b.@x.y"},
		{"a+tag@x-1.y", "a+tag@x-1.y"},
		{"!#$%&'*+/=?^_`{|}~-@1.2", "!#$%&'*+/=?^_`{|}~-@1.2"},
		{"a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
	};
	struct request *req = fresh();
	struct text normal;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(email_validate(req, text_of(cases[i][0]), &normal), 0);
		assert_true(text_is(normal, cases[i][1]));
	}
	talloc_free(req);
}

static void addresses_that_do_not(void **state)
{
	static const char *const cases[] = {"a b@c.d",	   "a@-b.c",	 "a@b-.c",  "a@b..c",	   "a@b.c\n", "a@.b",  "a@b.",
					    "@b",	   "a@",	 "a",	    "a@b@c",	   "a@b_c",   " a@b",  "a@b ",
					    "a@b\xc3\xbc", "\xc3\xbc@b", "\"a\"@b", "a@[1.2.3.4]", "a,b@c",   "a;b@c", "a(b)@c"};
	struct request *req = fresh();
	struct text normal;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(email_validate(req, text_of(cases[i]), &normal), -1);
		assert_string_equal(req->failure.message, INVALID_EMAIL);
		assert_string_equal(req->failure.code, "validation_failed");
		assert_int_equal(req->failure.status, 400);
	}
	assert_int_equal(email_validate(req, (struct text){"a\0@b", 4}, &normal), -1);
	assert_int_equal(email_validate(req, TEXT_NONE, &normal), -1);
	assert_string_equal(req->failure.message, "An email address is required");
	assert_int_equal(email_validate(req, all('a', 256), &normal), -1);
	assert_string_equal(req->failure.message, "An email address is too long");
	talloc_free(req);
}

static void labels_have_63_bytes_at_most(void **state)
{
	struct request *req = fresh();
	struct text normal;

	(void)state;
	assert_int_equal(email_validate(req, text_of(format(req, "a@%.*s.b", 63, all('x', 63).data)), &normal), 0);
	assert_int_equal(email_validate(req, text_of(format(req, "a@%.*s.b", 64, all('x', 64).data)), &normal), -1);
	assert_string_equal(req->failure.message, INVALID_EMAIL);
	talloc_free(req);
}

/* ---- phone numbers (05 section 1.8) --------------------------------------------------------------------------------------------------- */

static void phone_numbers(void **state)
{
	static const struct {
		const char *given, *normal; /* NULL: refused */
	} cases[] = {
		{"+1 555 1234567", "15551234567"},
		{"15551234567", "15551234567"},
		{"12", "12"},
		{"123456789012345", "123456789012345"},
		{"1234567890123456", NULL},
		{"1", NULL},
		{"", NULL},
		{"+0123", NULL},
		{" +15551234567", NULL},
		{"++15551234567", NULL},
		{"1-555-1234567", NULL},
		{"(1)5551234567", NULL},
		{"1555123456\n", NULL},
		{"1\t5551234567", NULL},
		{"\xd9\xa1\xd9\xa2\xd9\xa3", NULL}, /* digits, but not ASCII ones */
	};
	struct request *req = fresh();
	struct text normal;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(phone_validate(req, text_of(cases[i].given), &normal), cases[i].normal ? 0 : -1);
		if (cases[i].normal)
			assert_true(text_is(normal, cases[i].normal));
		else
			assert_string_equal(req->failure.message, "Invalid phone number format (E.164 required)");
	}
	talloc_free(req);
}

/* ---- bans (05 section 1.9, check 46) ---------------------------------------------------------------------------------------------------- */

static void bans_last(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {{"24h", 86400}, {"1h30m", 5400}, {"1.5h", 5400}, {"-5m", -300}, {"+1s", 1}};
	struct request *req = fresh();
	moment until, now;
	bool given;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now = moment_now();
		assert_int_equal(ban_duration_parse(req, text_of(cases[i].text), &until, &given), 0);
		assert_true(given);
		assert_in_range(until - now - cases[i].seconds * 1000000, 0, 1000000);
	}
	talloc_free(req);
}

static void bans_end_or_stay(void **state)
{
	static const char *const ends[] = {"none", "0", "0s", "0h0m"};
	struct request *req = fresh();
	moment until;
	bool given;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		assert_int_equal(ban_duration_parse(req, text_of(ends[i]), &until, &given), 0);
		assert_true(given);
		assert_true(until == MOMENT_NONE);
	}
	assert_int_equal(ban_duration_parse(req, TEXT_NONE, &until, &given), 0);
	assert_false(given);
	talloc_free(req);
}

static void bans_refused(void **state)
{
	static const char *const cases[][2] = {
		{"never", "invalid format for ban duration: time: invalid duration \"never\""},
		{"24", "invalid format for ban duration: time: missing unit in duration \"24\""},
		{"1d", "invalid format for ban duration: time: unknown unit \"d\" in duration \"1d\""},
		{"1 h", "invalid format for ban duration: time: unknown unit \" h\" in duration \"1 h\""},
		{"1.2.3h", "invalid format for ban duration: time: missing unit in duration \"1.2.3h\""},
		{"9999999h", "invalid format for ban duration: time: invalid duration \"9999999h\""},
	};
	struct request *req = fresh();
	moment until;
	bool given;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ban_duration_parse(req, text_of(cases[i][0]), &until, &given), -1);
		assert_string_equal(req->failure.message, cases[i][1]);
	}
	talloc_free(req);
}

/* ---- passwords (05 section 2.1, checks 7 to 10) ------------------------------------------------------------------------------------------ */

static void passwords_of_length(void **state)
{
	struct request *req = fresh();

	(void)state;
	assert_int_equal(password_check_strength(req, TEXT("12345")), -1);
	assert_int_equal(req->failure.kind, FAILURE_WEAK_PASSWORD);
	assert_int_equal(req->failure.status, 422);
	assert_int_equal(req->failure.weak, WEAK_LENGTH);
	assert_string_equal(req->failure.message, "Password should be at least 6 characters.");
	failure_clear(req);
	assert_int_equal(password_check_strength(req, TEXT("123456")), 0);
	assert_int_equal(password_check_strength(req, TEXT("\xc3\xa9\xc3\xa9\xc3\xa9")), 0); /* six bytes */
	assert_int_equal(password_check_strength(req, TEXT("\xc3\xa9\xc3\xa9"
							   "e")),
			 -1); /* five */
	failure_clear(req);
	assert_int_equal(password_check_strength(req, all('x', 72)), 0);
	assert_int_equal(password_check_strength(req, all('x', 73)), -1);
	assert_int_equal(req->failure.kind, FAILURE_HTTP);
	assert_int_equal(req->failure.status, 400);
	assert_string_equal(req->failure.message, "Password cannot be longer than 72 characters");
	talloc_free(req);
}

static void passwords_of_required_characters(void **state)
{
	struct text sets[] = {TEXT("abc"), TEXT("DEF"), TEXT("12")};
	struct text wide[] = {TEXT("\xc3\xa9\xe2\x82\xac")};
	struct request *req = fresh();
	unsigned weak;
	const char *message;

	(void)state;
	settings.password.min_length = 8;
	settings.password.required_characters = (struct text_list){sets, 3, true};
	assert_int_equal(password_weakness(req, TEXT("zz"), &weak, &message), 0);
	assert_int_equal(weak, WEAK_LENGTH | WEAK_CHARACTERS);
	assert_string_equal(message,
			    "Password should be at least 8 characters. Password should contain at least one character of each: abc, DEF, 12.");
	assert_int_equal(password_weakness(req, TEXT("zzzzaD1z"), &weak, &message), 0);
	assert_int_equal(weak, 0);
	settings.password.required_characters = (struct text_list){wide, 1, true};
	assert_int_equal(password_weakness(req, TEXT("12345678\xe2\x82\xac"), &weak, &message), 0);
	assert_int_equal(weak, 0);
	assert_int_equal(password_weakness(req, TEXT("12345678\xe2\x82\xad"), &weak, &message), 0); /* shares bytes, not the character */
	assert_int_equal(weak, WEAK_CHARACTERS);
	talloc_free(req);
}

/* ---- soft deletion (03 section 10, 05 check 56) --------------------------------------------------------------------------------------------- */

static void obfuscated(void **state)
{
	static const struct {
		const char *user, *text, *hash;
	} cases[] = {
		{"11111111-1111-4111-8111-111111111111", "user@example.com", "FomaASjH_1gNpf-AD0ZegS3-4-Z6TVpW-9_4mdBFFQc"},
		{"11111111-1111-4111-8111-111111111111", "", "vXZipe60FhTnINR3q_yyJy4ZqKcKk7fjvIVg1ErTJuk"},
		{"11111111-1111-4111-8111-111111111111", "15551234567", "2jkEBgDjEERHcUzKCpSAe_ZThm6CG9YbCjMZAUx1BPU"},
		{"11111111-1111-4111-8111-111111111111", "email:11111111-1111-4111-8111-111111111111", "2nwYTDX383VtO4WchFBS2BRlDnGaCAiNkzky3KfyxrU"},
		{"11111111-1111-4111-8111-111111111111", "google:1234567890", "R16EC5aOviNwB9XhPC7wtA6upAPjMEudSomdUZOT-yI"},
		{"11111111-2222-4333-8444-555555555555", "user@example.com", "TggHF4VCnuCJSzCdXQqCjSvMfXQtPVKDUVJJ0a56foc"},
		{"11111111-2222-4333-8444-555555555555", "", "z0xHMv07j4pVtghxlQovIsiT6nr9ddIUaCZTTj9nzEk"},
		{"11111111-2222-4333-8444-555555555555", "email:11111111-2222-4333-8444-555555555555", "L4q9CqJCZd0jhYewCj3VF_hThnADvNidLIeTZU5COwA"},
	};
	struct request *req = fresh();
	struct uuid user;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(uuid_parse(text_of(cases[i].user), &user));
		assert_string_equal(user_obfuscate(req, &user, text_of(cases[i].text)), cases[i].hash);
	}
	talloc_free(req);
}

/* ---- what is shown (05 sections 1.1 to 1.3) ----------------------------------------------------------------------------------------------------- */

static struct user *known_user(struct request *req)
{
	struct user *user = user_new(req, TEXT("Ann@Example.com"), TEXT("15551234567"), TEXT("authenticated"));
	const char *why;

	assert_true(uuid_parse(TEXT("11111111-2222-4333-8444-555555555555"), &user->id));
	json_parse(req, TEXT("{\"providers\":[\"email\"],\"provider\":\"email\"}"), &user->app_metadata, &why);
	json_parse(req, TEXT("{\"z\":1.0,\"full_name\":\"Ann <Lee>\"}"), &user->user_metadata, &why);
	return user;
}

static struct text shown(struct request *req, const struct user *user)
{
	struct buffer *buffer = buffer_new(req, 512);
	struct json_writer out = json_writer(buffer);

	user_json(&out, user);
	return buffer_as_text(buffer);
}

static void a_user_never_stored(void **state)
{
	struct request *req = fresh();

	(void)state;
	assert_string_equal(shown(req, known_user(req)).data,
			    "{\"id\":\"11111111-2222-4333-8444-555555555555\",\"aud\":\"authenticated\",\"role\":\"\",\"email\":\"ann@example.com\","
			    "\"phone\":\"15551234567\",\"app_metadata\":{\"provider\":\"email\",\"providers\":[\"email\"]},"
			    "\"user_metadata\":{\"full_name\":\"Ann \\u003cLee\\u003e\",\"z\":1},\"identities\":[],"
			    "\"created_at\":\"0001-01-01T00:00:00Z\",\"updated_at\":\"0001-01-01T00:00:00Z\",\"is_anonymous\":false}");
	talloc_free(req);
}

static void every_member_in_its_place(void **state)
{
	static const char *const order[] = {"id",
					    "aud",
					    "role",
					    "email",
					    "email_confirmed_at",
					    "invited_at",
					    "phone",
					    "phone_confirmed_at",
					    "confirmation_sent_at",
					    "confirmed_at",
					    "recovery_sent_at",
					    "new_email",
					    "email_change_sent_at",
					    "new_phone",
					    "phone_change_sent_at",
					    "reauthentication_sent_at",
					    "last_sign_in_at",
					    "app_metadata",
					    "user_metadata",
					    "factors",
					    "identities",
					    "created_at",
					    "updated_at",
					    "banned_until",
					    "deleted_at",
					    "is_anonymous"};
	struct request *req = fresh();
	struct user *user = known_user(req);
	const char *at, *text;

	(void)state;
	user->email_confirmed_at = user->invited_at = user->phone_confirmed_at = user->confirmation_sent_at = user->confirmed_at =
		user->recovery_sent_at = user->email_change_sent_at = user->phone_change_sent_at = user->reauthentication_sent_at =
			user->last_sign_in_at = user->created_at = user->updated_at = user->banned_until = user->deleted_at = 1700000000123000;
	user->email_change = "new@example.com";
	user->phone_change = "15550000000";
	user->factors[0] = (struct factor){.friendly_name = "",
					   .type = "totp",
					   .status = "verified",
					   .phone = "",
					   .secret = "s",
					   .created_at = 1700000000123000,
					   .updated_at = 1700000000123000,
					   .last_challenged_at = MOMENT_NONE};
	user->factor_count = 1;
	at = text = shown(req, user).data;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = strstr(at, format(req, "\"%s\":", order[i]));
		assert_non_null(at);
	}
	assert_non_null(strstr(text, "\"factors\":[{\"id\":\"00000000-0000-0000-0000-000000000000\",\"created_at\":\"2023-11-14T22:13:20.123Z\","
				     "\"updated_at\":\"2023-11-14T22:13:20.123Z\",\"status\":\"verified\",\"factor_type\":\"totp\",\"phone\":\"\","
				     "\"last_challenged_at\":null}]"));
	assert_null(strstr(text, "token"));
	user->loaded = false;
	assert_non_null(strstr(shown(req, user).data, "\"identities\":null"));
	talloc_free(req);
}

static void an_identity(void **state)
{
	struct request *req = fresh();
	struct user *user = known_user(req);
	struct identity identity = {.user_id = user->id,
				    .provider_id = "p",
				    .provider = "email",
				    .created_at = 1700000000000000,
				    .updated_at = 1700000000000000,
				    .last_sign_in_at = MOMENT_NONE,
				    .email = ""};
	struct buffer *buffer = buffer_new(req, 512);
	struct json_writer out = json_writer(buffer);

	(void)state;
	identity.data = identity_base_data(req, user, "email", false);
	assert_string_equal(json_canonical(req, identity.data).data,
			    "{\"email\":\"ann@example.com\",\"email_verified\":false,\"phone_verified\":false,"
			    "\"sub\":\"11111111-2222-4333-8444-555555555555\"}");
	assert_string_equal(json_canonical(req, identity_base_data(req, user, "phone", true)).data,
			    "{\"email_verified\":false,\"phone\":\"15551234567\",\"phone_verified\":false,"
			    "\"sub\":\"11111111-2222-4333-8444-555555555555\"}");
	identity.data = json_hold(req, json_object_new_object());
	identity_json(&out, &identity);
	assert_string_equal(buffer->data, "{\"identity_id\":\"00000000-0000-0000-0000-000000000000\",\"id\":\"p\","
					  "\"user_id\":\"11111111-2222-4333-8444-555555555555\",\"provider\":\"email\","
					  "\"created_at\":\"2023-11-14T22:13:20Z\",\"updated_at\":\"2023-11-14T22:13:20Z\"}");
	talloc_free(req);
}

static void overlays_keep_nulls(void **state)
{
	struct request *req = fresh();
	struct json_object *base, *changes;
	const char *why;

	(void)state;
	json_parse(req, TEXT("{\"a\":1,\"b\":{\"c\":2},\"k\":0}"), &base, &why);
	json_parse(req, TEXT("{\"a\":null,\"b\":{\"d\":3}}"), &changes, &why);
	assert_string_equal(json_canonical(req, json_merge(req, base, changes)).data, "{\"b\":{\"d\":3},\"k\":0}");
	assert_string_equal(json_canonical(req, json_overlay(req, base, changes)).data, "{\"a\":null,\"b\":{\"d\":3},\"k\":0}");
	talloc_free(req);
}

/* ---- what is written about it (05 section 12) ----------------------------------------------------------------------------------------------------- */

/* The payload of an entry that goes to the log alone. */
static const char *said(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits)
{
	settings.audit_log.disable_postgres = true;
	audit(req, action, actor, traits, false);
	return req->audit_payload.data;
}

static void audit_payload_of_a_user(void **state)
{
	struct request *req = fresh();
	struct user *user = known_user(req);

	(void)state;
	log_set_level(LOG_ERROR);
	assert_string_equal(
		said(req, AUDIT_LOGIN, user, audit_traits(req, "provider", "email", NULL)),
		"{\"action\":\"login\",\"actor_id\":\"11111111-2222-4333-8444-555555555555\",\"actor_name\":\"Ann \\u003cLee\\u003e\","
		"\"actor_username\":\"15551234567\",\"actor_via_sso\":false,\"log_type\":\"account\",\"traits\":{\"provider\":\"email\"}}");
	user->phone = "";
	user->is_sso_user = true;
	user->user_metadata = NULL;
	assert_string_equal(said(req, AUDIT_USER_MODIFIED, user, NULL),
			    "{\"action\":\"user_modified\",\"actor_id\":\"11111111-2222-4333-8444-555555555555\","
			    "\"actor_username\":\"ann@example.com\",\"actor_via_sso\":true,\"log_type\":\"user\"}");
	talloc_free(req);
}

static void audit_payload_of_an_admin(void **state)
{
	struct request *req = fresh();
	struct bearer bearer = {.claims = {.role = TEXT("service_role")}, .admin = true};

	(void)state;
	log_set_level(LOG_ERROR);
	req->bearer = &bearer;
	assert_string_equal(said(req, AUDIT_USER_DELETED, NULL, audit_traits(req, "user_phone", NULL, "user_email", "a@b", NULL)),
			    "{\"action\":\"user_deleted\",\"actor_id\":\"00000000-0000-0000-0000-000000000000\",\"actor_username\":\"service_role\","
			    "\"actor_via_sso\":false,\"log_type\":\"team\",\"traits\":{\"user_email\":\"a@b\",\"user_phone\":\"\"}}");
	talloc_free(req);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_that_pass),
		cmocka_unit_test(addresses_that_do_not),
		cmocka_unit_test(labels_have_63_bytes_at_most),
		cmocka_unit_test(phone_numbers),
		cmocka_unit_test(bans_last),
		cmocka_unit_test(bans_end_or_stay),
		cmocka_unit_test(bans_refused),
		cmocka_unit_test(passwords_of_length),
		cmocka_unit_test(passwords_of_required_characters),
		cmocka_unit_test(obfuscated),
		cmocka_unit_test(a_user_never_stored),
		cmocka_unit_test(every_member_in_its_place),
		cmocka_unit_test(an_identity),
		cmocka_unit_test(overlays_keep_nulls),
		cmocka_unit_test(audit_payload_of_a_user),
		cmocka_unit_test(audit_payload_of_an_admin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
