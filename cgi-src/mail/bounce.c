/* bounce.c: reports that a mail has come back (RFC 3464): its address gets none any more, and the outbox says so. */
#include <string.h>
#include <strings.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/db.h"

#define REPORT_MOST ((size_t)10 * 1048576)

struct report {
	TALLOC_CTX *mem;
	struct text_list failed; /* addresses */
	const char *reason;	 /* of the last one */
	struct uuid mail;	 /* nil: unknown */
	bool is_report;
};

/* The next line with its continuations, unfolded; false: there is none. */
static bool next_line(TALLOC_CTX *mem, struct text *rest, struct text *line)
{
	struct buffer *out = buffer_new(mem, 128);
	bool any = false;

	while (rest->len && (!any || rest->data[0] == ' ' || rest->data[0] == '\t')) {
		const char *end = memchr(rest->data, '\n', rest->len);
		size_t len = end ? (size_t)(end - rest->data) + 1 : rest->len;

		buffer_text(out, text_trim((struct text){rest->data, len}, "\r\n"));
		rest->data += len;
		rest->len -= len;
		any = true;
		if (out->len == 0) /* an empty line has no continuation */
			break;
	}
	*line = buffer_as_text(out);
	return any;
}

/* The value of a field "Name: value"; false: it is another. */
static bool field(struct text line, const char *name, struct text *value)
{
	size_t len = strlen(name);

	if (line.len <= len || line.data[len] != ':' || strncasecmp(line.data, name, len) != 0)
		return false;
	*value = text_trim((struct text){line.data + len + 1, line.len - len - 1}, " \t");
	return true;
}

/* "rfc822; ann@example.com" */
static struct text typed(struct text value)
{
	struct text type, rest;

	return text_cut(value, ';', &type, &rest) ? text_trim(rest, " \t<>") : TEXT_NONE;
}

/* The fields of one recipient. */
struct group {
	struct text original, final, status, diagnostic;
	bool failed;
};

static void end_group(struct report *report, struct group *group)
{
	struct text address = group->original.len ? group->original : group->final, checked;
	struct text_list *list = &report->failed;

	/* 4.x.x would come again, whatever the action says */
	if (group->failed && group->status.len && group->status.data[0] == '5' && header_address(report->mem, address, &checked)) {
		list->items = must(talloc_realloc(report->mem, list->items, struct text, (unsigned)list->count + 1));
		list->items[list->count++] = checked;
		report->reason = format(report->mem, "%.*s %.*s", (int)group->status.len, group->status.data,
					(int)(group->diagnostic.len < 300 ? group->diagnostic.len : 300), group->diagnostic.data);
	}
	*group = (struct group){0};
}

/* Our ids are the Message-IDs' first part. */
static void take_message_id(struct report *report, struct text value)
{
	struct text id = text_before(text_trim(value, "<> "), '@');

	if (uuid_is_nil(&report->mail) && !uuid_parse(id, &report->mail))
		report->mail = (struct uuid){{0}};
}

static void take_line(struct report *report, struct group *group, struct text line)
{
	struct text value;

	if (line.len == 0)
		end_group(report, group);
	else if (field(line, "Reporting-MTA", &value))
		report->is_report = true;
	else if (field(line, "Original-Recipient", &value))
		group->original = typed(value);
	else if (field(line, "Final-Recipient", &value))
		group->final = typed(value);
	else if (field(line, "Action", &value))
		group->failed = text_equal_nocase(value, TEXT("failed"));
	else if (field(line, "Status", &value))
		group->status = text_before(value, ' ');
	else if (field(line, "Diagnostic-Code", &value))
		group->diagnostic = typed(value);
	else if (report->is_report && (field(line, "Message-ID", &value) || field(line, "X-Original-Message-ID", &value)))
		take_message_id(report, value);
}

/* All of it is looked at line by line: the parts of a report are known by their fields, and some come without MIME. */
static void read_report(struct report *report, struct text text)
{
	struct group group = {0};
	struct text line;

	while (next_line(report->mem, &text, &line))
		take_line(report, &group, line);
	end_group(report, &group);
}

int bounce_parse(TALLOC_CTX *mem, struct text text, struct text_list *failed, const char **reason, struct uuid *mail)
{
	struct report report = {.mem = mem, .reason = ""};

	if (text.len > REPORT_MOST)
		return -1;
	read_report(&report, text);
	*failed = report.failed;
	*reason = without_addresses(mem, text_of(report.reason)).data;
	*mail = report.mail;
	return report.is_report ? 0 : -1;
}

int mail_bounce(struct request *req, struct text text, struct uuid *mail)
{
	struct text_list failed;
	struct db_rows *rows;
	const char *reason;

	if (bounce_parse(req, text, &failed, &reason, mail) < 0)
		return fail_cause(req, "this is no delivery report of RFC 3464");
	for (size_t i = 0; i < failed.count; i++)
		if (db_execute(req, STMT_SUPPRESSED_ADD, DB_ARGS(db_text(failed.items[i]), db_string(reason), db_moment(moment_now()))) < 0)
			return -1;
	if (failed.count == 0)
		return 0;
	if (!uuid_is_nil(mail) && db_fetch(req, STMT_OUTBOX_BOUNCED, DB_ARGS(db_uuid(mail), db_string(reason), db_moment(moment_now())), &rows) < 0)
		return -1;
	request_log_to(req, LOG_WARNING, "mails have come back for good: their addresses get no more until latchkey mail unsuppress",
		       log_number("addresses", (int64_t)failed.count), log_text("mail_id", uuid_is_nil(mail) ? "" : uuid_string(req, mail)),
		       log_text("reason", reason));
	return (int)failed.count;
}
