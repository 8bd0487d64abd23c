/* fuzz.h: what every fuzz target includes. A target is one function over bytes; it aborts where a promise is broken. */
#ifndef LATCHKEY_FUZZ_H
#define LATCHKEY_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "latchkey/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts unless what the target promises holds. */
static inline void promise(bool holds)
{
	if (!holds)
		abort();
}

static inline struct text fuzz_text(const uint8_t *data, size_t size)
{
	return (struct text){(const char *)data, size};
}

#endif
