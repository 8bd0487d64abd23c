/* jose_int.h: what the files of this room share. */
#ifndef LATCHKEY_JOSE_INT_H
#define LATCHKEY_JOSE_INT_H

#include <openssl/evp.h>

#include "latchkey/crypto.h"
#include "latchkey/jose.h"

/* ---- algorithms (RFC 7518 section 3.1, RFC 8037) ------------------------------------------------------------- */

enum jose_family { FAMILY_HMAC, FAMILY_RSA, FAMILY_PSS, FAMILY_ECDSA, FAMILY_EDDSA, FAMILY_NONE };

struct jose_alg {
	const char *name;
	enum jose_family family;
	const EVP_MD *(*digest)(void); /* NULL: the algorithm has its own */
	int curve_bits;		       /* ECDSA */
	bool signs;		       /* the server may sign with it (contract 04 section 2.1) */
};
const struct jose_alg *jose_alg_find(struct text name);

/* What a family says of a key that is not of its type, and of a signature that is not right (contract 04 section 3.2). */
const char *jose_family_wrong_key(enum jose_family family);
const char *jose_family_wrong_signature(enum jose_family family);

/* ---- keys -------------------------------------------------------------------------------------------------------- */

enum jose_type { TYPE_OCT, TYPE_RSA, TYPE_EC, TYPE_OKP };

#define ED25519_PUBLIC 32
#define ED25519_SECRET 64 /* as libsodium keeps it: seed and public key */

struct jose_key { /* a talloc context; its destructor wipes what is secret */
	enum jose_type type;
	struct text kid, alg; /* empty where not given */
	bool signs, is_private;
	EVP_PKEY *pkey;	       /* RSA, EC */
	int curve_bits;	       /* EC */
	unsigned char *secret; /* sodium_malloc: the bytes of an oct key; the Ed25519 secret key where is_private */
	size_t secret_len;
	struct hmac_key *hmac; /* oct: made ready for HS256 */
	bool ed25519;	       /* OKP, else X25519, which neither signs nor verifies */
	unsigned char ed25519_public[ED25519_PUBLIC];
};

/* An empty key whose destructor is set. */
struct jose_key *jose_key_new(TALLOC_CTX *mem, enum jose_type type);
struct jose_key *jose_key_of_secret(TALLOC_CTX *mem, struct text secret, struct text kid);
/* A key of the operator's own with its private part; NULL: *why, without key material. */
struct jose_key *jose_key_parse_own(TALLOC_CTX *mem, struct json_object *jwk, const char **why);

/* A binary member: base64url or standard base64, padded or not (contract 02 section 2.5). NULL where it is missing, empty
 * or malformed, with *why set. */
unsigned char *jwk_bytes(TALLOC_CTX *mem, struct json_object *jwk, const char *name, size_t *len, const char **why);

/* Each fills key from jwk; with_private: the private members are read too. -1: *why. */
int jwk_read_oct(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why);
int jwk_read_rsa(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why);
int jwk_read_ec(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why);
int jwk_read_okp(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why);

/* Makes an OpenSSL key from parameters; NULL where they are no key. */
struct ossl_param_st;
EVP_PKEY *evp_key(const char *kind, int selection, struct ossl_param_st *params);

/* ---- signatures ---------------------------------------------------------------------------------------------------- */

bool jose_key_fits(const struct jose_key *key, const struct jose_alg *alg); /* the type alone */
bool jose_signature_is_right(const struct jose_key *key, const struct jose_alg *alg, struct text input, struct text signature);
/* The signature of input under key; TEXT_NONE where it fails. */
struct text jose_signature(TALLOC_CTX *mem, const struct jose_key *key, const struct jose_alg *alg, struct text input);

/* ---- the set ----------------------------------------------------------------------------------------------------------- */

struct jose_keys {
	struct jose_key **items; /* by kid: each kid is there once */
	size_t count;
	struct jose_key *fallback; /* of GOTRUE_JWT_SECRET; NULL where that is empty */
	struct text fallback_kid;  /* GOTRUE_JWT_KEY_ID */
	const struct jose_key *signer;
	const struct jose_alg *signing_alg;
	struct text header; /* the signer's header in base64url */
	struct text_list valid_methods;
	struct text jwks;
};
/* The published form of the set's keys; jwks holds their JWKs in the order of items. */
struct text jwks_document(TALLOC_CTX *mem, struct jose_key *const *items, struct json_object *const *jwks, size_t count);

#endif
