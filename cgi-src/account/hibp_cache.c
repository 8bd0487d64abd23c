/* hibp_cache.c: pwned passwords that were met, as a Bloom filter that a crew's workers share (contract 05 section 2.2). */
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "account_int.h"

#define BITS_MAX ((uint64_t)1 << 32) /* 512 MiB, of which only what is touched costs memory */
#define HASHES_MAX 64

/* A word is changed by one atomic step: nobody can be killed or stopped inside, and a bit that is lost costs one more request. */
static struct {
	struct {
		_Atomic uint64_t added;
		_Atomic uint64_t words[];
	} * shared;
	size_t size;
	uint64_t bits;
	unsigned hashes;
	int64_t items;
	double false_positives;
} cache;

static void forget(void)
{
	if (cache.shared)
		munmap(cache.shared, cache.size);
	memset(&cache, 0, sizeof(cache));
}

/* The usual optimum: bits = -n ln p / (ln 2)^2, hashes = bits / n ln 2. */
static void make(const struct settings *settings)
{
	double items = (double)settings->password.hibp_bloom_items, rate = settings->password.hibp_bloom_false_positives;
	double bits = items > 0 && rate > 0 && rate < 1 ? ceil(-items * log(rate) / (M_LN2 * M_LN2)) : 0;
	double hashes = bits > 0 ? round(bits / items * M_LN2) : 0;

	forget();
	cache.items = settings->password.hibp_bloom_items;
	cache.false_positives = rate;
	if (bits < 1 || bits > (double)BITS_MAX)
		return;
	cache.bits = (uint64_t)bits;
	cache.hashes = hashes < 1 ? 1 : hashes > HASHES_MAX ? HASHES_MAX : (unsigned)hashes;
	cache.size = sizeof(*cache.shared) + (cache.bits / 64 + 1) * sizeof(cache.shared->words[0]);
	cache.shared = mmap(NULL, cache.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (cache.shared == MAP_FAILED)
		cache.shared = NULL;
}

void account_prepare(const struct settings *settings)
{
	char *msg;

	if (!settings->password.hibp_enabled || !settings->password.hibp_bloom_enabled)
		return;
	make(settings);
	msg = format(NULL, "Pwned passwords cache is %.2f KB", (double)cache.bits / 8 / 1024);
	log_plain(LOG_INFO, msg);
	talloc_free(msg);
}

static bool is_of(const struct settings *settings)
{
	return cache.items == settings->password.hibp_bloom_items &&
	       memcmp(&cache.false_positives, &settings->password.hibp_bloom_false_positives, sizeof(double)) == 0;
}

static bool usable(const struct settings *settings)
{
	if (!is_of(settings))
		account_prepare(settings); /* a process without manager makes its own */
	return settings->password.hibp_bloom_enabled && cache.shared;
}

/* Two numbers of the digest give all of its places. */
static void split(const char digest[HIBP_DIGEST], uint64_t *first, uint64_t *step)
{
	unsigned char bytes[16] = {0};

	hex_decode((struct text){digest, 2 * sizeof(bytes)}, bytes, sizeof(bytes));
	memcpy(first, bytes, 8);
	memcpy(step, bytes + 8, 8);
	*step |= 1;
}

bool hibp_cache_has(const struct settings *settings, const char digest[HIBP_DIGEST])
{
	uint64_t place, step;

	if (!usable(settings))
		return false;
	split(digest, &place, &step);
	for (unsigned i = 0; i < cache.hashes; i++, place += step) {
		uint64_t bit = place % cache.bits;

		if (!(atomic_load_explicit(&cache.shared->words[bit / 64], memory_order_relaxed) >> (bit % 64) & 1))
			return false;
	}
	return true;
}

static void clear(void)
{
	for (uint64_t i = 0; i <= cache.bits / 64; i++)
		atomic_store_explicit(&cache.shared->words[i], 0, memory_order_relaxed);
	atomic_store_explicit(&cache.shared->added, 0, memory_order_relaxed);
}

void hibp_cache_add(const struct settings *settings, const char digest[HIBP_DIGEST])
{
	uint64_t place, step;

	if (!usable(settings))
		return;
	if (atomic_load_explicit(&cache.shared->added, memory_order_relaxed) > (uint64_t)cache.items / 5 * 4)
		clear(); /* fuller, it would be wrong more often than was asked for */
	split(digest, &place, &step);
	for (unsigned i = 0; i < cache.hashes; i++, place += step) {
		uint64_t bit = place % cache.bits;

		atomic_fetch_or_explicit(&cache.shared->words[bit / 64], (uint64_t)1 << (bit % 64), memory_order_relaxed);
	}
	atomic_fetch_add_explicit(&cache.shared->added, 1, memory_order_relaxed);
}
