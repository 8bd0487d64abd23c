/* jose.c: keys, signatures and tokens against the contract's and the RFCs' values. */
#include "tests/unit/test.h"

#include "latchkey/crypto.h"
#include "latchkey/jose.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* RFC 7515 appendix A.1 */
#define A1_KEY "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define A1_TOKEN                                                                                          \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"                                                        \
	".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" \
	".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CLAIMS "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
/* appendix A.2 */
#define A2_N                                                                                                                   \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs" \
	"D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV" \
	"MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define A2_D                                                                                                                   \
	"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0" \
	"BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYT" \
	"CBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
#define A2_REST                                                                                                                      \
	"\"p\":\"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2"       \
	"KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc\",\"q\":\"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtC"     \
	"oHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rj"       \
	"cJIDEz9RWdc\",\"dp\":\"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJ"    \
	"eDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0\",\"dq\":\"h_96-mK1R_7glhsum81dZxjTnYynPbZp"    \
	"HziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_"       \
	"pbLBSp3nssTdlqvd0tIiTHU\",\"qi\":\"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuMV4zcT5u1KpVoC5T9d3W2tj9wlV8NLuvBQTJTwOaC0" \
	"Yv-p9eDJcaa7NGKqGFPmVtk5JjGvdQ5P3PHg5hRFu7mcUjyIKzULMoJSX4OPWVNDVSJOxvaaNJLTXHVjsDHQ\""
