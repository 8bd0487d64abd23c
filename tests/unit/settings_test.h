/* settings_test.h: settings from a few variables, and what is said about those that do not do. */
#ifndef LATCHKEY_SETTINGS_TEST_H
#define LATCHKEY_SETTINGS_TEST_H

#include "test.h"

#include "cgi-src/settings/internal.h"
#include "latchkey/crypto.h"

/* BASE of contract 02 section 13 */
static const char *const base[] __attribute__((unused)) = {
	"GOTRUE_SITE_URL=http://localhost:3000",   "GOTRUE_DB_DRIVER=postgres",
	"DATABASE_URL=postgres://u:db-secret@h/d", "GOTRUE_JWT_SECRET=jwt-secret",
	"API_EXTERNAL_URL=http://localhost:9999",  NULL,
};

#define VARS_MAX 6

static inline struct settings_source *source_of(TALLOC_CTX *mem, const char *const *vars)
{
	struct settings_source *source = source_new(mem);
	struct text name, value;

	for (const char *const *at = base; *at; at++) {
		text_cut(text_of(*at), '=', &name, &value);
		source_put(source, name, value, "environment", PUT_OVERRIDES);
	}
	for (size_t i = 0; i < VARS_MAX && vars[i]; i++) {
		text_cut(text_of(vars[i]), '=', &name, &value);
		source_put(source, name, value, "environment", PUT_OVERRIDES);
	}
	return source;
}

/* The settings of base and vars, which must be usable. */
static inline struct settings *make(TALLOC_CTX *mem, const char *const *vars, struct text_list *notes)
{
	struct text_list problems = {0};
	struct settings *settings = settings_make(mem, source_of(mem, vars), &problems, notes);

	for (size_t i = 0; i < problems.count; i++)
		print_error("unexpected problem: %.*s\n", (int)problems.items[i].len, problems.items[i].data);
	assert_non_null(settings);
	return settings;
}
#define MAKE(mem, ...) make(mem, (const char *const[VARS_MAX]){__VA_ARGS__}, &(struct text_list){0})

static inline bool has_part(const struct text_list *list, const char *part)
{
	for (size_t i = 0; i < list->count; i++)
		if (strstr(list->items[i].data, part))
			return true;
	return false;
}

/* One problem, which has this text. */
static inline void assert_refused(const char *const *vars, const char *text)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text_list problems = {0}, notes = {0};
	struct settings *settings = settings_make(mem, source_of(mem, vars), &problems, &notes);

	if (settings)
		fail_msg("%s was taken", vars[0]);
	if (!has_part(&problems, text) || problems.count != 1)
		fail_msg("%s: \"%s\" is not what was said (%zu): %s", vars[0], text, problems.count, problems.items[0].data);
	talloc_free(mem);
}
#define REFUSED(text, ...) assert_refused((const char *const[VARS_MAX]){__VA_ARGS__}, text)

#endif
