/* jwk_rsa.c: RSA keys (RFC 7518 section 6.3). */
#include <endian.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium.h>

#include "jose_int.h"

#define MODULUS_MIN 1024 /* bits; smaller ones are of no use to anyone but an attacker */
#define MODULUS_MAX 16384

/* Members in the order in which they may be left out: n and e make a public key, d a private one, the rest is used when all
 * of it is there. */
static const struct {
	const char *member, *param;
} numbers[] = {
	{"n", OSSL_PKEY_PARAM_RSA_N},	       {"e", OSSL_PKEY_PARAM_RSA_E},
	{"d", OSSL_PKEY_PARAM_RSA_D},	       {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
	{"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
	{"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};
enum { PUBLIC = 2, PRIVATE = 3, FULL = 8 };

struct number {
	unsigned char *bytes; /* in the machine's order, as OSSL_PARAM wants it */
	size_t len;
};

static int read_number(struct jose_key *key, struct json_object *jwk, size_t which, struct number *number, const char **why)
{
	number->bytes = jwk_bytes(key, jwk, numbers[which].member, &number->len, why);
	if (!number->bytes)
		return -1;
#if BYTE_ORDER == LITTLE_ENDIAN
	for (size_t i = 0; i < number->len / 2; i++) {
		unsigned char byte = number->bytes[i];

		number->bytes[i] = number->bytes[number->len - 1 - i];
		number->bytes[number->len - 1 - i] = byte;
	}
#endif
	return 0;
}

static size_t how_many(struct json_object *jwk, bool with_private)
{
	if (!with_private || !json_has(jwk, "d"))
		return PUBLIC;
	for (size_t i = PRIVATE; i < FULL; i++) {
		if (!json_has(jwk, numbers[i].member))
			return PRIVATE;
	}
	return FULL;
}

/* An exponent of 1 or an even one would let anyone sign. */
static bool exponent_is_odd(EVP_PKEY *pkey)
{
	BIGNUM *e = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) && BN_is_odd(e) && !BN_is_one(e);

	BN_free(e);
	return good;
}

static int check(struct jose_key *key, const char **why)
{
	int bits = key->pkey ? EVP_PKEY_get_bits(key->pkey) : 0;

	if (bits >= MODULUS_MIN && bits <= MODULUS_MAX && exponent_is_odd(key->pkey))
		return 0;
	*why = "these numbers are no RSA key of 1024 to 16384 bits";
	return -1;
}

int jwk_read_rsa(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why)
{
	struct number read[FULL] = {0};
	OSSL_PARAM params[FULL + 1];
	size_t count = how_many(jwk, with_private), done = 0;
	int result = 0;

	for (; result == 0 && done < count; done++) {
		result = read_number(key, jwk, done, &read[done], why);
		params[done] = OSSL_PARAM_construct_BN(numbers[done].param, read[done].bytes, read[done].len);
	}
	if (result == 0) {
		params[count] = OSSL_PARAM_construct_end();
		key->pkey = evp_key("RSA", count == PUBLIC ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, params);
		key->is_private = count != PUBLIC;
		result = check(key, why);
	}
	for (size_t i = 0; i < done; i++) {
		if (read[i].bytes)
			sodium_memzero(read[i].bytes, read[i].len);
		talloc_free(read[i].bytes);
	}
	return result;
}
