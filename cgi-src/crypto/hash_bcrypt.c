/* hash_bcrypt.c: bcrypt hashes, made and checked (contract 05 sections 2.3 to 2.5). */
#include <stdio.h>
#include <string.h>

#include <crypt.h>
#include <sodium.h>

#include "crypto_int.h"

#define KEY_MAX 72 /* bytes of a password that bcrypt looks at */
#define NEW_COST 10
#define SALT_RAW 16 /* bytes */
#define SALT 22	    /* characters */
#define DIGEST 31   /* characters */
/* Costs up to 31 may be imported, but anyone can make the server compute one by signing in: 16 takes some four seconds, more
 * than that would not end within the request's time anyway and counts as a wrong password. */
#define COST_MAX 16

static const char alphabet[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct parts {
	int cost;
	struct text salt, digest;
};

/* $2$10$… or $2a$10$…: the letter may be any, all stand for the standard algorithm. */
static bool split(struct text hash, struct parts *parts)
{
	size_t at;

	if (hash.len < 59 || hash.data[0] != '$' || (unsigned char)hash.data[1] > '2')
		return false;
	at = hash.data[2] == '$' ? 3 : 4;
	if (hash.data[at] < '0' || hash.data[at] > '9' || hash.data[at + 1] < '0' || hash.data[at + 1] > '9')
		return false;
	parts->cost = (hash.data[at] - '0') * 10 + hash.data[at + 1] - '0';
	at += 3;
	parts->salt = (struct text){hash.data + at, SALT};
	parts->digest = (struct text){hash.data + at + SALT, hash.len - at - SALT};
	return parts->cost >= 4 && parts->cost <= 31;
}

static bool decode_salt(struct text salt, unsigned char out[16])
{
	uint32_t bits = 0;
	size_t made = 0;

	for (size_t i = 0, have = 0; i < salt.len; i++) {
		const char *found = salt.data[i] ? strchr(alphabet, salt.data[i]) : NULL;

		if (!found)
			return false;
		bits = bits << 6 | (uint32_t)(found - alphabet);
		have += 6;
		if (have >= 8 && made < 16) {
			have -= 8;
			out[made++] = (unsigned char)(bits >> have);
		}
	}
	return made == 16;
}

static void encode_digest(const unsigned char raw[BCRYPT_RAW], char out[DIGEST])
{
	uint32_t bits = 0;
	size_t made = 0;

	for (size_t i = 0, have = 0; i < BCRYPT_RAW; i++) {
		bits = bits << 8 | raw[i];
		for (have += 8; have >= 6; have -= 6)
			out[made++] = alphabet[bits >> (have - 6) & 63];
		if (i == BCRYPT_RAW - 1)
			out[made] = alphabet[bits << (6 - have) & 63];
	}
}

/* Passwords that hold NUL; the key is their bytes and one NUL more. */
static bool compute_any(struct text password, int cost, struct text salt, char digest[DIGEST])
{
	unsigned char key[KEY_MAX + 1] = {0}, raw_salt[16], raw[BCRYPT_RAW];

	if (!decode_salt(salt, raw_salt))
		return false;
	memcpy(key, password.data, password.len);
	eksblowfish(key, password.len + 1, raw_salt, cost, raw);
	encode_digest(raw, digest);
	sodium_memzero(key, sizeof(key));
	return true;
}

static bool compute(struct text password, int cost, struct text salt, char digest[DIGEST])
{
	static struct crypt_data data; /* 32 kB, wiped after each use */
	char phrase[KEY_MAX + 1] = {0}, setting[7 + SALT + 1];
	const char *made;

	if (password.len > KEY_MAX)
		password.len = KEY_MAX;
	if (text_has_nul(password))
		return compute_any(password, cost, salt, digest);
	if (password.len)
		memcpy(phrase, password.data, password.len);
	/* 2b is the standard algorithm; libxcrypt's 2a deviates for some passwords with bytes of 0xff */
	snprintf(setting, sizeof(setting), "$2b$%02d$%.*s", cost, SALT, salt.data);
	made = crypt_rn(phrase, setting, &data, sizeof(data));
	if (made && strlen(made) == 7 + SALT + DIGEST)
		memcpy(digest, made + 7 + SALT, DIGEST);
	else
		made = NULL;
	sodium_memzero(phrase, sizeof(phrase));
	sodium_memzero(&data, sizeof(data));
	return made != NULL;
}

bool hash_bcrypt_acceptable(struct text hash)
{
	struct parts parts;

	return split(hash, &parts);
}

enum password_match hash_bcrypt_verify(struct text hash, struct text password)
{
	struct parts parts;
	char digest[DIGEST];

	if (!split(hash, &parts))
		return PASSWORD_UNUSABLE;
	if (parts.cost > COST_MAX || !compute(password, parts.cost, parts.salt, digest))
		return PASSWORD_WRONG;
	return secret_equal((struct text){digest, DIGEST}, parts.digest) ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

char *password_hash(TALLOC_CTX *mem, struct text password)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], random[16], digest[DIGEST];

	if (password.len > KEY_MAX)
		return NULL;
	random_bytes(random, sizeof(random));
	if (!crypt_gensalt_rn("$2b$", NEW_COST, random, sizeof(random), setting, sizeof(setting)) ||
	    !compute(password, NEW_COST, (struct text){setting + 7, SALT}, digest))
		die("bcrypt is not available in libcrypt");
	return format(mem, "$2a$%02d$%.*s%.*s", NEW_COST, SALT, setting + 7, DIGEST, digest);
}

char *password_hash_of_nothing(TALLOC_CTX *mem)
{
	unsigned char salt[SALT_RAW + 1] = {0}, raw[BCRYPT_RAW];
	char digest[DIGEST], encoded[SALT];
	uint32_t bits = 0;

	random_bytes(salt, SALT_RAW);
	random_bytes(raw, sizeof(raw));
	encode_digest(raw, digest);
	for (size_t i = 0, have = 0, made = 0; made < SALT; made++) {
		while (have < 6) {
			bits = bits << 8 | salt[i++];
			have += 8;
		}
		have -= 6;
		encoded[made] = alphabet[bits >> have & 63];
	}
	return format(mem, "$2a$%02d$%.*s%.*s", NEW_COST, SALT, encoded, DIGEST, digest);
}
