/* files.c: files and folders of variables (contract 02 sections 1.2 and 1.4). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

const char *system_words(TALLOC_CTX *mem, int error)
{
	char *words = format(mem, "%s", strerror(error));

	if (words[0] >= 'A' && words[0] <= 'Z' && words[1] >= 'a')
		words[0] = (char)(words[0] - 'A' + 'a');
	return words;
}

int descriptor_read(TALLOC_CTX *mem, int fd, const char *path, struct text *text, const char **why)
{
	struct buffer *content = buffer_new(mem, 4096);
	char part[16384];
	ssize_t got;

	while ((got = read(fd, part, sizeof(part))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*why = format(mem, "read %s: %s", path, system_words(mem, errno));
			return -1;
		}
		buffer_add(content, part, (size_t)got);
		if (content->len > FILE_MAX) {
			*why = format(mem, "read %s: file too large", path);
			return -1;
		}
	}
	*text = buffer_as_text(content);
	return 0;
}

int path_read(TALLOC_CTX *mem, const char *path, struct text *text, bool *missing, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), outcome;

	*missing = fd < 0 && errno == ENOENT;
	if (fd < 0) {
		*why = format(mem, "open %s: %s", path, system_words(mem, errno));
		return -1;
	}
	outcome = descriptor_read(mem, fd, path, text, why);
	close(fd);
	return outcome;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t len = strlen(name), cut = strlen(ending);

	return len >= cut && strcmp(name + len - cut, ending) == 0;
}

int content_read(struct settings_source *source, const char *path, struct text text, const char **why)
{
	bool json = has_ending(path, ".json");
	const char *reason;

	if ((json ? json_file_read : dotenv_read)(source, path, text, &reason) == 0)
		return 0;
	*why = format(source, "%s: %s", json ? "ReadJSON" : "ReadDotenv", reason);
	return -1;
}

int file_read(struct settings_source *source, const char *path, const char **why)
{
	struct text text;
	const char *reason;
	bool missing;

	if (path_read(source, path, &text, &missing, &reason) == 0)
		return content_read(source, path, text, why);
	*why = format(source, "ReadFile: %s", reason);
	return -1;
}

static int by_bytes(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static bool is_folder(DIR *folder, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* The folder's names that count, sorted; NULL with errno. */
static const char **folder_names(TALLOC_CTX *mem, const char *path, size_t *count)
{
	DIR *folder = opendir(path);
	const char **names;

	*count = 0;
	if (!folder)
		return NULL;
	names = must(talloc_array(mem, const char *, 0));
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (!has_ending(entry->d_name, ".env") && !has_ending(entry->d_name, ".json"))
			continue;
		if (is_folder(folder, entry))
			continue;
		names = must(talloc_realloc(mem, names, const char *, (unsigned)*count + 1));
		names[(*count)++] = format(names, "%s", entry->d_name);
	}
	closedir(folder);
	qsort(names, *count, sizeof(*names), by_bytes);
	return names;
}

/* BASE.env right before BASE.json is not read. */
static bool is_shadowed(const char *name, const char *next)
{
	size_t base = strlen(name) - strlen(".env");

	return has_ending(name, ".env") && strncmp(name, next, base) == 0 && strcmp(next + base, ".json") == 0;
}

int folder_read(struct settings_source *source, const char *path, const char **why)
{
	size_t count;
	const char **names = folder_names(source, path, &count), *reason;

	if (!names) {
		*why = format(source, "LoadDir: open %s: %s", path, system_words(source, errno));
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct settings_source *file;

		if (i + 1 < count && is_shadowed(names[i], names[i + 1]))
			continue;
		file = source_new(source);
		if (file_read(file, format(source, "%s/%s", path, names[i]), &reason) < 0) {
			*why = format(source, "LoadDir: %s", reason);
			talloc_free(file);
			return -1;
		}
		source_merge(source, file, PUT_OVERRIDES);
		talloc_free(file);
	}
	return 0;
}
