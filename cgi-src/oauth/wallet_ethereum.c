/* wallet_ethereum.c: secp256k1 signatures of Ethereum wallets, from which the signer's address is recovered (contract 07 section 11.2, ERC-191). */
#include "config.h"

#include "latchkey/oauth.h"

#ifdef HAVE_SECP256K1

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <string.h>

bool wallet_ethereum_built_in(void)
{
	return true;
}

static void message_hash(TALLOC_CTX *mem, struct text message, unsigned char hash[32])
{
	struct buffer *out = buffer_new(mem, message.len + 64);

	buffer_string(out, "\x19"
			   "Ethereum Signed Message:\n");
	buffer_int(out, (int64_t)message.len);
	buffer_text(out, message);
	keccak256(out->data, out->len, hash);
}

/* The key that made the signature r, s with recovery id v; high s is accepted as wallets make it. */
static bool recover(const unsigned char bytes[65], const unsigned char hash[32], unsigned char key[65])
{
	secp256k1_context *context = must(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
	secp256k1_ecdsa_recoverable_signature signature;
	secp256k1_pubkey found;
	int v = bytes[64] >= 27 ? bytes[64] - 27 : bytes[64];
	size_t len = 65;
	bool done = v <= 3 && secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, bytes, v) &&
		    secp256k1_ecdsa_recover(context, &found, &signature, hash) &&
		    secp256k1_ec_pubkey_serialize(context, key, &len, &found, SECP256K1_EC_UNCOMPRESSED);

	secp256k1_context_destroy(context);
	return done;
}

bool wallet_ethereum_verify(TALLOC_CTX *mem, const struct wallet_message *parsed, struct text message, struct text signature)
{
	unsigned char bytes[65], hash[32], key[65], digest[32];
	struct text hex = {signature.data + 2, signature.len - 2}, address = {parsed->address.data + 2, parsed->address.len - 2};
	char *signer;

	if (!text_starts(signature, "0x") || hex.len != 130 || !hex_decode(hex, bytes, sizeof(bytes)))
		return false;
	message_hash(mem, message, hash);
	if (!recover(bytes, hash, key))
		return false;
	keccak256(key + 1, 64, digest);
	signer = hex_encode(mem, digest + 12, 20);
	return text_equal_nocase(text_of(signer), address);
}

#else

bool wallet_ethereum_built_in(void)
{
	return false;
}

bool wallet_ethereum_verify(TALLOC_CTX *mem, const struct wallet_message *parsed, struct text message, struct text signature)
{
	(void)mem;
	(void)parsed;
	(void)message;
	(void)signature;
	return false;
}

#endif
