/* mark.c: keys that are accepted once. A mark is one word, set by compare and exchange: nobody can be killed or stopped inside. */
#include <string.h>

#include "shared_int.h"

#define SECONDS_BITS 30
#define SECONDS_MAX ((UINT64_C(1) << SECONDS_BITS) - 1)

static bool alive(uint64_t word, uint64_t second)
{
	return (word & SECONDS_MAX) > second;
}

/* A slot that is free or forgotten; NULL: none. *others: how many living marks of that tag there are, slot mine left out. */
static _Atomic uint64_t *look(_Atomic uint64_t *set, uint64_t tag, uint64_t second, const _Atomic uint64_t *mine, int *others, uint64_t *was)
{
	_Atomic uint64_t *open = NULL;

	*others = 0;
	for (size_t i = 0; i < MARK_WAYS; i++) {
		uint64_t word = atomic_load(&set[i]);

		if (!alive(word, second)) {
			if (!open) {
				open = &set[i];
				*was = word;
			}
		} else if (word >> SECONDS_BITS == tag && &set[i] != mine) {
			(*others)++;
		}
	}
	return open;
}

bool shared_mark_once(struct shared *shared, const char *purpose, struct text key, duration ttl)
{
	uint64_t digest = shared_digest(shared, shared_digest(shared, 0, text_of(purpose)), key);
	_Atomic uint64_t *set = shared->segment->marks[digest % MARK_SETS], *slot;
	uint64_t tag = digest >> SECONDS_BITS, was = 0;
	uint64_t second = (uint64_t)((monotonic_now() - shared->segment->born) / SECOND);
	uint64_t until = second + 1 + (uint64_t)(ttl > 0 ? ttl / SECOND : 0);
	int others;

	if (until > SECONDS_MAX)
		until = SECONDS_MAX;
	do {
		slot = look(set, tag, second, NULL, &others, &was);
		if (others || !slot)
			return false;
	} while (!atomic_compare_exchange_strong(slot, &was, tag << SECONDS_BITS | until));
	/* two at once may have taken two slots: then neither counts */
	look(set, tag, second, slot, &others, &was);
	return others == 0;
}

bool shared_marked(struct shared *shared, const char *purpose, struct text key)
{
	uint64_t digest = shared_digest(shared, shared_digest(shared, 0, text_of(purpose)), key), was = 0;
	_Atomic uint64_t *set = shared->segment->marks[digest % MARK_SETS];
	int living;

	look(set, digest >> SECONDS_BITS, (uint64_t)((monotonic_now() - shared->segment->born) / SECOND), NULL, &living, &was);
	return living > 0;
}
