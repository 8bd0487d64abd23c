/* mail_queue.c: the outbox for its operator: list, one mail, retry, drop, run; addresses that get no mails. */
#include <stdio.h>
#include <string.h>

#include "latchkey/json.h"
#include "mail.h"

#define LISTED_MOST 1000
#define RUN_TIME (10 * MINUTE)

static const char *time_of(TALLOC_CTX *mem, moment at)
{
	char text[MOMENT_TEXT_MAX];

	if (at == MOMENT_NONE)
		return "-";
	moment_format(at - at % 1000000, text);
	return format(mem, "%s", text);
}

static const char *first_recipient(struct request *req, const struct db_rows *rows, int row)
{
	struct text_list list = db_get_texts(req, rows, row, 10);

	return list.count ? text_string(req, list.items[0]) : "";
}

/* ---- list ---- */

static void print_row(struct request *req, const struct db_rows *rows, int row)
{
	struct uuid id = db_get_uuid(rows, row, 0);

	printf("%s  %-10s %-16s %s  %s%s\n", uuid_string(req, &id), db_get_string(rows, row, 2), db_get_string(rows, row, 1),
	       time_of(req, db_get_moment(rows, row, 3)), first_recipient(req, rows, row), db_get_bool(rows, row, 9) ? "  (doubtful)" : "");
	if (*db_get_string(rows, row, 8))
		printf("    %s%s%s\n", db_get_string(rows, row, 7), *db_get_string(rows, row, 7) ? ": " : "", db_get_string(rows, row, 8));
}

static void write_row(struct request *req, struct json_writer *out, const struct db_rows *rows, int row)
{
	struct uuid id = db_get_uuid(rows, row, 0);
	struct text_list recipients = db_get_texts(req, rows, row, 10);

	json_open_object(out);
	json_member_uuid(out, "id", &id);
	json_member_string(out, "kind", db_get_string(rows, row, 1));
	json_member_string(out, "state", db_get_string(rows, row, 2));
	json_member_moment(out, "created_at", db_get_moment(rows, row, 3));
	json_member_moment(out, "expires_at", db_get_moment(rows, row, 4));
	json_member_moment(out, "next_at", db_get_moment(rows, row, 5));
	json_member_int(out, "attempts", db_get_int(rows, row, 6));
	json_member_string(out, "relay", db_get_string(rows, row, 7));
	json_member_string(out, "answer", db_get_string(rows, row, 8));
	json_member_truth(out, "doubtful", db_get_bool(rows, row, 9));
	json_name(out, "recipients");
	json_open_array(out);
	for (size_t i = 0; i < recipients.count; i++)
		json_text(out, recipients.items[i]);
	json_close_array(out);
	json_close_object(out);
}

static int print_json(struct request *req, const struct db_rows *rows, bool one)
{
	struct json_writer out = json_writer(buffer_new(req, 4096));

	if (!one)
		json_open_array(&out);
	for (int row = 0; row < db_row_count(rows); row++)
		write_row(req, &out, rows, row);
	if (!one)
		json_close_array(&out);
	puts(out.buffer->data);
	return 0;
}

static int print_totals(struct request *req)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OUTBOX_TOTALS, DB_NO_ARGS, &rows) < 0)
		return command_failed(req);
	for (int row = 0; row < db_row_count(rows); row++)
		printf("%s%lld %s", row ? ", " : "", (long long)db_get_int(rows, row, 1), db_get_string(rows, row, 0));
	puts(db_row_count(rows) ? "" : "no mails");
	return 0;
}

int mail_command_queue(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OUTBOX_LIST, DB_ARGS(db_bool(line->all), db_int8(LISTED_MOST)), &rows) < 0)
		return command_failed(req);
	if (line->json)
		return print_json(req, rows, false);
	for (int row = 0; row < db_row_count(rows); row++)
		print_row(req, rows, row);
	return print_totals(req);
}

/* ---- one ---- */

static bool read_id(const char *word, struct uuid *id)
{
	if (uuid_parse(text_before(text_trim(text_of(word), "<>"), '@'), id))
		return true;
	fprintf(stderr, "\"%s\" is no id of a mail; latchkey mail queue --all shows them\n", word);
	return false;
}

