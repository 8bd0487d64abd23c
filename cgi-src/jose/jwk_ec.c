/* jwk_ec.c: keys on the NIST curves (RFC 7518 section 6.2). */
#include <endian.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>
#include <sodium.h>

#include "jose_int.h"

#define SIZE_MAX_ 66 /* bytes of a coordinate on P-521 */

static const struct curve {
	const char *name;
	int bits;
	size_t size; /* bytes of a coordinate */
} curves[] = {
	{"P-256", 256, 32},
	{"P-384", 384, 48},
	{"P-521", 521, 66},
};

static const struct curve *curve_of(struct json_object *jwk)
{
	struct text name = json_get_text(jwk, "crv");

	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (text_is(name, curves[i].name))
			return &curves[i];
	}
	return NULL;
}

/* A member of exactly the curve's size, copied to out. */
static int read_number(struct jose_key *key, struct json_object *jwk, const char *name, const struct curve *curve, unsigned char *out,
		       const char **why)
{
	size_t len;
	unsigned char *bytes = jwk_bytes(key, jwk, name, &len, why);
	int result = -1;

	if (!bytes)
		return -1;
	if (len == curve->size) {
		memcpy(out, bytes, len);
		result = 0;
	} else {
		*why = format(key, "invalid \"%s\" length (%zu) for curve \"%s\"", name, len, curve->name);
	}
	sodium_memzero(bytes, len);
	talloc_free(bytes);
	return result;
}

static void to_machine_order(unsigned char *bytes, size_t len)
{
#if BYTE_ORDER == LITTLE_ENDIAN
	for (size_t i = 0; i < len / 2; i++) {
		unsigned char byte = bytes[i];

		bytes[i] = bytes[len - 1 - i];
		bytes[len - 1 - i] = byte;
	}
#else
	(void)bytes;
	(void)len;
#endif
}

static int make(struct jose_key *key, const struct curve *curve, unsigned char *point, unsigned char *private, const char **why)
{
	OSSL_PARAM params[4] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve->name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->size),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};

	if (private)
		params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private, curve->size);
	key->pkey = evp_key("EC", private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
	key->curve_bits = curve->bits;
	key->is_private = private != NULL;
	if (key->pkey)
		return 0;
	*why = format(key, "x and y are no point on curve %s", curve->name); /* OpenSSL checks it */
	return -1;
}

int jwk_read_ec(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why)
{
	const struct curve *curve = curve_of(jwk);
	unsigned char point[1 + 2 * SIZE_MAX_] = {POINT_CONVERSION_UNCOMPRESSED}, private[SIZE_MAX_];
	bool reads_private = with_private && json_has(jwk, "d");
	int result;

	if (!curve) {
		*why = "field crv is not P-256, P-384 or P-521";
		return -1;
	}
	if (read_number(key, jwk, "x", curve, point + 1, why) < 0 || read_number(key, jwk, "y", curve, point + 1 + curve->size, why) < 0 ||
	    (reads_private && read_number(key, jwk, "d", curve, private, why) < 0))
		return -1;
	if (reads_private)
		to_machine_order(private, curve->size);
	result = make(key, curve, point, reads_private ? private : NULL, why);
	sodium_memzero(private, sizeof(private));
	return result;
}