#define A2_SIGNATURE                                                                                                           \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ" \
	"cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e" \
	"OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define RSA(kid, ops)                                                                                                                               \
	"{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQAB\",\"d\":\"" A2_D "\"," A2_REST ",\"alg\":\"RS256\",\"kid\":\"" kid "\",\"key_ops\":[" ops \
	"]}"
/* appendix A.3 */
#define A3_PUBLIC                                                                                                        \
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_" \
	"tue659LNpXW6pCyStikYjKIWI5a0\""
#define A3_PRIVATE "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\""
#define A3_SIGNATURE "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
/* appendix A.4 */
#define A4_PUBLIC                                                                                                                              \
	"\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\"," \
	"\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\""
#define A4_PRIVATE "\"d\":\"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C\""
#define A4_SIGNATURE                                                                                                                    \
	"AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO" \
	"8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
/* RFC 7520 section 4.2 */
#define PSS_N                                                                                                                  \
	"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_Ns" \
	"YOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCu" \
	"EHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"
#define PSS_INPUT                                                                                                              \
	"eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9" \
	"kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmX" \
	"igJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
#define PSS_SIGNATURE                                                                                                          \
	"cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhi" \
	"USMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2X" \
	"ez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"
/* RFC 8037 appendix A */
#define ED_PUBLIC "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define ED_PRIVATE "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\""
#define ED_INPUT "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define ED_SIGNATURE "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

#define SIGN_OPS "\"key_ops\":[\"sign\",\"verify\"]"

static struct jose_keys *set_of(TALLOC_CTX *mem, const char *json, const char *secret, const char *key_id)
{
	const char *why = NULL;
	struct jose_keys *keys = jose_keys_make(mem, json ? text_of(json) : TEXT_NONE, text_of(secret), text_of(key_id), NULL, &why);

	if (!keys)
		print_error("%s\n", why);
	assert_non_null(keys);
	return keys;
}

static void assert_verifies(TALLOC_CTX *mem, const struct jose_keys *keys, struct text token)
{
	struct json_object *claims;
	const char *detail = NULL;

	if (jose_verify(mem, keys, token, &claims, &detail) < 0)
		print_error("%s\n", detail);
	assert_null(detail);
}

static void assert_refused(TALLOC_CTX *mem, const struct jose_keys *keys, const char *token, const char *expected)
{
	struct json_object *claims;
	const char *detail = NULL;

	assert_int_equal(jose_verify(mem, keys, text_of(token), &claims, &detail), -1);
	assert_string_equal(detail, expected);
}

/* A token of this header and payload with an HMAC under secret. */
static char *forged(TALLOC_CTX *mem, const char *header, const char *payload, struct text secret)
{
	unsigned char mac[32];
	char *input = format(mem, "%s.%s", base64_encode(mem, BASE64_URL_RAW, header, strlen(header)),
			     base64_encode(mem, BASE64_URL_RAW, payload, strlen(payload)));

	hmac_sha256(secret, text_of(input), mac);
	return format(mem, "%s.%s", input, base64_encode(mem, BASE64_URL_RAW, mac, 32));
}

/* ---- signing ----------------------------------------------------------------------------------------------------------- */

static void the_vector_of_contract_04(void **state)
{
	static const char payload[] =
		"{\"iss\":\"https://auth.example.com\",\"sub\":\"3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b\",\"aud\":\"authenticated\",\"exp\":1700003600,"
		"\"iat\":1700000000,\"email\":\"user@example.com\",\"phone\":\"\",\"app_metadata\":{\"provider\":\"email\",\"providers\":[\"email\"]}"
		","
		"\"user_metadata\":{\"a\":\"\\u003cb\\u003e \\u0026\"},\"role\":\"authenticated\",\"aal\":\"aal1\",\"amr\":[{\"method\":\"password\","
		"\"timestamp\":1700000000}],\"session_id\":\"11111111-1111-4111-8111-111111111111\",\"is_anonymous\":false}";
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(mem, NULL, "testsecret", "");
	struct text token = jose_sign(mem, keys, TEXT(payload));

	(void)state;
	assert_true(text_starts(token, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
	assert_string_equal(strrchr(token.data, '.') + 1, "XEv5BYYfnIIHIpWsGItaG6MrLjqkfWqDhBoqtMicerA");
	assert_string_equal(jose_signing_alg(keys), "HS256");
	assert_verifies(mem, keys, token);
	talloc_free(mem);
}

static void every_algorithm_signs_what_it_verifies(void **state)
{
	static const struct {
		const char *alg, *json;
		size_t signature_len;
	} cases[] = {
		{"HS256", "[{\"kty\":\"oct\",\"k\":\"" A1_KEY "\",\"kid\":\"k\",\"alg\":\"HS256\"," SIGN_OPS "}]", 43},
		{"RS256", "[" RSA("k", "\"sign\"") "]", 342},
		{"RS512", "[{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQAB\",\"d\":\"" A2_D "\",\"alg\":\"RS512\",\"kid\":\"k\"," SIGN_OPS "}]",
		 342},
		{"ES256", "[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\",\"kid\":\"k\"," SIGN_OPS "}]", 86},
		{"ES512", "[{" A4_PUBLIC "," A4_PRIVATE ",\"alg\":\"ES512\",\"kid\":\"k\"," SIGN_OPS "}]", 176},
		{"EdDSA", "[{" ED_PUBLIC "," ED_PRIVATE ",\"alg\":\"EdDSA\",\"kid\":\"k\"," SIGN_OPS "}]", 86},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct jose_keys *keys = set_of(mem, cases[i].json, "", "");
		struct text token = jose_sign(mem, keys, TEXT("{\"sub\":\"x\"}"));
		struct jose_parts parts;
		const char *detail;

		assert_string_equal(jose_signing_alg(keys), cases[i].alg);
		assert_int_equal(jose_split(mem, token, &parts, &detail), 0);
		assert_true(text_is(json_canonical(mem, parts.header), format(mem, "{\"alg\":\"%s\",\"kid\":\"k\",\"typ\":\"JWT\"}", cases[i].alg)));
		assert_int_equal(strlen(strrchr(token.data, '.') + 1), cases[i].signature_len);
		assert_verifies(mem, keys, token);
		((char *)token.data)[token.len - 10] ^= 1;
		assert_int_equal(jose_verify(mem, keys, token, &parts.payload, &detail), -1);
	}
	talloc_free(mem);
}

static void the_header_is_in_the_contracts_order(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(
		mem, "[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\",\"kid\":\"21a9eafe-24ab-4d10-960b-f949490f65e1\"," SIGN_OPS "}]", "x", "");
	struct text token = jose_sign(mem, keys, TEXT("{}")), header = text_before(token, '.');
	size_t len;

	(void)state;
	assert_string_equal((char *)base64_decode(mem, BASE64_URL_RAW, header, &len, NULL),
			    "{\"alg\":\"ES256\",\"kid\":\"21a9eafe-24ab-4d10-960b-f949490f65e1\",\"typ\":\"JWT\"}");
	talloc_free(mem);
}

/* ---- verifying foreign keys: the RFCs' vectors ------------------------------------------------------------------------------- */

static struct jose_key *public_key(TALLOC_CTX *mem, const char *json)
{
	struct json_object *jwk;
	struct jose_key *key;
	const char *why = NULL;

	assert_int_equal(json_parse(mem, text_of(json), &jwk, &why), 0);
	key = jose_key_parse(mem, jwk, &why);
	if (!key)
		print_error("%s\n", why);
	assert_non_null(key);
	return key;
}

static void signatures_of_the_rfcs(void **state)
{
	static const struct {
		const char *jwk, *alg, *input, *signature;
	} cases[] = {
		{"{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQAB\"}", "RS256", "eyJhbGciOiJSUzI1NiJ9." CLAIMS, A2_SIGNATURE},
		{"{" A3_PUBLIC "}", "ES256", "eyJhbGciOiJFUzI1NiJ9." CLAIMS, A3_SIGNATURE},
		{"{" A4_PUBLIC "}", "ES512", "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA", A4_SIGNATURE},
		{"{" ED_PUBLIC "}", "EdDSA", ED_INPUT, ED_SIGNATURE},
		{"{\"kty\":\"RSA\",\"n\":\"" PSS_N "\",\"e\":\"AQAB\"}", "PS384", PSS_INPUT, PSS_SIGNATURE},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct jose_key *key = public_key(mem, cases[i].jwk);
		size_t len;
		unsigned char *bytes = base64_decode(mem, BASE64_URL_RAW, text_of(cases[i].signature), &len, NULL);
		struct text signature = {(char *)bytes, len}, input = text_of(cases[i].input);

		assert_true(jose_key_verify(key, cases[i].alg, input, signature));
		assert_false(jose_key_verify(key, "HS256", input, signature));
		assert_false(jose_key_verify(key, "none", input, TEXT("")));
		assert_false(jose_key_verify(key, cases[i].alg, TEXT("something else"), signature));
		assert_false(jose_key_verify(key, cases[i].alg, input, (struct text){signature.data, signature.len - 1}));
		assert_false(jose_key_verify(key, cases[i].alg, input, TEXT_NONE));
		bytes[len / 2] ^= 1;
		assert_false(jose_key_verify(key, cases[i].alg, input, signature));
		memset(bytes, 0, len); /* r and s of zero */
		assert_false(jose_key_verify(key, cases[i].alg, input, signature));
	}
	talloc_free(mem);
}

static void what_is_no_public_key(void **state)
{
	static const char *const cases[] = {
		"{}",
		"{\"kty\":\"oct\",\"k\":\"" A1_KEY "\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-999\",\"x\":\"AA\",\"y\":\"AA\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
		"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
		"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
		"{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQ\"}",
		"{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"Ag\"}",
		"{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}",
		"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}",
		"{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AAAA\"}",
		"{" A3_PUBLIC ",\"kid\":5}",
		"{" A3_PUBLIC ",\"alg\":[]}",
		"{" A3_PUBLIC ",\"key_ops\":\"verify\"}",
		"{" A3_PUBLIC ",\"key_ops\":[1]}",
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_object *jwk;
		const char *why = NULL;

		assert_int_equal(json_parse(mem, text_of(cases[i]), &jwk, &why), 0);
		assert_null(jose_key_parse(mem, jwk, &why));
		assert_non_null(why);
	}
	talloc_free(mem);
}

/* ---- the set: contract 02 section 2.5, chapter 12 --------------------------------------------------------------------------------- */

static void sets_that_are_refused(void **state)
{
	static const struct {
		const char *json, *why;
	} cases[] = {
		{"", "unexpected end of JSON input"},
		{"{}", "not an array of keys"},
		{"[{}]", "key 1: field kty is not oct, RSA, EC or OKP"},
		{"[1]", "key 1 is not an object"},
		{"[{\"kty\":\"XYZ\",\"k\":\"AAAA\",\"key_ops\":[\"sign\"]}]", "key 1: field kty is not oct, RSA, EC or OKP"},
		{"[{\"kty\":\"oct\",\"kid\":\"a\",\"key_ops\":[\"sign\"]}]", "key 1: required field k is missing"},
		{"[{\"kty\":\"oct\",\"k\":\"AA AA\",\"key_ops\":[\"sign\"]}]", "key 1: field k is not base64"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\",\"alg\":\"HS256\"}]", "no signing key found: one key needs \"sign\" in its key_ops"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\",\"key_ops\":[\"verify\"]}]",
		 "no signing key found: one key needs \"sign\" in its key_ops"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\",\"alg\":\"HS256\",\"key_ops\":[\"sign\"]},"
		 "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"b\",\"alg\":\"HS256\",\"key_ops\":[\"sign\"]}]",
		 "multiple signing keys detected, only 1 signing key is supported"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"key_ops\":[\"sign\"]}]",
		 "the alg of the signing key is not RS256, RS512, ES256, ES512, EdDSA or HS256"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS512\",\"key_ops\":[\"sign\"]}]",
		 "the alg of the signing key is not RS256, RS512, ES256, ES512, EdDSA or HS256"},
		{"[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"RS256\",\"key_ops\":[\"sign\"]}]",
		 "the signing key is not of a type or curve that RS256 signs with"},
		{"[{" A4_PUBLIC "," A4_PRIVATE ",\"alg\":\"ES256\",\"key_ops\":[\"sign\"]}]",
		 "the signing key is not of a type or curve that ES256 signs with"},
		{"[{" A3_PUBLIC ",\"alg\":\"ES256\",\"key_ops\":[\"sign\"]}]", "the signing key is without its private part"},
		{"[{" A3_PUBLIC ",\"d\":\"pYw3QF3Fw81BYfgA7BS29QFanS0y83LV1wNvt4M6FUQ\",\"alg\":\"ES256\",\"key_ops\":[\"sign\"]}]",
		 "the private and the public part of the signing key do not belong together"},
		{"[{" ED_PUBLIC ",\"d\":\"pYw3QF3Fw81BYfgA7BS29QFanS0y83LV1wNvt4M6FUQ\",\"alg\":\"EdDSA\",\"key_ops\":[\"sign\"]}]",
		 "key 1: invalid x value given d value"},
		{"[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA\",\"y\":"
		 "\"lW3-uOtqgk3c-UdeVm093dkOZcOoUQ5T0xM1s9gsrTg\",\"key_ops\":[\"sign\"]}]",
		 "key 1: invalid \"x\" length (31) for curve \"P-256\""},
		{"[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
		 "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]",
		 "key 1: x and y are no point on curve P-256"},
		{"[{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"key_ops\":[\"sign\"],"
		 "\"aws:kms:arn\":\"arn:aws:kms:eu-west-1:1:key/2\"}]",
		 "the signing key is kept in AWS KMS (aws:kms:arn), which this server does not call: give a key with its private part"},
		{"[{\"kty\":\"RSA\",\"n\":\"" A2_N "\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"key_ops\":[\"sign\"],\"aws:kms:arn\":1}]",
		 "aws:kms:arn of the signing key is not a string"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_null(jose_keys_make(mem, text_of(cases[i].json), TEXT("secret"), TEXT(""), NULL, &why));
		assert_string_equal(why, cases[i].why);
	}
	assert_null(jose_keys_make(mem, TEXT_NONE, TEXT(""), TEXT(""), NULL, &why));
	assert_null(jose_keys_make(mem, TEXT("[]"), TEXT(""), TEXT(""), NULL, &why));
	talloc_free(mem);
}

static void sets_that_do(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys;

	(void)state;
	keys = set_of(mem, "[]", "x", "");
	assert_string_equal(jose_signing_alg(keys), "HS256");
	keys = set_of(mem, "null", "x", "");
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("x"))));
	/* the later of one name; standard base64 with padding */
	keys = set_of(mem,
		      "[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\",\"alg\":\"HS256\",\"key_ops\":[\"sign\"]},"
		      "{\"kty\":\"oct\",\"k\":\"+/+/Pw==\",\"kid\":\"a\",\"alg\":\"HS256\",\"key_ops\":[\"verify\",\"sign\",\"whatever\"]}]",
		      "x", "");
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\",\"kid\":\"a\"}", "{}", TEXT("\xfb\xff\xbf\x3f"))));
	talloc_free(mem);
}

