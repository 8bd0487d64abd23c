/* password.c: the table of password hash formats (contract 05 section 2.4). */
#include "crypto_int.h"

/* The column takes 255 characters; nothing longer is looked at. */
#define HASH_TEXT_MAX 1024

static const struct hash_format formats[] = {
	{"$argon2", hash_argon2_acceptable, hash_argon2_verify},
	{"$fbscrypt", hash_firebase_acceptable, hash_firebase_verify},
	{"", hash_bcrypt_acceptable, hash_bcrypt_verify},
};

static const struct hash_format *format_of(struct text hash)
{
	const struct hash_format *format = formats;

	while (!text_starts(hash, format->prefix))
		format++;
	return format;
}

bool password_hash_acceptable(struct text hash)
{
	return hash.len <= HASH_TEXT_MAX && format_of(hash)->acceptable(hash);
}

enum password_match password_verify(struct text hash, struct text password)
{
	if (text_is_empty(hash))
		return PASSWORD_WRONG;
	if (hash.len > HASH_TEXT_MAX)
		return PASSWORD_UNUSABLE;
	return format_of(hash)->verify(hash, password);
}
