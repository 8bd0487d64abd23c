/* dotenv.c: any bytes as a file of settings: they are taken or refused with a reason that shows nothing of them. */
#include "cgi-src/settings/internal.h"
#include "tests/fuzz/fuzz.h"

static void check_entries(const struct settings_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct entry *entry = &source->entries[i];

		promise(entry->name && entry->origin);
		promise(i == 0 || strcmp(source->entries[i - 1].name, entry->name) < 0);
		promise(source_get(source, entry->name) == entry);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const readers[])(struct settings_source *, const char *, struct text, const char **) = {dotenv_read, json_file_read};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct settings_source *source = source_new(NULL);
		const char *why = NULL;

		if (readers[i](source, "a.env", fuzz_text(data, size), &why) < 0)
			promise(why && *why);
		else
			check_entries(source);
		talloc_free(source);
	}
	return 0;
}
