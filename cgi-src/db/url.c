/* url.c: the database URL, its query split into what libpq knows, what the client keeps and run-time parameters. */
#include <string.h>

#include "db_int.h"

#define CONNECT_TIMEOUT (5 * SECOND)
#define TARGET_KEYWORDS 96

/* Read by the reference's client, without a counterpart in libpq (contract 03 section 2.2). */
static const char *const client_only[] = {
	"statement_cache_capacity", "statement_cache_mode", "prefer_simple_protocol", "min_read_buffer_size", "krbspn", "servicefile"};

struct reader {
	struct db_target *target;
	PQconninfoOption *known; /* every keyword of this libpq */
	size_t count;
	struct buffer *options; /* -c key=value …, behind what the URL's own options say */
	struct text_list seen;
};

static bool is_client_only(const char *key)
{
	for (size_t i = 0; i < sizeof(client_only) / sizeof(client_only[0]); i++)
		if (strcmp(client_only[i], key) == 0)
			return true;
	return false;
}

static bool is_keyword(const struct reader *reader, const char *key)
{
	for (const PQconninfoOption *option = reader->known; option->keyword; option++)
		if (strcmp(option->keyword, key) == 0)
			return true;
	return false;
}

static const char *value_of(const struct reader *reader, const char *key)
{
	for (size_t i = 0; i < reader->count; i++)
		if (strcmp(reader->target->keywords[i], key) == 0)
			return reader->target->values[i];
	return NULL;
}

static bool put(struct reader *reader, const char *key, const char *value)
{
	size_t at = 0;

	while (at < reader->count && strcmp(reader->target->keywords[at], key) != 0)
		at++;
	if (at == TARGET_KEYWORDS - 1)
		return false;
	if (at == reader->count)
		reader->count++;
	reader->target->keywords[at] = must(talloc_strdup(reader->target, key));
	reader->target->values[at] = must(talloc_strdup(reader->target, value));
	return true;
}

static bool put_missing(struct reader *reader, const char *key, const char *value)
{
	return value_of(reader, key) || put(reader, key, value);
}

/* The server splits options at blanks; a backslash keeps the next byte as it is. */
static void add_escaped(struct buffer *options, const char *string)
{
	for (; *string; string++) {
		if (strchr(" \t\n\r\f\v\\", *string))
			buffer_char(options, '\\');
		buffer_char(options, *string);
	}
}

static void add_run_time(struct reader *reader, const char *key, const char *value)
{
	if (reader->options->len > 0)
		buffer_char(reader->options, ' ');
	buffer_string(reader->options, "-c ");
	add_escaped(reader->options, key);
	buffer_char(reader->options, '=');
	add_escaped(reader->options, value);
}

static bool asks_unprepared(const char *key, const char *value)
{
	if (strcmp(key, "prefer_simple_protocol") == 0)
		return strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcmp(value, "t") == 0;
	return strcmp(key, "statement_cache_mode") == 0 && strcmp(value, "describe") == 0;
}

/* The first value of a key counts. */
static bool seen_before(struct reader *reader, const char *key)
{
	struct text_list *seen = &reader->seen;

	if (text_list_has(seen, text_of(key)))
		return true;
	seen->items = must(talloc_realloc(reader->target, seen->items, struct text, (unsigned)seen->count + 1));
	seen->items[seen->count++] = text_of(key);
	return false;
}

static bool take_pair(struct reader *reader, struct text pair)
{
	struct text key = pair, value = TEXT("");
	const char *name, *word;

	text_cut(pair, '=', &key, &value);
	if (!percent_decode(reader->target, key, true, &key) || !percent_decode(reader->target, value, true, &value))
		return false;
	if (text_has_nul(key) || text_has_nul(value))
		return false;
	name = text_string(reader->target, key);
	word = text_string(reader->target, value);
	if (*name == '\0' || seen_before(reader, name))
		return true;
	if (strcmp(name, "database") == 0)
		return put(reader, "dbname", word);
	if (is_client_only(name)) {
		reader->target->unprepared |= asks_unprepared(name, word);
		return true;
	}
	if (is_keyword(reader, name))
		return *word == '\0' || put(reader, name, word);
	add_run_time(reader, name, word);
	return true;
}

