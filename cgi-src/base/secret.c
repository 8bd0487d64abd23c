/* secret.c: random bytes, comparison in constant time and wiping, all libsodium's. */
#include <sodium.h>

#include "latchkey/base.h"

bool secret_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || sodium_memcmp(a.data, b.data, a.len) == 0);
}

static int wipe(void *block)
{
	sodium_memzero(block, talloc_get_size(block));
	return 0;
}

void secret_hold(const void *block)
{
	void *held = (void *)(uintptr_t)block;

	if (held)
		talloc_set_destructor(held, wipe);
}

void random_bytes(void *out, size_t len)
{
	randombytes_buf(out, len); /* aborts where the system has no randomness */
}

uint64_t random_below(uint64_t bound)
{
	uint64_t value, limit;

	if (bound < 2)
		return 0;
	limit = UINT64_MAX - UINT64_MAX % bound; /* what lies beyond would favour small results */
	do
		randombytes_buf(&value, sizeof(value));
	while (value >= limit);
	return value % bound;
}
