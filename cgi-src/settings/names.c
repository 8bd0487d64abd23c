/* names.c: notes about variables that nothing reads, and about old ways (contract 02 sections 3.21 and 3.22). */
#include <fnmatch.h>
#include <string.h>

#include "internal.h"

/* Names of examples and older versions. */
static const struct {
	const char *pattern, *advice;
} not_read[] = {
	{"LOG_LEVEL", "the name is GOTRUE_LOG_LEVEL"},
	{"GOTRUE_RELOADING_POLLER_ENABLED", "the name is GOTRUE_RELOADING_POLLERENABLED"},
	{"GOTRUE_EXTERNAL_REDIRECT_URL", "the name is GOTRUE_EXTERNAL_REDIRECTURL"},
	{"GOTRUE_RATE_LIMIT_OAUTH_DYNAMIC_CLIENT_REGISTER", "the name is GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER"},
	{"GOTRUE_MFA_WEBAUTHN_*", "the names begin with GOTRUE_MFA_WEB_AUTHN_"},
	{"GOTRUE_MAILER_URL_PATHS_*", "the names begin with GOTRUE_MAILER_URLPATHS_"},
	{"GOTRUE_SECURITY_DATABASE_ENCRYPTION_*", "the names begin with GOTRUE_SECURITY_DB_ENCRYPTION_"},
	{"GOTRUE_EXTERNAL_SAML_*", "the names begin with GOTRUE_SAML_"},
	{"GOTRUE_MAX_VERIFIED_FACTORS", "the name is GOTRUE_MFA_MAX_VERIFIED_FACTORS"},
	{"GOTRUE_HOOK_CUSTOM_SMS_PROVIDER_*", "the names begin with GOTRUE_HOOK_SEND_SMS_"},
	{"GOTRUE_HOOK_*_SECRET", "the name ends in _SECRETS"},
	{"GOTRUE_HOOK_*_HOOKNAME", "hooks have no name to set"},
	{"GOTRUE_DB_AUTOMIGRATE", "latchkey migrate applies migrations"},
	{"GOTRUE_COOKIE_*", "the server sets no cookies"},
	{"GOTRUE_SESSION_KEY", "there is no such setting"},
	{"GOTRUE_MULTI_INSTANCE_MODE", "there is no such setting"},
};

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

#define NAME_MAX_LEN 96

/* Changes of a letter that make one name the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], len = strlen(b), before;

	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (size_t i = 0; a[i]; i++) {
		before = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least_of(above + 1, row[j] + 1, before + (a[i] != b[j]));
			before = above;
		}
	}
	return row[len];
}

/* The known name that is nearest, where a third of it or less differs; NULL. */
static const char *nearest(const char *name)
{
	size_t count, best = strlen(name) / 3 + 1;
	const struct setting *rows = all_settings(&count);
	const char *found = NULL;

	if (strlen(name) > NAME_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t far = strlen(rows[i].name) > NAME_MAX_LEN ? SIZE_MAX : distance(name, rows[i].name);

		if (far >= best)
			continue;
		best = far;
		found = rows[i].name;
	}
	return found;
}

static const char *advice_for(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(not_read); i++)
		if (fnmatch(not_read[i].pattern, name, 0) == 0)
			return not_read[i].advice;
	return NULL;
}

static bool is_known(TALLOC_CTX *mem, const char *name)
{
	const struct setting *setting = setting_named(name);
	size_t len = strlen(name);

	if (setting)
		return true;
	if (len <= 5 || strcmp(name + len - 5, "_FILE") != 0)
		return false;
	setting = setting_named(format(mem, "%.*s", (int)(len - 5), name));
	return setting && setting_wants_file(setting);
}

static void note_name(struct making *making, const char *name)
{
	bool ours = strncmp(name, "GOTRUE_", 7) == 0 || strncmp(name, "LATCHKEY_", 9) == 0;
	const char *advice = is_known(making->mem, name) ? NULL : advice_for(name), *near;

	if (advice) {
		note(making, format(making->mem, "%s is not read: %s", name, advice), NULL);
		return;
	}
	if (!ours || is_known(making->mem, name))
		return;
	near = nearest(name);
	note(making, format(making->mem, near ? "%s is not known and not read; the nearest name is %s" : "%s is not known and not read", name, near),
	     NULL);
}

void note_names(struct making *making)
{
	for (size_t i = 0; i < making->source->count; i++)
		note_name(making, making->source->entries[i].name);
}

static void note_ignored_url(struct making *making, const char *provider, const char *capitals)
{
	const struct settings_provider *found = settings_provider(making->settings, text_of(provider));

	if (found && found->enabled && found->url[0])
		note(making,
		     format(making->mem, "%c%s OAuth provider has URL config set which is ignored (check GOTRUE_EXTERNAL_%s_URL)", capitals[0],
			    provider + 1, capitals),
		     NULL);
}

/* Its default makes every start say this (section 3.13): for the log, not for who checks. */
void note_admin_group(struct making *making)
{
	note(making, "DEPRECATION NOTICE: GOTRUE_JWT_ADMIN_GROUP_NAME not supported by Supabase's GoTrue, will be removed soon", NULL);
}

void note_old_ways(struct making *making)
{
	const struct settings *settings = making->settings;

	if (settings->jwt.default_group_name[0])
		note(making, "DEPRECATION NOTICE: GOTRUE_JWT_DEFAULT_GROUP_NAME not supported by Supabase's GoTrue, will be removed soon", NULL);
	if (is_usable(making, &settings->db.driver) && strcmp(settings->db.driver, "postgres") != 0)
		note(making, "DEPRECATION NOTICE: only PostgreSQL is supported by Supabase's GoTrue, will be removed soon", NULL);
	if (settings->profiler.enabled)
		note(making, "GOTRUE_PROFILER_ENABLED has no effect: this program has no profiler", NULL);
	note_ignored_url(making, "apple", "APPLE");
	note_ignored_url(making, "google", "GOOGLE");
}
