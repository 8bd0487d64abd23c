/* signature.c: signatures made and checked, for every family of algorithms (RFC 7518 section 3, RFC 8037 section 3.1). */
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "jose_int.h"

bool jose_key_fits(const struct jose_key *key, const struct jose_alg *alg)
{
	switch (alg->family) {
	case FAMILY_HMAC:
		return key->type == TYPE_OCT;
	case FAMILY_RSA:
	case FAMILY_PSS:
		return key->type == TYPE_RSA;
	case FAMILY_ECDSA:
		return key->type == TYPE_EC;
	case FAMILY_EDDSA:
		return key->type == TYPE_OKP && key->ed25519;
	default:
		return false;
	}
}

/* ---- HMAC ------------------------------------------------------------------------------------------------------------ */

static size_t mac_of(const struct jose_key *key, const struct jose_alg *alg, struct text input, unsigned char out[EVP_MAX_MD_SIZE])
{
	unsigned len = 32;

	if (alg->digest == EVP_sha256)
		hmac_with(key->hmac, input, out);
	else if (!HMAC(alg->digest(), key->secret, (int)key->secret_len, (const unsigned char *)input.data, input.len, out, &len))
		return 0;
	return len;
}

static bool mac_is_right(const struct jose_key *key, const struct jose_alg *alg, struct text input, struct text signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t len = mac_of(key, alg, input, mac);

	return len && secret_equal((struct text){(char *)mac, len}, signature);
}

/* ---- ECDSA: JWS has r and s one after the other, OpenSSL a DER sequence -------------------------------------------------- */

#define HALF_MAX 66
#define DER_MAX (2 * HALF_MAX + 16)

static size_t half_of(const struct jose_alg *alg)
{
	return ((size_t)alg->curve_bits + 7) / 8;
}

static size_t der_of(struct text raw, size_t half, unsigned char out[DER_MAX])
{
	const unsigned char *bytes = (const unsigned char *)raw.data;
	ECDSA_SIG *pair = must(ECDSA_SIG_new());
	BIGNUM *r = BN_bin2bn(bytes, (int)half, NULL), *s = BN_bin2bn(bytes + half, (int)half, NULL);
	int len = -1;

	if (r && s && ECDSA_SIG_set0(pair, r, s))
		len = i2d_ECDSA_SIG(pair, &out);
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

static bool raw_of(const unsigned char *der, size_t len, size_t half, unsigned char *out)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)half) == (int)half &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + half, (int)half) == (int)half;

	ECDSA_SIG_free(pair);
	return done;
}

/* ---- RSA and ECDSA through EVP ---------------------------------------------------------------------------------------------- */

/* PSS as RFC 7518 section 3.5: a salt as long as the digest, the mask with the same digest. */
static bool set_padding(EVP_PKEY_CTX *context, const struct jose_alg *alg)
{
	return alg->family != FAMILY_PSS || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
					     EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static bool evp_verify(const struct jose_key *key, const struct jose_alg *alg, struct text input, const unsigned char *signature, size_t len)
{
	EVP_MD_CTX *context = must(EVP_MD_CTX_new());
	EVP_PKEY_CTX *pkey_context = NULL;
	bool right = EVP_DigestVerifyInit(context, &pkey_context, alg->digest(), NULL, key->pkey) > 0 && set_padding(pkey_context, alg) &&
		     EVP_DigestVerify(context, signature, len, (const unsigned char *)input.data, input.len) == 1;

	EVP_MD_CTX_free(context);
	return right;
}

static bool evp_sign(const struct jose_key *key, const struct jose_alg *alg, struct text input, unsigned char *out, size_t *len)
{
	EVP_MD_CTX *context = must(EVP_MD_CTX_new());
	EVP_PKEY_CTX *pkey_context = NULL;
	bool done = EVP_DigestSignInit(context, &pkey_context, alg->digest(), NULL, key->pkey) > 0 && set_padding(pkey_context, alg) &&
		    EVP_DigestSign(context, out, len, (const unsigned char *)input.data, input.len) == 1;

	EVP_MD_CTX_free(context);
	return done;
}

/* ---- all families ----------------------------------------------------------------------------------------------------------------- */

static bool ecdsa_is_right(const struct jose_key *key, const struct jose_alg *alg, struct text input, struct text signature)
{
	unsigned char der[DER_MAX];
	size_t half = half_of(alg), len;

	if (signature.len != 2 * half || key->curve_bits != alg->curve_bits)
		return false;
	len = der_of(signature, half, der);
	return len && evp_verify(key, alg, input, der, len);
}

bool jose_signature_is_right(const struct jose_key *key, const struct jose_alg *alg, struct text input, struct text signature)
{
	switch (alg->family) {
	case FAMILY_HMAC:
		return mac_is_right(key, alg, input, signature);
	case FAMILY_RSA:
	case FAMILY_PSS:
		return evp_verify(key, alg, input, (const unsigned char *)signature.data, signature.len);
	case FAMILY_ECDSA:
		return ecdsa_is_right(key, alg, input, signature);
	case FAMILY_EDDSA:
		return signature.len == crypto_sign_BYTES &&
		       crypto_sign_verify_detached((const unsigned char *)signature.data, (const unsigned char *)input.data, input.len,
						   key->ed25519_public) == 0;
	default:
		return false;
	}
}

static bool ecdsa_sign(const struct jose_key *key, const struct jose_alg *alg, struct text input, unsigned char *out, size_t *len)
{
	unsigned char der[DER_MAX];
	size_t der_len = sizeof(der);

	*len = 2 * half_of(alg);
	return key->curve_bits == alg->curve_bits && evp_sign(key, alg, input, der, &der_len) && raw_of(der, der_len, half_of(alg), out);
}

#define SIGNATURE_MAX 2048 /* an RSA key has 16384 bits at most */

struct text jose_signature(TALLOC_CTX *mem, const struct jose_key *key, const struct jose_alg *alg, struct text input)
{
	unsigned char out[SIGNATURE_MAX];
	size_t len = sizeof(out);
	bool done = false;

	if (!key->is_private || !jose_key_fits(key, alg))
		return TEXT_NONE;
	if (alg->family == FAMILY_HMAC) {
		len = mac_of(key, alg, input, out);
		done = len > 0;
	} else if (alg->family == FAMILY_ECDSA) {
		done = ecdsa_sign(key, alg, input, out, &len);
	} else if (alg->family == FAMILY_EDDSA) {
		len = crypto_sign_BYTES;
		done = crypto_sign_detached(out, NULL, (const unsigned char *)input.data, input.len, key->secret) == 0;
	} else {
		done = evp_sign(key, alg, input, out, &len);
	}
	return done ? text_copy(mem, (struct text){(char *)out, len}) : TEXT_NONE;
}
