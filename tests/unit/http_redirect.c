/* http_redirect.c: URLs, patterns and the redirect allow-list against the tables of contract 01 sections 11.4 and 13. */
#include "tests/unit/http_fixture.h"

#include <time.h>

/* ---- patterns ---- */

static bool matches(const char *pattern, const char *text)
{
	const char *why = NULL;
	struct glob *glob = glob_compile(NULL, text_of(pattern), &why);
	bool yes;

	assert_non_null(glob);
	yes = glob_match(glob, text_of(text));
	talloc_free(glob);
	return yes;
}

static void patterns_of_the_dialect(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool yes;
	} cases[] = {
		{"*", "abc", true},
		{"*", "", true},
		{"*", "a.b", false},
		{"*", "a/b", false},
		{"a*c", "abbc", true},
		{"a*c", "ab/c", false},
		{"**", "a/b.c", true},
		{"a**c", "ac", true},
		{"a**b**c", "a/b/c", true},
		{"a**b**c", "a/c", false},
		{"****", "", true},
		{"***", "", false},
		{"***", "/", true},
		{"a***", "a", false},
		{"?", "x", true},
		{"?", ".", false},
		{"?", "/", false},
		{"?", "\xe2\x82\xac", true}, /* one code point */
		{"??", "\xe2\x82\xac", false},
		{"[abc]x", "bx", true},
		{"[abc]x", "dx", false},
		{"[!abc]", "d", true},
		{"[!abc]", "a", false},
		{"[./]", "/", true},
		{"[!a]", "/", true}, /* separators mean nothing in a class */
		{"[a-c]", "b", true},
		{"[a-c]", "-", false},
		{"[!a-c]", "b", false},
		{"[!a-c]", "d", true},
		{"[-ab]", "-", true},
		{"[ab-]", "-", true},
		{"[\\]]", "]", true},
		{"[\\a]", "a", true},
		{"{ab,cd}", "cd", true},
		{"{ab,cd}", "ad", false},
		{"x{a,{b,c}d}y", "xcdy", true},
		{"x{a,{b,c}d}y", "xay", true},
		{"x{a,{b,c}d}y", "xby", false},
		{"{ab", "ab", true}, /* unterminated: tolerated */
		{"{p}", "p", true},
		{"{a*,b}/c", "axx/c", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"a\\", "a", true},
		{"a]b", "a]b", true},
		{"a}b,c", "a}b,c", true},
		{"", "", false},
		{"", "a", false},
		{"http://localhost:3000/*", "http://localhost:3000/cb", true},
		{"http://localhost:3000/*", "http://localhost:3000/cb?x=1", true},
		{"http://localhost:3000/*", "http://localhost:3000/", true},
		{"http://localhost:3000/*", "http://localhost:3000", false},
		{"http://localhost:3000/*", "http://localhost:3000/a/b", false},
		{"http://localhost:3000/*", "http://localhost:3000/cb.html", false},
		{"http://localhost:3000/*", "http://localhost:3000/cb?v=1.5", false},
		/* quirk a: both ends, no length */
		{"https://a.io/**/", "https://a.io/", true},
		{"https://a.io/**/", "https://a.io/x", false},
		{"https://a.io/**/", "https://a.io/x/", true},
		{"ab**bc", "abc", true},
		{"a\\b**bc", "abc", true},
		{"[a]b**bc", "abc", false}, /* only between literals */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (matches(cases[i].pattern, cases[i].text) != cases[i].yes)
			complain("%s on %s", cases[i].pattern, cases[i].text);
}

static void patterns_that_stop_the_start(void **state)
{
	static const char *const bad[] = {"[", "[a", "[]", "[!]", "[!", "[c-a]", "[a-cd]", "[a-", "[a-c", "a\xff", "[\\"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = NULL;

		if (glob_compile(NULL, text_of(bad[i]), &why))
			complain("%s was taken", bad[i]);
		assert_non_null(why);
	}
}

