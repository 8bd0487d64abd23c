/* ip.c: address literals in the one form that is accepted and the one that is written (contract 01 section 11.4). */
#include <arpa/inet.h>
#include <string.h>

#include "http_int.h"

struct address {
	bool v6;
	unsigned char bytes[16]; /* IPv4 in the first four */
};

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool address_parse(struct text text, struct address *address)
{
	char string[INET6_ADDRSTRLEN + 1];

	if (text.len == 0 || text.len >= sizeof(string) || text_has_nul(text))
		return false;
	memcpy(string, text.data, text.len);
	string[text.len] = '\0';
	address->v6 = memchr(string, ':', text.len) != NULL;
	if (inet_pton(address->v6 ? AF_INET6 : AF_INET, string, address->bytes) != 1)
		return false;
	if (address->v6 && memcmp(address->bytes, mapped, sizeof(mapped)) == 0) {
		memmove(address->bytes, address->bytes + sizeof(mapped), 4);
		address->v6 = false;
	}
	return true;
}

/* Where the longest run of at least two zero groups begins, and how long it is; the first of equals. */
static int zero_run(const unsigned groups[8], int *length)
{
	int best = -1;

	*length = 1;
	for (int i = 0; i < 8; i++) {
		int end = i;

		while (end < 8 && groups[end] == 0)
			end++;
		if (end - i > *length) {
			best = i;
			*length = end - i;
		}
		if (end > i)
			i = end;
	}
	return best;
}

static struct text address_format(TALLOC_CTX *mem, const struct address *address)
{
	const unsigned char *b = address->bytes;
	struct buffer *out = buffer_new(mem, 48);
	unsigned groups[8];
	int run, length;

	if (!address->v6) {
		buffer_format(out, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
		return buffer_as_text(out);
	}
	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
	run = zero_run(groups, &length);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			buffer_string(out, "::");
			i += length - 1;
			continue;
		}
		buffer_format(out, i > 0 && i != run + length ? ":%x" : "%x", groups[i]);
	}
	return buffer_as_text(out);
}

bool ip_canonical(TALLOC_CTX *mem, struct text text, struct text *canonical)
{
	struct address address;

	if (!address_parse(text, &address))
		return false;
	*canonical = address_format(mem, &address);
	return true;
}

bool ip_is_loopback(struct text canonical)
{
	static const unsigned char loopback6[16] = {[15] = 1};
	struct address address;

	if (!address_parse(canonical, &address))
		return false;
	if (!address.v6)
		return address.bytes[0] == 127;
	return memcmp(address.bytes, loopback6, sizeof(loopback6)) == 0;
}

/* "ADDRESS" or "ADDRESS/BITS". */
static bool network_parse(struct text text, struct address *network, unsigned *bits)
{
	struct text address, length;
	unsigned most;

	text = text_trim(text, " \t");
	if (!text_cut(text, '/', &address, &length)) {
		if (!address_parse(text, network))
			return false;
		*bits = network->v6 ? 128 : 32;
		return true;
	}
	if (!address_parse(address, network) || length.len == 0 || length.len > 3)
		return false;
	most = network->v6 ? 128 : 32;
	*bits = 0;
	for (size_t i = 0; i < length.len; i++) {
		if (length.data[i] < '0' || length.data[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(length.data[i] - '0');
	}
	return *bits <= most;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned char mask = (unsigned char)(0xff00 >> bits % 8);

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

bool ip_network_valid(struct text text)
{
	struct address network;
	unsigned bits;

	return network_parse(text, &network, &bits);
}

bool ip_in_list(struct text canonical, const struct text_list *networks)
{
	struct address address, network;
	unsigned bits;

	if (!address_parse(canonical, &address))
		return false;
	for (size_t i = 0; i < networks->count; i++)
		if (network_parse(networks->items[i], &network, &bits) && network.v6 == address.v6 && same_bits(address.bytes, network.bytes, bits))
			return true;
	return false;
}

bool host_is_this_machine(TALLOC_CTX *mem, struct text host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"};
	struct text lower = text_lower(mem, host), tail = TEXT(".localhost");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(lower, names[i]))
			return true;
	return lower.len >= tail.len && memcmp(lower.data + lower.len - tail.len, tail.data, tail.len) == 0;
}
