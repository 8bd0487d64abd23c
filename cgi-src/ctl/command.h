/* command.h: what the operator's command understands: flags, and the form of a command. */
#ifndef LATCHKEY_CTL_COMMAND_H
#define LATCHKEY_CTL_COMMAND_H

#include "latchkey/settings.h"

struct command_line {
	struct settings_place place;
	bool help, json, check, all;
	const char *relay, *locale, *input; /* NULL: not given */
	const char **words;		    /* the command and its arguments */
	int word_count;
};

struct command {
	const char *name;
	const char *help;					      /* NULL: not listed */
	int (*run)(TALLOC_CTX *mem, const struct command_line *line); /* an exit status */
};

/* Flags may stand before and after the command. NULL, or what is wrong, such as `unknown flag: --foo`. */
const char *command_line_parse(TALLOC_CTX *mem, int argc, char **argv, struct command_line *line);

/* Settings that are usable, the log set up by them; NULL: the log says why. */
struct settings *command_settings(TALLOC_CTX *mem, const struct command_line *line);

int command_config(TALLOC_CTX *mem, const struct command_line *line);
int command_hook(TALLOC_CTX *mem, const struct command_line *line);
int command_mail(TALLOC_CTX *mem, const struct command_line *line);
int command_manual(TALLOC_CTX *mem, const struct command_line *line);
int command_migrate(TALLOC_CTX *mem, const struct command_line *line);
int command_sso(TALLOC_CTX *mem, const struct command_line *line);
int command_version(TALLOC_CTX *mem, const struct command_line *line);

#endif