/* ---- verification: contract 04 section 3.2 -------------------------------------------------------------------------------------------- */

static void details_in_their_order(void **state)
{
	static const char *const cases[][2] = {
		{"aaa.bbb", "token is malformed: token contains an invalid number of segments"},
		{"a.b.c.d", "token is malformed: token contains an invalid number of segments"},
		{"x", "token is malformed: token contains an invalid number of segments"},
		{"", "token is malformed: token contains an invalid number of segments"},
		{"!!!.e30.x", "token is malformed: could not base64 decode header: illegal base64 data at input byte 0"},
		{"eyJhbGciOiJIUzI1NiJ9==.e30.x", "token is malformed: could not base64 decode header: illegal base64 data at input byte 20"},
		{"bm9wZQ.e30.x", "token is malformed: could not JSON decode header: invalid character 'o' in literal null (expecting 'u')"},
		{"eyJhbGciOiJIUzI1NiJ9.***.x", "token is malformed: could not base64 decode claim: illegal base64 data at input byte 0"},
		{"eyJ0eXAiOiJKV1QifQ.e30.x", "token is unverifiable: signing method (alg) is unspecified"},
		{"bnVsbA.e30.x", "token is unverifiable: signing method (alg) is unspecified"},
		{"eyJhbGciOjV9.e30.x", "token is unverifiable: signing method (alg) is unspecified"},
		{"eyJhbGciOiJIUzEifQ.e30.x", "token is unverifiable: signing method (alg) is unavailable"},
		{"eyJhbGciOiJoczI1NiJ9.e30.x", "token is unverifiable: signing method (alg) is unavailable"},
		{"eyJhbGciOiJIUzI1NiJ9.e30.**", "token is malformed: could not base64 decode signature: illegal base64 data at input byte 0"},
		{"eyJhbGciOiJIUzI1NiJ9.e30.x", "token is malformed: could not base64 decode signature: illegal base64 data at input byte 0"},
		{"eyJhbGciOiJub25lIn0.e30.", "token signature is invalid: signing method none is invalid"},
		{"eyJhbGciOiJIUzUxMiJ9.e30.AAAA", "token signature is invalid: signing method HS512 is invalid"},
		{"eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "token signature is invalid: signature is invalid"},
		{"eyJhbGciOiJIUzI1NiJ9.e30.", "token signature is invalid: signature is invalid"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(mem, NULL, "secret", "");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(mem, keys, cases[i][0], cases[i][1]);
	talloc_free(mem);
}

static void claims_that_are_no_object(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(mem, NULL, "secret", "");
	static const char *const payloads[] = {"nope", "[]", "\"x\"", "1", "{} {}", ""};

	(void)state;
	for (size_t i = 0; i < COUNT(payloads); i++) {
		struct json_object *claims;
		const char *detail = NULL;

		assert_int_equal(jose_verify(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\"}", payloads[i], TEXT("secret"))), &claims, &detail),
				 -1);
		assert_true(text_starts(text_of(detail), "token is malformed: could not JSON decode claim: "));
	}
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\"}", "null", TEXT("secret"))));
	talloc_free(mem);
}

