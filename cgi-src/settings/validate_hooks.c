/* validate_hooks.c: where hooks go and what signs their calls (contract 02 section 3.18). */
#include <string.h>

#include "internal.h"
#include "latchkey/http.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
static const char base64_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=";

static bool is_sql_name(struct text name)
{
	if (name.len == 0 || name.len > 63 || name.data[0] == '\0' || !strchr(letters, name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (name.data[i] == '\0' || !strchr(letters_and_digits, name.data[i]))
			return false;
	return true;
}

static void validate_function(struct making *making, struct settings_hook *hook, const struct url *url)
{
	struct text path, schema, function, rest;

	if (!percent_decode(making->mem, url->path, false, &path))
		path = TEXT_NONE;
	text_cut(path, '/', &rest, &path);
	if (!text_cut(path, '/', &schema, &rest)) {
		problem(making, &hook->uri, NULL, "URI path does not contain enough parts");
		return;
	}
	text_cut(rest, '/', &function, &rest);
	if (!is_sql_name(schema))
		problem(making, &hook->uri, NULL, "invalid schema name: %s", text_string(making->mem, schema));
	else if (!is_sql_name(function))
		problem(making, &hook->uri, NULL, "invalid table name: %s", text_string(making->mem, function));
	else
		hook->function = format(making->settings, "\"%s\".\"%s\"", text_string(making->mem, schema), text_string(making->mem, function));
}

/* v1,whsec_ and 32 to 88 more of base64, whatever follows; or v1a,whpk_….:whsk_… of 44 or more each and nothing else. */
static bool is_secret(const char *secret)
{
	static const char shared[] = "v1,whsec_", pair[] = "v1a,whpk_", private_part[] = ":whsk_";
	size_t len;

	if (strncmp(secret, shared, sizeof(shared) - 1) == 0)
		return strspn(secret + sizeof(shared) - 1, base64_bytes) >= 32;
	if (strncmp(secret, pair, sizeof(pair) - 1) != 0)
		return false;
	secret += sizeof(pair) - 1;
	len = strspn(secret, base64_bytes);
	if (len < 44 || strncmp(secret + len, private_part, sizeof(private_part) - 1) != 0)
		return false;
	secret += len + sizeof(private_part) - 1;
	len = strspn(secret, base64_bytes);
	return len >= 44 && secret[len] == '\0';
}

static void validate_secrets(struct making *making, struct settings_hook *hook)
{
	for (size_t i = 0; i < hook->secrets.count; i++)
		if (!is_secret(text_string(making->mem, hook->secrets.items[i])))
			problem(making, &hook->secrets, &hook->uri, "invalid secret format");
}

static bool is_this_machine(struct text host)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "::1", "host.docker.internal"};

	for (size_t i = 0; i < COUNT_OF(hosts); i++)
		if (text_is(host, hosts[i]))
			return true;
	return false;
}

static void validate_hook(struct making *making, struct settings_hook *hook)
{
	struct url url;
	const char *why;

	if (hook->uri[0] == '\0')
		return;
	/* the URI may hold a password: the reason alone */
	if (url_parse(making->mem, text_of(hook->uri), &url, &why) < 0) {
		problem(making, &hook->uri, NULL, "parse: %s", why);
		return;
	}
	if (text_equal_nocase(url.scheme, TEXT("pg-functions")))
		validate_function(making, hook, &url);
	else if (text_equal_nocase(url.scheme, TEXT("http")) && !is_this_machine(url.host))
		problem(making, &hook->uri, NULL, "only localhost, 127.0.0.1, and ::1 are supported with http");
	else if (text_equal_nocase(url.scheme, TEXT("http")) || text_equal_nocase(url.scheme, TEXT("https")))
		validate_secrets(making, hook);
	else
		problem(making, &hook->uri, NULL, "only postgres hooks and HTTPS functions are supported at the moment");
}

void validate_hooks(struct making *making)
{
	for (size_t i = 0; i < SETTINGS_HOOKS; i++)
		validate_hook(making, &making->settings->hooks[i]);
}
