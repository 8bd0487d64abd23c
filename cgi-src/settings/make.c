/* make.c: from merged variables to a struct settings: look-up, parsing, ranges, problems (contract 02 sections 2.1 and 2.6). */
#include <stdarg.h>
#include <string.h>

#include "internal.h"

#define HIDDEN "[secret]"

union value {
	max_align_t aligned;
	char bytes[64];
};

/* ---- problems and notes ------------------------------------------------------------------------------------------------------ */

static struct finding *finding_of(const struct making *making, const void *field, const struct setting **setting)
{
	*setting = setting_at((size_t)((const char *)field - (const char *)making->settings));
	return *setting ? &making->findings[setting_index(*setting)] : NULL;
}

const char *name_of(const struct making *making, const void *field)
{
	const struct setting *setting;
	const struct finding *finding = finding_of(making, field, &setting);

	if (!finding)
		return "";
	if (finding->name)
		return finding->name;
	return setting->bare && (setting->flags & SETTING_REQUIRED) ? setting->bare : setting->name;
}

struct text value_of(const struct making *making, const void *field)
{
	const struct setting *setting;
	const struct finding *finding = finding_of(making, field, &setting);

	return finding ? finding->value : TEXT_NONE;
}

bool is_given(const struct making *making, const void *field)
{
	const struct setting *setting;
	const struct finding *finding = finding_of(making, field, &setting);

	return finding && finding->name != NULL;
}

bool is_usable(const struct making *making, const void *field)
{
	const struct setting *setting;
	const struct finding *finding = finding_of(making, field, &setting);

	return finding && !finding->failed;
}

static void add_problem(struct making *making, struct finding *finding, char *text)
{
	finding->failed = true;
	list_add(making->mem, &making->problems, text_of(text));
}

void problem(struct making *making, const void *field, const void *because, const char *text, ...)
{
	const struct setting *setting;
	struct finding *finding = finding_of(making, field, &setting);
	const char *reason = because ? format(making->mem, " (needed by %s)", name_of(making, because)) : "";
	va_list args;
	char *words;

	if (!finding || finding->failed)
		return;
	va_start(args, text);
	words = must(talloc_vasprintf(making->mem, text, args));
	va_end(args);
	add_problem(making, finding, format(making->mem, "%s%s: %s", name_of(making, field), reason, words));
}

void note(struct making *making, const char *text, const char *error)
{
	list_add(making->mem, &making->notes, text_of(format(making->mem, error ? "%s\n%s" : "%s", text, error)));
}

/* ---- look-up --------------------------------------------------------------------------------------------------------------------- */

static void take_entry(struct finding *finding, const struct entry *entry)
{
	finding->name = entry->name;
	finding->origin = entry->origin;
	finding->value = entry->value;
}

/* NAME_FILE: the file's content, one newline at its end cut. */
static void take_secret_file(struct making *making, struct finding *finding, const struct entry *entry)
{
	const char *why;
	bool missing;

	finding->name = entry->name;
	finding->origin = entry->value.data;
	if (path_read(making->mem, entry->value.data, &finding->value, &missing, &why) < 0) {
		add_problem(making, finding, format(making->mem, "%s: %s", entry->name, why));
		return;
	}
	if (finding->value.len && finding->value.data[finding->value.len - 1] == '\n')
		finding->value.len--;
	if (text_has_nul(finding->value))
		add_problem(making, finding, format(making->mem, "%s: %s holds a NUL byte", entry->name, entry->value.data));
}

/* By one name, or by the file that NAME_FILE says; false: neither is set. */
static bool look_up(struct making *making, const struct setting *setting, const char *name, struct finding *finding)
{
	const struct entry *entry = source_get(making->source, name), *file = NULL;

	if (setting_wants_file(setting))
		file = source_get(making->source, format(making->mem, "%s_FILE", name));
	if (entry && file)
		note(making, format(making->mem, "%s_FILE is not read: %s is set", name, name), NULL);
	if (entry)
		take_entry(finding, entry);
	else if (file)
		take_secret_file(making, finding, file);
	return entry || file;
}

/* ---- values ------------------------------------------------------------------------------------------------------------------------ */

/* The detail of a secret's failure may echo it: what stands in quotes goes. */
static const char *without_quotes(TALLOC_CTX *mem, const char *why)
{
	const char *open = strchr(why, '"'), *end = strrchr(why, '"');

	return open && end > open ? format(mem, "%.*s" HIDDEN "%s", (int)(open - why), why, end + 1) : why;
}

static void refuse_value(struct making *making, const struct setting *setting, struct finding *finding, const char *why)
{
	bool secret = (setting->flags & SETTING_SECRET) != 0;

	/* NAME is the prefixed one, whichever gave the value */
	add_problem(making, finding,
		    format(making->mem, "assigning %s to %s: converting '%s' to type %s. details: %s", setting->name,
			   setting_field(making->mem, setting), secret ? HIDDEN : text_string(making->mem, finding->value),
			   setting_kind(setting->type)->name, secret ? without_quotes(making->mem, why) : why));
}

