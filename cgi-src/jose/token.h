/* token.h: the pieces of a compact JWS, for the files that read them. */
#ifndef LATCHKEY_JOSE_TOKEN_H
#define LATCHKEY_JOSE_TOKEN_H

#include "jose_int.h"

/* How a detail begins (contract 04 section 3.2). */
#define MALFORMED "token is malformed"
#define UNVERIFIABLE "token is unverifiable"
#define WRONG_SIGNATURE "token signature is invalid"

struct segments {
	struct text header, payload, signature; /* base64url */
	struct text input;			/* header.payload */
};
bool token_split(struct text token, struct segments *parts); /* exactly three */

/* Each sets *detail and returns -1 on failure. */
int token_fail(TALLOC_CTX *mem, const char **detail, const char *kind, const char *reason);
int token_decode(TALLOC_CTX *mem, struct text encoded, const char *what, struct text *bytes, const char **detail);
int token_decode_object(TALLOC_CTX *mem, struct text encoded, const char *what, struct json_object **object, const char **detail);

#endif
