/* urls.c: URLs that settings hold (contract 02 sections 2.7 and 3.18). */
#include "internal.h"
#include "latchkey/http.h"

static bool refuse(TALLOC_CTX *mem, const char *url, const char *reason, const char **why)
{
	*why = format(mem, "parse %s: %s", quote_go(mem, text_of(url)).data, reason);
	return false;
}

bool api_url_check(TALLOC_CTX *mem, const char *text, const char **why)
{
	struct url url;
	const char *reason;

	if (text[0] == '\0')
		return refuse(mem, text, "empty url", why);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return refuse(mem, text, "net/url: invalid control character in URL", why);
	if (url_parse(mem, text_of(text), &url, &reason) < 0)
		return refuse(mem, text, reason, why);
	if (url.scheme.len == 0 && text[0] != '/')
		return refuse(mem, text, "invalid URI for request", why);
	return true;
}
