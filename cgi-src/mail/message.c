/* message.c: a rendered mail becomes a message: headers, a text part and the HTML (RFC 5322, RFC 2046; contract 06 section 10.4). */
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/json.h"

/* One header: ours, or the operator's in its place. */
struct line {
	const char *name;
	struct text value;
	struct text_list values; /* the operator's, one by one; set only there */
};

#define LINES_MOST 64

struct composing {
	struct request *req;
	struct letter *letter;
	struct line lines[LINES_MOST];
	size_t count;
};

/* What the message itself needs: the operator's say nothing there. */
static const char *const structural[] = {"Content-Type", "Content-Transfer-Encoding", "Mime-Version"};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(name, list[i]) == 0)
			return true;
	return false;
}

static struct line *find_line(struct composing *composing, const char *name)
{
	for (size_t i = 0; i < composing->count; i++)
		if (strcasecmp(composing->lines[i].name, name) == 0)
			return &composing->lines[i];
	return NULL;
}

/* A later one of a name takes the place of the one before. */
static struct line *set_line(struct composing *composing, const char *name, struct text value)
{
	struct line *line = find_line(composing, name);

	if (!line && composing->count < LINES_MOST)
		line = &composing->lines[composing->count++];
	if (line)
		*line = (struct line){.name = name, .value = value};
	return line;
}

/* ---- ours ---- */

static struct text date_now(struct request *req)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	return text_of(format(req, "%s, %02d %s %d %02d:%02d:%02d +0000", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900,
			      utc.tm_hour, utc.tm_min, utc.tm_sec));
}

static void set_our_lines(struct composing *composing, struct text to, struct text subject)
{
	struct request *req = composing->req;
	struct text from = text_of(req->settings->smtp.admin_email);

	set_line(composing, "Date", date_now(req));
	set_line(composing, "From", header_mailbox(req, text_of(req->settings->smtp.sender_name), from));
	set_line(composing, "To", to);
	set_line(composing, "Subject", subject);
	set_line(composing, "Message-ID", TEXT_NONE); /* its domain is the sender's, which the operator's lines may change */
	set_line(composing, "Auto-Submitted", TEXT("auto-generated"));
}

/* ---- the operator's (GOTRUE_SMTP_HEADERS) ---- */

static struct text put_type_in(struct request *req, struct text value, const char *type)
{
	static const char word[] = "$messageType";
	struct buffer *out = buffer_new(req, value.len + 64);

	for (size_t at = 0; at < value.len;) {
		if (value.len - at >= sizeof(word) - 1 && memcmp(value.data + at, word, sizeof(word) - 1) == 0) {
			buffer_string(out, type);
			at += sizeof(word) - 1;
		} else {
			buffer_char(out, value.data[at++]);
		}
	}
	return buffer_as_text(out);
}

static void take_values(struct composing *composing, const char *name, struct json_object *values)
{
	size_t many = json_object_is_type(values, json_type_array) ? json_object_array_length(values) : 0;
	struct line *line = set_line(composing, name, TEXT(""));
	struct buffer *joined = buffer_new(composing->req, 128);

	if (!line)
		return;
	line->values.items = must(talloc_zero_array(composing->req, struct text, (unsigned)many + 1));
	line->values.set = true;
	for (size_t i = 0; i < many; i++) {
		struct json_object *item = json_object_array_get_idx(values, i);
		struct text value;

		if (!json_object_is_type(item, json_type_string) || json_object_get_string_len(item) == 0)
			continue;
		value = put_type_in(composing->req, (struct text){json_object_get_string(item), (size_t)json_object_get_string_len(item)},
				    composing->letter->type);
		line->values.items[line->values.count++] = value;
		if (joined->len)
			buffer_string(joined, ", ");
		buffer_text(joined, value);
	}
	line->value = buffer_as_text(joined);
}

