/* refresh_token.c: whatever parses has bounds that hold, and one that verifies is exactly what would be issued. */
#include "latchkey/session.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char key[32];
	struct refresh_v2 parsed;

	for (int i = 0; i < 32; i++)
		key[i] = (unsigned char)i;
	if (refresh_v2_parse(fuzz_text(data, size), &parsed)) {
		struct text made = refresh_v2_make(mem, &parsed.session, parsed.counter, key);
		struct refresh_v2 again;

		promise(parsed.counter >= 0 && parsed.signed_len >= 18 && parsed.signed_len <= 27);
		promise(refresh_v2_parse(made, &again) && refresh_v2_verify(&again, key));
		promise(uuid_equal(&again.session, &parsed.session) && again.counter == parsed.counter);
		if (refresh_v2_verify(&parsed, key)) /* but for the unused bits of the last character */
			promise(made.len == size && memcmp(made.data, data, size - 1) == 0);
	}
	talloc_free(mem);
	return 0;
}
