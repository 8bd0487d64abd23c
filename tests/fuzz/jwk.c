/* jwk.c: any text as a key and as a set of keys; what is published never holds a private member. */
#include "latchkey/jose.h"
#include "tests/fuzz/fuzz.h"

static void check_published(TALLOC_CTX *mem, struct text document)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "aws:kms:arn"};
	struct json_object *jwks, *list;
	const char *why;

	promise(json_parse(mem, document, &jwks, &why) == 0);
	list = json_get(jwks, "keys");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *key = json_object_array_get_idx(list, i);

		for (size_t k = 0; k < sizeof(private) / sizeof(private[0]); k++)
			promise(!json_has(key, private[k]));
		promise(text_is(json_get_text(key, "use"), "sig"));
	}
}

static void check_set(TALLOC_CTX *mem, struct text json)
{
	const char *why;
	struct json_object *claims;
	struct jose_keys *keys = jose_keys_make(mem, json, TEXT("secret"), TEXT("kid"), NULL, &why);

	if (!keys)
		return;
	check_published(mem, jose_jwks(mem, keys));
	promise(jose_verify(mem, keys, jose_sign(mem, keys, TEXT("{}")), &claims, &why) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size);
	struct json_object *jwk;
	const char *why = NULL;

	if (json_parse(mem, text, &jwk, &why) == 0 && json_object_is_type(jwk, json_type_object)) {
		struct jose_key *key = jose_key_parse(mem, jwk, &why);

		promise(key || why);
		promise(!key || !jose_key_verify(key, "ES256", TEXT("input"), TEXT("signature")));
	}
	check_set(mem, text);
	talloc_free(mem);
	return 0;
}
