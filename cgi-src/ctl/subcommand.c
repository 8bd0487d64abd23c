/* subcommand.c: commands that have commands of their own, as tables; requests that come from the command line. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "latchkey/db.h"
#include "latchkey/http.h"
#include "latchkey/outbound.h"

struct request *command_request(TALLOC_CTX *mem, const struct command_line *line, const char *name, bool with_database)
{
	struct settings *settings = command_settings(mem, line);
	struct request *req;

	if (!settings)
		return NULL;
	outbound_init();
	req = request_new(mem, settings);
	req->lane = LANES; /* nobody to hand it over to */
	if (with_database)
		req->db = db_new(req, settings->db.url, settings->latchkey.db_prepare, format(req, "latchkey_%s", name));
	return req;
}

int command_failed(const struct request *req)
{
	const struct failure *failure = &req->failure;

	fprintf(stderr, "%s\n", failure->message ? failure->message : "it failed");
	if (failure->cause)
		fprintf(stderr, "%s\n", failure->cause);
	return 1;
}

static void print_usage(const struct subcommands *set)
{
	size_t name = 0, arguments = 0;

	for (size_t i = 0; i < set->count; i++) {
		size_t one = strlen(set->all[i].name), other = strlen(set->all[i].arguments);

		name = one > name ? one : name;
		arguments = other > arguments ? other : arguments;
	}
	fprintf(stderr, "Usage:\n  latchkey %s COMMAND [flags]\n\nCommands:\n", set->name);
	for (size_t i = 0; i < set->count; i++)
		fprintf(stderr, "  %-*s %-*s %s\n", (int)name, set->all[i].name, (int)arguments, set->all[i].arguments, set->all[i].help);
}

int subcommand_run(TALLOC_CTX *mem, const struct subcommands *set, const struct command_line *line)
{
	int arguments = line->word_count - 2;

	for (size_t i = 0; line->word_count > 1 && i < set->count; i++) {
		const struct subcommand *one = &set->all[i];
		struct request *req;

		if (strcmp(one->name, line->words[1]) != 0 || arguments < one->least || arguments > one->most)
			continue;
		req = command_request(mem, line, set->name, one->needs_database);
		return req && (!set->prepare || set->prepare(req)) ? one->run(req, line) : 1;
	}
	print_usage(set);
	return 1;
}
