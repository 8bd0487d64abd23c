/* replay.c: runs a fuzz target once over each of its seeds, or over the files named. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	static uint8_t bytes[1 << 20];
	uint8_t *exact;
	size_t len;

	if (!file)
		die("%s: %s", path, strerror(errno));
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	exact = must(malloc(len ? len : 1)); /* so that a sanitizer sees a byte too many */
	memcpy(exact, bytes, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static int run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	if (!dir)
		die("%s: %s", folder, strerror(errno));
	while ((entry = readdir(dir))) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.' || snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
			continue;
		run_file(path);
		count++;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	char folder[PATH_MAX];
	int count = argc - 1;

	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc < 2) {
		if (snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/" FUZZ_TARGET, srcdir ? srcdir : ".") >= (int)sizeof(folder))
			die("the path of the seeds is too long");
		LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
		count = run_folder(folder);
	}
	printf("%d seeds\n", count);
	return count ? 0 : 1;
}
