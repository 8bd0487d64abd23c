/* verify_page.c: every language of the page of a link has all it needs, and is found by the browser's wish. */
#include "tests/unit/http_fixture.h"

#include "cgi-src/api/verify.h"

static const struct verify_words *asked(TALLOC_CTX *mem, const char *languages)
{
	const char *header = languages ? format(mem, "HTTP_ACCEPT_LANGUAGE=%s", languages) : NULL;

	return verify_words(fixture_request(mem, fixture_settings(mem), "GET", "/verify", NULL, header, NULL));
}

/* It goes into the page as it stands. */
static void assert_fit(const char *words)
{
	assert_non_null(words);
	assert_true(words[0] != '\0' && utf8_valid(text_of(words)));
	assert_null(strpbrk(words, "<>&\"%"));
}

static void words_are_whole(void **state)
{
	static const char *const languages[] = {"en", "de", "fr", "es", "it", "pt", "nl"};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		const struct verify_words *words = asked(mem, languages[i]);

		assert_string_equal(words->language, languages[i]);
		assert_fit(words->explanation);
		assert_fit(words->button);
		for (enum verify_purpose purpose = 0; purpose < VERIFY_PURPOSES; purpose++)
			assert_fit(words->titles[purpose]);
	}
	talloc_free(mem);
}

static void languages_by_wish(void **state)
{
	static const struct {
		const char *asked, *language;
	} cases[] = {
		{NULL, "en"}, {"", "en"}, {"tlh", "en"}, {"pt-BR,en;q=0.5", "pt"}, {"ja, NL-be ;q=0.9", "nl"}, {"fr-CH, de", "fr"}, {"deu", "en"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(asked(mem, cases[i].asked)->language, cases[i].language);
	talloc_free(mem);
}

static void fetching_ahead(void **state)
{
	static const struct {
		const char *header;
		bool ahead;
	} cases[] = {
		{"HTTP_SEC_PURPOSE=prefetch", true},	 {"HTTP_SEC_PURPOSE=prefetch;prerender", true},
		{"HTTP_PURPOSE=Prefetch", true},	 {"HTTP_X_MOZ=prefetch", true},
		{"HTTP_X_PURPOSE=preview", true},	 {"HTTP_SEC_PURPOSE=", false},
		{"HTTP_SEC_FETCH_MODE=navigate", false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(verify_is_prefetch(fixture_request(mem, fixture_settings(mem), "GET", "/verify", NULL, cases[i].header, NULL)),
				 cases[i].ahead);
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_whole),
		cmocka_unit_test(languages_by_wish),
		cmocka_unit_test(fetching_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