static void parse_constant(struct making *making, const struct setting *setting, const char *value, void *field)
{
	const char *why = "";

	if (!setting_kind(setting->type)->parse(making->settings, text_of(value), field, &why))
		die("settings table: %s: %s", setting->name, why);
}

/* The zero value, or the default. */
static void set_unset(struct making *making, const struct setting *setting, void *field)
{
	const struct setting_kind *kind = setting_kind(setting->type);

	memset(field, 0, kind->size);
	if (setting->fallback)
		parse_constant(making, setting, setting->fallback, field);
	else if (kind->parse == parse_text)
		*(const char **)field = "";
	else if (kind->parse == parse_time)
		*(moment *)field = MOMENT_NONE;
}

static bool is_zero(struct making *making, const struct setting *setting, const void *field)
{
	const union value zero = {0};
	struct buffer *shown;
	bool empty;

	if (setting_kind(setting->type)->number != NO_NUMBER)
		return setting_compare(setting->type, field, &zero) == 0;
	shown = buffer_new(making->mem, 16);
	setting_kind(setting->type)->show(shown, field);
	empty = shown->len == 0;
	talloc_free(shown);
	return empty;
}

/* The range of contract 02 section 2.6, or ours. */
static void keep_in_range(struct making *making, const struct setting *setting, void *field)
{
	const char *const bounds[2] = {setting->least, setting->most};
	union value bound;

	if (setting->instead && is_zero(making, setting, field))
		parse_constant(making, setting, setting->instead, field);
	for (int i = 0; i < 2; i++) {
		int order;

		if (!bounds[i])
			continue;
		parse_constant(making, setting, bounds[i], &bound);
		order = setting_compare(setting->type, field, &bound);
		if (i == 0 ? order >= 0 : order <= 0)
			continue;
		if (setting->outside == OUTSIDE_REFUSED) {
			struct buffer *shown = buffer_new(making->mem, 32);

			setting_kind(setting->type)->show(shown, field);
			problem(making, field, NULL, "must be %s or %s, was %s", bounds[i], i == 0 ? "more" : "less", shown->data);
		} else {
			parse_constant(making, setting, setting->outside == OUTSIDE_RESET ? setting->reset : bounds[i], field);
		}
	}
}

static void find_setting(struct making *making, const struct setting *setting, struct finding *finding)
{
	const struct setting_kind *kind = setting_kind(setting->type);
	union value unused;
	void *field = setting->flags & SETTING_UNUSED ? (void *)&unused : (char *)making->settings + setting->offset;
	const char *why = "";

	set_unset(making, setting, field);
	finding->origin = "default";
	if (!look_up(making, setting, setting->name, finding) && !(setting->bare && look_up(making, setting, setting->bare, finding))) {
		if (setting->flags & SETTING_REQUIRED)
			add_problem(making, finding,
				    format(making->mem, "required key %s missing value", setting->bare ? setting->bare : setting->name));
	} else if (!finding->failed && !kind->parse(making->settings, finding->value, field, &why)) {
		set_unset(making, setting, field);
		refuse_value(making, setting, finding, why);
	}
	if (!finding->failed && !(setting->flags & SETTING_UNUSED))
		keep_in_range(making, setting, field);
}

void find_settings(struct making *making)
{
	size_t count;
	const struct setting *rows = all_settings(&count);

	for (size_t i = 0; i < count; i++)
		find_setting(making, &rows[i], &making->findings[i]);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------------- */

struct making *settings_work_out(TALLOC_CTX *mem, const struct settings_source *source)
{
	struct making *making = must(talloc_zero(mem, struct making));
	size_t count;

	all_settings(&count);
	making->mem = making;
	making->source = source;
	making->settings = must(talloc_zero(making, struct settings));
	making->findings = must(talloc_zero_array(making, struct finding, (unsigned)count));
	find_settings(making);
	derive_settings(making);
	validate_settings(making);
	note_names(making);
	note_old_ways(making);
	return making;
}

static void copy_list(TALLOC_CTX *mem, struct text_list *to, const struct text_list *from)
{
	*to = (struct text_list){.set = true};
	for (size_t i = 0; i < from->count; i++)
		list_add(mem, to, text_copy(mem, from->items[i]));
}

struct settings *settings_make(TALLOC_CTX *mem, const struct settings_source *source, struct text_list *problems, struct text_list *notes)
{
	struct making *making = settings_work_out(NULL, source);
	struct settings *settings = NULL;

	note_admin_group(making);
	copy_list(mem, problems, &making->problems);
	copy_list(mem, notes, &making->notes);
	if (problems->count == 0)
		settings = talloc_steal(mem, making->settings);
	talloc_free(making);
	return settings;
}

const struct settings_provider *settings_provider(const struct settings *settings, struct text name)
{
	for (size_t i = 0; i < SETTINGS_PROVIDERS; i++)
		if (text_is(name, settings->external.providers[i].name))
			return &settings->external.providers[i];
	return NULL;
}
