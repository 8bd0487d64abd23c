/* source.c: the merged variables, and which source wins (contract 02 section 1.1). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define ENVIRONMENT "environment"
#define PRIVATE_FILE "latchkey.env"

extern char **environ;

struct settings_source *source_new(TALLOC_CTX *mem)
{
	return must(talloc_zero(mem, struct settings_source));
}

/* Where name stands, or would stand. */
static size_t place_of(const struct settings_source *source, const char *name, bool *found)
{
	size_t low = 0, high = source->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(source->entries[middle].name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

const struct entry *source_get(const struct settings_source *source, const char *name)
{
	bool found;
	size_t at = place_of(source, name, &found);

	return found ? &source->entries[at] : NULL;
}

static struct entry *make_room(struct settings_source *source, size_t at)
{
	if (source->count == source->size) {
		source->size = source->size ? source->size * 2 : 64;
		source->entries = must(talloc_realloc(source, source->entries, struct entry, (unsigned)source->size));
	}
	memmove(source->entries + at + 1, source->entries + at, (source->count - at) * sizeof(*source->entries));
	source->count++;
	return &source->entries[at];
}

static void forget(struct entry *entry)
{
	talloc_free((void *)entry->name);
	talloc_free((void *)entry->value.data);
	talloc_free((void *)entry->origin);
}

/* Names that no environment can hold are dropped. */
void source_put(struct settings_source *source, struct text name, struct text value, const char *origin, enum put put)
{
	char *key = text_string(source, name);
	bool found, drop = name.len == 0 || text_has_nul(name) || strchr(key, '=') != NULL;
	size_t at = place_of(source, key, &found);
	struct entry *entry;

	if (drop || (found && put == PUT_FILLS_GAPS)) {
		talloc_free(key);
		return;
	}
	if (found)
		forget(&source->entries[at]);
	entry = found ? &source->entries[at] : make_room(source, at);
	*entry = (struct entry){.name = key, .value = text_copy(source, value), .origin = format(source, "%s", origin)};
}

/* Some variables count only as the process was given them (section 3.20). */
static bool is_environment_only(const char *name)
{
	const struct setting *setting = setting_named(name);

	return setting && (setting->flags & SETTING_ENVIRONMENT);
}

void source_merge(struct settings_source *source, const struct settings_source *other, enum put put)
{
	for (size_t i = 0; i < other->count; i++)
		if (!is_environment_only(other->entries[i].name))
			source_put(source, text_of(other->entries[i].name), other->entries[i].value, other->entries[i].origin, put);
}

static void take_environment(struct settings_source *source)
{
	struct text name, value;

	for (char **at = environ; at && *at; at++)
		if (text_cut(text_of(*at), '=', &name, &value))
			source_put(source, name, value, ENVIRONMENT, PUT_OVERRIDES);
}

static int startup_problem(struct settings_source *source, const char *why, const char **problem)
{
	*problem = format(talloc_parent(source), "confload.Startup: %s", why);
	return -1;
}

static int take_file(struct settings_source *source, const char *path, enum put put, const char **problem)
{
	struct settings_source *file = source_new(source);
	const char *why;
	int outcome = file_read(file, path, &why);

	if (outcome < 0)
		startup_problem(source, why, problem);
	else
		source_merge(source, file, put);
	talloc_free(file);
	return outcome;
}

/* A file named by a variable may be read by its group; one that was only found belongs to its owner alone. */
static const char *unsafe(TALLOC_CTX *mem, const char *path, const struct stat *status, mode_t forbidden)
{
	if (!S_ISREG(status->st_mode))
		return format(mem, "%s is no regular file", path);
	if (status->st_uid != geteuid() && status->st_uid != 0)
		return format(mem, "%s belongs to another user (uid %u); it must belong to the user the program runs as", path,
			      (unsigned)status->st_uid);
	if (status->st_mode & forbidden)
		return format(mem, "%s can be read or written by others (mode %04o); take that right away: chmod 600 %s", path,
			      (unsigned)(status->st_mode & 07777), path);
	return NULL;
}

/* *problem stays NULL where a file that was only looked for is not there. */
static int take_private_file(struct settings_source *source, const char *path, bool named, const char **problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct settings_source *file;
	struct stat status;
	struct text text;
	const char *why;
	int outcome = -1;

	if (fd < 0 && errno == ENOENT && !named)
		return 0;
	if (fd < 0)
		return startup_problem(source, format(source, "ReadFile: open %s: %s", path, system_words(source, errno)), problem);
	file = source_new(source);
	if (fstat(fd, &status) < 0)
		why = format(file, "ReadFile: stat %s: %s", path, system_words(file, errno));
	else if ((why = unsafe(file, path, &status, named ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO)) == NULL &&
		 descriptor_read(file, fd, path, &text, &why) == 0)
		outcome = content_read(file, path, text, &why);
	if (outcome < 0)
		startup_problem(source, why, problem);
	else
		source_merge(source, file, PUT_OVERRIDES);
	talloc_free(file);
	close(fd);
	return outcome < 0 ? -1 : 1;
}

/* The private file: named by LATCHKEY_CONFIG, or beside the program where the program was called by a path. 1: it was read. */
static int find_private_file(struct settings_source *source, const struct settings_place *place, const char **problem)
{
	const struct entry *named = source_get(source, "LATCHKEY_CONFIG");
	const char *slash = place->program ? strrchr(place->program, '/') : NULL;

	if (named && named->value.len)
		return take_private_file(source, named->value.data, true, problem);
	if (!slash)
		return 0;
	return take_private_file(source, format(source, "%.*s/" PRIVATE_FILE, (int)(slash - place->program), place->program), false, problem);
}

static int take_files(struct settings_source *source, const struct settings_place *place, const char **problem)
{
	int found;

	if (place->config_file)
		return take_file(source, place->config_file, PUT_OVERRIDES, problem);
	found = find_private_file(source, place, problem);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (access(".env", F_OK) < 0 && errno == ENOENT)
		return 0;
	return take_file(source, ".env", PUT_FILLS_GAPS, problem);
}

struct settings_source *settings_read(TALLOC_CTX *mem, const struct settings_place *place, const char **problem)
{
	struct settings_source *source = source_new(mem);
	const char *why;

	take_environment(source);
	if (take_files(source, place, problem) < 0) {
		talloc_free(source);
		return NULL;
	}
	if (place->config_dir) {
		struct settings_source *folder = source_new(source);

		/* what came before the failing file counts (section 1.4) */
		if (folder_read(folder, place->config_dir, &why) < 0)
			log_to(LOG_ERROR, "unable to load config from watch dir", log_text("error", why));
		source_merge(source, folder, PUT_OVERRIDES);
		talloc_free(folder);
	}
	return source;
}

int settings_reread(struct settings_source *source, const char *config_dir, const char **problem)
{
	struct settings_source *folder = source_new(NULL);
	const char *why;
	int outcome = folder_read(folder, config_dir, &why);

	if (outcome < 0)
		*problem = format(source, "confload.Reload: %s", why);
	else
		source_merge(source, folder, PUT_OVERRIDES);
	talloc_free(folder);
	return outcome;
}
