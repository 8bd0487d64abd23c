/* main.c: the operator's command `latchkey`. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "latchkey/crypto.h"

static const struct command commands[] = {
	{"admin", "make or delete a user (latchkey admin)", command_admin},
	{"config", "show the settings that count, or check them (config check)", command_config},
	{"doctor", "look for what is wrong, and say what to do (doctor providers)", command_doctor},
	{"hook", "list the hooks, or try one (hook test NAME)", command_hook},
	{"mail", "try, look after and account for mails (latchkey mail)", command_mail},
	{"migrate", "bring the database's schema up to date", command_migrate},
	{"sso", "identity providers of single sign-on (latchkey sso)", command_sso},
	{"version", "print the version", command_version},
	{"manual", NULL, command_manual},
};

static const char flags_help[] = "Flags:\n"
				 "  -c, --config FILE      base configuration file to load\n"
				 "  -d, --config-dir DIR   directory containing a sorted list of config files to watch for changes\n"
				 "  -h, --help             help\n"
				 "      --json             output of config, config check and doctor as JSON\n"
				 "      --check            migrate: say what would be done, do nothing\n"
				 "      --save FILE        migrate: where something is to be done, save the schema to FILE before\n"
				 "      --input FILE       hook test: what the hook is asked; -: standard input\n"
				 "      --relay N          mail test: through this relay only\n"
				 "      --locale L         mail preview: in this language\n"
				 "  -a, --aud AUD          admin: audience (default GOTRUE_JWT_AUD)\n"
				 "      --confirm          admin createuser: the address is confirmed\n"
				 "      --admin            admin createuser: with the role of administrators\n"
				 "      --all              mail queue: also those that have come to their end\n";

static void print_usage(FILE *to)
{
	fputs("Usage:\n  latchkey COMMAND [flags]\n\nCommands:\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].help)
			fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
	fprintf(to, "\n%s", flags_help);
}

int command_version(TALLOC_CTX *mem, const struct command_line *line)
{
	(void)mem;
	(void)line;
	puts(PACKAGE_VERSION);
	return 0;
}

static int fatal(const char *text)
{
	log_to(LOG_FATAL, text, log_text("error", text));
	return 1;
}

/* Every command refuses a bad GOTRUE_INTERNAL_HTTP_TIMEOUT (contract 02 section 3.20). */
static bool http_timeout_is_good(TALLOC_CTX *mem)
{
	const char *value = getenv("GOTRUE_INTERNAL_HTTP_TIMEOUT"), *why;
	duration span;

	if (!value || duration_parse(mem, text_of(value), &span, &why))
		return true;
	fprintf(stderr, "error loading GOTRUE_INTERNAL_HTTP_TIMEOUT: %s\n", why);
	return false;
}

static int unknown_command(TALLOC_CTX *mem, const char *name)
{
	const char *text = format(mem, "unknown command \"%s\" for \"latchkey\"", name);

	fprintf(stderr, "Error: %s\nRun 'latchkey --help' for usage.\n", text);
	return fatal(text);
}

static int run(TALLOC_CTX *mem, int argc, char **argv)
{
	struct command_line line;
	const char *wrong = command_line_parse(mem, argc, argv, &line);

	if (wrong) {
		fprintf(stderr, "Error: %s\n", wrong);
		print_usage(stderr);
		return fatal(wrong);
	}
	if (line.help || line.word_count == 0 || strcmp(line.words[0], "help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, line.words[0]) == 0)
			return commands[i].run(mem, &line);
	return unknown_command(mem, line.words[0]);
}

int main(int argc, char **argv)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	int status = 1;

	crypto_init();
	if (http_timeout_is_good(mem))
		status = run(mem, argc, argv);
	talloc_free(mem);
	return status;
}
