/* jwt.c: any text as a token, against a set with a key of each type. */
#include "latchkey/jose.h"
#include "tests/fuzz/fuzz.h"

#define SET                                                                                                                             \
	"[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                                     \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\","                  \
	"\"kid\":\"es\",\"alg\":\"ES256\",\"key_ops\":[\"sign\"]},"                                                                     \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"ed\",\"alg\":\"EdDSA\"}," \
	"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"hs\",\"alg\":\"HS256\"},"                                                        \
	"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"rs\",\"alg\":\"PS256\",\"n\":\"" RSA_N "\"}]"
#define RSA_N                                                                                                                        \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_Yp" \
	"RPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxv" \
	"b3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"

static const struct jose_keys *fixed_keys(void)
{
	static struct text names[] = {TEXT("ES256"), TEXT("EdDSA"), TEXT("HS256"), TEXT("HS384"), TEXT("PS256"), TEXT("RS256"), TEXT("none")};
	static const struct jose_keys *keys;
	struct text_list methods = {names, sizeof(names) / sizeof(names[0]), true};
	const char *why;

	if (!keys)
		keys = jose_keys_make(NULL, TEXT(SET), TEXT("secret"), TEXT("main"), &methods, &why);
	promise(keys != NULL);
	return keys;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct json_object *claims = NULL;
	struct jose_parts parts;
	const char *detail = NULL, *other = NULL;
	struct text token = fuzz_text(data, size);
	bool splits = jose_split(mem, token, &parts, &other) == 0;

	if (jose_verify(mem, fixed_keys(), token, &claims, &detail) == 0) {
		promise(splits && json_object_is_type(claims, json_type_object));
		promise(!text_is(json_get_text(parts.header, "alg"), "none") && parts.signature.len >= 32);
	} else {
		promise(detail != NULL);
	}
	promise(splits || other);
	talloc_free(mem);
	return 0;
}
