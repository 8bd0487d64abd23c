/* wallet_solana.c: Ed25519 signatures of Solana wallets, of the message itself or in Ledger's envelope (contract 07 section 11.2). */
#include <string.h>

#include <sodium.h>

#include "latchkey/oauth.h"

#define DOMAIN_LEN 32

/* FF "solana offchain", version 0, the domain, format 0, one signer, its key, the length, the message. */
static struct text envelope(TALLOC_CTX *mem, struct text domain, const unsigned char key[crypto_sign_PUBLICKEYBYTES], struct text message)
{
	struct buffer *out = buffer_new(mem, message.len + 128);
	char padded[DOMAIN_LEN] = {0};

	memcpy(padded, domain.data, domain.len < DOMAIN_LEN ? domain.len : DOMAIN_LEN);
	buffer_string(out, "\xffsolana offchain");
	buffer_char(out, 0);
	buffer_add(out, padded, sizeof(padded));
	buffer_char(out, 0);
	buffer_char(out, 1);
	buffer_add(out, key, crypto_sign_PUBLICKEYBYTES);
	buffer_char(out, (char)(message.len & 0xff));
	buffer_char(out, (char)(message.len >> 8 & 0xff));
	buffer_text(out, message);
	return buffer_as_text(out);
}

static bool verifies(const unsigned char signature[64], struct text signed_text, const unsigned char *key)
{
	return crypto_sign_verify_detached(signature, (const unsigned char *)signed_text.data, signed_text.len, key) == 0;
}

bool wallet_solana_verify(TALLOC_CTX *mem, const struct wallet_message *parsed, struct text message, const unsigned char signature[64])
{
	unsigned char key[64];
	size_t len = sizeof(key);

	if (!base58_decode(parsed->address, key, &len) || len != crypto_sign_PUBLICKEYBYTES)
		return false;
	return verifies(signature, message, key) || verifies(signature, envelope(mem, parsed->domain, key, message), key);
}
