/* jwk_okp.c: Ed25519 keys (RFC 8037); X25519 is read, but neither signs nor verifies. */
#include <string.h>

#include <sodium.h>

#include "jose_int.h"

static int read_fixed(struct jose_key *key, struct json_object *jwk, const char *name, unsigned char out[32], const char **why)
{
	size_t len;
	unsigned char *bytes = jwk_bytes(key, jwk, name, &len, why);
	int result = -1;

	if (!bytes)
		return -1;
	if (len == 32) {
		memcpy(out, bytes, 32);
		result = 0;
	} else {
		*why = format(key, "field %s has %zu bytes instead of 32", name, len);
	}
	sodium_memzero(bytes, len);
	talloc_free(bytes);
	return result;
}

static int read_private(struct jose_key *key, struct json_object *jwk, const char **why)
{
	unsigned char seed[32], made[ED25519_PUBLIC];

	if (read_fixed(key, jwk, "d", seed, why) < 0)
		return -1;
	key->secret = must(sodium_malloc(ED25519_SECRET));
	key->secret_len = ED25519_SECRET;
	key->is_private = true;
	crypto_sign_seed_keypair(made, key->secret, seed);
	sodium_memzero(seed, sizeof(seed));
	if (memcmp(made, key->ed25519_public, sizeof(made)) == 0)
		return 0;
	*why = "invalid x value given d value";
	return -1;
}

int jwk_read_okp(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why)
{
	struct text curve = json_get_text(jwk, "crv");

	key->ed25519 = text_is(curve, "Ed25519");
	if (!key->ed25519 && !text_is(curve, "X25519")) {
		*why = "field crv is not Ed25519 or X25519";
		return -1;
	}
	if (read_fixed(key, jwk, "x", key->ed25519_public, why) < 0)
		return -1;
	return key->ed25519 && with_private && json_has(jwk, "d") ? read_private(key, jwk, why) : 0;
}
