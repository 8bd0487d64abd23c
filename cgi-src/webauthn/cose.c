/* cose.c: public keys in COSE form, and signatures under them (contract 08 section 10.6). */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "webauthn_int.h"

const int64_t cose_offered[] = {-7, -35, -36, -257, -258, -259, -37, -38, -39, -8};
const size_t cose_offered_count = sizeof(cose_offered) / sizeof(cose_offered[0]);

static const struct algorithm {
	int64_t alg, also; /* also: another number for the same; 0: none */
	int64_t kty;
	const char *digest; /* NULL: the scheme has its own */
	bool pss;
	const char *curve;
	size_t size; /* of a coordinate */
} algorithms[] = {
	{-7, -9, COSE_EC2, "SHA256", false, "P-256", 32},   {-35, -51, COSE_EC2, "SHA384", false, "P-384", 48},
	{-36, -52, COSE_EC2, "SHA512", false, "P-521", 66}, {-257, 0, COSE_RSA, "SHA256", false, NULL, 0},
	{-258, 0, COSE_RSA, "SHA384", false, NULL, 0},	    {-259, 0, COSE_RSA, "SHA512", false, NULL, 0},
	{-37, 0, COSE_RSA, "SHA256", true, NULL, 0},	    {-38, 0, COSE_RSA, "SHA384", true, NULL, 0},
	{-39, 0, COSE_RSA, "SHA512", true, NULL, 0},	    {-8, 0, COSE_OKP, NULL, false, NULL, 0},
	{COSE_RS1, 0, COSE_RSA, "SHA1", false, NULL, 0}, /* of certificates only: no key with it can be registered */
};

static const struct algorithm *find_algorithm(int64_t kty, int64_t alg)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].kty == kty && (algorithms[i].alg == alg || (algorithms[i].also && algorithms[i].also == alg)))
			return &algorithms[i];
	return NULL;
}

const EVP_MD *cose_digest(int64_t alg)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].alg == alg && algorithms[i].digest)
			return EVP_get_digestbyname(algorithms[i].digest);
	return NULL;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = NULL;

	if (!context || !params || EVP_PKEY_fromdata_init(context) <= 0 || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* OpenSSL refuses a point that is not on the curve. */
static EVP_PKEY *ec_key(TALLOC_CTX *mem, const struct cose_key *cose)
{
	const struct algorithm *algorithm = find_algorithm(COSE_EC2, cose->alg);
	struct buffer *point;
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key;

	if (!algorithm || cose->x.len != algorithm->size || cose->y.len != algorithm->size)
		return NULL;
	point = buffer_new(mem, 2 * algorithm->size + 1);
	buffer_char(point, 4);
	buffer_text(point, cose->x);
	buffer_text(point, cose->y);
	build = must(OSSL_PARAM_BLD_new());
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->curve, 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point->data, point->len);
	key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* Moduli of 1024 bits and more, up to what OpenSSL itself verifies with; exponents odd and below 2^31. */
static EVP_PKEY *rsa_key(const struct cose_key *cose)
{
	BIGNUM *n = BN_bin2bn((const unsigned char *)cose->n.data, (int)cose->n.len, NULL);
	BIGNUM *e = BN_bin2bn((const unsigned char *)cose->e.data, (int)cose->e.len, NULL);
	OSSL_PARAM_BLD *build = must(OSSL_PARAM_BLD_new());
	EVP_PKEY *key = NULL;

	if (n && e && BN_num_bits(n) >= 1024 && BN_num_bits(n) <= 16384 && BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(e) <= 31 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
		key = key_from("RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return key;
}

static EVP_PKEY *make_key(TALLOC_CTX *mem, const struct cose_key *cose)
{
	switch (cose->kty) {
	case COSE_EC2:
		return ec_key(mem, cose);
	case COSE_RSA:
		return rsa_key(cose);
	default: /* Ed25519, whatever alg and crv say */
		return cose->x.len == 32 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)cose->x.data, 32) : NULL;
	}
}

static int free_key(EVP_PKEY **holder)
{
	EVP_PKEY_free(*holder);
	return 0;
}

static EVP_PKEY *hold_key(TALLOC_CTX *mem, EVP_PKEY *key)
{
	EVP_PKEY **holder = must(talloc(mem, EVP_PKEY *));

	*holder = key;
	talloc_set_destructor(holder, free_key);
	return key;
}

bool cose_read(TALLOC_CTX *mem, struct text cose, struct cose_key *key)
{
	struct cbor_node map;
	size_t used;

	*key = (struct cose_key){.key = NULL};
	if (!cbor_read(mem, cose, &map, &used) || map.kind != NODE_MAP)
		return false;
	if (!cbor_int(cbor_label(&map, 1), &key->kty) || !cbor_int(cbor_label(&map, 3), &key->alg))
		return false;
	if (key->kty != COSE_EC2 && key->kty != COSE_RSA && key->kty != COSE_OKP)
		return false;
	cbor_int(cbor_label(&map, -1), &key->crv);
	key->n = cbor_bytes(cbor_label(&map, -1));
	key->x = key->e = cbor_bytes(cbor_label(&map, -2));
	key->y = cbor_bytes(cbor_label(&map, -3));
	key->key = hold_key(mem, make_key(mem, key));
	ERR_clear_error();
	return true;
}

/* ---- signatures ------------------------------------------------------------------------------------------------------------------------------ */

/* What follows the SEQUENCE of an ECDSA signature is left out; OpenSSL is strict about the rest. */
static struct text without_tail(struct text signature)
{
	const unsigned char *raw = (const unsigned char *)signature.data;
	size_t len = 0;

	if (signature.len >= 2 && raw[1] < 0x80)
		len = 2 + (size_t)raw[1];
	else if (signature.len >= 3 && raw[1] == 0x81)
		len = 3 + (size_t)raw[2];
	return len && len < signature.len ? (struct text){signature.data, len} : signature;
}

static bool verify(EVP_PKEY *key, const struct algorithm *algorithm, struct text data, struct text signature)
{
	EVP_MD_CTX *context = must(EVP_MD_CTX_new());
	const EVP_MD *digest = algorithm->digest ? EVP_get_digestbyname(algorithm->digest) : NULL;
	EVP_PKEY_CTX *key_context;
	bool right;

	if (algorithm->kty == COSE_EC2)
		signature = without_tail(signature);
	right = EVP_DigestVerifyInit(context, &key_context, digest, NULL, key) == 1;
	if (right && algorithm->pss)
		right = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_AUTO) == 1;
	right = right &&
		EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len, (const unsigned char *)data.data, data.len) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return right;
}

bool cose_verify(const struct cose_key *key, struct text data, struct text signature)
{
	const struct algorithm *algorithm = find_algorithm(key->kty, key->kty == COSE_OKP ? -8 : key->alg);

	if (!algorithm || algorithm->alg == COSE_RS1 || !key->key)
		return false;
	return verify(key->key, algorithm, data, signature);
}

static int64_t kind_of(EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return COSE_EC2;
	case EVP_PKEY_RSA:
		return COSE_RSA;
	case EVP_PKEY_ED25519:
		return COSE_OKP;
	default:
		return 0;
	}
}

bool cose_verify_with(EVP_PKEY *key, int64_t alg, struct text data, struct text signature)
{
	const struct algorithm *algorithm = key ? find_algorithm(kind_of(key), alg) : NULL;

	return algorithm && verify(key, algorithm, data, signature);
}
