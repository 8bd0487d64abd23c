/* crypto_int.h: what the files of this room share. */
#ifndef LATCHKEY_CRYPTO_INT_H
#define LATCHKEY_CRYPTO_INT_H

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "latchkey/crypto.h"

/* OpenSSL's algorithms, fetched once: a fetch for each call costs more than the digest of a short text. */
struct crypto_algorithms {
	EVP_MD *sha1, *sha224, *sha256;
	EVP_MAC *hmac;
	EVP_KDF *hkdf;
	EVP_CIPHER *aes_gcm, *aes_ctr;
};
const struct crypto_algorithms *crypto_algorithms(void);

void random_shuffle(char *items, size_t count); /* every order equally likely */

/* ---- password hashes ---------------------------------------------------------------------------------------- */

/* One format of stored hash; verify gives PASSWORD_WRONG for a hash that is malformed past its prefix. */
struct hash_format {
	const char *prefix;
	bool (*acceptable)(struct text hash);
	enum password_match (*verify)(struct text hash, struct text password);
};

bool hash_bcrypt_acceptable(struct text hash);
enum password_match hash_bcrypt_verify(struct text hash, struct text password);
bool hash_argon2_acceptable(struct text hash);
enum password_match hash_argon2_verify(struct text hash, struct text password);
bool hash_firebase_acceptable(struct text hash);
enum password_match hash_firebase_verify(struct text hash, struct text password);

/* What one verification may cost, since anyone can ask for one: memory in bytes, and memory times passes over it. */
#define HASH_MEMORY_MAX ((uint64_t)1 << 30)
#define HASH_WORK_MAX ((uint64_t)4 << 30)

/* Reading a hash from its front; each advances *rest on success. */
bool hash_take(struct text *rest, const char *literal);
bool hash_take_number(struct text *rest, uint64_t max, uint64_t *number); /* decimal digits only */
struct text hash_take_until(struct text *rest, const char *stops);	  /* up to one of stops, or all */

/* The bcrypt of a key of any bytes (eksblowfish.c): key holds its own final NUL, cost is 4 to 31. */
#define BCRYPT_RAW 23
void eksblowfish(const unsigned char *key, size_t key_len, const unsigned char salt[16], int cost, unsigned char out[BCRYPT_RAW]);

#endif