static void set_operator_lines(struct composing *composing)
{
	struct json_object *map;
	const char *why;

	if (json_parse(composing->req, text_of(composing->req->settings->smtp.headers), &map, &why) < 0 ||
	    !json_object_is_type(map, json_type_object))
		return;
	json_object_object_foreach(map, name, values)
	{
		if (header_name_valid(text_of(name)) && !is_one_of(name, structural, sizeof(structural) / sizeof(structural[0])))
			take_values(composing, name, values);
	}
}

/* ---- the envelope ---- */

static int add_recipient(struct composing *composing, struct text value, const char **why)
{
	struct text_list *list = &composing->letter->recipients;
	struct text address;

	if (!header_address(composing->req, value, &address)) {
		*why = "a recipient is no mail address";
		return -1;
	}
	if (text_list_has(list, address))
		return 0;
	list->items = must(talloc_realloc(composing->req, list->items, struct text, (unsigned)list->count + 1));
	list->items[list->count++] = address;
	return 0;
}

static int add_recipients(struct composing *composing, const char *name, const char **why)
{
	const struct line *line = find_line(composing, name);

	if (!line)
		return 0;
	if (!line->values.set && !address_valid(line->value)) { /* the user's: an address, without name */
		*why = "the recipient is no mail address";
		return -1;
	}
	if (!line->values.set)
		return add_recipient(composing, line->value, why);
	for (size_t i = 0; i < line->values.count; i++)
		if (add_recipient(composing, line->values.items[i], why) < 0)
			return -1;
	return 0;
}

static int set_envelope(struct composing *composing, const char **why)
{
	const struct line *sender = find_line(composing, "Sender");
	struct text address;

	if (!sender || sender->value.len == 0)
		sender = find_line(composing, "From");
	if (!header_address(composing->req, sender->value, &address)) {
		*why = "the sender is no mail address: set GOTRUE_SMTP_ADMIN_EMAIL";
		return -1;
	}
	composing->letter->sender = text_string(composing->req, address);
	if (add_recipients(composing, "To", why) < 0 || add_recipients(composing, "Cc", why) < 0 || add_recipients(composing, "Bcc", why) < 0)
		return -1;
	if (composing->letter->recipients.count == 0)
		*why = "there is no recipient";
	return composing->letter->recipients.count ? 0 : -1;
}

/* ---- the whole ---- */

static void put_lines(struct composing *composing, struct buffer *out)
{
	struct line *id = find_line(composing, "Message-ID");
	const char *at = strrchr(composing->letter->sender, '@');

	if (!id->values.set)
		id->value =
			text_of(format(composing->req, "<%s@%s>", uuid_string(composing->req, &composing->letter->id), at ? at + 1 : "localhost"));
	for (size_t i = 0; i < composing->count; i++)
		if (strcasecmp(composing->lines[i].name, "Bcc") != 0)
			header_put(composing->req, out, composing->lines[i].name, composing->lines[i].value);
}

static void put_part(struct buffer *out, const char *boundary, const char *type, struct text body)
{
	buffer_format(out, "--%s\r\nContent-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary, type);
	quoted_printable(out, body);
}

int message_compose(struct request *req, const char *type, struct text to, const struct rendered *rendered, struct letter *letter, const char **why)
{
	struct composing *composing = must(talloc_zero(req, struct composing));
	struct buffer *out = buffer_new(req, rendered->html.len * 2 + 2048);
	unsigned char random[12];
	const char *boundary;

	*letter = (struct letter){.id = uuid_v4(), .type = type};
	composing->req = req;
	composing->letter = letter;
	set_our_lines(composing, to, rendered->subject);
	set_operator_lines(composing);
	if (set_envelope(composing, why) < 0)
		return -1;
	put_lines(composing, out);
	random_bytes(random, sizeof(random));
	boundary = format(req, "=_%s", hex_encode(req, random, sizeof(random))); /* "=_" never comes in quoted-printable */
	buffer_format(out, "Mime-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", boundary);
	put_part(out, boundary, "text/plain", plain_from_html(req, rendered->html));
	put_part(out, boundary, "text/html", rendered->html);
	buffer_format(out, "--%s--\r\n", boundary);
	letter->wire = buffer_as_text(out);
	return 0;
}
