/* print.c: `latchkey config` and `latchkey config check`: what counts, where it came from, what is wrong. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "latchkey/json.h"

#define MASK "********"

static bool is_hidden(const struct setting *setting)
{
	return (setting->flags & (SETTING_SECRET | SETTING_PRIVATE)) != 0;
}

/* What a setting without effect was given is shown too; not given, it is not. */
static bool is_listed(const struct setting *setting, const struct finding *finding)
{
	return !(setting->flags & SETTING_UNUSED) || finding->name;
}

/* user:password of a URL, which hooks may have, goes. */
static struct text without_credentials(TALLOC_CTX *mem, struct text value)
{
	const char *slashes = value.len ? memmem(value.data, value.len, "://", 3) : NULL;
	struct text authority, path, user, host = TEXT_NONE;

	if (!slashes)
		return value;
	authority = (struct text){slashes + 3, value.len - (size_t)(slashes + 3 - value.data)};
	text_cut(authority, '/', &path, &host);
	for (authority = path; text_cut(authority, '@', &user, &host); authority = host)
		;
	if (authority.len == path.len)
		return value;
	return text_of(format(mem, "%.*s" MASK "@%s", (int)(slashes + 3 - value.data), value.data, authority.data));
}

/* The effective value as it would be written in a variable; masked where it is secret. */
static struct text effective(TALLOC_CTX *mem, const struct making *making, const struct setting *setting, const struct finding *finding)
{
	struct buffer *shown = buffer_new(mem, 64);

	if (setting->flags & SETTING_UNUSED)
		buffer_text(shown, finding->value);
	else
		setting_kind(setting->type)->show(shown, (const char *)making->settings + setting->offset);
	if (is_hidden(setting))
		return shown->len || finding->value.len ? TEXT(MASK) : TEXT("");
	return without_credentials(mem, buffer_as_text(shown));
}

/* Values with bytes that a line cannot hold come in quotes. */
static struct text in_a_line(TALLOC_CTX *mem, struct text value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f)
			return quote_go(mem, value);
	return value;
}

static void print_lines(const struct making *making)
{
	size_t count;
	const struct setting *rows = all_settings(&count);

	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = &making->findings[i];
		TALLOC_CTX *mem = talloc_new(NULL);
		struct text value;

		if (is_listed(&rows[i], finding)) {
			bool other_name = finding->name && strcmp(finding->name, rows[i].name) != 0;

			value = in_a_line(mem, effective(mem, making, &rows[i], finding));
			printf("%s=%.*s  # %s%s%s\n", rows[i].name, (int)value.len, value.data, finding->origin, other_name ? ", as " : "",
			       other_name ? finding->name : "");
		}
		talloc_free(mem);
	}
}

static void print_json(const struct making *making)
{
	struct buffer *buffer = buffer_new(NULL, 65536);
	struct json_writer out = json_writer(buffer);
	size_t count;
	const struct setting *rows = all_settings(&count);

	json_open_object(&out);
	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = &making->findings[i];

		if (!is_listed(&rows[i], finding))
			continue;
		json_name(&out, rows[i].name);
		json_open_object(&out);
		json_member_text(&out, "value", effective(buffer, making, &rows[i], finding));
		json_member_string(&out, "source", finding->origin);
		json_member_string_opt(&out, "name", finding->name);
		json_member_truth(&out, "masked", is_hidden(&rows[i]));
		json_close_object(&out);
	}
	json_close_object(&out);
	printf("%s\n", buffer->data);
	talloc_free(buffer);
}

static void print_list(FILE *to, const char *label, const struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct text line, cause;
		bool has_cause = text_cut(list->items[i], '\n', &line, &cause);

		fprintf(to, "%s: %.*s%s%.*s\n", label, (int)line.len, line.data, has_cause ? ": " : "", (int)cause.len, has_cause ? cause.data : "");
	}
}

int settings_print(const struct settings_source *source, bool as_json)
{
	struct making *making = settings_work_out(NULL, source);
	int status = making->problems.count ? 1 : 0;

	if (as_json)
		print_json(making);
	else
		print_lines(making);
	fflush(stdout);
	print_list(stderr, "problem", &making->problems);
	talloc_free(making);
	return status;
}

static void write_texts(struct json_writer *out, const char *name, const struct text_list *list)
{
	json_name(out, name);
	json_open_array(out);
	for (size_t i = 0; i < list->count; i++)
		json_text(out, list->items[i]);
	json_close_array(out);
}

static void check_json(const struct making *making)
{
	struct buffer *buffer = buffer_new(NULL, 1024);
	struct json_writer out = json_writer(buffer);

	json_open_object(&out);
	write_texts(&out, "problems", &making->problems);
	write_texts(&out, "notes", &making->notes);
	json_close_object(&out);
	printf("%s\n", buffer->data);
	talloc_free(buffer);
}

int settings_check(const struct settings_source *source, bool as_json)
{
	struct making *making = settings_work_out(NULL, source);
	size_t problems = making->problems.count;

	if (as_json) {
		check_json(making);
	} else {
		print_list(stdout, "problem", &making->problems);
		print_list(stdout, "note", &making->notes);
		if (problems)
			printf("%zu problem%s: the server does not start with these settings\n", problems, problems == 1 ? "" : "s");
		else
			printf("no problems\n");
	}
	talloc_free(making);
	return problems ? 1 : 0;
}
