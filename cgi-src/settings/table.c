/* table.c: the one table of all variables, families written out, and ways to find a row. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The order of processing (contract 02 section 2.1). */
static const struct section *const sections[] = {
	&section_api,
	&section_database,
	&section_providers,
	&section_external,
	&section_custom_oauth,
	&section_oauth_server,
	&section_log,
	&section_profiler,
	&section_tracing,
	&section_metrics,
	&section_smtp,
	&section_audit_log,
	&section_rate_limits,
	&section_site,
	&section_password,
	&section_jwt,
	&section_mailer,
	&section_mail_subjects,
	&section_mail_templates,
	&section_mail_links,
	&section_mail_notifications,
	&section_sms,
	&section_sign_up,
	&section_hooks,
	&section_security,
	&section_sessions,
	&section_mfa,
	&section_saml,
	&section_webauthn,
	&section_passkey,
	&section_cors,
	&section_index_worker,
	&section_experimental,
	&section_reloading,
	&section_outgoing_calls,
	&section_ours,
};

static struct {
	struct setting *rows;
	const struct setting **by_name;
	size_t count;
} table; /* made by the first who asks, before anything is forked; const from then on */

const struct section *const *all_sections(size_t *count)
{
	*count = COUNT_OF(sections);
	return sections;
}

static char *member_name(TALLOC_CTX *mem, const char *pattern, const char *member)
{
	const char *star = strchr(pattern, '*');

	return format(mem, "%.*s%s%s", (int)(star - pattern), pattern, member, star + 1);
}

static void add_section(const struct section *section)
{
	const struct family *family = section->family;
	size_t members = family ? family->count : 1;

	table.rows = must(talloc_realloc(NULL, table.rows, struct setting, (unsigned)(table.count + members * section->count)));
	for (size_t member = 0; member < members; member++) {
		for (size_t i = 0; i < section->count; i++) {
			struct setting *row = &table.rows[table.count++];

			*row = section->rows[i];
			row->section = section;
			if (!family)
				continue;
			row->family = family;
			row->offset += family->base + member * family->stride;
			row->name = member_name(table.rows, row->name, family->names[member]);
		}
	}
}

static int by_name(const void *a, const void *b)
{
	const struct setting *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static void make_table(void)
{
	for (size_t i = 0; i < COUNT_OF(sections); i++)
		add_section(sections[i]);
	table.by_name = must(talloc_array(table.rows, const struct setting *, (unsigned)table.count));
	for (size_t i = 0; i < table.count; i++)
		table.by_name[i] = &table.rows[i];
	qsort(table.by_name, table.count, sizeof(*table.by_name), by_name);
}

const struct setting *all_settings(size_t *count)
{
	if (!table.rows)
		make_table();
	*count = table.count;
	return table.rows;
}

static int name_to_row(const void *name, const void *row)
{
	const struct setting *const *setting = row;

	return strcmp(name, (*setting)->name);
}

const struct setting *setting_named(const char *name)
{
	size_t count;
	const struct setting *rows = all_settings(&count), **found;

	found = bsearch(name, table.by_name, count, sizeof(*table.by_name), name_to_row);
	if (found)
		return *found;
	for (size_t i = 0; i < count; i++)
		if (rows[i].bare && strcmp(rows[i].bare, name) == 0)
			return &rows[i];
	return NULL;
}

const struct setting *setting_at(size_t offset)
{
	size_t count;
	const struct setting *rows = all_settings(&count);

	for (size_t i = 0; i < count; i++)
		if (!(rows[i].flags & SETTING_UNUSED) && rows[i].offset == offset)
			return &rows[i];
	return NULL;
}

size_t setting_index(const struct setting *setting)
{
	return (size_t)(setting - table.rows);
}

bool setting_wants_file(const struct setting *setting)
{
	return (setting->flags & SETTING_SECRET) != 0;
}

/* Words that stay in capitals in a field's name. */
static bool is_initialism(struct text word)
{
	static const char *const known[] = {"OTP", "URL", "ID", "SQL", "API", "TTL", "HIBP", "SSO", "AAL", "URI", "DB"};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (text_is(word, known[i]))
			return true;
	return false;
}

char *setting_field(TALLOC_CTX *mem, const struct setting *setting)
{
	size_t cut = strlen(setting->section->prefix);
	struct buffer *out = buffer_new(mem, strlen(setting->name));
	struct text rest = text_of(setting->name + cut), word;

	while (rest.len) {
		text_cut(rest, '_', &word, &rest);
		for (size_t i = 0; i < word.len; i++) {
			bool lower = i > 0 && !is_initialism(word) && word.data[i] >= 'A' && word.data[i] <= 'Z';

			buffer_char(out, lower ? (char)(word.data[i] - 'A' + 'a') : word.data[i]);
		}
	}
	return out->data;
}
