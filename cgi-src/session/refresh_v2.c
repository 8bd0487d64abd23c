/* refresh_v2.c: refresh tokens that name session and counter under a key of the session (contract 04 section 7.2). */
#include <string.h>

#include <sodium.h>

#include "latchkey/crypto.h"
#include "latchkey/session.h"

#define VERSION 0
#define ID_AT 1
#define COUNTER_AT 17
#define COUNTER_MAX 10 /* bytes of a 64-bit varint */
#define SIGNATURE 16
#define CHECKSUM 4
#define TOKEN_MIN (COUNTER_AT + 1 + SIGNATURE + CHECKSUM)
#define TOKEN_MAX (COUNTER_AT + COUNTER_MAX + SIGNATURE + CHECKSUM)
#define CHARACTERS(bytes) (((bytes)*4 + 2) / 3)

static size_t varint_put(unsigned char *out, uint64_t value)
{
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		out[len++] = (unsigned char)(value | 0x80);
	out[len++] = (unsigned char)value;
	return len;
}

/* The length of the varint at the front of bytes; 0: cut off, or more than 64 bits. */
static size_t varint_get(const unsigned char *bytes, size_t len, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < len && i < COUNTER_MAX; i++) {
		if (i == COUNTER_MAX - 1 && bytes[i] > 1)
			return 0;
		*value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
		if (bytes[i] < 0x80)
			return i + 1;
	}
	return 0;
}

static void signature_of(const unsigned char *bytes, size_t len, const unsigned char key[32], unsigned char out[SIGNATURE])
{
	unsigned char mac[32];

	hmac_sha256((struct text){(const char *)key, 32}, (struct text){(const char *)bytes, len}, mac);
	memcpy(out, mac, SIGNATURE);
}

static void checksum_of(const unsigned char *bytes, size_t len, unsigned char out[CHECKSUM])
{
	unsigned char digest[32];

	sha256((struct text){(const char *)bytes, len}, digest);
	memcpy(out, digest, CHECKSUM);
}

struct text refresh_v2_make(TALLOC_CTX *mem, const struct uuid *session, int64_t counter, const unsigned char key[32])
{
	unsigned char bytes[TOKEN_MAX];
	size_t len = COUNTER_AT;

	bytes[0] = VERSION;
	memcpy(bytes + ID_AT, session->bytes, sizeof(session->bytes));
	len += varint_put(bytes + len, (uint64_t)counter);
	signature_of(bytes, len, key, bytes + len);
	len += SIGNATURE;
	checksum_of(bytes, len, bytes + len);
	len += CHECKSUM;
	return text_of(base64_encode(mem, BASE64_URL_RAW, bytes, len));
}

static bool parse(const unsigned char *bytes, size_t len, struct refresh_v2 *parsed)
{
	unsigned char checksum[CHECKSUM];
	uint64_t counter;
	size_t used, body = len - CHECKSUM;

	if (bytes[0] != VERSION)
		return false;
	checksum_of(bytes, body, checksum);
	if (sodium_memcmp(checksum, bytes + body, CHECKSUM) != 0)
		return false;
	used = varint_get(bytes + COUNTER_AT, body - COUNTER_AT, &counter);
	if (!used || body - COUNTER_AT - used != SIGNATURE)
		return false;
	parsed->signed_len = COUNTER_AT + used;
	parsed->counter = counter > INT64_MAX ? INT64_MAX : (int64_t)counter;
	memcpy(parsed->session.bytes, bytes + ID_AT, sizeof(parsed->session.bytes));
	memcpy(parsed->signed_part, bytes, parsed->signed_len);
	memcpy(parsed->signature, bytes + parsed->signed_len, SIGNATURE);
	return true;
}

bool refresh_v2_parse(struct text token, struct refresh_v2 *parsed)
{
	unsigned char *bytes;
	size_t len;
	bool parses;

	*parsed = (struct refresh_v2){0};
	if (token.len < CHARACTERS(TOKEN_MIN) || token.len > CHARACTERS(TOKEN_MAX))
		return false;
	bytes = base64_decode(NULL, BASE64_URL_RAW, token, &len, NULL);
	parses = bytes && len >= TOKEN_MIN && len <= TOKEN_MAX && parse(bytes, len, parsed);
	talloc_free(bytes);
	return parses;
}

bool refresh_v2_verify(const struct refresh_v2 *parsed, const unsigned char key[32])
{
	unsigned char signature[SIGNATURE];

	signature_of(parsed->signed_part, parsed->signed_len, key, signature);
	return sodium_memcmp(signature, parsed->signature, SIGNATURE) == 0;
}
