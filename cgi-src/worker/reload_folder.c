/* reload_folder.c: the settings' folder where it has to be polled (contract 02 section 4.1). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "manager_int.h"

#define ENTRIES_MAX 999

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

bool is_settings_name(const char *name)
{
	return ends_in(name, ".env") || ends_in(name, ".json");
}

/* The sum does not depend on the order in which the folder gives its entries. */
static uint32_t entry_fingerprint(int folder, const char *name)
{
	struct {
		int64_t size, mode, seconds, nanoseconds, name;
	} facts = {.name = crc32_of(name, strlen(name))};
	struct stat found;

	if (fstatat(folder, name, &found, 0) == 0) {
		facts.size = found.st_size;
		facts.mode = found.st_mode;
		facts.seconds = found.st_mtim.tv_sec;
		facts.nanoseconds = found.st_mtim.tv_nsec;
	}
	return crc32_of(&facts, sizeof(facts));
}

bool folder_fingerprint(const char *folder, uint32_t *fingerprint, const char **why)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	*fingerprint = 0;
	if (!entries) {
		*why = strerror(errno);
		return false;
	}
	while ((entry = readdir(entries)) && count <= ENTRIES_MAX) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (is_settings_name(entry->d_name))
			*fingerprint += entry_fingerprint(dirfd(entries), entry->d_name);
	}
	closedir(entries);
	*why = "poller: the folder has too many files";
	return count <= ENTRIES_MAX;
}