static void keys_are_chosen_by_kid_then_by_the_secret(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(mem, NULL, "secret", "main-1"), *both;

	(void)state;
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("secret"))));
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\",\"kid\":\"strange\"}", "{}", TEXT("secret"))));
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\",\"kid\":\"main-1\"}", "{}", TEXT("secret"))));
	assert_verifies(mem, keys, text_of(forged(mem, "{\"alg\":\"HS256\",\"kid\":5}", "{}", TEXT("secret"))));
	/* RFC 7515 A.1 */
	both = set_of(mem,
		      "[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\",\"kid\":\"es\"," SIGN_OPS "},{\"kty\":\"oct\",\"k\":\"" A1_KEY
		      "\",\"kid\":\"hs\",\"alg\":\"HS256\",\"key_ops\":[\"verify\"]}]",
		      "secret", "main-1");
	assert_refused(mem, both, A1_TOKEN, "token signature is invalid: signature is invalid");
	assert_verifies(mem, both, text_of(forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("secret"))));
	assert_verifies(mem, both, text_of(forged(mem, "{\"alg\":\"HS256\",\"kid\":\"main-1\"}", "{}", TEXT("secret"))));
	assert_refused(mem, both, forged(mem, "{\"alg\":\"HS256\",\"kid\":\"hs\"}", "{}", TEXT("secret")),
		       "token signature is invalid: signature is invalid");
	assert_refused(mem, both, forged(mem, "{\"alg\":\"ES256\"}", "{}", TEXT("secret")),
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid <nil> for algorithm ES256");
	assert_refused(mem, both, forged(mem, "{\"alg\":\"ES256\",\"kid\":\"unknown\"}", "{}", TEXT("secret")),
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid unknown for algorithm ES256");
	assert_refused(mem, both, forged(mem, "{\"alg\":\"ES256\",\"kid\":\"main-1\"}", "{}", TEXT("secret")),
		       "token signature is invalid: key is of invalid type: ECDSA verify expects *ecdsa.PublicKey");
	assert_refused(mem, both, forged(mem, "{\"alg\":\"ES256\",\"kid\":\"es\"}", "{}", TEXT("secret")),
		       "token signature is invalid: crypto/ecdsa: verification error");
	talloc_free(mem);
}

static void a_token_of_rfc_7515_a_1(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	size_t len;
	unsigned char *bytes = base64_decode(mem, BASE64_URL_RAW, TEXT(A1_KEY), &len, NULL);
	const char *why;
	struct jose_keys *keys = jose_keys_make(mem, TEXT_NONE, (struct text){(char *)bytes, len}, TEXT(""), NULL, &why);

	(void)state;
	assert_non_null(keys);
	assert_verifies(mem, keys, TEXT(A1_TOKEN));
	talloc_free(mem);
}

/* Contract 04 checks 48, 51, 52; RFC 8725 section 2.1. */
static void keys_are_not_confused(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys = set_of(mem,
					"[" RSA("k-rsa", "\"sign\"") ",{\"kty\":\"oct\",\"k\":\"" A1_KEY
								     "\",\"kid\":\"k-hs\",\"alg\":\"HS256\",\"key_ops\":[\"verify\"]}]",
					"secret", "");
	struct jose_keys *only = set_of(mem, "[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\",\"kid\":\"es\"," SIGN_OPS "}]", "secret", "");

	(void)state;
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS256\",\"kid\":\"k-rsa\"}", "{}", TEXT("the public key as PEM")),
		       "token signature is invalid: key is of invalid type: HMAC verify expects []byte");
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"RS256\",\"kid\":\"k-hs\"}", "{}", TEXT("x")),
		       "token signature is invalid: key is of invalid type: RSA verify expects *rsa.PublicKey");
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"RS256\",\"kid\":\"k-rsa\"}", "{}", TEXT("x")),
		       "token signature is invalid: crypto/rsa: verification error");
	assert_refused(mem, only, forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("secret")),
		       "token signature is invalid: signing method HS256 is invalid");
	talloc_free(mem);
}