static void a_hostile_pattern_takes_no_time(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct buffer *pattern = buffer_new(mem, 64), *text = buffer_new(mem, 64);
	clock_t start = clock();

	(void)state;
	for (int i = 0; i < 200; i++)
		buffer_string(pattern, "**a*?");
	for (int i = 0; i < 20000; i++)
		buffer_char(text, 'a');
	buffer_char(text, '/');
	(void)matches(pattern->data, text->data);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	talloc_free(mem);
}

/* ---- URLs ---- */

static void urls_that_parse(void **state)
{
	static const struct {
		const char *text, *scheme, *host, *port, *path;
	} cases[] = {
		{"https://app.example.com/a?b#c", "https", "app.example.com", "", "/a"},
		{"HTTPS://Example.com:8443/x", "https", "Example.com", "8443", "/x"},
		{"https://user:pw@example.com/x", "https", "example.com", "", "/x"},
		{"http://[::1]:9/x", "http", "::1", "9", "/x"},
		{"http://[fe80::1%25eth0]/", "http", "fe80::1%eth0", "", "/"},
		{"http://a:/", "http", "a", "", "/"},
		{"app:a", "app", "", "", ""},
		{"myapp://cb/x?y=1#z", "myapp", "cb", "", "/x"},
		{"myapp://a:b:80", "myapp", "a:b", "80", ""}, /* the last colon */
		{"//host/x", "", "host", "", "/x"},
		{"///x", "", "", "", "///x"},
		{"/x", "", "", "", "/x"},
		{"example.com", "", "", "", "example.com"},
		{"1http://x", NULL, NULL, NULL, NULL}, /* no scheme, and a colon in the first segment */
		{"https://evil?.example.com/", "https", "evil", "", ""},
		{"https://a/#\x01", "https", "a", "", "/"}, /* control characters pass in fragments */
		{"https://%e2%82%ac/", "https", "\xe2\x82\xac", "", "/"},
		{":x", NULL, NULL, NULL, NULL},
		{"https://a\\b@c/", NULL, NULL, NULL, NULL},
		{"https://a b/", NULL, NULL, NULL, NULL},
		{"https://a/\x7f", NULL, NULL, NULL, NULL},
		{"https://a/\n", NULL, NULL, NULL, NULL},
		{"https://a/%zz", NULL, NULL, NULL, NULL},
		{"https://a/#%zz", NULL, NULL, NULL, NULL},
		{"https://a%41/", NULL, NULL, NULL, NULL},
		{"https://a:b/", NULL, NULL, NULL, NULL},
		{"https://a:80:80/", NULL, NULL, NULL, NULL}, /* the first colon */
		{"https://[::1/", NULL, NULL, NULL, NULL},
		{"https://[::1]x/", NULL, NULL, NULL, NULL},
		{"https://[1.2.3.4]/", NULL, NULL, NULL, NULL},
		{"https://[v1.x]/", NULL, NULL, NULL, NULL},
		{"a:b/c:d", "a", "", "", ""},
		{"a/b:c", "", "", "", "a/b:c"},
		{"a+b?:c", "", "", "", "a+b"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;
		struct url url;
		bool parses = url_parse(mem, text_of(cases[i].text), &url, &why) == 0;

		if (parses != (cases[i].scheme != NULL))
			complain("%s: %s", cases[i].text, parses ? "was taken" : why);
		if (!parses)
			continue;
		assert_text(url.scheme, cases[i].scheme);
		assert_text(url.host, cases[i].host);
		assert_text(url.port, cases[i].port);
		assert_text(url.path, cases[i].path);
	}
	talloc_free(mem);
}

/* ---- the allow-list ---- */

static void check_allowed(const char *site, const char *list, const char *candidate, bool yes)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	settings->site_url = site;
	fixture_allow(settings, list);
	if (redirect_allowed(settings, text_of(candidate)) != yes)
		complain("%s for %s with %s", candidate, site, list);
	talloc_free(mem);
}

