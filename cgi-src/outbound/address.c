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
	/* ours beyond the chapter: this network, and forms that embed an IPv4 address */
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0}, 104, reserved},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 240}, 100, reserved},
	{{0, 0x64, 0xff, 0x9b}, 96, reserved},
	{{0x20, 0x02}, 16, reserved},
	{{0}, 96, reserved},
};

static bool holds(const struct network *network, const unsigned char address[16])
{
	int whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(network->bytes, address, (size_t)whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

const char *address_complaint(const struct sockaddr *address)
{
	unsigned char bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};

	if (address->sa_family == AF_INET)
		memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	else if (address->sa_family == AF_INET6)
		memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	else
		return reserved;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (holds(&networks[i], bytes))
			return networks[i].complaint;
	return NULL;
}
