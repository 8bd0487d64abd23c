/* segment.c: making, finding and mapping the shared segment; its counters. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared_int.h"

static void read_boot_id(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, out, 39);

	memset(out + (got > 0 ? got : 0), 0, (size_t)(40 - (got > 0 ? got : 0)));
	if (fd >= 0)
		close(fd);
}

static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int wrong = pthread_mutexattr_init(&attr);

	if (wrong)
		return wrong;
	wrong = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (!wrong)
		wrong = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (!wrong)
		wrong = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return wrong;
}

/* Fresh pages are zero, which is what most of it starts from. */
static int init_segment(struct segment *segment)
{
	segment->version = SHARED_VERSION;
	segment->size = sizeof(*segment);
	segment->born = monotonic_now();
	read_boot_id(segment->boot);
	random_bytes(segment->key, sizeof(segment->key));
	for (size_t i = 0; i < SENDINGS; i++)
		segment->sendings[i].since = segment->born;
	for (size_t i = 0; i < SHARDS; i++) {
		errno = init_lock(&segment->shards[i].lock);
		if (errno)
			return -1;
	}
	segment->magic = SHARED_MAGIC;
	return 0;
}

static struct segment *map(int fd)
{
	void *at = mmap(NULL, sizeof(struct segment), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* NULL with errno; fd is closed then. */
static struct segment *make_in(int fd)
{
	struct segment *segment = NULL;

	if (ftruncate(fd, sizeof(struct segment)) == 0)
		segment = map(fd);
	if (segment && init_segment(segment) == 0)
		return segment;
	int kept = errno;
	if (segment)
		munmap(segment, sizeof(*segment));
	close(fd);
	errno = kept;
	return NULL;
}

/* A new file beside path, then in its place: by rename over an old one, or by link where another process may have been faster. */
static struct segment *make_file(const char *path, bool replace, int *fd)
{
	char *beside = format(NULL, "%s.%ld", path, (long)getpid());
	struct segment *segment = NULL;

	unlink(beside);
	*fd = open(beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* all blocks now: a full disk would be a SIGBUS later */
	if (*fd >= 0 && (errno = posix_fallocate(*fd, 0, sizeof(struct segment))) == 0)
		segment = make_in(*fd);
	else if (*fd >= 0)
		close(*fd);
	if (segment && (replace ? rename(beside, path) : link(beside, path)) < 0) {
		int kept = errno;

		munmap(segment, sizeof(*segment));
		close(*fd);
		errno = kept;
		segment = NULL;
	}
	int kept = errno;
	if (!segment || !replace)
		unlink(beside);
	talloc_free(beside);
	errno = kept;
	return segment;
}

static bool is_ours(const struct segment *segment)
{
	char boot[40];

	read_boot_id(boot);
	return segment->magic == SHARED_MAGIC && segment->version == SHARED_VERSION && segment->size == sizeof(*segment) &&
	       memcmp(segment->boot, boot, sizeof(boot)) == 0;
}

/* NULL with errno 0 where the file is of another version, another boot or another make. */
static struct segment *open_file(const char *path, int *fd)
{
	struct stat facts;
	struct segment *segment = NULL;

	*fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return NULL;
	if (fstat(*fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == geteuid() && !(facts.st_mode & 077)) {
		errno = 0;
		if (facts.st_size == sizeof(struct segment))
			segment = map(*fd);
		if (segment && is_ours(segment))
			return segment;
	} else if (!errno) {
		errno = EPERM; /* somebody else's file: never used, never replaced */
	}
	int kept = errno;
	if (segment)
		munmap(segment, sizeof(*segment));
	close(*fd);
	errno = kept;
	return NULL;
}

static struct segment *open_or_make(const char *path, int *fd)
{
	for (int tries = 0; tries < 8; tries++) {
		struct segment *segment = open_file(path, fd);

		if (segment)
			return segment;
		if (errno != 0 && errno != ENOENT)
			return NULL;
		segment = make_file(path, errno == 0, fd);
		if (segment || errno != EEXIST)
			return segment;
	}
	return NULL;
}

static struct segment *make_anonymous(int *fd)
{
	*fd = memfd_create("latchkey-shared", MFD_CLOEXEC);
	return *fd < 0 ? NULL : make_in(*fd);
}

static int close_shared(struct shared *shared)
{
	munmap(shared->segment, sizeof(*shared->segment));
	close(shared->fd);
	return 0;
}

struct shared *shared_open(TALLOC_CTX *mem, const char *path, bool fresh)
{
	struct shared *shared = must(talloc_zero(mem, struct shared));

	errno = 0;
	shared->segment = !path ? make_anonymous(&shared->fd) : fresh ? make_file(path, true, &shared->fd) : open_or_make(path, &shared->fd);
	if (!shared->segment) {
		int kept = errno;

		talloc_free(shared);
		errno = kept;
		return NULL;
	}
	for (size_t i = 0; i < GATES; i++)
		shared->places[i] = -1;
	talloc_set_destructor(shared, close_shared);
	return shared;
}

uint64_t shared_digest(const struct shared *shared, uint64_t kind, struct text key)
{
	uint64_t parts[2] = {kind, 0}, digest;

	crypto_shorthash((unsigned char *)&parts[1], (const unsigned char *)(key.len ? key.data : ""), key.len, shared->segment->key);
	crypto_shorthash((unsigned char *)&digest, (const unsigned char *)parts, sizeof(parts), shared->segment->key);
	return digest ? digest : 1;
}

uint64_t shared_count(struct shared *shared, enum counter counter)
{
	return atomic_fetch_add_explicit(&shared->segment->counters[counter], 1, memory_order_relaxed) + 1;
}

void shared_count_reset(struct shared *shared, enum counter counter)
{
	atomic_store_explicit(&shared->segment->counters[counter], 0, memory_order_relaxed);
}

uint64_t shared_counter(const struct shared *shared, enum counter counter)
{
	return atomic_load_explicit(&shared->segment->counters[counter], memory_order_relaxed);
}

void shared_add(struct shared *shared, size_t cell, uint64_t by)
{
	if (shared && cell < SHARED_CELLS)
		atomic_fetch_add_explicit(&shared->segment->cells[cell], by, memory_order_relaxed);
}

uint64_t shared_cell(const struct shared *shared, size_t cell)
{
	return cell < SHARED_CELLS ? atomic_load_explicit(&shared->segment->cells[cell], memory_order_relaxed) : 0;
}