static const char *say_state(const char *state)
{
	static const struct {
		const char *state, *words;
	} known[] = {
		{"waiting", "no relay has taken it yet; it is tried again"},
		{"sending", "it is on its way, or the process that carried it has ended"},
		{"sent", "the relay has taken it; from there on the relay's own log knows more"},
		{"refused", "it was refused for good, or has come back"},
		{"expired", "its code expired before a relay took it"},
		{"superseded", "a later mail has taken its place, or its code was used, before a relay took it"},
		{"dropped", "the operator gave it up"},
		{"suppressed", "its address gets no mails: see latchkey mail suppressed"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(state, known[i].state) == 0)
			return known[i].words;
	return "";
}

static void print_all(struct request *req, const struct db_rows *rows)
{
	struct text_list recipients = db_get_texts(req, rows, 0, 10);
	struct uuid id = db_get_uuid(rows, 0, 0), user = db_get_uuid(rows, 0, 12);
	const char *state = db_get_string(rows, 0, 2);

	printf("mail       %s\nkind       %s\nstate      %s: %s\n", uuid_string(req, &id), db_get_string(rows, 0, 1), state, say_state(state));
	printf("from       %s\n", db_get_string(rows, 0, 11));
	for (size_t i = 0; i < recipients.count; i++)
		printf("to         %.*s\n", (int)recipients.items[i].len, recipients.items[i].data);
	printf("user       %s\n", uuid_is_nil(&user) ? "-" : uuid_string(req, &user));
	printf("created    %s\nchanged    %s\nexpires    %s\n", time_of(req, db_get_moment(rows, 0, 3)), time_of(req, db_get_moment(rows, 0, 14)),
	       time_of(req, db_get_moment(rows, 0, 4)));
	if (strcmp(state, "waiting") == 0)
		printf("next try   %s\n", time_of(req, db_get_moment(rows, 0, 5)));
	printf("attempts   %lld\nrelay      %s\nanswer     %s\n", (long long)db_get_int(rows, 0, 6), db_get_string(rows, 0, 7),
	       db_get_string(rows, 0, 8));
	if (db_get_bool(rows, 0, 9))
		puts("doubtful   it may have arrived twice, under the same Message-ID");
}

int mail_command_show(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;
	struct uuid id;

	if (!read_id(line->words[2], &id))
		return 1;
	if (db_fetch(req, STMT_OUTBOX_SHOW, DB_ARGS(db_uuid(&id)), &rows) < 0)
		return command_failed(req);
	if (db_row_count(rows) == 0) {
		fputs("there is no such mail, or it was forgotten (LATCHKEY_MAIL_KEEP)\n", stderr);
		return 1;
	}
	if (line->json)
		return print_json(req, rows, true);
	print_all(req, rows);
	return 0;
}

/* ---- what changes it ---- */

static int run_outbox(struct request *req)
{
	struct mail_run run = {.until = monotonic_now() + RUN_TIME, .alone = !req->shared};

	if (!req->shared)
		req->shared = shared_open(req, NULL, true);
	if (!req->shared || mail_outbox_run(req, &run) < 0)
		return command_failed(req);
	printf("%d sent, %d left for later, %d came to their end\n", run.sent, run.left, run.ended);
	return 0;
}

int mail_command_run(struct request *req, const struct command_line *line)
{
	(void)line;
	return run_outbox(req);
}

int mail_command_retry(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;
	struct uuid id;
	bool one = line->word_count > 2 && strcmp(line->words[2], "all") != 0;

	if (one && !read_id(line->words[2], &id))
		return 1;
	if (db_fetch(req, STMT_OUTBOX_RETRY, DB_ARGS(db_uuid(one ? &id : NULL), db_moment(moment_now())), &rows) < 0)
		return command_failed(req);
	if (one && db_row_count(rows) == 0) {
		fputs("that mail does not wait\n", stderr);
		return 1;
	}
	return run_outbox(req);
}

int mail_command_drop(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;
	struct uuid id;
	bool one = strcmp(line->words[2], "all") != 0;

	if (one && !read_id(line->words[2], &id))
		return 1;
	if (db_fetch(req, STMT_OUTBOX_DROP, DB_ARGS(db_uuid(one ? &id : NULL), db_moment(moment_now())), &rows) < 0)
		return command_failed(req);
	printf("%d dropped\n", db_row_count(rows));
	return one && db_row_count(rows) == 0 ? 1 : 0;
}

/* ---- addresses ---- */

int mail_command_suppressed(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;

	(void)line;
	if (db_fetch(req, STMT_SUPPRESSED_LIST, DB_NO_ARGS, &rows) < 0)
		return command_failed(req);
	for (int row = 0; row < db_row_count(rows); row++)
		printf("%s  %s  %s\n", time_of(req, db_get_moment(rows, row, 2)), db_get_string(rows, row, 0), db_get_string(rows, row, 1));
	return 0;
}

int mail_command_unsuppress(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_SUPPRESSED_REMOVE, DB_ARGS(db_string(line->words[2])), &rows) < 0)
		return command_failed(req);
	puts(db_row_count(rows) ? "mails to it are sent again" : "mails to it were not held back");
	return db_row_count(rows) ? 0 : 1;
}
