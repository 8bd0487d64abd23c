/* jose.h: JWK, JWS and JWKS (contract 02 section 2.5, 04 sections 2 and 3; RFC 7515, 7517, 7518, 8037). */
#ifndef LATCHKEY_JOSE_H
#define LATCHKEY_JOSE_H

#include "latchkey/json.h"
#include "latchkey/request.h"

struct jose_keys; /* the set that signs and verifies */

/* Makes the set of GOTRUE_JWT_KEYS (json; TEXT_NONE or an empty array: none) with the fall-back secret and its key id. valid_methods as
 * configured (set false: derived). NULL: *why names what is wrong, without key material. */
struct jose_keys *jose_keys_make(TALLOC_CTX *mem, struct text json, struct text secret, struct text key_id, const struct text_list *valid_methods,
				 const char **why);

const char *jose_signing_alg(const struct jose_keys *keys); /* "HS256", "RS256", … */
/* Signs payload (JSON text); the compact form, NULL when signing fails. */
struct text jose_sign(TALLOC_CTX *mem, const struct jose_keys *keys, struct text payload);
/* Checks 1 to 4 and 6 to 12 of contract 04 section 3.2 and parses the payload into *claims. -1: *detail is the text after
 * "unable to parse or verify signature, ". Claim types and times are the caller's (session room). */
int jose_verify(TALLOC_CTX *mem, const struct jose_keys *keys, struct text token, struct json_object **claims, const char **detail);
/* The JWKS document of contract 01 section 16.3. */
struct text jose_jwks(TALLOC_CTX *mem, const struct jose_keys *keys);

/* ---- keys of others (ID tokens, OAuth) ------------------------------------------------------------------------------- */

struct jose_key; /* one public key, from a JWK */
struct jose_key *jose_key_parse(TALLOC_CTX *mem, struct json_object *jwk, const char **why);
bool jose_key_verify(const struct jose_key *key, const char *alg, struct text input, struct text signature);
/* Splits a compact JWS and decodes header and payload without verifying. */
struct jose_parts {
	struct json_object *header, *payload;
	struct text signing_input, signature;
};
int jose_split(TALLOC_CTX *mem, struct text token, struct jose_parts *parts, const char **detail);
/* The payload alone; header and signature may hold anything. */
int jose_payload(TALLOC_CTX *mem, struct text token, struct json_object **payload, const char **detail);

#endif
