/* command.h: what the operator's command understands: flags, and the form of a command. */
#ifndef LATCHKEY_CTL_COMMAND_H
#define LATCHKEY_CTL_COMMAND_H

#include "latchkey/request.h"
#include "latchkey/settings.h"

struct command_line {
	struct settings_place place;
	bool help, json, check, all, confirm, admin;
	const char *relay, *locale, *input, *aud, *save; /* NULL: not given */
	const char **words;				 /* the command and its arguments */
	int word_count;
};

struct command {
	const char *name;
	const char *help;					      /* NULL: not listed */
	int (*run)(TALLOC_CTX *mem, const struct command_line *line); /* an exit status */
};

/* One of the commands below `latchkey mail` and `latchkey sso`. */
struct subcommand {
	const char *name, *arguments, *help;
	int least, most; /* arguments */
	bool needs_database;
	int (*run)(struct request *req, const struct command_line *line); /* an exit status */
};
struct subcommands {
	const char *name; /* of the command */
	const struct subcommand *all;
	size_t count;
	/* More for the request; false where it has said why not. NULL: nothing. */
	bool (*prepare)(struct request *req);
};
/* Runs the one that the line names, or prints how they are called. */
int subcommand_run(TALLOC_CTX *mem, const struct subcommands *set, const struct command_line *line);

/* A request that comes from the command line; with_database: not connected before the first statement. NULL: settings are bad, the log says why. */
struct request *command_request(TALLOC_CTX *mem, const struct command_line *line, const char *name, bool with_database);
/* Says on standard error why it failed; 1. */
int command_failed(const struct request *req);

/* Flags may stand before and after the command. NULL, or what is wrong, such as `unknown flag: --foo`. */
const char *command_line_parse(TALLOC_CTX *mem, int argc, char **argv, struct command_line *line);

/* Settings that are usable, the log set up by them; NULL: the log says why. */
struct settings *command_settings(TALLOC_CTX *mem, const struct command_line *line);

int command_admin(TALLOC_CTX *mem, const struct command_line *line);
int command_config(TALLOC_CTX *mem, const struct command_line *line);
int command_doctor(TALLOC_CTX *mem, const struct command_line *line);
int command_hook(TALLOC_CTX *mem, const struct command_line *line);
int command_mail(TALLOC_CTX *mem, const struct command_line *line);
int command_manual(TALLOC_CTX *mem, const struct command_line *line);
int command_migrate(TALLOC_CTX *mem, const struct command_line *line);
int command_sso(TALLOC_CTX *mem, const struct command_line *line);
int command_version(TALLOC_CTX *mem, const struct command_line *line);

#endif
