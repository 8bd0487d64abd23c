/* base.c: text, ids, time, durations, encodings against the contract's and the RFCs' values. */
#include "tests/unit/test.h"

#include "latchkey/base.h"

static void durations_of_the_contract(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why = NULL;
	duration span;

	(void)state;
	assert_true(duration_parse(mem, TEXT("1h30m"), &span, &why));
	assert_int_equal(span, 90 * MINUTE);
	assert_true(duration_parse(mem, TEXT("1.5h"), &span, &why));
	assert_int_equal(span, 90 * MINUTE);
	assert_true(duration_parse(mem, TEXT("-5m"), &span, &why));
	assert_int_equal(span, -5 * MINUTE);
	assert_true(duration_parse(mem, TEXT("0"), &span, &why));
	assert_int_equal(span, 0);
	assert_false(duration_parse(mem, TEXT("never"), &span, &why));
	assert_string_equal(why, "time: invalid duration \"never\"");
	assert_false(duration_parse(mem, TEXT("24"), &span, &why));
	assert_string_equal(why, "time: missing unit in duration \"24\"");
	assert_false(duration_parse(mem, TEXT("1d"), &span, &why));
	assert_string_equal(why, "time: unknown unit \"d\" in duration \"1d\"");
	assert_false(duration_parse(mem, TEXT("1.2.3h"), &span, &why));
	assert_string_equal(why, "time: missing unit in duration \"1.2.3h\"");
	assert_false(duration_parse(mem, TEXT(""), &span, &why));
	assert_string_equal(why, "time: invalid duration \"\"");
	assert_false(duration_parse(mem, TEXT("9223372037s"), &span, &why));
	assert_string_equal(duration_string(mem, -HOUR), "-1h0m0s");
	assert_string_equal(duration_string(mem, 0), "0s");
	assert_string_equal(duration_string(mem, 1500 * MILLISECOND), "1.5s");
	assert_string_equal(duration_string(mem, -1), "-1ns");
	talloc_free(mem);
}

static void base64_and_base32_of_rfc_4648(void **state)
{
	static const char *const vectors[][3] = {
		{"", "", ""}, {"f", "Zg==", "my"}, {"fo", "Zm8=", "mzxq"}, {"foo", "Zm9v", "mzxw6"}, {"foobar", "Zm9vYmFy", "mzxw6ytboi"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	size_t len, bad;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const char *plain = vectors[i][0];
		unsigned char *back;

		assert_string_equal(base64_encode(mem, BASE64_STD, plain, strlen(plain)), vectors[i][1]);
		assert_string_equal(base32_lower_raw(mem, plain, strlen(plain)), vectors[i][2]);
		back = base64_decode(mem, BASE64_STD, text_of(vectors[i][1]), &len, NULL);
		assert_non_null(back);
		assert_int_equal(len, strlen(plain));
		assert_memory_equal(back, plain, len);
	}
	assert_null(base64_decode(mem, BASE64_URL_RAW, TEXT("ab+d"), &len, &bad));
	assert_int_equal(bad, 2);
	assert_null(base64_decode(mem, BASE64_URL_RAW, TEXT("abcde"), &len, &bad));
	assert_null(base64_decode(mem, BASE64_STD, TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA====="), &len, &bad));
	assert_int_equal(bad, 32);
	assert_null(base64_decode(mem, BASE64_STD, TEXT("AAAAA"), &len, &bad));
	assert_int_equal(bad, 4);
	assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
	talloc_free(mem);
}

static void uuids_in_every_spelling(void **state)
{
	static const char *const good[] = {
		"3F2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b",		 "3f2b8c1e5a474d0e9b6f1c2d3e4f5a6b",
		"{3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b}",	 "{3f2b8c1e5a474d0e9b6f1c2d3e4f5a6b}",
		"urn:uuid:3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b",
	};
	static const char *const bad[] = {"",
					  "abc",
					  " 3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b",
					  "3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6g",
					  "3f2b8c1e5-a47-4d0e-9b6f-1c2d3e4f5a6b",
					  "URN:UUID:3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b"};
	struct uuid uuid;
	char out[UUID_TEXT_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(uuid_parse(text_of(good[i]), &uuid));
		uuid_format(&uuid, out);
		assert_string_equal(out, "3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_parse(text_of(bad[i]), &uuid));
}

static void moments_out_and_in(void **state)
{
	char out[MOMENT_TEXT_MAX];
	moment at;

	(void)state;
	moment_format(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
	moment_format(1700000000120000, out);
	assert_string_equal(out, "2023-11-14T22:13:20.12Z");
	moment_format(-62135596800000000, out);
	assert_string_equal(out, "0001-01-01T00:00:00Z");
	assert_true(moment_parse(TEXT("2023-11-15T00:13:20.123456789+02:00"), &at));
	assert_int_equal(at, 1700000000123456);
	assert_false(moment_parse(TEXT("2023-02-29T00:00:00Z"), &at));
	assert_false(moment_parse(TEXT("2023-02-28"), &at));
}

static void text_in_unicode(void **state)
{
	static const char *const words[] = {"a", "b\xc3\xa9", "c"};
	struct text rest = TEXT(" a\xc2\xa0"
				"b\xc3\xa9\n\xe3\x80\x80 c "),
		    word;
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	assert_true(text_is(text_lower(mem, TEXT("A\xc3\x89\xd0\x96Z@X")), "a\xc3\xa9\xd0\xb6z@x"));
	assert_true(text_is(utf8_repair(mem, TEXT("a\xff\xc3z")), "a\xef\xbf\xbd\xef\xbf\xbdz"));
	assert_false(utf8_valid(TEXT("\xed\xa0\x80")));
	assert_true(text_is(text_trim_unicode_space(TEXT(" \xc2\xa0 a b\t\n")), "a b"));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_true(text_next_word(&rest, &word));
		assert_true(text_is(word, words[i]));
	}
	assert_false(text_next_word(&rest, &word));
	assert_true(text_is(quote_go(mem, TEXT("a\"\\\n\x01\xff\xc2\xa0")), "\"a\\\"\\\\\\n\\x01\\xff\\u00a0\""));
	assert_true(text_is(query_escape(mem, TEXT("a b&\xc3\xa9~")), "a+b%26%C3%A9~"));
	talloc_free(mem);
}

/* Freed within a pool, its memory can still be looked at. */
static void secrets_are_wiped_when_they_are_freed(void **state)
{
	TALLOC_CTX *pool = talloc_pool(NULL, 1024);
	char *secret = talloc_strdup(pool, "a secret"), *plain = talloc_strdup(pool, "no secret");
	char zeros[9] = {0};

	(void)state;
	secret_hold(secret);
	secret_hold(NULL);
	talloc_free(secret);
	assert_memory_equal(secret, zeros, sizeof(zeros));
	assert_string_equal(plain, "no secret");
	talloc_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_of_the_contract), cmocka_unit_test(base64_and_base32_of_rfc_4648),
		cmocka_unit_test(uuids_in_every_spelling),   cmocka_unit_test(moments_out_and_in),
		cmocka_unit_test(text_in_unicode),	     cmocka_unit_test(secrets_are_wiped_when_they_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
