/* mail.c: `latchkey mail …`: tries, and what goes through the outbox. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mail.h"

struct mail_command {
	const char *name, *arguments, *help;
	int least, most; /* arguments */
	bool needs_database;
	int (*run)(struct request *req, const struct command_line *line);
};

static int run_test(struct request *req, const struct command_line *line)
{
	int relay = line->relay ? atoi(line->relay) : 0;

	if (line->relay && relay < 1) {
		fputs("--relay takes the number of a relay, from 1\n", stderr);
		return 1;
	}
	return mail_try(req, text_of(line->words[2]), relay);
}

static int run_preview(struct request *req, const struct command_line *line)
{
	return mail_preview(req, text_of(line->words[2]), text_of(line->locale));
}

static int run_check(struct request *req, const struct command_line *line)
{
	(void)line;
	return mail_check(req);
}

static int run_bounce(struct request *req, const struct command_line *line)
{
	struct buffer *in = buffer_new(req, 16384);
	char piece[8192];
	struct uuid mail;
	ssize_t got;
	int count;

	(void)line;
	while ((got = read(STDIN_FILENO, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			buffer_add(in, piece, (size_t)got);
	count = mail_bounce(req, buffer_as_text(in), &mail);
	if (count < 0)
		return mail_command_failed(req);
	printf("%d addresses get no more mails\n", count);
	return 0;
}

static const struct mail_command commands[] = {
	{"test", "ADDRESS", "send a test mail and show the conversation with the relay (--relay N: that one only)", 1, 1, false, run_test},
	{"preview", "TYPE", "print a mail with made-up values (--locale L: in that language)", 1, 1, false, run_preview},
	{"check", "", "check relays and templates", 0, 0, false, run_check},
	{"queue", "", "mails that wait (--all: also what became of the others)", 0, 0, true, mail_command_queue},
	{"show", "ID", "all about one mail", 1, 1, true, mail_command_show},
	{"retry", "[ID]", "try one, or all that wait, now", 0, 1, true, mail_command_retry},
	{"drop", "ID|all", "give one, or all that wait, up", 1, 1, true, mail_command_drop},
	{"run", "", "send what is due; for cron where no worker does", 0, 0, true, mail_command_run},
	{"bounce", "< REPORT", "take a report that mails came back (RFC 3464): their addresses get no more", 0, 0, true, run_bounce},
	{"suppressed", "", "addresses that get no mails, and why", 0, 0, true, mail_command_suppressed},
	{"unsuppress", "ADDRESS", "mails to that address are sent again", 1, 1, true, mail_command_unsuppress},
};

static void print_usage(FILE *to)
{
	fputs("Usage:\n  latchkey mail COMMAND [flags]\n\nCommands:\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-10s %-9s %s\n", commands[i].name, commands[i].arguments, commands[i].help);
}

int mail_command_failed(const struct request *req)
{
	fprintf(stderr, "%s\n", req->failure.cause ? req->failure.cause : req->failure.message ? req->failure.message : "it failed");
	return 1;
}

/* Without the workers' segment leases cannot be looked behind (mail_run.alone). */
static struct shared *find_shared(struct request *req)
{
	const char *path = req->settings->latchkey.shared_file;
	struct shared *shared = path && *path && access(path, R_OK | W_OK) == 0 ? shared_open(req, path, false) : NULL;

	return shared;
}

static int run(TALLOC_CTX *mem, const struct mail_command *command, const struct command_line *line)
{
	struct settings *settings = command_settings(mem, line);
	struct request *req;

	if (!settings)
		return 1;
	outbound_init();
	req = request_new(mem, settings);
	req->shared = find_shared(req);
	if (command->needs_database)
		req->db = db_new(req, settings->db.url, settings->latchkey.db_prepare, "latchkey_mail");
	return command->run(req, line);
}

int command_mail(TALLOC_CTX *mem, const struct command_line *line)
{
	int arguments = line->word_count - 2;

	for (size_t i = 0; line->word_count > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, line->words[1]) == 0 && arguments >= commands[i].least && arguments <= commands[i].most)
			return run(mem, &commands[i], line);
	print_usage(stderr);
	return 1;
}
