/* encode.c: hexadecimal, base64 and base32 (RFC 4648), CRC-32. */
#include <string.h>

#include "latchkey/base.h"

char *hex_encode(TALLOC_CTX *mem, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	char *out = must(talloc_size(mem, len * 2 + 1));

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

bool hex_decode(struct text text, unsigned char *out, size_t len)
{
	if (text.len != len * 2)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (value < 0)
			return false;
		out[i / 2] = (unsigned char)(i % 2 ? out[i / 2] | value : value << 4);
	}
	return true;
}

static const char std_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_url(enum base64_kind kind)
{
	return kind == BASE64_URL || kind == BASE64_URL_RAW;
}

static bool is_raw(enum base64_kind kind)
{
	return kind == BASE64_URL_RAW || kind == BASE64_STD_RAW;
}

char *base64_encode(TALLOC_CTX *mem, enum base64_kind kind, const void *data, size_t len)
{
	const char *alphabet = is_url(kind) ? url_alphabet : std_alphabet;
	const unsigned char *bytes = data;
	char *out = must(talloc_size(mem, (len + 2) / 3 * 4 + 1)), *end = out;

	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)(have > 1 ? bytes[i + 1] : 0) << 8 | (have > 2 ? bytes[i + 2] : 0);

		for (size_t k = 0; k < 4; k++) {
			if (k <= have)
				*end++ = alphabet[group >> (18 - 6 * k) & 63];
			else if (!is_raw(kind))
				*end++ = '=';
		}
	}
	*end = '\0';
	return out;
}

static int base64_value(char c, bool url)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (url ? '-' : '+'))
		return 62;
	return c == (url ? '_' : '/') ? 63 : -1;
}

/* Where padded text goes wrong, as the reference counts it. */
static size_t padded_bad_at(struct text text, bool url)
{
	size_t at = 0;

	while (at < text.len && base64_value(text.data[at], url) >= 0)
		at++;
	if (at == text.len)
		return at - at % 4;
	if (text.data[at] != '=' || at % 4 < 2)
		return at;
	if (at % 4 == 2 && (at + 1 == text.len || text.data[at + 1] != '='))
		return at + 1;
	return at % 4 == 2 ? at + 2 : at + 1;
}

unsigned char *base64_decode(TALLOC_CTX *mem, enum base64_kind kind, struct text text, size_t *len, size_t *bad_at)
{
	unsigned char *out = must(talloc_size(mem, text.len / 4 * 3 + 4));
	size_t used = text.len, made = 0, at = 0;
	uint32_t group = 0;

	if (!is_raw(kind)) {
		if (used % 4) {
			at = used;
			goto bad;
		}
		for (int i = 0; i < 2 && used && text.data[used - 1] == '='; i++)
			used--;
	}
	for (; at < used; at++) {
		int value = base64_value(text.data[at], is_url(kind));

		if (value < 0)
			goto bad;
		group = group << 6 | (uint32_t)value;
		if (at % 4 == 3) {
			out[made++] = (unsigned char)(group >> 16);
			out[made++] = (unsigned char)(group >> 8);
			out[made++] = (unsigned char)group;
			group = 0;
		}
	}
	if (used % 4 == 1) { /* one character holds less than a byte */
		at = used - 1;
		goto bad;
	}
	if (used % 4 == 2)
		out[made++] = (unsigned char)(group >> 4);
	if (used % 4 == 3) {
		out[made++] = (unsigned char)(group >> 10);
		out[made++] = (unsigned char)(group >> 2);
	}
	out[made] = '\0';
	*len = made;
	return out;
bad:
	if (bad_at)
		*bad_at = is_raw(kind) ? at : padded_bad_at(text, is_url(kind));
	talloc_free(out);
	return NULL;
}

char *base32_lower_raw(TALLOC_CTX *mem, const void *data, size_t len)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	const unsigned char *bytes = data;
	char *out = must(talloc_size(mem, (len * 8 + 4) / 5 + 1)), *end = out;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 5; have -= 5)
			*end++ = alphabet[bits >> (have - 5) & 31];
	}
	if (have)
		*end++ = alphabet[bits << (5 - have) & 31];
	*end = '\0';
	return out;
}

uint32_t crc32_of(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
