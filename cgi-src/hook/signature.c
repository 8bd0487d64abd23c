/* signature.c: Standard Webhooks signatures (contract 11 section 7.4). */
#include <sodium.h>

#include "cgi-src/hook/hook_int.h"
#include "latchkey/crypto.h"

static const char *sign_with(TALLOC_CTX *mem, struct text secret, struct text input, const char **why)
{
	static const size_t prefix = sizeof("v1,whsec_") - 1;
	unsigned char mac[32], *key;
	size_t len, bad_at;

	if (!text_starts(secret, "v1,whsec_")) {
		*why = "invalid signature format";
		return NULL;
	}
	key = base64_decode(mem, BASE64_STD, (struct text){secret.data + prefix, secret.len - prefix}, &len, &bad_at);
	if (!key) {
		*why = format(mem, "unable to create webhook, err: illegal base64 data at input byte %zu", bad_at);
		return NULL;
	}
	hmac_sha256((struct text){(const char *)key, len}, input, mac);
	sodium_memzero(key, len);
	return format(mem, "v1,%s", base64_encode(mem, BASE64_STD, mac, sizeof(mac)));
}

const char *hook_signature(TALLOC_CTX *mem, const struct text_list *secrets, const char *id, const char *timestamp, struct text body,
			   const char **why)
{
	struct buffer *input = buffer_new(mem, body.len + 80), *all = buffer_new(mem, 64);

	buffer_format(input, "%s.%s.", id, timestamp);
	buffer_text(input, body);
	for (size_t i = 0; i < secrets->count; i++) {
		const char *one = sign_with(mem, secrets->items[i], buffer_as_text(input), why);

		if (!one)
			return NULL;
		buffer_string(all, i ? ", " : "");
		buffer_string(all, one);
	}
	return all->data;
}
