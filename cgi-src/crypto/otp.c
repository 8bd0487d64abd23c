/* otp.c: one-time codes and their hashes, random identifiers (contract 04 section 12.2). */
#include "crypto_int.h"

char *otp_digits(TALLOC_CTX *mem, int digits)
{
	uint64_t bound = 1;

	if (digits < 1 || digits > 18)
		die("a one-time code of %d digits was asked for", digits);
	for (int i = 0; i < digits; i++)
		bound *= 10;
	return format(mem, "%0*llu", digits, (unsigned long long)random_below(bound));
}

char *otp_hash(TALLOC_CTX *mem, struct text address, struct text otp)
{
	return sha224_hex(mem, address, otp);
}

char *random_alphanumeric(TALLOC_CTX *mem, size_t length)
{
	size_t wanted = length < 8 ? 8 : length, count = (wanted * 5 + 7) / 8;
	unsigned char *bytes = must(talloc_size(mem, count));
	char *made;

	random_bytes(bytes, count);
	made = base32_lower_raw(mem, bytes, count);
	made[wanted] = '\0';
	talloc_free(bytes);
	return made;
}
