/* oauth.c: pieces of signing in with somebody else that need neither database nor network (contract 07). */
#include "tests/unit/http_fixture.h"

#include "cgi-src/oauth/oauth_int.h"
#include "latchkey/jose.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static TALLOC_CTX *mem;
static struct request *req;

static int start(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	req = fixture_request(mem, fixture_settings(mem), "GET", "/", NULL, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static struct json_object *json(const char *text)
{
	struct json_object *value;
	const char *why = "";

	if (json_parse(mem, text_of(text), &value, &why) < 0)
		fail_msg("%s: %s", text, why);
	return value;
}

static const char *shown(struct json_object *value)
{
	return text_string(mem, json_canonical(mem, value));
}

/* ---- what goes out ---------------------------------------------------------------------------------------------------------------------------------- */

static void parameters_are_sorted_and_escaped(void **state)
{
	struct params *params = params_new(mem);

	(void)state;
	params_set(params, TEXT("state"), TEXT("x"));
	params_set(params, TEXT("scope"), TEXT("a b:c/ü"));
	params_set(params, TEXT("scope2"), TEXT(""));
	params_set(params, TEXT("state"), TEXT("~y"));
	assert_text(params_encode(params), "scope=a+b%3Ac%2F%C3%BC&scope2=&state=~y");
	assert_text(params_get(params_parse(mem, TEXT("a=1&a=2&b=%20+x&c")), "a"), "1");
	assert_text(params_get(params_parse(mem, TEXT("a=1&a=2&b=%20+x&c")), "b"), "  x");
	assert_null(params_parse(mem, TEXT("a=1&b=%zz")));
	assert_null(params_parse(mem, TEXT("a=1;b=2")));
	assert_non_null(params_parse(mem, TEXT("")));
}

/* The vector of section 5.4. */
static void twitter_signs_as_the_contract_says(void **state)
{
	struct params *params = params_new(mem);

	(void)state;
	params_set(params, TEXT("oauth_callback"), TEXT("https://auth.example/callback?state=11111111-1111-4111-8111-111111111111"));
	params_set(params, TEXT("oauth_consumer_key"), TEXT("ck"));
	params_set(params, TEXT("oauth_nonce"), TEXT("1234567890"));
	params_set(params, TEXT("oauth_signature_method"), TEXT("HMAC-SHA1"));
	params_set(params, TEXT("oauth_timestamp"), TEXT("1700000000"));
	params_set(params, TEXT("oauth_version"), TEXT("1.0"));
	assert_text(oauth1_signature(mem, TEXT("https://api.twitter.com/oauth/request_token"), params, TEXT("cs"), TEXT_NONE),
		    "R5UOhksnetcGH8X8S76Yne2siCw=");
}

static void urls_follow_the_override(void **state)
{
	static const struct {
		const char *name, *url, *user;
	} cases[] = {
		{"github", "", "https://api.github.com/user"},
		{"github", "https://ghe.example/", "https://ghe.example/api/v3/user"},
		{"github", "https://api.github.com", "https://api.github.com/user"},
		{"github", "https://ghe.example//", "https://ghe.example//api/v3/user"},
		{"spotify", "", "https://api.spotify.com/v1/me"},
		{"spotify", "http://s.example", "http://s.example/me"},
		{"zoom", "http://z.example", "http://z.example/v2/users/me"},
		{"google", "http://g.example", "https://www.googleapis.com/userinfo/v2/me"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings_provider settings = {.url = cases[i].url};
		struct oauth_provider provider = {.row = provider_row(text_of(cases[i].name)), .settings = &settings};

		assert_text(provider_url(mem, &provider, provider.row->user), cases[i].user);
	}
	assert_null(provider_row(TEXT("GitHub")));
	assert_null(provider_row(TEXT("email")));
}

/* ---- what comes in ------------------------------------------------------------------------------------------------------------------------------------ */

static void answers_are_read_leniently(void **state)
{
	struct text text;
	bool truth;
	double number;
	struct json_object *root = json("{\"A\":{\"b\":[{\"c\":\"x\"}]},\"N\":1,\"n\":2,\"t\":true,\"e\":null,\"E\":\"kept\"}");

	(void)state;
	assert_text(answer_first(TEXT(" {\"a\":\"}\\\"\"}} trailing")), " {\"a\":\"}\\\"\"}");
	assert_int_equal(answer_text(root, "a>B>0>C", &text), 0);
	assert_text(text, "x");
	assert_int_equal(answer_text(root, "a>b>1>c", &text), 0);
	assert_int_equal(text.len, 0);
	assert_int_equal(answer_text(root, "a>b>c", &text), -1); /* an array has no names */
	assert_int_equal(answer_text(root, "n", &text), -1);
	assert_int_equal(answer_text(root, "e", &text), 0);
	assert_text(text, "kept");
	assert_int_equal(answer_number(root, "n", &number), 0);
	assert_true(number == 2);
	assert_int_equal(answer_true(root, "T", &truth), 0);
	assert_true(truth);
	assert_int_equal(answer_true(root, "n", &truth), -1);
}

static void standard_claims_by_their_types(void **state)
{
	static const struct {
		const char *given, *claims; /* NULL: refused */
	} cases[] = {
		{"{}", "{\"email_verified\":false,\"phone_verified\":false}"},
		{"{\"sub\":\"s\",\"name\":\"\",\"iat\":0,\"exp\":5,\"aud\":\"a\",\"other\":1}",
		 "{\"aud\":[\"a\"],\"email_verified\":false,\"exp\":5,\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"updated_at\":1700000000.9,\"email_verified\":true}",
		 "{\"email_verified\":true,\"phone_verified\":false,\"updated_at\":\"2023-11-14T22:13:20Z\"}"},
		{"{\"updated_at\":\"2023-11-14T23:13:20+01:00\"}",
		 "{\"email_verified\":false,\"phone_verified\":false,\"updated_at\":\"2023-11-14T22:13:20Z\"}"},
		{"{\"custom_claims\":{\"k\":1}}", "{\"custom_claims\":{\"k\":1},\"email_verified\":false,\"phone_verified\":false}"},
		{"{\"name\":1}", NULL},
		{"{\"email_verified\":\"true\"}", NULL},
		{"{\"aud\":[1]}", NULL},
		{"{\"updated_at\":\"yesterday\"}", NULL},
		{"{\"custom_claims\":[]}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oauth_profile profile;
		int taken;

		profile_start(req, &profile);
		taken = claims_standard(req, json(cases[i].given), &profile);
		if (taken != (cases[i].claims ? 0 : -1))
			fail_msg("%s", cases[i].given);
		if (cases[i].claims)
			assert_string_equal(shown(profile.claims), cases[i].claims);
	}
}

static void the_primary_address_settles(void **state)
{
	struct oauth_profile profile;

	(void)state;
	profile_start(req, &profile);
	profile_email(req, &profile, TEXT("a@x.io"), true, false);
	profile_email(req, &profile, TEXT("b@x.io"), false, true);
	profile_email(req, &profile, TEXT("c@x.io"), true, false);
	oauth_profile_settle(&profile);
	assert_string_equal(shown(profile.claims), "{\"email\":\"b@x.io\",\"email_verified\":false,\"phone_verified\":false}");
}

/* ---- who issued it (section 7.3) ------------------------------------------------------------------------------------------------------------------------ */

static void issuers_are_told_apart(void **state)
{
	static const struct {
		const char *issuer;
		bool azure, ciam;
	} cases[] = {
		{"https://login.microsoftonline.com/t/v2.0", true, false},
		{"https://login.microsoftonline.com/t/v2.0/", true, false},
		{"https://login.microsoftonline.com/t/v2.0//", false, false},
		{"https://login.microsoftonline.com/t/u/v2.0", false, false},
		{"https://login.microsoftonline.com//v2.0", false, false},
		{"https://login.microsoftonline.com.evil.example/t/v2.0", false, false},
		{"https://loginXmicrosoftonline.com/t/v2.0", false, false},
		{"https://login.microsoftonline.com/t/v2.0\n", false, false},
		{"https://a-1.ciamlogin.com/t/v2.0", false, true},
		{"https://.ciamlogin.com/t/v2.0", false, false},
		{"https://a.b.ciamlogin.com/t/v2.0", false, false},
		{"http://a.ciamlogin.com/t/v2.0", false, false},
		{"", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (issuer_is_azure(text_of(cases[i].issuer)) != cases[i].azure || issuer_is_ciam(text_of(cases[i].issuer)) != cases[i].ciam)
			fail_msg("%s", cases[i].issuer);
}

static void tokens_are_mapped_by_issuer(void **state)
{
	static const struct {
		const char *payload, *claims, *address;
		bool verified;
	} cases[] = {
		{"{\"iss\":\"https://accounts.google.com\",\"sub\":\"1\",\"email\":\"a@x.io\",\"verified_email\":true,\"hd\":\"x.io\",\"other\":1}",
		 "{\"custom_claims\":{\"hd\":\"x.io\"},\"email_verified\":false,\"iss\":\"https://accounts.google.com\",\"phone_verified\":false,"
		 "\"provider_id\":\"1\",\"sub\":\"1\"}",
		 "a@x.io", true},
		{"{\"iss\":\"accounts.google.com\",\"sub\":\"1\",\"email\":\"a@x.io\",\"email_verified\":false}",
		 "{\"email\":\"a@x.io\",\"email_verified\":false,\"iss\":\"accounts.google.com\",\"phone_verified\":false,\"sub\":\"1\"}", "a@x.io",
		 false},
		{"{\"iss\":\"https://login.microsoftonline.com/t/v2.0\",\"sub\":\"1\",\"email\":\"a@x.io\",\"xms_edov\":\"yes\",\"oid\":\"o\"}",
		 "{\"custom_claims\":{\"email\":\"a@x.io\",\"oid\":\"o\",\"xms_edov\":\"yes\"},\"email_verified\":false,\"iss\":\"https://"
		 "login.microsoftonline.com/t/v2.0\",\"phone_verified\":false,\"provider_id\":\"1\",\"sub\":\"1\"}",
		 "a@x.io", false},
		{"{\"iss\":\"https://appleid.apple.com\",\"sub\":\"1\",\"is_private_email\":\"true\",\"transfer_sub\":\"t\"}",
		 "{\"custom_claims\":{\"is_private_email\":true,\"transfer_sub\":\"t\"},\"email_verified\":false,\"iss\":\"https://"
		 "appleid.apple.com\","
		 "\"phone_verified\":false,\"provider_id\":\"1\",\"sub\":\"1\"}",
		 "", true},
		{"{\"iss\":\"https://www.linkedin.com/oauth\",\"sub\":\"1\",\"given_name\":\"G\",\"email\":\"a@x.io\",\"email_verified\":\"T\"}",
		 "{\"email_verified\":false,\"given_name\":\"G\",\"iss\":\"https://www.linkedin.com/"
		 "oauth\",\"name\":\"G\",\"phone_verified\":false,\"provider_id\":\"1\",\"sub\":\"1\"}",
		 "a@x.io", true},
		{"{\"iss\":\"https://marketplace.vercel.com\",\"sub\":\"1\",\"global_user_id\":\"g\",\"user_email\":\"a@x.io\",\"user_name\":\"N\"}",
		 "{\"email_verified\":false,\"iss\":\"https://"
		 "marketplace.vercel.com\",\"name\":\"N\",\"phone_verified\":false,\"provider_id\":\"global_"
		 "user_id:g\",\"sub\":\"global_user_id:g\"}",
		 "a@x.io", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oauth_profile profile;
		const char *why = "";

		if (id_token_profile(req, json(cases[i].payload), &profile, &why) < 0)
			fail_msg("%s: %s", cases[i].payload, why);
		assert_string_equal(shown(profile.claims), cases[i].claims);
		assert_int_equal(profile.email_count, 1);
		assert_text(profile.emails[0].address, cases[i].address);
		assert_int_equal(profile.emails[0].verified, cases[i].verified);
	}
}

static void wrong_types_refuse_a_token(void **state)
{
	static const char *const cases[] = {
		"{\"iss\":\"https://id.example\",\"sub\":\"1\",\"email\":\"a@x.io\",\"email_verified\":\"true\"}",
		"{\"iss\":\"https://www.linkedin.com/oauth\",\"sub\":\"1\",\"email_verified\":true}",
		"{\"iss\":\"https://www.linkedin.com/oauth\",\"sub\":\"1\"}",
		"{\"iss\":\"https://accounts.google.com\",\"sub\":\"1\",\"name\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oauth_profile profile;
		const char *why;

		if (id_token_profile(req, json(cases[i]), &profile, &why) == 0)
			fail_msg("%s", cases[i]);
	}
}

/* ---- keys (RFC 7515 appendix A.3) ------------------------------------------------------------------------------------------------------------------------ */

#define A3_KEY(more)                                                                                                      \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_" \
	"tue659LNpXW6pCyStikYjKIWI5a0\"" more "}"
#define A3_INPUT "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define A3_SIGNATURE "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static void keys_do_what_they_say(void **state)
{
	static const struct {
		const char *jwks, *kid, *alg;
		bool right, known;
	} cases[] = {
		{"{\"keys\":[" A3_KEY("") "]}", "", "ES256", true, true},
		{"{\"keys\":[" A3_KEY(",\"kid\":\"a\"") "]}", "a", "ES256", true, true},
		{"{\"keys\":[" A3_KEY(",\"kid\":\"a\"") "]}", "", "ES256", true, true},
		{"{\"keys\":[" A3_KEY(",\"kid\":\"a\"") "]}", "b", "ES256", false, false},
		{"{\"keys\":[" A3_KEY("") "]}", "a", "ES256", false, false},
		{"{\"keys\":[" A3_KEY(",\"use\":\"enc\"") "]}", "", "ES256", false, false},
		{"{\"keys\":[" A3_KEY(",\"use\":\"sig\",\"alg\":\"ES256\"") "]}", "", "ES256", true, true},
		{"{\"keys\":[" A3_KEY(",\"alg\":\"RS256\"") "]}", "", "ES256", false, false},
		{"{\"keys\":[" A3_KEY("") "]}", "", "RS256", false, true},
		{"{\"keys\":[" A3_KEY("") "]}", "", "HS256", false, true},
		{"{\"keys\":[" A3_KEY("") "]}", "", "none", false, true},
		{"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}," A3_KEY("") "]}", "", "ES256", true, true},
		{"{\"keys\":[1,null,{\"kty\":\"new\"}," A3_KEY("") "]}", "", "ES256", true, true},
		{"{\"keys\":{}}", "", "ES256", false, false},
		{"[]", "", "ES256", false, false},
		{"no JSON", "", "ES256", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len;
		unsigned char *signature = base64_decode(mem, BASE64_URL_RAW, TEXT(A3_SIGNATURE), &len, NULL);
		bool known, right = jwks_verify(req, text_of(cases[i].jwks), text_of(cases[i].kid), cases[i].alg, TEXT(A3_INPUT),
						(struct text){(char *)signature, len}, &known);

		if (right != cases[i].right || known != cases[i].known)
			fail_msg("%zu: %s", i, cases[i].jwks);
	}
}

/* Section 14.2: a text names a standard claim, anything else is the value itself; what does not fit drops all of it. */
static void attributes_are_mapped(void **state)
{
	static const struct {
		const char *mapping, *claims;
	} cases[] = {
		{"{}", "{\"email_verified\":true,\"name\":\"N\",\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"full_name\":\"name\"}", "{\"email_verified\":true,\"full_name\":\"N\",\"name\":\"N\",\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"name\":null}", "{\"email_verified\":true,\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"name\":\"nickname\",\"other\":\"name\"}", "{\"email_verified\":true,\"name\":\"N\",\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"name\":null,\"slug\":7}", "{\"email_verified\":true,\"name\":\"N\",\"phone_verified\":false,\"sub\":\"s\"}"},
		{"{\"custom_claims\":{\"a\":1}}",
		 "{\"custom_claims\":{\"a\":1},\"email_verified\":true,\"name\":\"N\",\"phone_verified\":false,\"sub\":\"s\"}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct custom_provider custom = {.attribute_mapping = json(cases[i].mapping)};
		struct oauth_profile profile;

		profile_start(req, &profile);
		assert_int_equal(claims_standard(req, json("{\"sub\":\"s\",\"name\":\"N\",\"email_verified\":true}"), &profile), 0);
		custom_attributes(req, &custom, &profile);
		assert_string_equal(shown(profile.claims), cases[i].claims);
	}
}

/* Section 10.2: detection looks at the payload alone. */
static void the_payload_is_read_before_anything_is_verified(void **state)
{
	static const struct {
		const char *token, *issuer; /* NULL: unreadable */
	} cases[] = {
		{"!.eyJpc3MiOiJodHRwczovL2EifQ.!", "https://a"}, /* {"iss":"https://a"} */
		{".eyJpc3MiOiJodHRwczovL2EifQ.", "https://a"},
		{"a.e30.b", ""},
		{"a.eyJpc3MiOjV9.b", NULL}, /* {"iss":5} */
		{"a.eyJpc3MiOiJodHRwczovL2EifQ", NULL},
		{"a.eyJpc3MiOiJodHRwczovL2EifQ.b.c", NULL},
		{"a.eyJpc3MiOiJodHRwczovL2EifQ==.b", NULL},
		{"a.W10.b", NULL}, /* [] */
	};
	struct json_object *payload;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(id_token_peek(req, text_of(cases[i].token), &payload), cases[i].issuer ? 0 : -1);
		if (cases[i].issuer)
			assert_true(text_is(json_get_text(payload, "iss"), cases[i].issuer));
	}
}

static void audiences(void **state)
{
	(void)state;
	assert_true(audience_has(json("{\"aud\":\"a\"}"), TEXT("a")));
	assert_true(audience_has(json("{\"aud\":[\"b\",\"a\"]}"), TEXT("a")));
	assert_false(audience_has(json("{\"aud\":[\"ab\"]}"), TEXT("a")));
	assert_false(audience_has(json("{}"), TEXT("")));
	assert_int_equal(audience_list(req, json("{\"aud\":[\"b\",\"a\"]}")).count, 2);
	assert_int_equal(audience_list(req, json("{}")).count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parameters_are_sorted_and_escaped, start, stop),
		cmocka_unit_test_setup_teardown(twitter_signs_as_the_contract_says, start, stop),
		cmocka_unit_test_setup_teardown(urls_follow_the_override, start, stop),
		cmocka_unit_test_setup_teardown(answers_are_read_leniently, start, stop),
		cmocka_unit_test_setup_teardown(standard_claims_by_their_types, start, stop),
		cmocka_unit_test_setup_teardown(the_primary_address_settles, start, stop),
		cmocka_unit_test_setup_teardown(issuers_are_told_apart, start, stop),
		cmocka_unit_test_setup_teardown(tokens_are_mapped_by_issuer, start, stop),
		cmocka_unit_test_setup_teardown(wrong_types_refuse_a_token, start, stop),
		cmocka_unit_test_setup_teardown(keys_do_what_they_say, start, stop),
		cmocka_unit_test_setup_teardown(attributes_are_mapped, start, stop),
		cmocka_unit_test_setup_teardown(the_payload_is_read_before_anything_is_verified, start, stop),
		cmocka_unit_test_setup_teardown(audiences, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
