/* envelope.c: any text as a stored secret, and any text sealed and opened again. */
#include "latchkey/crypto.h"
#include "latchkey/settings.h"
#include "tests/fuzz/fuzz.h"

static struct settings *encrypting(TALLOC_CTX *mem)
{
	struct settings *settings = must(talloc_zero(mem, struct settings));
	struct text_pair *pair = must(talloc_zero(settings, struct text_pair));
	size_t len;

	settings->security.encrypt = true;
	settings->security.encryption_key_id = "abc";
	settings->security.encryption_key = "pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4";
	pair->name = TEXT("abc");
	pair->value.data = (char *)base64_decode(settings, BASE64_URL_RAW, text_of(settings->security.encryption_key), &len, NULL);
	pair->value.len = len;
	settings->security.decryption_keys = (struct text_map){pair, 1};
	return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = encrypting(mem);
	struct uuid owner = {{1, 2, 3}};
	struct text stored = fuzz_text(data, size), sealed = envelope_seal(mem, settings, &owner, stored), plain;
	const char *why;

	promise(envelope_is(sealed) && !envelope_is_due(settings, sealed));
	promise(envelope_open(mem, settings, &owner, sealed, &plain, &why) == 0 && text_equal(plain, stored));
	if (envelope_open(mem, settings, &owner, stored, &plain, &why) < 0)
		promise(envelope_is(stored) && why);
	else if (!envelope_is(stored))
		promise(text_equal(plain, stored));
	talloc_free(mem);
	return 0;
}
