/* hash_argon2.c: Argon2i and Argon2id hashes in PHC form, checked only (contract 05 section 2.4). */
#include "config.h"

#ifdef HAVE_ARGON2
#include <argon2.h>
#endif
#include <sodium.h>

#include "crypto_int.h"

#define MEMORY_MAX 1048576 /* KiB */
#define TIME_MAX 20
#define LANES_MAX 16

struct parts {
	bool id; /* argon2id, else argon2i */
	uint64_t memory, time, lanes;
	unsigned char *salt, *digest;
	size_t salt_len, digest_len;
};

static unsigned char *decode(TALLOC_CTX *mem, struct text text, size_t *len)
{
	unsigned char *bytes = text.len ? base64_decode(mem, BASE64_STD_RAW, text, len, NULL) : NULL;

	return bytes && *len ? bytes : NULL;
}

/* $argon2id$v=19$m=64,t=2,p=1$SALT$HASH; a key id or associated data is refused. */
static bool split(TALLOC_CTX *mem, struct text rest, struct parts *parts)
{
	uint64_t version;

	parts->id = hash_take(&rest, "$argon2id$");
	if (!parts->id && !hash_take(&rest, "$argon2i$"))
		return false;
	if (!hash_take(&rest, "v=") || !hash_take_number(&rest, UINT32_MAX, &version) || version != 19 || !hash_take(&rest, "$m=") ||
	    !hash_take_number(&rest, MEMORY_MAX, &parts->memory) || !hash_take(&rest, ",t=") || !hash_take_number(&rest, TIME_MAX, &parts->time) ||
	    !hash_take(&rest, ",p=") || !hash_take_number(&rest, LANES_MAX, &parts->lanes) || !hash_take(&rest, "$"))
		return false;
	parts->salt = decode(mem, hash_take_until(&rest, "$"), &parts->salt_len);
	if (!parts->salt || !hash_take(&rest, "$"))
		return false;
	parts->digest = decode(mem, rest, &parts->digest_len);
	return parts->digest != NULL;
}

#ifdef HAVE_ARGON2

/* libargon2 refuses what the standard does: no passes, no lanes, less than 8 KiB a lane, a salt under 8 bytes, an output
 * under 4. The lanes are computed one after the other: this process has one thread. */
static bool compute(const struct parts *parts, struct text password, unsigned char *out)
{
	argon2_context context = {
		.out = out,
		.outlen = (uint32_t)parts->digest_len,
		.pwd = (uint8_t *)password.data,
		.pwdlen = (uint32_t)password.len,
		.salt = parts->salt,
		.saltlen = (uint32_t)parts->salt_len,
		.t_cost = (uint32_t)parts->time,
		.m_cost = (uint32_t)parts->memory,
		.lanes = (uint32_t)parts->lanes,
		.threads = 1,
		.version = ARGON2_VERSION_13,
	};

	if (parts->memory * 1024 > HASH_MEMORY_MAX || parts->memory * 1024 * parts->time > HASH_WORK_MAX || password.len > UINT32_MAX)
		return false;
	return argon2_ctx(&context, parts->id ? Argon2_id : Argon2_i) == ARGON2_OK;
}

static bool matches(TALLOC_CTX *mem, const struct parts *parts, struct text password)
{
	unsigned char *made = must(talloc_size(mem, parts->digest_len));
	bool same = compute(parts, password, made) && sodium_memcmp(made, parts->digest, parts->digest_len) == 0;

	sodium_memzero(made, parts->digest_len);
	return same;
}

bool hash_argon2_acceptable(struct text hash)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct parts parts;
	bool well_formed = split(mem, hash, &parts);

	talloc_free(mem);
	return well_formed;
}

enum password_match hash_argon2_verify(struct text hash, struct text password)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct parts parts;
	bool same = split(mem, hash, &parts) && matches(mem, &parts, password);

	talloc_free(mem);
	return same ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

#else

bool hash_argon2_acceptable(struct text hash)
{
	(void)hash;
	(void)split;
	return false;
}

enum password_match hash_argon2_verify(struct text hash, struct text password)
{
	(void)hash;
	(void)password;
	log_plain(LOG_WARNING, "a stored password is an Argon2 hash, but this build is without libargon2");
	return PASSWORD_WRONG;
}

#endif
