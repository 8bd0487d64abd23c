/* refresh_v1.c: refresh tokens of the old form, twelve random characters (contract 04 section 7.1). */
#include "latchkey/session.h"

char *refresh_v1_new(TALLOC_CTX *mem)
{
	unsigned char bytes[8];
	char *token;

	random_bytes(bytes, sizeof(bytes));
	token = base32_lower_raw(mem, bytes, sizeof(bytes));
	token[12] = '\0';
	return token;
}
