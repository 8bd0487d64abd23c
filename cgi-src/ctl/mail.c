/* mail.c: `latchkey mail …`: tries, and what goes through the outbox. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mail.h"

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
		return command_failed(req);
	printf("%d addresses get no more mails\n", count);
	return 0;
}

static const struct subcommand commands[] = {
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

/* Without the workers' segment leases cannot be looked behind (mail_run.alone). */
static bool find_shared(struct request *req)
{
	const char *path = req->settings->latchkey.shared_file;

	req->shared = path && *path && access(path, R_OK | W_OK) == 0 ? shared_open(req, path, false) : NULL;
	return true;
}

int command_mail(TALLOC_CTX *mem, const struct command_line *line)
{
	static const struct subcommands set = {"mail", commands, sizeof(commands) / sizeof(commands[0]), find_shared};

	return subcommand_run(mem, &set, line);
}
