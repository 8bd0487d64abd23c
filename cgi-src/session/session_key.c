/* session_key.c: the key of each session that signs its version 2 refresh tokens (contract 04 sections 7.2 and 12.1). */
#include <sodium.h>
#include <string.h>

#include "latchkey/crypto.h"
#include "session_int.h"

struct text session_key_seal(struct request *req, const struct uuid *session, const struct session_key *key)
{
	char *plain = base64_encode(req, BASE64_URL_RAW, key->bytes, sizeof(key->bytes));
	struct text stored = envelope_seal(req, req->settings, session, text_of(plain));

	sodium_memzero(plain, strlen(plain));
	return stored;
}

void session_key_new(struct request *req, const struct uuid *session, struct session_key *key, struct text *stored)
{
	random_bytes(key->bytes, sizeof(key->bytes));
	*stored = session_key_seal(req, session, key);
}

int session_key_open(struct request *req, const struct session *session, struct session_key *key, const char **why)
{
	struct text plain;
	unsigned char *bytes;
	size_t len;
	int result = -1;

	if (envelope_open(req, req->settings, &session->id, text_of(session->refresh_hmac_key), &plain, why) < 0)
		return -1;
	*why = "the session's refresh token key is no base64url text of 32 bytes";
	bytes = base64_decode(req, BASE64_URL_RAW, plain, &len, NULL);
	if (bytes && len == sizeof(key->bytes)) {
		memcpy(key->bytes, bytes, sizeof(key->bytes));
		result = 0;
	}
	if (bytes)
		sodium_memzero(bytes, len);
	return result;
}
