/* shelf.c: the memory that shared templates are kept in: made before workers are forked, one lock a kind (contract 06 section 9.2). */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "cgi-src/mail/shelf.h"

#define SUBJECT_MAX ((size_t)4096)
#define PATIENCE (12 * SECOND) /* a load takes ten at most */

struct slot {
	pthread_mutex_t lock; /* robust: a worker that is killed inside leaves an empty slot */
	uint64_t edition;
	int64_t created, checked;
	bool stands_in;
	size_t subject_len, body_len;
	size_t body_at; /* from the shelf's start */
	char subject[SUBJECT_MAX];
};

struct shelf {
	_Atomic int64_t used;
	_Atomic bool filled;
	_Atomic uint64_t editions;
	struct slot slots[SETTINGS_MAIL_KINDS];
};

static struct shelf *shelf;
static size_t shelf_size, body_max;

static bool init_locks(struct shelf *made)
{
	pthread_mutexattr_t attr;
	bool good = pthread_mutexattr_init(&attr) == 0 && pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0 &&
		    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0;

	for (size_t i = 0; good && i < SETTINGS_MAIL_KINDS; i++) {
		good = pthread_mutex_init(&made->slots[i].lock, &attr) == 0;
		made->slots[i].body_at = sizeof(*made) + i * body_max;
	}
	return good;
}

/* Only pages that hold something take memory. */
void mail_prepare(const struct settings *settings)
{
	size_t wanted = settings->mailer.template_max_size > 0 ? (size_t)settings->mailer.template_max_size : 0;
	struct shelf *made;
	size_t size;

	if (shelf && wanted <= body_max)
		return;
	if (wanted > (size_t)1 << 30)
		return; /* each worker keeps its own */
	body_max = wanted;
	size = sizeof(*made) + SETTINGS_MAIL_KINDS * body_max;
	made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (made == MAP_FAILED)
		return;
	if (!init_locks(made)) {
		munmap(made, size);
		return;
	}
	if (shelf)
		munmap(shelf, shelf_size);
	shelf = made;
	shelf_size = size;
}

static void read_slot(const struct slot *slot, struct shelved *shelved)
{
	*shelved = (struct shelved){
		.edition = slot->edition,
		.created = slot->created,
		.checked = slot->checked,
		.stands_in = slot->stands_in,
		.subject = {slot->subject, slot->subject_len},
		.body = {(const char *)shelf + slot->body_at, slot->body_len},
	};
}

static int lock(struct request *req, struct slot *slot)
{
	int64_t until = monotonic_now() + PATIENCE;
	struct timespec end;

	if (req->deadline && req->deadline < until)
		until = req->deadline;
	end = (struct timespec){.tv_sec = until / SECOND, .tv_nsec = until % SECOND};
	return pthread_mutex_clocklock(&slot->lock, CLOCK_MONOTONIC, &end);
}

bool shelf_open(struct request *req, enum mail_kind kind, struct shelved *shelved)
{
	struct slot *slot;
	int wrong;

	mail_prepare(req->settings); /* a process without manager makes its own */
	if (!shelf)
		return false;
	slot = &shelf->slots[kind];
	wrong = lock(req, slot);
	if (wrong == EOWNERDEAD) {
		slot->edition = 0;
		wrong = pthread_mutex_consistent(&slot->lock);
	}
	if (wrong)
		return false;
	read_slot(slot, shelved);
	return true;
}

bool shelf_put(enum mail_kind kind, struct text subject, struct text body, bool stands_in, struct shelved *shelved)
{
	struct slot *slot = &shelf->slots[kind];

	if (subject.len > SUBJECT_MAX || body.len > body_max)
		return false;
	slot->edition = 0;
	if (subject.len)
		memcpy(slot->subject, subject.data, subject.len);
	if (body.len)
		memcpy((char *)shelf + slot->body_at, body.data, body.len);
	slot->subject_len = subject.len;
	slot->body_len = body.len;
	slot->stands_in = stands_in;
	slot->created = slot->checked = monotonic_now();
	slot->edition = atomic_fetch_add(&shelf->editions, 1) + 1;
	read_slot(slot, shelved);
	return true;
}

void shelf_checked(enum mail_kind kind)
{
	shelf->slots[kind].checked = monotonic_now();
}

void shelf_close(enum mail_kind kind)
{
	pthread_mutex_unlock(&shelf->slots[kind].lock);
}

int64_t shelf_used(bool now)
{
	if (!shelf)
		return 0;
	if (now)
		atomic_store_explicit(&shelf->used, monotonic_now(), memory_order_relaxed);
	return atomic_load_explicit(&shelf->used, memory_order_relaxed);
}

bool shelf_filled(bool now)
{
	if (!shelf)
		return false;
	if (now)
		atomic_store_explicit(&shelf->filled, true, memory_order_relaxed);
	return atomic_load_explicit(&shelf->filled, memory_order_relaxed);
}