static void an_empty_secret_is_no_key(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text methods[] = {TEXT("HS256"), TEXT("ES256"), TEXT("none")};
	struct text_list list = {methods, 3, true};
	const char *why;
	struct jose_keys *keys = jose_keys_make(mem, TEXT("[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\",\"kid\":\"es\"," SIGN_OPS "}]"), TEXT(""),
						TEXT(""), &list, &why);

	(void)state;
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("")),
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid <nil> for algorithm HS256");
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS256\",\"kid\":\"\"}", "{}", TEXT("")),
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid  for algorithm HS256");
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"none\",\"kid\":\"es\"}", "{}", TEXT("")),
		       "token signature is invalid: token is unverifiable: 'none' signature type is not allowed");
	talloc_free(mem);
}

static void methods_that_are_listed(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text methods[] = {TEXT("HS256"), TEXT("HS512")};
	struct text_list list = {methods, 2, true}, none = {NULL, 0, true};
	const char *why;
	struct jose_keys *keys = jose_keys_make(mem, TEXT_NONE, TEXT("secret"), TEXT("main-1"), &list, &why);

	(void)state;
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS512\"}", "{}", TEXT("secret")),
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid <nil> for algorithm HS512");
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS512\",\"kid\":\"main-1\"}", "{}", TEXT("secret")),
		       "token signature is invalid: signature is invalid");
	keys = jose_keys_make(mem, TEXT_NONE, TEXT("secret"), TEXT(""), &none, &why);
	assert_refused(mem, keys, forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("secret")),
		       "token signature is invalid: signing method HS256 is invalid");
	talloc_free(mem);
}

