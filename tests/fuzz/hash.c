/* hash.c: any text as a stored password hash; those that are cheap are also computed. */
#include "latchkey/crypto.h"
#include "tests/fuzz/fuzz.h"

/* The largest number in the text up to its salt bounds the work. */
static unsigned long largest_number(struct text hash)
{
	unsigned long largest = 0, number = 0;

	for (size_t i = 0; i < hash.len && number < 1000000; i++) {
		number = hash.data[i] >= '0' && hash.data[i] <= '9' ? number * 10 + (unsigned long)(hash.data[i] - '0') : 0;
		if (number > largest)
			largest = number;
	}
	return largest;
}

static bool is_cheap(struct text hash)
{
	unsigned long largest = largest_number(hash);

	if (text_starts(hash, "$argon2"))
		return largest <= 128;
	return largest <= (text_starts(hash, "$fbscrypt") ? 10 : 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text hash = fuzz_text(data, size);
	bool acceptable = password_hash_acceptable(hash);

	if (is_cheap(hash)) {
		enum password_match match = password_verify(hash, TEXT("a password that nobody has"));

		promise(match != PASSWORD_RIGHT);
		promise(!acceptable || match == PASSWORD_WRONG);
	}
	return 0;
}
