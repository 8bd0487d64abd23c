/* hash_scan.c: reading the fields of a stored password hash from its front. */
#include <string.h>

#include "crypto_int.h"

static void advance(struct text *rest, size_t by)
{
	rest->data += by;
	rest->len -= by;
}

bool hash_take(struct text *rest, const char *literal)
{
	if (!text_starts(*rest, literal))
		return false;
	advance(rest, strlen(literal));
	return true;
}

bool hash_take_number(struct text *rest, uint64_t max, uint64_t *number)
{
	size_t used = 0;
	uint64_t value = 0;

	for (; used < rest->len && rest->data[used] >= '0' && rest->data[used] <= '9'; used++) {
		unsigned digit = (unsigned)(rest->data[used] - '0');

		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	advance(rest, used);
	*number = value;
	return used > 0;
}

struct text hash_take_until(struct text *rest, const char *stops)
{
	struct text taken = {rest->data, 0};

	while (taken.len < rest->len && (rest->data[taken.len] == '\0' || !strchr(stops, rest->data[taken.len])))
		taken.len++;
	advance(rest, taken.len);
	return taken;
}
