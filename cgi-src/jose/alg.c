/* alg.c: the table of JWS algorithms. */
#include "jose_int.h"

static const struct jose_alg algs[] = {
	{"HS256", FAMILY_HMAC, EVP_sha256, 0, true},	 {"HS384", FAMILY_HMAC, EVP_sha384, 0, false},
	{"HS512", FAMILY_HMAC, EVP_sha512, 0, false},	 {"RS256", FAMILY_RSA, EVP_sha256, 0, true},
	{"RS384", FAMILY_RSA, EVP_sha384, 0, false},	 {"RS512", FAMILY_RSA, EVP_sha512, 0, true},
	{"PS256", FAMILY_PSS, EVP_sha256, 0, false},	 {"PS384", FAMILY_PSS, EVP_sha384, 0, false},
	{"PS512", FAMILY_PSS, EVP_sha512, 0, false},	 {"ES256", FAMILY_ECDSA, EVP_sha256, 256, true},
	{"ES384", FAMILY_ECDSA, EVP_sha384, 384, false}, {"ES512", FAMILY_ECDSA, EVP_sha512, 521, true},
	{"EdDSA", FAMILY_EDDSA, NULL, 0, true},		 {"none", FAMILY_NONE, NULL, 0, false},
};

static const struct {
	const char *wrong_key, *wrong_signature;
} families[] = {
	[FAMILY_HMAC] = {"HMAC verify expects []byte", "signature is invalid"},
	[FAMILY_RSA] = {"RSA verify expects *rsa.PublicKey", "crypto/rsa: verification error"},
	[FAMILY_PSS] = {"RSA-PSS verify expects *rsa.PublicKey", "crypto/rsa: verification error"},
	[FAMILY_ECDSA] = {"ECDSA verify expects *ecdsa.PublicKey", "crypto/ecdsa: verification error"},
	[FAMILY_EDDSA] = {"Ed25519 verify expects ed25519.PublicKey", "ed25519: verification error"},
	[FAMILY_NONE] = {NULL, "token is unverifiable: 'none' signature type is not allowed"},
};

const struct jose_alg *jose_alg_find(struct text name)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		if (text_is(name, algs[i].name))
			return &algs[i];
	}
	return NULL;
}

const char *jose_family_wrong_key(enum jose_family family)
{
	return families[family].wrong_key;
}

const char *jose_family_wrong_signature(enum jose_family family)
{
	return families[family].wrong_signature;
}
