/* config.c: `latchkey config`, `latchkey config check`, the manual page, and settings for the other commands. */
#include <stdio.h>
#include <string.h>

#include "command.h"

/* The merged variables; NULL: the log says what is wrong. */
static struct settings_source *read_source(TALLOC_CTX *mem, const struct command_line *line)
{
	const char *problem = NULL;
	struct settings_source *source = settings_read(mem, &line->place, &problem);

	if (!source)
		log_plain(LOG_FATAL, format(mem, "Failed to load configuration: %s", problem));
	return source;
}

struct settings *command_settings(TALLOC_CTX *mem, const struct command_line *line)
{
	struct settings_source *source = read_source(mem, line);
	struct text_list problems = {0}, notes = {0};
	struct settings *settings;

	if (!source)
		return NULL;
	settings = settings_make(mem, source, &problems, &notes);
	if (settings)
		settings_configure_log(settings);
	settings_log_notes(&notes);
	settings_log_problems(&problems);
	return settings;
}

int command_config(TALLOC_CTX *mem, const struct command_line *line)
{
	bool check = line->word_count > 1 && strcmp(line->words[1], "check") == 0;
	struct settings_source *source;

	if (line->word_count > 1 && !check) {
		fprintf(stderr, "Error: unknown command \"%s\" for \"latchkey config\"\nRun 'latchkey --help' for usage.\n", line->words[1]);
		return 1;
	}
	source = read_source(mem, line);
	if (!source)
		return 1;
	return (check ? settings_check : settings_print)(source, line->json);
}

int command_manual(TALLOC_CTX *mem, const struct command_line *line)
{
	(void)mem;
	(void)line;
	return settings_manual();
}
