/* refresh_token.c: the forms of refresh tokens against the vectors of contract 04 section 7.2. */
#include "tests/unit/test.h"

#include "latchkey/crypto.h"
#include "latchkey/session.h"

static const struct {
	int64_t counter;
	const char *token;
} vectors[] = {
	{0, "AD8rjB5aR00Om28cLT5PWmsAwm4cEWt8CgXQ6nI7GxtMoIcbcls"},    {1, "AD8rjB5aR00Om28cLT5PWmsBZ2eR5JDH3PZ7RadUb0gcgUPAYAI"},
	{127, "AD8rjB5aR00Om28cLT5PWmt_VBDZJQjXTs-Hy3M5OAb2VEVKRJk"},  {128, "AD8rjB5aR00Om28cLT5PWmuAAeylkz0wHF81LpUqJwZPSDNWtsuc"},
	{300, "AD8rjB5aR00Om28cLT5PWmusAuMCoQgVBeklNV7v5e3wFGJ7n8PW"}, {INT64_MAX, "AD8rjB5aR00Om28cLT5PWmv__________3_3Oyuo6WnVoO0mxdS17EhmPpOzmQ"},
};

static void counting_key(unsigned char key[32])
{
	for (int i = 0; i < 32; i++)
		key[i] = (unsigned char)i;
}

static void vectors_of_the_contract(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char key[32], zeros[32] = {0};
	struct uuid session, nil = {{0}};
	struct refresh_v2 parsed;

	(void)state;
	counting_key(key);
	assert_true(uuid_parse(TEXT("3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b"), &session));
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct text token = refresh_v2_make(mem, &session, vectors[i].counter, key);

		assert_true(text_is(token, vectors[i].token));
		assert_true(refresh_v2_parse(token, &parsed));
		assert_true(uuid_equal(&parsed.session, &session));
		assert_true(parsed.counter == vectors[i].counter);
		assert_true(refresh_v2_verify(&parsed, key));
		assert_false(refresh_v2_verify(&parsed, zeros));
	}
	assert_true(text_is(refresh_v2_make(mem, &nil, 0, zeros), "AAAAAAAAAAAAAAAAAAAAAAAAP9aRk-6XCL3qEQuinyNf8s39HoY"));
	talloc_free(mem);
}

static void a_changed_character_is_no_token(void **state)
{
	struct refresh_v2 parsed;

	(void)state;
	for (size_t i = 0; i < 50; i++) { /* the last character has unused bits */
		char token[64];

		strcpy(token, vectors[0].token);
		token[i] = token[i] == 'x' ? 'y' : 'x';
		assert_false(refresh_v2_parse(text_of(token), &parsed));
	}
}

static void what_is_no_token(void **state)
{
	static const char *const cases[] = {
		"",
		"AAAAAAAAAAAA",
		"------------",
		"0000000000000",
		"0123456abcde",
		"AD8rjB5aR00Om28cLT5PWmsAwm4cEWt8CgXQ6nI7GxtMoIcbcls=",
		"AD8rjB5aR00Om28cLT5PWmsAwm4cEWt8CgXQ6nI7GxtMoIcbcl",
		"AD8rjB5aR00Om28cLT5PWmsAwm4cEWt8CgXQ6nI7GxtMoIcbclsA",
	};
	struct refresh_v2 parsed;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(refresh_v2_parse(text_of(cases[i]), &parsed));
}

/* A token of these bytes between session id and checksum. */
static struct text token_with(TALLOC_CTX *mem, unsigned char version, const unsigned char *rest, size_t len)
{
	unsigned char bytes[80] = {version}, digest[32];

	memcpy(bytes + 17, rest, len);
	sha256((struct text){(char *)bytes, 17 + len}, digest);
	memcpy(bytes + 17 + len, digest, 4);
	return text_of(base64_encode(mem, BASE64_URL_RAW, bytes, 17 + len + 4));
}

static void counters_at_their_bounds(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char rest[40] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
	struct refresh_v2 parsed;

	(void)state;
	assert_true(refresh_v2_parse(token_with(mem, 0, rest, 26), &parsed)); /* 2^64-1 */
	assert_true(parsed.counter == INT64_MAX);
	assert_false(refresh_v2_parse(token_with(mem, 1, rest, 26), &parsed));
	assert_false(refresh_v2_parse(token_with(mem, 0, rest, 25), &parsed)); /* 15 bytes are no signature */
	assert_false(refresh_v2_parse(token_with(mem, 0, rest, 27), &parsed));
	rest[9] = 2; /* more than 64 bits */
	assert_false(refresh_v2_parse(token_with(mem, 0, rest, 26), &parsed));
	memset(rest, 0xff, sizeof(rest)); /* never ends */
	assert_false(refresh_v2_parse(token_with(mem, 0, rest, 17), &parsed));
	assert_false(refresh_v2_parse(token_with(mem, 0, rest, 26), &parsed));
	talloc_free(mem);
}

static void tokens_of_the_old_form(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (int i = 0; i < 100; i++) {
		char *token = refresh_v1_new(mem);

		assert_int_equal(strlen(token), 12);
		assert_int_equal(strspn(token, "abcdefghijklmnopqrstuvwxyz234567"), 12);
	}
	assert_string_not_equal(refresh_v1_new(mem), refresh_v1_new(mem));
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_contract),  cmocka_unit_test(a_changed_character_is_no_token), cmocka_unit_test(what_is_no_token),
		cmocka_unit_test(counters_at_their_bounds), cmocka_unit_test(tokens_of_the_old_form),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
