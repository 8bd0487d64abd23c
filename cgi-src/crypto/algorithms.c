/* algorithms.c: OpenSSL's algorithms, fetched once and kept for the life of the process. */
#include <sodium.h>

#include "crypto_int.h"

static struct crypto_algorithms algorithms;

static bool fetch(struct crypto_algorithms *a)
{
	a->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	a->sha224 = EVP_MD_fetch(NULL, "SHA224", NULL);
	a->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	a->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	a->hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	a->aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	a->aes_ctr = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
	return a->sha1 && a->sha224 && a->sha256 && a->hmac && a->hkdf && a->aes_gcm && a->aes_ctr;
}

void crypto_init(void)
{
	if (algorithms.aes_ctr)
		return;
	if (sodium_init() < 0)
		die("libsodium could not be initialised");
	if (!fetch(&algorithms))
		die("OpenSSL lacks an algorithm that is needed (SHA, HMAC, HKDF or AES)");
}

const struct crypto_algorithms *crypto_algorithms(void)
{
	if (!algorithms.aes_ctr)
		crypto_init();
	return &algorithms;
}
