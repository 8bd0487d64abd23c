/* address.c: which addresses a URL of somebody else's may lead to (contract 01 section 17). */
#include <arpa/inet.h>
#include <string.h>

#include "cgi-src/outbound/outbound_int.h"

struct network {
	unsigned char bytes[16];
	int bits;
	const char *complaint;
};

static const char loopback[] = "URL cannot resolve to loopback addresses";
static const char private_network[] = "URL cannot resolve to private network addresses";
static const char link_local[] = "URL cannot resolve to link-local addresses";
static const char multicast[] = "URL cannot resolve to multicast addresses";
static const char unspecified[] = "URL cannot resolve to unspecified addresses";
static const char reserved[] = "URL cannot resolve to reserved addresses";

/* IPv4 as ::ffff:a.b.c.d; the first network that holds an address decides */
static const struct network networks[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127}, 104, loopback},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10}, 104, private_network},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 172, 16}, 108, private_network},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 168}, 112, private_network},
	{{0xfc}, 7, private_network},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 169, 254}, 112, link_local},
	{{0xfe, 0x80}, 10, link_local},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 224, 0, 0}, 120, link_local},
	{{0xff, 0x02}, 16, link_local},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 224}, 100, multicast},
	{{0xff}, 8, multicast},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0}, 128, unspecified},
	{{0}, 128, unspecified},
};

/* this network and what is kept for later; nothing public answers from there */
static const struct network nowhere[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0}, 104, reserved},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 240}, 100, reserved},
};

/* A gateway leads from these to the IPv4 address that stands at this byte: NAT64, 6to4, IPv4-compatible. */
static const struct {
	struct network network;
	size_t at;
} embedding[] = {
	{{{0, 0x64, 0xff, 0x9b}, 96, NULL}, 12},
	{{{0x20, 0x02}, 16, NULL}, 2},
	{{{0}, 96, NULL}, 12},
};

static bool holds(const struct network *network, const unsigned char address[16])
{
	int whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(network->bytes, address, (size_t)whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static const char *complaint_in(const struct network *list, size_t count, const unsigned char address[16])
{
	for (size_t i = 0; i < count; i++)
		if (holds(&list[i], address))
			return list[i].complaint;
	return NULL;
}

static const char *complaint_of(const unsigned char address[16])
{
	unsigned char plain[16];

	memcpy(plain, address, sizeof(plain));
	if (plain[0] == 0xff)
		plain[1] &= 0x0f; /* the flags of a group say nothing of its scope */
	return complaint_in(networks, sizeof(networks) / sizeof(networks[0]), plain);
}

static bool read_address(const struct sockaddr *address, unsigned char bytes[16])
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};

	memcpy(bytes, mapped, sizeof(mapped));
	if (address->sa_family == AF_INET)
		memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	else if (address->sa_family == AF_INET6)
		memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	return address->sa_family == AF_INET || address->sa_family == AF_INET6;
}

const char *address_complaint_saved(const struct sockaddr *address)
{
	unsigned char bytes[16];

	return read_address(address, bytes) ? complaint_of(bytes) : reserved;
}

static const char *complaint_within(const unsigned char address[16])
{
	const char *complaint = complaint_of(address);

	return complaint ? complaint : complaint_in(nowhere, sizeof(nowhere) / sizeof(nowhere[0]), address);
}

const char *address_complaint_connected(const struct sockaddr *address)
{
	unsigned char bytes[16], inner[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
	const char *complaint;

	if (!read_address(address, bytes))
		return reserved;
	complaint = complaint_within(bytes);
	for (size_t i = 0; !complaint && i < sizeof(embedding) / sizeof(embedding[0]); i++) {
		if (!holds(&embedding[i].network, bytes))
			continue;
		memcpy(inner + 12, bytes + embedding[i].at, 4);
		complaint = complaint_within(inner);
	}
	return complaint;
}
