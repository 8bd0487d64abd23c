/* idp.c: clients, scopes, redirect URIs, codes' verifiers (contract 10). */
#include "tests/unit/http_fixture.h"

#include "cgi-src/idp/idp_int.h"

static void secrets_are_hashed_as_the_vector(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	char *one = client_secret_new(mem), *two = client_secret_new(mem);

	(void)state;
	assert_string_equal(client_secret_hash(mem, TEXT("test_secret")), "Ur_S3gouad_0UXUYWQrDKka9dmBuwiolj5lYSm5wrKI");
	assert_int_equal(strlen(one), 43);
	assert_string_not_equal(one, two);
	talloc_free(mem);
}

/* ---- which URIs (section 5.2) --------------------------------------------------------------------------------------------------------- */

#define NO_HOST "must have scheme and host"
#define HTTP_ONLY "HTTP scheme only allowed for localhost"

static void redirect_uris_are_checked(void **state)
{
	static const struct {
		const char *uri, *why;
	} cases[] = {
		{"https://a.io/cb", NULL},
		{"https://u:p@a.io/?q#", NULL},
		{"http://localhost:3000/cb", NULL},
		{"http://127.0.0.1/cb", NULL},
		{"http://[::1]/", NULL},
		{"myapp://cb", NULL},
		{"com.example.app://x/y", NULL},
		{"", "redirect URI cannot be empty"},
		{"https://a.io/%zz", "invalid URL format"},
		{"https://a.io/x,javascript://h/", "invalid URL format"},
		{"javascript:alert(1)", NO_HOST},
		{"about:blank", NO_HOST},
		{"file:///x", NO_HOST},
		{"myapp:/cb", NO_HOST},
		{"myapp:cb", NO_HOST},
		{"https:///cb", NO_HOST},
		{"foo", NO_HOST},
		{"javascript://h/x", "scheme 'javascript' is not allowed for security reasons"},
		{"JavaScript://h/x", "scheme 'javascript' is not allowed for security reasons"},
		{"data://h/x", "scheme 'data' is not allowed for security reasons"},
		{"http://evil.io/cb", HTTP_ONLY},
		{"HTTP://evil.io/", HTTP_ONLY},
		{"http://LOCALHOST/", HTTP_ONLY},
		{"http://localhost.evil.io/", HTTP_ONLY},
		{"http://localhost@evil.io/", HTTP_ONLY},
		{"https://a.io/#f", "fragment not allowed in redirect URI"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = redirect_uri_complaint(mem, text_of(cases[i].uri));

		if (!why != !cases[i].why || (why && strcmp(why, cases[i].why) != 0))
			complain("%s: %s", cases[i].uri, why ? why : "accepted");
	}
	talloc_free(mem);
}

static void shown_uris_are_checked(void **state)
{
	static const char *const good[] = {"",	 "*",	 "mailto:x", "javascript:alert(1)", "/logo.png", "/x", "https://a/x#y", "https://a.io?x=%zz",
					   "a:", "//x/y"};
	static const char *const bad[] = {"foo", "?a", "https://a b", " https://a", "https://a#b/", "/x%zz", "https://a/\n", "1a:x", ":x"};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!shown_uri_valid(mem, text_of(good[i])))
			complain("%s: refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (shown_uri_valid(mem, text_of(bad[i])))
			complain("%s: accepted", bad[i]);
	talloc_free(mem);
}

/* ---- where the browser goes (section 11) ---------------------------------------------------------------------------------------------- */

static void codes_are_put_into_redirect_uris(void **state)
{
	static const struct {
		const char *uri, *target;
	} cases[] = {
		{"https://a.io/cb", "https://a.io/cb?code=c0de&state=a+b%26c"},
		{"https://a.io", "https://a.io?code=c0de&state=a+b%26c"},
		{"https://a.io/cb?z=1&b=2&flag", "https://a.io/cb?b=2&code=c0de&flag=&state=a+b%26c&z=1"},
		{"https://a.io/cb?code=old&state=s", "https://a.io/cb?code=c0de&state=a+b%26c"},
		{"myapp://cb", "myapp://cb?code=c0de&state=a+b%26c"},
		{"HTTPS://A.io/c d", "https://A.io/c%20d?code=c0de&state=a+b%26c"},
		{"https://a.io/cb#", "https://a.io/cb?code=c0de&state=a+b%26c"},
		{"https://a.io/cb?x;y&q=%zz&p='", "https://a.io/cb?code=c0de&p=%27&state=a+b%26c"},
		{"https://b\xc3\xbc"
		 "cher.io/",
		 "https://b%C3%BCcher.io/?code=c0de&state=a+b%26c"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct request *req = fixture_request(mem, fixture_settings(mem), "GET", "/", NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oauth_authorization authorization = {.redirect_uri = text_of(cases[i].uri), .code = TEXT("c0de"), .state = TEXT("a b&c")};

		assert_text(redirect_with_code(req, &authorization), cases[i].target);
	}
	talloc_free(mem);
}

static void errors_are_put_into_redirect_uris(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct request *req = fixture_request(mem, fixture_settings(mem), "GET", "/", NULL, NULL);

	(void)state;
	assert_text(redirect_with_error(req, TEXT("https://a.io/cb"), "invalid_request", TEXT("only response_type=code is supported"), TEXT("q")),
		    "https://a.io/cb?error=invalid_request&error_description=only+response_type%3Dcode+is+supported&state=q");
	assert_text(redirect_with_error(req, TEXT("https://a.io/cb"), "access_denied", TEXT("User denied the request"), TEXT_NONE),
		    "https://a.io/cb?error=access_denied&error_description=User+denied+the+request");
	talloc_free(mem);
}

/* ---- scopes (section 3.4) --------------------------------------------------------------------------------------------------------------- */

static void scopes_are_split_at_blanks(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list list = oauth_scopes(mem, TEXT(" \topenid  email\tprofile email\n"));

	(void)state;
	assert_int_equal(list.count, 3);
	assert_text(list.items[0], "openid");
	assert_text(list.items[1], "email\tprofile");
	assert_text(list.items[2], "email");
	assert_text(texts_joined(mem, &list, ' '), "openid email\tprofile email");
	assert_int_equal(oauth_scopes(mem, TEXT("  ")).count, 0);
	assert_true(oauth_scope_has(mem, TEXT("a openid"), "openid"));
	assert_false(oauth_scope_has(mem, TEXT("openidx"), "openid"));
	talloc_free(mem);
}

/* ---- verifiers (RFC 7636, appendix B) ---------------------------------------------------------------------------------------------------- */

#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define MISMATCH "code challenge does not match previously saved code verifier"

static void verifiers_are_compared(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	assert_null(verifier_complaint(mem, CHALLENGE, "s256", TEXT(VERIFIER)));
	assert_null(verifier_complaint(mem, VERIFIER, "plain", TEXT(VERIFIER)));
	assert_string_equal(verifier_complaint(mem, CHALLENGE, "s256", TEXT(CHALLENGE)), MISMATCH);
	assert_string_equal(verifier_complaint(mem, CHALLENGE, "plain", TEXT(VERIFIER)), MISMATCH);
	assert_string_equal(verifier_complaint(mem, CHALLENGE, "s256", TEXT_NONE), "code_verifier is required when PKCE challenge is present");
	assert_string_equal(verifier_complaint(mem, CHALLENGE, "s512", TEXT(VERIFIER)), "code challenge method not supported");
	assert_null(verifier_complaint(mem, NULL, NULL, TEXT_NONE));
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_hashed_as_the_vector),
		cmocka_unit_test(redirect_uris_are_checked),
		cmocka_unit_test(shown_uris_are_checked),
		cmocka_unit_test(codes_are_put_into_redirect_uris),
		cmocka_unit_test(errors_are_put_into_redirect_uris),
		cmocka_unit_test(scopes_are_split_at_blanks),
		cmocka_unit_test(verifiers_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
