/* fold.c: names of attributes are compared under Unicode simple case folding (contract 09 section 14.14). */
#include "saml_int.h"

/* Lower-case letters that fold to another one; everything else folds to its lower case. */
static const struct fold {
	uint32_t from, to;
} folds[] = {
	{0x00b5, 0x03bc}, {0x017f, 0x0073}, {0x0345, 0x03b9}, {0x03c2, 0x03c3}, {0x03d0, 0x03b2}, {0x03d1, 0x03b8},
	{0x03d5, 0x03c6}, {0x03d6, 0x03c0}, {0x03f0, 0x03ba}, {0x03f1, 0x03c1}, {0x03f5, 0x03b5}, {0x1c80, 0x0432},
	{0x1c81, 0x0434}, {0x1c82, 0x043e}, {0x1c83, 0x0441}, {0x1c84, 0x0442}, {0x1c85, 0x0442}, {0x1c86, 0x044a},
	{0x1c87, 0x0463}, {0x1c88, 0xa64b}, {0x1e9b, 0x1e61}, {0x1fbe, 0x03b9},
};

static uint32_t folded(uint32_t point)
{
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
		if (folds[i].from == point)
			return folds[i].to;
	return point;
}

bool saml_same_name(TALLOC_CTX *mem, struct text a, struct text b)
{
	struct text left = text_lower(mem, a), right = text_lower(mem, b);
	size_t i = 0, k = 0;

	while (i < left.len && k < right.len)
		if (folded(utf8_next(left, &i)) != folded(utf8_next(right, &k)))
			return false;
	return i == left.len && k == right.len;
}
