/* mail_link.c: links in mails (contract 06 section 8.3; RFC 3986 section 5.4 without its queries, which the link's own takes the place of). */
#include "tests/unit/http_fixture.h"

#include "cgi-src/mail/mail_int.h"

static void check(const char *base, const char *path, const char *target, const char *fragment)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req = fixture_request(mem, settings, "GET", "/", NULL, NULL);
	struct text link;

	settings->api.external_url = base;
	settings->mailer.url_paths[MAIL_RECOVERY] = path;
	if (mail_link(req, MAIL_MAGIC_LINK, "magiclink", TEXT("pkce_a1"), TEXT("https://a.io"), &link) < 0)
		complain("%s %s: %s", base, path, req->failure.cause);
	assert_text(link, format(mem, "%s?token=pkce_a1&type=magiclink&redirect_to=https://a.io%s", target, fragment));
	talloc_free(mem);
}

static void references(void **state)
{
	static const struct {
		const char *reference, *target, *fragment;
	} cases[] = {
		{"g", "http://a/b/c/g", ""},
		{"./g", "http://a/b/c/g", ""},
		{"g/", "http://a/b/c/g/", ""},
		{"/g", "http://a/g", ""},
		{"//g", "http://g", ""},
		{"?y", "http://a/b/c/d;p", ""},
		{"g?y", "http://a/b/c/g", ""},
		{"#s", "http://a/b/c/d;p", "#s"},
		{"g#s", "http://a/b/c/g", "#s"},
		{"g?y#s", "http://a/b/c/g", "#s"},
		{";x", "http://a/b/c/;x", ""},
		{"g;x", "http://a/b/c/g;x", ""},
		{".", "http://a/b/c/", ""},
		{"..", "http://a/b/", ""},
		{"../g", "http://a/b/g", ""},
		{"../..", "http://a/", ""},
		{"../../g", "http://a/g", ""},
		{"../../../g", "http://a/g", ""},
		{"/./g", "http://a/g", ""},
		{"/../g", "http://a/g", ""},
		{"g.", "http://a/b/c/g.", ""},
		{"./g/.", "http://a/b/c/g/", ""},
		{"g/../h", "http://a/b/c/h", ""},
		{"g;x=1/../y", "http://a/b/c/y", ""},
		{"https://o.io/x#", "https://o.io/x", ""},
		{"mailto:x@y", "mailto:x@y", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check("http://a/b/c/d;p?q", cases[i].reference, cases[i].target, cases[i].fragment);
}

static void bases(void **state)
{
	(void)state;
	check("https://h/auth/v1", "/verify", "https://h/verify", "");
	check("https://h/auth/v1", "verify", "https://h/auth/verify", "");
	check("https://h", "verify", "https://h/verify", "");
	check("https://h", "?x", "https://h", "");
	check("https://u:p@h:8443/a", "/v", "https://u:p@h:8443/v", "");
	check("http://[::1]:99/x", "/v", "http://[::1]:99/v", "");
	check("https://h", "", "https://h/verify", "");
	check("https://h", NULL, "https://h/verify", "");
	/* what may not stand in a URL is escaped, what is escaped stays */
	check("https://h", "/a b/\xc3\xbc", "https://h/a%20b/%C3%BC", "");
	check("https://h", "/a%2Fb'(c)", "https://h/a%2Fb'(c)", "");
	check("https://h", "/a#b c", "https://h/a", "#b%20c");
}

static void broken(void **state)
{
	static const char *const paths[] = {"/%zz", "/a\x7f", ":x", "//[::1"};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct text link;

	(void)state;
	settings->api.external_url = "https://h";
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		settings->mailer.url_paths[MAIL_INVITE] = paths[i];
		assert_int_equal(
			mail_link(fixture_request(mem, settings, "GET", "/", NULL, NULL), MAIL_INVITE, "invite", TEXT("a"), TEXT("b"), &link), -1);
	}
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(references), cmocka_unit_test(bases), cmocka_unit_test(broken)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
