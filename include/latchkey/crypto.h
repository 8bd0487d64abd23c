/* crypto.h: digests, one-time codes, encryption at rest, password hashes (contract 04 section 12, 05 section 2). */
#ifndef LATCHKEY_CRYPTO_H
#define LATCHKEY_CRYPTO_H

#include "latchkey/request.h"

void crypto_init(void); /* once, before workers are forked */

void sha256(struct text data, unsigned char out[32]);
void sha256_two(struct text a, struct text b, unsigned char out[32]);
char *sha224_hex(TALLOC_CTX *mem, struct text a, struct text b); /* of both, one after the other */
char *sha1_hex_upper(TALLOC_CTX *mem, struct text data);
void hmac_sha256(struct text key, struct text data, unsigned char out[32]);
/* A key of HMAC-SHA-256 made ready once, for many messages; a talloc child of mem, wiped when it is freed. */
struct hmac_key;
struct hmac_key *hmac_key_new(TALLOC_CTX *mem, struct text secret);
void hmac_with(const struct hmac_key *key, struct text data, unsigned char out[32]);
void hkdf_sha256(struct text secret, struct text info, unsigned char out[32]); /* no salt */

/* ---- one-time codes and random strings (04 section 12.2, 05 section 2.7) ------------------------------------------- */

char *otp_digits(TALLOC_CTX *mem, int digits);
char *otp_hash(TALLOC_CTX *mem, struct text address, struct text otp); /* hex SHA-224 of both */
char *random_alphanumeric(TALLOC_CTX *mem, size_t length);	       /* the base32 form of 04 section 12.2 */
enum generated_password { PASSWORD_ADMIN_CREATED, PASSWORD_OTP_SIGN_UP };
char *random_password(TALLOC_CTX *mem, enum generated_password kind);
char *random_password_with_sets(TALLOC_CTX *mem, size_t length, const struct text_list *sets);

/* ---- encryption at rest (04 section 12.1) --------------------------------------------------------------------------- */

struct settings;
bool envelope_is(struct text stored);
/* The plain text of a stored value, which may be plain already. -1: *why is a cause for the log (no secrets). */
int envelope_open(TALLOC_CTX *mem, const struct settings *settings, const struct uuid *owner, struct text stored, struct text *plain,
		  const char **why);
/* Encrypted where GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT is set, else a copy. */
struct text envelope_seal(TALLOC_CTX *mem, const struct settings *settings, const struct uuid *owner, struct text plain);
bool envelope_is_due(const struct settings *settings, struct text stored); /* re-encryption is due */

/* ---- password hashes ---------------------------------------------------------------------------------------------------
 * One table of formats in cgi-src/crypto/: bcrypt, argon2i/id, Firebase scrypt. */

/* bcrypt $2a$10$. NULL where the password has more than 72 bytes. */
char *password_hash(TALLOC_CTX *mem, struct text password);
/* The same shape with nothing hashed: salt and digest are random, so that no password is known for it. For accounts whose password nobody is
 * ever told; it costs no time, and is as hard to meet by guessing as any other digest. */
char *password_hash_of_nothing(TALLOC_CTX *mem);
enum password_match { PASSWORD_WRONG, PASSWORD_RIGHT, PASSWORD_UNUSABLE }; /* unusable: no hash of any known format (generic 500) */
enum password_match password_verify(struct text hash, struct text password);
/* May be stored by an import (05 section 2.4). */
bool password_hash_acceptable(struct text hash);

#endif
