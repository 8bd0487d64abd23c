/* hash_firebase.c: Firebase's modified scrypt, checked only (contract 05 section 2.4). */
#include <string.h>

#include <sodium.h>

#include "crypto_int.h"

struct bytes {
	unsigned char *data;
	size_t len;
};
struct parts {
	uint64_t n, r, p; /* n is the exponent of two */
	struct bytes salt, separator, signer_key, digest;
};

static bool decode(TALLOC_CTX *mem, struct text text, struct bytes *out)
{
	out->data = base64_decode(mem, BASE64_STD, text, &out->len, NULL);
	return out->data != NULL;
}

/* 128 r 2^n bytes are needed; everything is bounded before it is multiplied. */
static bool within_bounds(const struct parts *parts)
{
	uint64_t memory;

	if (!parts->n || !parts->r || !parts->p || parts->n > 40 || parts->r > HASH_MEMORY_MAX)
		return false;
	memory = (uint64_t)128 << parts->n;
	return memory <= HASH_MEMORY_MAX && memory * parts->r <= HASH_MEMORY_MAX;
}

/* $fbscrypt$v=1,n=14,r=8,p=1,ss=…,sk=…$SALT$HASH; ss and sk may be absent. */
static bool split(TALLOC_CTX *mem, struct text rest, struct parts *parts)
{
	uint64_t version;

	*parts = (struct parts){0};
	if (!hash_take(&rest, "$fbscrypt$v=") || !hash_take_number(&rest, UINT32_MAX, &version) || version != 1 || !hash_take(&rest, ",n=") ||
	    !hash_take_number(&rest, UINT32_MAX, &parts->n) || !hash_take(&rest, ",r=") || !hash_take_number(&rest, UINT64_MAX, &parts->r) ||
	    !hash_take(&rest, ",p=") || !hash_take_number(&rest, UINT8_MAX, &parts->p) || !within_bounds(parts))
		return false;
	if (hash_take(&rest, ",ss=") && !decode(mem, hash_take_until(&rest, ",$"), &parts->separator))
		return false;
	if (hash_take(&rest, ",sk=") && !decode(mem, hash_take_until(&rest, ",$"), &parts->signer_key))
		return false;
	return hash_take(&rest, "$") && decode(mem, hash_take_until(&rest, "$"), &parts->salt) && hash_take(&rest, "$") &&
	       decode(mem, rest, &parts->digest) && parts->digest.len > 0;
}

static bool derive(TALLOC_CTX *mem, const struct parts *parts, struct text password, unsigned char key[32])
{
	size_t salt_len = parts->salt.len + parts->separator.len;
	unsigned char *salt = must(talloc_size(mem, salt_len + 1));

	if (parts->salt.len)
		memcpy(salt, parts->salt.data, parts->salt.len);
	if (parts->separator.len)
		memcpy(salt + parts->salt.len, parts->separator.data, parts->separator.len);
	/* the limit counts a little more than the table of 128 r 2^n bytes */
	return EVP_PBE_scrypt(password.len ? password.data : "", password.len, salt, salt_len, (uint64_t)1 << parts->n, parts->r, parts->p,
			      HASH_MEMORY_MAX + (HASH_MEMORY_MAX >> 4), key, 32) == 1;
}

static bool encrypt_signer_key(const struct bytes *signer_key, const unsigned char key[32], unsigned char *out)
{
	static const unsigned char zeros[16];
	EVP_CIPHER_CTX *context = must(EVP_CIPHER_CTX_new());
	int len;
	bool done = EVP_EncryptInit_ex2(context, crypto_algorithms()->aes_ctr, key, zeros, NULL) &&
		    EVP_EncryptUpdate(context, out, &len, signer_key->data, (int)signer_key->len) && len == (int)signer_key->len;

	EVP_CIPHER_CTX_free(context);
	return done;
}

static bool matches(TALLOC_CTX *mem, const struct parts *parts, struct text password)
{
	unsigned char key[32], *made;
	uint64_t work = ((uint64_t)128 << parts->n) * parts->r * parts->p;
	bool same;

	if (!parts->signer_key.len || parts->signer_key.len != parts->digest.len || work > HASH_WORK_MAX)
		return false;
	made = must(talloc_size(mem, parts->signer_key.len));
	same = derive(mem, parts, password, key) && encrypt_signer_key(&parts->signer_key, key, made) &&
	       sodium_memcmp(made, parts->digest.data, parts->digest.len) == 0;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(made, parts->signer_key.len);
	return same;
}

bool hash_firebase_acceptable(struct text hash)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct parts parts;
	bool well_formed = split(mem, hash, &parts);

	talloc_free(mem);
	return well_formed;
}

enum password_match hash_firebase_verify(struct text hash, struct text password)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct parts parts;
	bool same = split(mem, hash, &parts) && matches(mem, &parts, password);

	talloc_free(mem);
	return same ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
