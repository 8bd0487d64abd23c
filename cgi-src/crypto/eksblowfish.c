/* eksblowfish.c: bcrypt's cipher for keys that hold NUL, which crypt(3) cannot be given (contract 05 section 15.1).
 *
 * Provos and Mazieres, "A Future-Adaptable Password Scheme" (1999). All other passwords go through libxcrypt; the tests
 * compare the two. Blowfish starts from the digits of pi, computed here when they are first needed (some 50 ms). */
#include <string.h>

#include <openssl/bn.h>
#include <sodium.h>

#include "crypto_int.h"

#define ROUNDS 16
#define SUBKEYS (ROUNDS + 2)
#define BOXES 4
#define BOX 256

struct blowfish {
	uint32_t subkeys[SUBKEYS];
	uint32_t boxes[BOXES][BOX];
};
#define WORDS (SUBKEYS + BOXES * BOX)

/* sum := the arcus tangent of 1/x, scaled by 2^bits: 1/x - 1/3x^3 + 1/5x^5 … */
static bool arctan_inverse(BIGNUM *sum, BN_ULONG x, int bits)
{
	BIGNUM *power = BN_new(), *term = BN_new();
	bool done = power && term && BN_set_word(power, 1) && BN_lshift(power, power, bits);

	BN_div_word(power, x);
	done = done && BN_copy(sum, power);
	for (BN_ULONG n = 3; done && !BN_is_zero(power); n += 2) {
		BN_div_word(power, x * x);
		done = BN_copy(term, power) != NULL;
		BN_div_word(term, n);
		done = done && (n & 2 ? BN_sub(sum, sum, term) : BN_add(sum, sum, term));
	}
	BN_free(power);
	BN_free(term);
	return done;
}

/* The first words of pi's binary fraction. Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). */
static bool pi_words(uint32_t words[WORDS])
{
	const int guard = 64, bits = 32 * WORDS;
	static unsigned char bytes[4 * WORDS];
	BIGNUM *pi = BN_new(), *other = BN_new();
	bool done = pi && other && arctan_inverse(pi, 5, bits + guard) && arctan_inverse(other, 239, bits + guard) && BN_lshift(pi, pi, 4) &&
		    BN_lshift(other, other, 2) && BN_sub(pi, pi, other) && BN_rshift(pi, pi, guard) && BN_mask_bits(pi, bits) &&
		    BN_bn2binpad(pi, bytes, sizeof(bytes)) == (int)sizeof(bytes);

	for (size_t i = 0; done && i < WORDS; i++)
		words[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 | (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
	BN_free(pi);
	BN_free(other);
	return done;
}

static void start(struct blowfish *state)
{
	static uint32_t words[WORDS];

	if (!words[0] && !pi_words(words))
		die("the initial state of Blowfish could not be computed");
	memcpy(state->subkeys, words, sizeof(state->subkeys));
	memcpy(state->boxes, words + SUBKEYS, sizeof(state->boxes));
}

static void encrypt(const struct blowfish *state, uint32_t *left, uint32_t *right)
{
	uint32_t l = *left, r = *right;

	for (int i = 0; i < ROUNDS; i += 2) {
		l ^= state->subkeys[i];
		r ^= ((state->boxes[0][l >> 24] + state->boxes[1][l >> 16 & 255]) ^ state->boxes[2][l >> 8 & 255]) + state->boxes[3][l & 255];
		r ^= state->subkeys[i + 1];
		l ^= ((state->boxes[0][r >> 24] + state->boxes[1][r >> 16 & 255]) ^ state->boxes[2][r >> 8 & 255]) + state->boxes[3][r & 255];
	}
	*left = r ^ state->subkeys[ROUNDS + 1];
	*right = l ^ state->subkeys[ROUNDS];
}

/* The next four bytes of a key that repeats itself. */
static uint32_t next_word(const unsigned char *key, size_t len, size_t *at)
{
	uint32_t word = 0;

	for (int i = 0; i < 4; i++) {
		word = word << 8 | key[*at];
		*at = (*at + 1) % len;
	}
	return word;
}

static void expand(struct blowfish *state, const uint32_t salt[4], const uint32_t key[SUBKEYS])
{
	uint32_t left = 0, right = 0;
	size_t half = 0;

	for (int i = 0; i < SUBKEYS; i++)
		state->subkeys[i] ^= key[i];
	for (int i = 0; i < WORDS; i += 2, half ^= 2) {
		uint32_t *pair = i < SUBKEYS ? state->subkeys + i : &state->boxes[(i - SUBKEYS) / BOX][(i - SUBKEYS) % BOX];

		left ^= salt[half];
		right ^= salt[half + 1];
		encrypt(state, &left, &right);
		pair[0] = left;
		pair[1] = right;
	}
}

static void encrypt_text(const struct blowfish *state, unsigned char out[BCRYPT_RAW])
{
	static const unsigned char text[] = "OrpheanBeholderScryDoubt";
	size_t at = 0;

	for (int block = 0; block < 3; block++) {
		uint32_t left = next_word(text, 24, &at), right = next_word(text, 24, &at);

		for (int i = 0; i < 64; i++)
			encrypt(state, &left, &right);
		for (int i = 0; i < 8 && 8 * block + i < BCRYPT_RAW; i++)
			out[8 * block + i] = (unsigned char)((i < 4 ? left : right) >> (24 - 8 * (i % 4)));
	}
}

void eksblowfish(const unsigned char *key, size_t key_len, const unsigned char salt[16], int cost, unsigned char out[BCRYPT_RAW])
{
	static const uint32_t none[4];
	struct blowfish state;
	uint32_t key_words[SUBKEYS], salt_words[SUBKEYS];
	size_t key_at = 0, salt_at = 0;

	for (int i = 0; i < SUBKEYS; i++) {
		key_words[i] = next_word(key, key_len, &key_at);
		salt_words[i] = next_word(salt, 16, &salt_at);
	}
	start(&state);
	expand(&state, salt_words, key_words);
	for (uint64_t i = 0; i < (uint64_t)1 << cost; i++) {
		expand(&state, none, key_words);
		expand(&state, none, salt_words);
	}
	encrypt_text(&state, out);
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(key_words, sizeof(key_words));
}
