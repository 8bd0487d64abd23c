/* keccak.c: Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding that preceded it. */
#include <string.h>

#include "latchkey/oauth.h"

#define ROUNDS 24
#define RATE 136 /* bytes: 1600 bits less twice 256 */

static const uint64_t round_constants[ROUNDS] = {
	UINT64_C(0x0000000000000001), UINT64_C(0x0000000000008082), UINT64_C(0x800000000000808a), UINT64_C(0x8000000080008000),
	UINT64_C(0x000000000000808b), UINT64_C(0x0000000080000001), UINT64_C(0x8000000080008081), UINT64_C(0x8000000000008009),
	UINT64_C(0x000000000000008a), UINT64_C(0x0000000000000088), UINT64_C(0x0000000080008009), UINT64_C(0x000000008000000a),
	UINT64_C(0x000000008000808b), UINT64_C(0x800000000000008b), UINT64_C(0x8000000000008089), UINT64_C(0x8000000000008003),
	UINT64_C(0x8000000000008002), UINT64_C(0x8000000000000080), UINT64_C(0x000000000000800a), UINT64_C(0x800000008000000a),
	UINT64_C(0x8000000080008081), UINT64_C(0x8000000000008080), UINT64_C(0x0000000080000001), UINT64_C(0x8000000080008008),
};

static uint64_t rotate(uint64_t word, unsigned by)
{
	return by ? word << by | word >> (64 - by) : word;
}

/* FIPS 202 section 3.2.1 */
static void theta(uint64_t state[25])
{
	uint64_t column[5];

	for (int x = 0; x < 5; x++)
		column[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
	for (int x = 0; x < 5; x++)
		for (int y = 0; y < 25; y += 5)
			state[y + x] ^= column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);
}

/* FIPS 202 sections 3.2.2 and 3.2.3: each lane is turned and goes to its place, along one path through all of them. */
static void rho_and_pi(uint64_t state[25])
{
	uint64_t carried = state[1];
	int x = 1, y = 0;

	for (unsigned t = 0; t < ROUNDS; t++) {
		int next_x = y, next_y = (2 * x + 3 * y) % 5;
		uint64_t here = state[5 * next_y + next_x];

		state[5 * next_y + next_x] = rotate(carried, (t + 1) * (t + 2) / 2 % 64);
		carried = here;
		x = next_x;
		y = next_y;
	}
}

/* FIPS 202 section 3.2.4 */
static void chi(uint64_t state[25])
{
	for (int y = 0; y < 25; y += 5) {
		uint64_t row[5];

		memcpy(row, &state[y], sizeof(row));
		for (int x = 0; x < 5; x++)
			state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
	}
}

static void permute(uint64_t state[25])
{
	for (int round = 0; round < ROUNDS; round++) {
		theta(state);
		rho_and_pi(state);
		chi(state);
		state[0] ^= round_constants[round];
	}
}

static void absorb(uint64_t state[25], const unsigned char block[RATE])
{
	for (int i = 0; i < RATE; i++)
		state[i / 8] ^= (uint64_t)block[i] << 8 * (i % 8);
	permute(state);
}

void keccak256(const void *data, size_t len, unsigned char out[32])
{
	const unsigned char *bytes = data;
	unsigned char last[RATE] = {0};
	uint64_t state[25] = {0};

	for (; len >= RATE; bytes += RATE, len -= RATE)
		absorb(state, bytes);
	if (len)
		memcpy(last, bytes, len);
	last[len] = 0x01; /* SHA-3 has 0x06 here */
	last[RATE - 1] |= 0x80;
	absorb(state, last);
	for (int i = 0; i < 32; i++)
		out[i] = (unsigned char)(state[i / 8] >> 8 * (i % 8));
}
