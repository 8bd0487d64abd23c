/* digest.c: SHA-1, SHA-224, SHA-256, HMAC-SHA-256 and HKDF over OpenSSL; contexts are reused, a process has one thread. */
#include <string.h>

#include <openssl/core_names.h>

#include "crypto_int.h"

static void digest(const EVP_MD *md, struct text a, struct text b, unsigned char *out)
{
	static EVP_MD_CTX *context;

	if (!context)
		context = must(EVP_MD_CTX_new());
	if (!EVP_DigestInit_ex2(context, md, NULL) || !EVP_DigestUpdate(context, a.data, a.len) || !EVP_DigestUpdate(context, b.data, b.len) ||
	    !EVP_DigestFinal_ex(context, out, NULL))
		die("a digest failed");
}

void sha256(struct text data, unsigned char out[32])
{
	digest(crypto_algorithms()->sha256, data, TEXT_NONE, out);
}

void sha256_two(struct text a, struct text b, unsigned char out[32])
{
	digest(crypto_algorithms()->sha256, a, b, out);
}

char *sha224_hex(TALLOC_CTX *mem, struct text a, struct text b)
{
	unsigned char out[28];

	digest(crypto_algorithms()->sha224, a, b, out);
	return hex_encode(mem, out, sizeof(out));
}

char *sha1_hex_upper(TALLOC_CTX *mem, struct text data)
{
	unsigned char out[20];
	char *hex;

	digest(crypto_algorithms()->sha1, data, TEXT_NONE, out);
	hex = hex_encode(mem, out, sizeof(out));
	for (char *at = hex; *at; at++) {
		if (*at >= 'a')
			*at = (char)(*at - 'a' + 'A');
	}
	return hex;
}

/* ---- HMAC ----------------------------------------------------------------------------------------------------- */

/* Ready for a first key; the digest is set once, which saves half the time of a short message. */
static EVP_MAC_CTX *hmac_context(void)
{
	char name[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
	EVP_MAC_CTX *context = must(EVP_MAC_CTX_new(crypto_algorithms()->hmac));

	if (!EVP_MAC_CTX_set_params(context, params))
		die("HMAC-SHA-256 is not available");
	return context;
}

static void hmac_start(EVP_MAC_CTX *context, struct text key)
{
	/* a NULL key would mean the key of before */
	if (!EVP_MAC_init(context, (const unsigned char *)(key.len ? key.data : ""), key.len, NULL))
		die("HMAC-SHA-256 failed");
}

static void hmac_finish(EVP_MAC_CTX *context, struct text data, unsigned char out[32])
{
	size_t len;

	if (!EVP_MAC_update(context, (const unsigned char *)data.data, data.len) || !EVP_MAC_final(context, out, &len, 32) || len != 32)
		die("HMAC-SHA-256 failed");
}

void hmac_sha256(struct text key, struct text data, unsigned char out[32])
{
	static EVP_MAC_CTX *context;

	if (!context)
		context = hmac_context();
	hmac_start(context, key);
	hmac_finish(context, data, out);
	hmac_start(context, TEXT("")); /* the key does not stay */
}

struct hmac_key {
	EVP_MAC_CTX *context;
};

static int hmac_key_free(struct hmac_key *key)
{
	EVP_MAC_CTX_free(key->context); /* OpenSSL wipes the key's state */
	return 0;
}

struct hmac_key *hmac_key_new(TALLOC_CTX *mem, struct text secret)
{
	struct hmac_key *key = must(talloc_zero(mem, struct hmac_key));

	key->context = hmac_context();
	talloc_set_destructor(key, hmac_key_free);
	hmac_start(key->context, secret);
	return key;
}

void hmac_with(const struct hmac_key *key, struct text data, unsigned char out[32])
{
	if (!EVP_MAC_init(key->context, NULL, 0, NULL))
		die("HMAC-SHA-256 failed");
	hmac_finish(key->context, data, out);
}

/* RFC 5869; no salt stands for 32 zero bytes there. */
void hkdf_sha256(struct text secret, struct text info, unsigned char out[32])
{
	char name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret.data, secret.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info.data, info.len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *context = must(EVP_KDF_CTX_new(crypto_algorithms()->hkdf));

	if (EVP_KDF_derive(context, out, 32, params) <= 0)
		die("HKDF failed");
	EVP_KDF_CTX_free(context);
}
