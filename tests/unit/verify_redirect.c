/* verify_redirect.c: where links from mails end (contract 06 section 5.6, checks 35 to 43), and which URLs are written how. */
#include "tests/unit/http_fixture.h"

#include "cgi-src/api/external.h"
#include "cgi-src/api/verify.h"

static struct request *asked(TALLOC_CTX *mem, const char *target)
{
	struct settings *settings = fixture_settings(mem);

	fixture_allow(settings, "https://app.example.com/**,http://localhost:3000/**,myapp://**,com.app:**");
	return fixture_request(mem, settings, "GET", format(mem, "/verify?redirect_to=%s", query_escape(mem, text_of(target)).data), NULL, NULL);
}

static void failures(void **state)
{
	static const struct {
		const char *target;
		bool pkce;
		int status;
		const char *code, *message, *location;
	} cases[] = {
		{"https://app.example.com", false, 403, "otp_expired", "Email link is invalid or has expired",
		 "https://app.example.com#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb="},
		{"https://app.example.com/a?z=1&error=mine&a=2#old", true, 403, "otp_expired", "Email link is invalid or has expired",
		 "https://app.example.com/"
		 "a?a=2&error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&z=1"
		 "#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb="},
		/* without PKCE the query stays as it is */
		{"https://app.example.com/a?z=1&b=%20&a=2#old", false, 400, "validation_failed", "Invalid email verification type",
		 "https://app.example.com/a?z=1&b=%20&a=2"
		 "#error=invalid_request&error_code=validation_failed&error_description=Invalid+email+verification+type&sb="},
		/* escaped once in the query, twice in the fragment */
		{"https://app.example.com/", true, 400, "flow_state_not_found",
		 "No associated flow state found. 422: No valid flow state found for user.",
		 "https://app.example.com/"
		 "?error=invalid_request&error_code=flow_state_not_found&error_description="
		 "No+associated+flow+state+found.+422%3A+No+valid+flow+state+found+for+user."
		 "#error=invalid_request&error_code=flow_state_not_found&error_description="
		 "No+associated+flow+state+found.+422%253A+No+valid+flow+state+found+for+user.&sb="},
		/* a hook's refusal has no code; a status beside the five has no name */
		{"https://app.example.com", false, 403, NULL, "not today",
		 "https://app.example.com#error=access_denied&error_code=&error_description=not+today&sb="},
		{"https://app.example.com", false, 422, "x", "y", "https://app.example.com#error_code=x&error_description=y&sb="},
		{"https://app.example.com", false, 500, "x", "y", "https://app.example.com#error=server_error&error_code=x&error_description=y&sb="},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = asked(mem, cases[i].target);

		fail(req, cases[i].status, cases[i].code, "%s", cases[i].message);
		assert_int_equal(verify_redirect_failure(req, cases[i].pkce), 0);
		assert_int_equal(req->http->status, 303);
		assert_string_equal(fixture_header(req, "Location", 0), cases[i].location);
		assert_false(failed(req));
	}
	talloc_free(mem);
}

#define ACCEPTED "message=Confirmation+link+accepted.+Please+proceed+to+confirm+link+sent+to+the+other+email"

static void first_of_two(void **state)
{
	static const struct {
		const char *target;
		bool pkce;
		const char *location;
	} cases[] = {
		{"https://app.example.com/z?y=2&message=mine&b=1#frag", true, "https://app.example.com/z?b=1&" ACCEPTED "&y=2#" ACCEPTED "&sb="},
		{"https://app.example.com/z?y=2&message=mine&b=1", false, "https://app.example.com/z?b=1&message=mine&y=2#" ACCEPTED "&sb="},
		{"https://app.example.com", false, "https://app.example.com#" ACCEPTED "&sb="},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = asked(mem, cases[i].target);

		assert_int_equal(verify_redirect_half(req, cases[i].pkce), 0);
		assert_string_equal(fixture_header(req, "Location", 0), cases[i].location);
	}
	talloc_free(mem);
}

static void codes(void **state)
{
	static const char *const cases[][2] = {
		{"https://app.example.com/cb", "https://app.example.com/cb?code=c"},
		{"https://app.example.com/cb?z=a%20b&code=old&a=1&a=0#frag", "https://app.example.com/cb?a=1&a=0&code=c&z=a+b#frag"},
		{"https://app.example.com", "https://app.example.com?code=c"},
		{"http://localhost:3000/#/", "http://localhost:3000/?code=c#/"},
		{"myapp://cb", "myapp://cb?code=c"},
		{"https://app.example.com/a\"b?x=%zz&y=1", "https://app.example.com/a%22b?code=c&y=1"},
		{"com.app:cb?x=1", "com.app:cb?code=c&x=1"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = asked(mem, cases[i][0]);

		assert_int_equal(verify_redirect_code(req, TEXT("c")), 0);
		assert_string_equal(fixture_header(req, "Location", 0), cases[i][1]);
	}
	talloc_free(mem);
}

/* Apps with hash routes rely on it (check 39). */
static void tokens_are_appended_as_text(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct request *req = asked(mem, "http://localhost:3000/#/");
	struct tokens tokens = {.access_token = TEXT("a.b.c"), .refresh_token = TEXT("r"), .expires_at = 5};
	const char *location;

	(void)state;
	assert_int_equal(verify_redirect_tokens(req, &tokens, "signup"), 0);
	location = fixture_header(req, "Location", 0);
	assert_true(text_starts(text_of(location), "http://localhost:3000/#/#access_token=a.b.c&expires_at=5&expires_in="));
	assert_non_null(strstr(location, "&refresh_token=r&sb=&token_type=bearer&type=signup"));
	talloc_free(mem);
}

/* A forged target is judged again (section 14). */
static void a_target_that_is_not_allowed(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct request *req = asked(mem, "https://evil.test/x");

	(void)state;
	verify_redirect_code(req, TEXT("c"));
	assert_string_equal(fixture_header(req, "Location", 0), "https://app.example.com?code=c");
	talloc_free(mem);
}

/* In query and fragment, also what stands behind a NUL. */
static void a_message_is_told_whole(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct request *req = asked(mem, "https://app.example.com");

	(void)state;
	fail_text(req, 403, NULL, TEXT("not\0you"));
	assert_int_equal(callback_redirect_failure(req, TEXT("https://app.example.com")), 0);
	assert_string_equal(fixture_header(req, "Location", 0), "https://app.example.com?error=access_denied&error_code=&error_description=not%00you"
								"#error=access_denied&error_description=not%2500you&sb=");
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures),
		cmocka_unit_test(first_of_two),
		cmocka_unit_test(a_message_is_told_whole),
		cmocka_unit_test(codes),
		cmocka_unit_test(tokens_are_appended_as_text),
		cmocka_unit_test(a_target_that_is_not_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