static bool take_query(struct reader *reader, struct text query)
{
	while (query.len > 0) {
		struct text pair = query, rest = TEXT_NONE;

		text_cut(query, '&', &pair, &rest);
		if (pair.len > 0 && !take_pair(reader, pair))
			return false;
		query = rest;
	}
	return true;
}

static bool take_base(struct reader *reader, struct text base)
{
	char *string = text_string(reader->target, base), *error = NULL;
	PQconninfoOption *parsed = PQconninfoParse(string, &error);
	bool good = parsed != NULL;

	for (const PQconninfoOption *option = parsed; option && option->keyword && good; option++)
		if (option->val)
			good = put(reader, option->keyword, option->val);
	PQconninfoFree(parsed);
	PQfreemem(error); /* it can show the URL */
	return good;
}

static bool take_defaults(struct reader *reader, const char *application_name)
{
	const char *own = value_of(reader, "options");

	if (reader->options->len > 0) {
		char *options = own ? format(reader->target, "%s %s", own, reader->options->data) : reader->options->data;

		if (!put(reader, "options", options))
			return false;
	}
	/* a peer that is gone is noticed by the time a request ends */
	return (!application_name || put_missing(reader, "application_name", application_name)) && put(reader, "client_encoding", "UTF8") &&
	       put_missing(reader, "gssencmode", "disable") && put_missing(reader, "tcp_user_timeout", "5000");
}

static duration connect_timeout(const struct reader *reader)
{
	const char *value = value_of(reader, "connect_timeout");
	long seconds = 0;

	for (const PQconninfoOption *option = reader->known; option->keyword && !value; option++)
		if (strcmp(option->keyword, "connect_timeout") == 0)
			value = option->val ? option->val : ""; /* from the environment */
	for (; value && *value >= '0' && *value <= '9' && seconds < 100000; value++)
		seconds = seconds * 10 + (*value - '0');
	return seconds > 0 ? seconds * SECOND : CONNECT_TIMEOUT;
}

static bool read_url(struct reader *reader, const char *url, const char *application_name)
{
	struct text base = text_of(url), query = TEXT_NONE;

	text_cut(text_of(url), '?', &base, &query);
	return take_base(reader, base) && take_query(reader, query) && take_defaults(reader, application_name);
}

struct db_target *db_target_parse(TALLOC_CTX *mem, const char *url, const char *application_name, const char **error)
{
	struct db_target *target = must(talloc_zero(mem, struct db_target));
	struct reader reader = {.target = target, .known = PQconndefaults()};
	bool good = strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0;

	must(reader.known);
	target->keywords = must(talloc_zero_array(target, const char *, TARGET_KEYWORDS));
	target->values = must(talloc_zero_array(target, const char *, TARGET_KEYWORDS));
	reader.options = buffer_new(target, 64);
	if (!good)
		*error = "the database URL must start with postgres:// or postgresql://";
	else if (!(good = read_url(&reader, url, application_name)))
		*error = "the database URL cannot be read: user, password, host and parameters must be percent-encoded";
	target->connect_timeout = connect_timeout(&reader);
	PQconninfoFree(reader.known);
	if (good)
		return target;
	talloc_free(target);
	return NULL;
}

void db_target_next_host(struct db_target *target)
{
	for (size_t i = 0; target->keywords[i]; i++) {
		const char *keyword = target->keywords[i], *comma = strchr(target->values[i], ',');

		if (comma && (strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0 || strcmp(keyword, "port") == 0))
			target->values[i] = format(target, "%s,%.*s", comma + 1, (int)(comma - target->values[i]), target->values[i]);
	}
}
