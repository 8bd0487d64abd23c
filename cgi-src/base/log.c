/* log.c: one JSON object a line, members in byte order, each written at once (contract 02 section 7). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "latchkey/base.h"

#define FIELDS_MAX 40

/* The process's own: where its entries go and from which level on. */
static struct {
	int fd;
	enum log_level level;
} sink = {STDERR_FILENO, LOG_INFO};

static const char *const level_names[] = {"panic", "fatal", "error", "warning", "info", "debug", "trace"};

struct log_field log_text(const char *name, const char *value)
{
	return log_bytes(name, text_of(value));
}

struct log_field log_bytes(const char *name, struct text value)
{
	return (struct log_field){.name = name, .kind = LOG_TEXT, .text = value};
}

struct log_field log_number(const char *name, int64_t value)
{
	return (struct log_field){.name = name, .kind = LOG_NUMBER, .number = value};
}

struct log_field log_truth(const char *name, bool value)
{
	return (struct log_field){.name = name, .kind = LOG_TRUTH, .number = value};
}

struct log_field log_json(const char *name, struct text value)
{
	return (struct log_field){.name = name, .kind = LOG_JSON, .text = value};
}

bool log_level_parse(struct text text, enum log_level *level)
{
	if (text_equal_nocase(text, TEXT("warn"))) {
		*level = LOG_WARNING;
		return true;
	}
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
		if (text_equal_nocase(text, text_of(level_names[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

void log_set_level(enum log_level level)
{
	sink.level = level;
}

bool log_enabled(enum log_level level)
{
	return level <= sink.level;
}

int log_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0660);

	if (fd < 0)
		return -1;
	if (sink.fd != STDERR_FILENO)
		close(sink.fd);
	sink.fd = fd;
	return 0;
}

static void put_escaped(struct buffer *out, struct text text)
{
	static const char named[] = "btn\0fr"; /* for bytes 8 to 13 */
	size_t at = 0;

	buffer_char(out, '"');
	while (at < text.len) {
		size_t from = at;
		unsigned char byte = (unsigned char)text.data[at];
		uint32_t point = utf8_next(text, &at);

		if (byte == '"' || byte == '\\') {
			buffer_char(out, '\\');
			buffer_char(out, (char)byte);
		} else if (byte >= 8 && byte <= 13 && named[byte - 8]) {
			buffer_char(out, '\\');
			buffer_char(out, named[byte - 8]);
		} else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&') {
			buffer_format(out, "\\u%04x", byte);
		} else if (point == 0x2028 || point == 0x2029 || (byte >= 0x80 && at - from == 1)) {
			buffer_format(out, "\\u%04x", point);
		} else {
			buffer_add(out, text.data + from, at - from);
		}
	}
	buffer_char(out, '"');
}

static void put_field(struct buffer *out, const char *name, const struct log_field *field)
{
	buffer_char(out, out->len ? ',' : '{');
	put_escaped(out, text_of(name));
	buffer_char(out, ':');
	switch (field->kind) {
	case LOG_TEXT:
		put_escaped(out, field->text);
		break;
	case LOG_NUMBER:
		buffer_int(out, field->number);
		break;
	case LOG_TRUTH:
		buffer_string(out, field->number ? "true" : "false");
		break;
	case LOG_JSON:
		buffer_text(out, field->text);
		break;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct log_field *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void write_all(struct text line)
{
	while (line.len) {
		ssize_t wrote = write(sink.fd, line.data, line.len);

		if (wrote < 0 && errno != EINTR)
			return;
		if (wrote > 0) {
			line.data += wrote;
			line.len -= (size_t)wrote;
		}
	}
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count)
{
	struct log_field all[FIELDS_MAX];
	char now[MOMENT_TEXT_MAX];
	struct buffer *line;
	size_t used = 0;

	if (!log_enabled(level))
		return;
	for (size_t i = 0; i < count && used < FIELDS_MAX - 3; i++) {
		all[used] = fields[i];
		if (strcmp(fields[i].name, "time") == 0)
			all[used].name = "fields.time";
		else if (strcmp(fields[i].name, "msg") == 0)
			all[used].name = "fields.msg";
		else if (strcmp(fields[i].name, "level") == 0)
			all[used].name = "fields.level";
		used++;
	}
	moment_format(moment_now() / 1000000 * 1000000, now);
	all[used++] = log_text("level", level_names[level]);
	all[used++] = log_text("msg", msg);
	all[used++] = log_text("time", now);
	qsort(all, used, sizeof(all[0]), by_name);
	line = buffer_new(NULL, 512);
	for (size_t i = 0; i < used; i++)
		put_field(line, all[i].name, &all[i]);
	buffer_string(line, "}\n");
	write_all(buffer_as_text(line));
	talloc_free(line);
}