static void a_signing_key_without_kid(void **state)
{
	static const char *const sets[] = {
		"[{" A3_PUBLIC "," A3_PRIVATE ",\"alg\":\"ES256\"," SIGN_OPS "}]",
		"[{\"kty\":\"oct\",\"k\":\"" A1_KEY "\",\"alg\":\"HS256\"," SIGN_OPS "}]",
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct jose_keys *keys = set_of(mem, sets[i], "secret", "main-1");

		assert_verifies(mem, keys, jose_sign(mem, keys, TEXT("{}")));
		assert_refused(mem, keys, "eyJhbGciOiJIUzUxMiJ9.e30.AAAA", "token signature is invalid: signing method HS512 is invalid");
	}
	assert_refused(mem, set_of(mem, sets[0], "secret", ""), "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
		       "token is unverifiable: error while executing keyfunc: unrecognized JWT kid <nil> for algorithm ES256");
	assert_verifies(mem, set_of(mem, sets[1], "secret", ""), text_of(forged(mem, "{\"alg\":\"HS256\"}", "{}", TEXT("secret"))));
	talloc_free(mem);
}

/* ---- the published keys: contract 01 section 16.3 ---------------------------------------------------------------------------------------- */

static void published_keys(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct jose_keys *keys =
		set_of(mem,
		       "[{" A3_PUBLIC "," A3_PRIVATE ",\"kid\":\"es\",\"alg\":\"ES256\"," SIGN_OPS
		       ",\"use\":\"enc\",\"note\":\"extra\"},{\"kty\":\"oct\",\"k\":\"" A1_KEY
		       "\",\"kid\":\"hs\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\","
		       "\"aws:kms:arn\":\"a\"}," RSA("rs", "\"verify\"") "]",
		       "secret", "");

	(void)state;
	assert_string_equal(jose_jwks(mem, keys).data,
			    "{\"keys\":[{\"alg\":\"ES256\",\"crv\":\"P-256\",\"key_ops\":[\"verify\"],\"kid\":\"es\",\"kty\":\"EC\",\"note\":"
			    "\"extra\",\"use\":\"sig\","
			    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
			    "{\"crv\":\"Ed25519\",\"key_ops\":[\"verify\"],\"kty\":\"OKP\",\"use\":\"sig\",\"x\":\"11qYAYKxCrfVS_"
			    "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
			    "{\"alg\":\"RS256\",\"e\":\"AQAB\",\"key_ops\":[\"verify\"],\"kid\":\"rs\",\"kty\":\"RSA\",\"n\":\"" A2_N
			    "\",\"use\":\"sig\"}]}");
	assert_string_equal(jose_jwks(mem, set_of(mem, NULL, "secret", "")).data, "{\"keys\":[]}");
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vector_of_contract_04),
		cmocka_unit_test(every_algorithm_signs_what_it_verifies),
		cmocka_unit_test(the_header_is_in_the_contracts_order),
		cmocka_unit_test(signatures_of_the_rfcs),
		cmocka_unit_test(what_is_no_public_key),
		cmocka_unit_test(sets_that_are_refused),
		cmocka_unit_test(sets_that_do),
		cmocka_unit_test(details_in_their_order),
		cmocka_unit_test(claims_that_are_no_object),
		cmocka_unit_test(keys_are_chosen_by_kid_then_by_the_secret),
		cmocka_unit_test(a_token_of_rfc_7515_a_1),
		cmocka_unit_test(keys_are_not_confused),
		cmocka_unit_test(an_empty_secret_is_no_key),
		cmocka_unit_test(methods_that_are_listed),
		cmocka_unit_test(a_signing_key_without_kid),
		cmocka_unit_test(published_keys),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
