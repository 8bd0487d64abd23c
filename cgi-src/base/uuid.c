/* uuid.c: UUIDs in the forms of contract 01 section 5.6. */
#include <string.h>

#include "latchkey/base.h"

struct uuid uuid_v4(void)
{
	struct uuid uuid;

	random_bytes(uuid.bytes, sizeof(uuid.bytes));
	uuid.bytes[6] = (unsigned char)((uuid.bytes[6] & 0x0f) | 0x40);
	uuid.bytes[8] = (unsigned char)((uuid.bytes[8] & 0x3f) | 0x80);
	return uuid;
}

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static bool parse_digits(struct text text, bool hyphens, struct uuid *uuid)
{
	size_t at = 0;

	for (size_t i = 0; i < 16; i++) {
		int high, low;

		if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
			return false;
		high = hex_value(text.data[at++]);
		low = hex_value(text.data[at++]);
		if (high < 0 || low < 0)
			return false;
		uuid->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return at == text.len;
}

bool uuid_parse(struct text text, struct uuid *uuid)
{
	static const char urn[] = "urn:uuid:"; /* in lower case alone (contract 07 section 4.1) */

	if (text_starts(text, urn)) {
		text.data += sizeof(urn) - 1;
		text.len -= sizeof(urn) - 1;
	} else if (text.len > 2 && text.data[0] == '{' && text.data[text.len - 1] == '}') {
		text.data++;
		text.len -= 2;
	}
	return text.len == 36 ? parse_digits(text, true, uuid) : text.len == 32 && parse_digits(text, false, uuid);
}

bool uuid_is_nil(const struct uuid *uuid)
{
	static const struct uuid nil;

	return uuid_equal(uuid, &nil);
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void uuid_format(const struct uuid *uuid, char out[UUID_TEXT_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[uuid->bytes[i] >> 4];
		out[at++] = digits[uuid->bytes[i] & 15];
	}
	out[at] = '\0';
}

char *uuid_string(TALLOC_CTX *mem, const struct uuid *uuid)
{
	char *out = must(talloc_size(mem, UUID_TEXT_LEN + 1));

	uuid_format(uuid, out);
	return out;
}
