/* base58.c: Bitcoin's base 58, without checksum, as Solana writes addresses (contract 07 section 16.16). */
#include <string.h>

#include "latchkey/oauth.h"

bool base58_decode(struct text text, unsigned char *out, size_t *len)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	size_t room = *len, used = 0, zeros = 0;

	memset(out, 0, room);
	while (zeros < text.len && text.data[zeros] == '1')
		zeros++;
	for (size_t i = zeros; i < text.len; i++) {
		const char *digit = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;
		unsigned carry = digit ? (unsigned)(digit - alphabet) : 0;

		if (!digit)
			return false;
		for (size_t j = 0; j < used || carry; j++) {
			if (j >= room)
				return false;
			carry += 58U * out[room - 1 - j];
			out[room - 1 - j] = (unsigned char)carry;
			carry >>= 8;
			if (j >= used)
				used = j + 1;
		}
	}
	if (zeros + used > room)
		return false;
	memmove(out + zeros, out + room - used, used);
	memset(out, 0, zeros);
	*len = zeros + used;
	return true;
}
