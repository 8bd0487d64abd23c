/* client_uri.c: which URIs a client may register (contract 10 section 5.2). */
#include <string.h>

#include "idp_int.h"

/* Schemes by which a browser runs or shows what the URI itself holds. */
static const char *const refused_schemes[] = {"javascript", "data", "file", "vbscript", "about", "blob"};
static const char *const local_hosts[] = {"localhost", "127.0.0.1", "::1"};

static bool is_one_of(struct text text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(text, names[i]))
			return true;
	return false;
}
#define IS_ONE_OF(text, names) is_one_of(text, names, sizeof(names) / sizeof((names)[0]))

/* A comma would make two entries of it, of which only the first was looked at (section 20, point 6). */
static bool is_malformed(TALLOC_CTX *mem, struct text uri, struct url *url)
{
	const char *why;

	return url_parse(mem, uri, url, &why) < 0 || memchr(uri.data, ',', uri.len);
}

const char *redirect_uri_complaint(TALLOC_CTX *mem, struct text uri)
{
	struct url url;

	if (text_is_empty(uri))
		return "redirect URI cannot be empty";
	if (is_malformed(mem, uri, &url))
		return "invalid URL format";
	if (!url.scheme.len || (!url.host.len && !url.port.len))
		return "must have scheme and host";
	if (IS_ONE_OF(url.scheme, refused_schemes))
		return format(mem, "scheme '%.*s' is not allowed for security reasons", (int)url.scheme.len, url.scheme.data);
	if (text_is(url.scheme, "http") && !IS_ONE_OF(url.host, local_hosts))
		return "HTTP scheme only allowed for localhost";
	return url.fragment.len ? "fragment not allowed in redirect URI" : NULL;
}

static bool has_control(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

/* '#' is an ordinary byte here, good where '^' is good. */
static struct text without_fragment_mark(TALLOC_CTX *mem, struct text uri)
{
	struct text copy = text_copy(mem, uri);

	for (size_t i = 0; i < copy.len; i++)
		if (copy.data[i] == '#')
			((char *)(uintptr_t)copy.data)[i] = '^';
	return copy;
}

bool shown_uri_valid(TALLOC_CTX *mem, struct text uri)
{
	struct text plain = without_fragment_mark(mem, uri), decoded;
	struct url url;
	const char *why;

	if (uri.len == 0 || text_is(uri, "*"))
		return true;
	if (has_control(uri))
		return false;
	if (uri.data[0] == '/')
		return percent_decode(mem, text_before(plain, '?'), false, &decoded);
	return url_parse(mem, plain, &url, &why) == 0 && url.scheme.len > 0;
}