static void redirects_by_pattern(void **state)
{
	static const char list[] = "http://localhost:3000/*,https://*.example.com/**,https://**.example.org/**,https://partner.test,myapp://**,"
				   "http://10.0.0.1/**,http://2130706433/**,https://ev_il.example.com/,https://ok.test/**, https://p.test";
	static const struct {
		const char *candidate;
		bool yes;
	} cases[] = {
		{"https://x.example.com/a/b.c", true},
		{"https://x.example.com/#f", true},
		{"https://x.example.com", false},
		{"https://a.b.example.com/", false},
		{"https://evil.org/.example.com/", false},
		{"https://evil?.example.com/", true},
		{"https://evil.org/.example.org/", true},
		{"https://partner.test", true},
		{"https://partner.test#x", true},
		{"https://partner.test/", false},
		{"https://partner.test?x", false},
		{"myapp://cb/x?y=1#z", true},
		{"MYAPP://cb", false},
		{"myapp://10.0.0.1", false},
		{"http://10.0.0.1/x", false},
		{"http://2130706433/", false},
		{"https://ev_il.example.com/", false},
		{"https://ok.test/x", true},
		{"https://ok.test./x", false},
		{"https://p.test", false}, /* the item begins with a blank */
		{"http://127.0.0.1:1/x", true},
		{"http://127.9.9.9/", true},
		{"http://[::1]:9/x", true},
		{"http://[::ffff:127.0.0.1]/", true},
		{"myapp://127.0.0.1", true},
		{"http://0.0.0.0/", false},
		{"http://[2001:db8::1]/x", false},
		{"http://0x7f.0.0.1/", false},
		{"http://127.1/", false},
		{"http://127.0.0.01/", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_allowed("https://app.example.com", list, cases[i].candidate, cases[i].yes);
}

static void redirects_to_the_site(void **state)
{
	static const struct {
		const char *site, *candidate;
		bool yes;
	} cases[] = {
		{"https://example.com/base", "https://example.com", true},
		{"https://example.com/base", "https://example.com/x?y=1#z", true},
		{"https://example.com/base", "HTTPS://example.com/x", true},
		{"https://example.com/base", "https://user:pw@example.com/x", true},
		{"https://example.com/base", "http://example.com/x", false},
		{"https://example.com/base", "https://example.com:8443/x", false},
		{"https://example.com/base", "https://example.com:443/x", false},
		{"https://example.com/base", "https://Example.com/x", false},
		{"https://example.com/base", "https://example.com.evil.org/", false},
		{"https://example.com/base", "https://sub.example.com/", false},
		{"https://example.com/base", "//example.com/x", false},
		{"https://example.com/base", "/x", false},
		{"https://example.com/base", "example.com", false},
		{"http://localhost:3000", "http://localhost:8080/x", true},
		{"http://localhost:3000", "https://localhost:8080/x", false},
		{"http://a.localhost:1", "http://a.localhost:2", true},
		{"app:a", "app:b", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_allowed(cases[i].site, "", cases[i].candidate, cases[i].yes);
}

static void schemes_that_run_script_are_refused_whatever_the_list_says(void **state)
{
	static const char *const bad[] = {"javascript:alert(1)", "JavaScript://x/%0aalert(1)", "data:text/html,x", "vbscript:x",
					  "javascript://127.0.0.1/%0aalert(1)"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_allowed("https://app.example.com", "**", bad[i], false);
	check_allowed("https://app.example.com", "**", "myapp:x", true);
	check_allowed("https://app.example.com", "**", "https://any.test/", true);
}

static void the_first_allowed_is_the_referrer(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req;

	(void)state;
	fixture_allow(settings, "");
	req = fixture_request(mem, settings, "GET", "/verify", NULL, NULL);
	assert_text(redirect_referrer(req), "https://app.example.com");
	req = fixture_request(mem, settings, "GET", "/verify?redirect_to=https%3A%2F%2Fapp.example.com%2Fq", NULL,
			      "HTTP_REFERER=https://app.example.com/r", NULL);
	assert_text(redirect_referrer(req), "https://app.example.com/q");
	req = fixture_request(mem, settings, "GET", "/verify?redirect_to=https://evil.test/", NULL, "HTTP_REFERER=https://app.example.com/r", NULL);
	assert_text(redirect_referrer(req), "https://app.example.com/r");
	req = fixture_request(mem, settings, "GET", "/verify?redirect_to=https://app.example.com/q", NULL, "HTTP_REDIRECT_TO=https://evil.test/",
			      NULL);
	assert_text(redirect_referrer(req), "https://app.example.com");
	talloc_free(mem);
}

/* ---- addresses ---- */

static void addresses_in_their_one_form(void **state)
{
	static const char *const cases[][2] = {
		{"127.0.0.1", "127.0.0.1"},
		{"255.255.255.255", "255.255.255.255"},
		{"2001:DB8:0::1", "2001:db8::1"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
		{"1:0:0:2:3:0:0:4", "1::2:3:0:0:4"},
		{"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
		{"::ffff:10.0.0.1", "10.0.0.1"},
		{"::ffff:a00:1", "10.0.0.1"},
		{"::1.2.3.4", "::102:304"},
		{"01.2.3.4", NULL},
		{"1.2.3", NULL},
		{"1.2.3.256", NULL},
		{"0x7f.0.0.1", NULL},
		{"127.1", NULL},
		{"1.2.3.4:80", NULL},
		{"[::1]", NULL},
		{"fe80::1%eth0", NULL},
		{"1::2::3", NULL},
		{" 1.2.3.4", NULL},
		{"", NULL},
		{"unknown", NULL},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text canonical;
		bool valid = ip_canonical(mem, text_of(cases[i][0]), &canonical);

		if (valid != (cases[i][1] != NULL))
			complain("%s", cases[i][0]);
		if (valid)
			assert_text(canonical, cases[i][1]);
	}
	talloc_free(mem);
}

static void addresses_in_networks(void **state)
{
	struct text items[] = {TEXT("10.0.0.0/8"), TEXT("192.168.1.128/25"), TEXT("2001:db8::/33"), TEXT("::1"), TEXT("nonsense")};
	struct text_list list = {.items = items, .count = 5, .set = true};

	(void)state;
	assert_true(ip_in_list(TEXT("10.255.0.1"), &list));
	assert_false(ip_in_list(TEXT("11.0.0.1"), &list));
	assert_true(ip_in_list(TEXT("192.168.1.200"), &list));
	assert_false(ip_in_list(TEXT("192.168.1.100"), &list));
	assert_true(ip_in_list(TEXT("2001:db8:7fff::1"), &list));
	assert_false(ip_in_list(TEXT("2001:db8:8000::1"), &list));
	assert_true(ip_in_list(TEXT("::1"), &list));
	assert_false(ip_in_list(TEXT(""), &list));
	assert_true(ip_network_valid(TEXT("0.0.0.0/0")));
	assert_false(ip_network_valid(TEXT("10.0.0.0/33")));
	assert_false(ip_network_valid(TEXT("10.0.0.0/")));
	assert_false(ip_network_valid(TEXT("10.0.0.0/-1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_of_the_dialect),
		cmocka_unit_test(patterns_that_stop_the_start),
		cmocka_unit_test(a_hostile_pattern_takes_no_time),
		cmocka_unit_test(urls_that_parse),
		cmocka_unit_test(redirects_by_pattern),
		cmocka_unit_test(redirects_to_the_site),
		cmocka_unit_test(schemes_that_run_script_are_refused_whatever_the_list_says),
		cmocka_unit_test(the_first_allowed_is_the_referrer),
		cmocka_unit_test(addresses_in_their_one_form),
		cmocka_unit_test(addresses_in_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
