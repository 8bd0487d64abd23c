/* jwks.c: which of a provider's keys made a signature (contract 07 section 7.1 step 6, RFC 7517). */
#include <string.h>

#include "latchkey/jose.h"
#include "oauth_int.h"

#define KEYS_MAX 256 /* a set with more is none */

/* RFC 7517 sections 4.2 and 4.4: a key that says what it is for is for nothing else. */
static bool is_for(struct json_object *jwk, const char *alg)
{
	struct text own = json_get_text(jwk, "alg"), use = json_get_text(jwk, "use");

	return (!own.len || text_is(own, alg)) && (!use.len || text_is(use, "sig"));
}

static bool verifies(struct request *req, struct json_object *jwk, const char *alg, struct text input, struct text signature)
{
	const char *why;
	struct jose_key *key = jose_key_parse(req, jwk, &why);
	bool right = key && jose_key_verify(key, alg, input, signature);

	talloc_free(key);
	return right;
}

bool jwks_verify(struct request *req, struct text jwks, struct text kid, const char *alg, struct text input, struct text signature, bool *known)
{
	struct json_object *set, *keys;
	const char *why;

	*known = false;
	if (!jwks.len || json_parse(req, jwks, &set, &why) < 0)
		return false;
	keys = json_get(set, "keys");
	if (!json_object_is_type(keys, json_type_array) || json_object_array_length(keys) > KEYS_MAX)
		return false;
	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		struct json_object *jwk = json_object_array_get_idx(keys, i);

		if (!json_object_is_type(jwk, json_type_object) || !is_for(jwk, alg) || (kid.len && !text_equal(json_get_text(jwk, "kid"), kid)))
			continue;
		*known = true;
		if (verifies(req, jwk, alg, input, signature))
			return true;
	}
	return false;
}
