/* url.c: any text as a redirect: parsed or refused, and nothing with a script scheme or a public address is ever allowed. */
#include "latchkey/http.h"
#include "latchkey/settings.h"
#include "tests/fuzz/fuzz.h"

static const struct settings *open_settings(void)
{
	static struct settings *settings;
	static struct text everything = TEXT("**");
	static struct glob *globs[1];
	const char *why;

	if (settings)
		return settings;
	settings = talloc_zero(NULL, struct settings);
	settings->site_url = "https://app.example.com";
	globs[0] = glob_compile(settings, everything, &why);
	settings->uri_allow_list = (struct text_list){&everything, 1, true};
	settings->uri_globs = globs;
	return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size), literal;
	struct url url;
	const char *why = NULL;
	bool parses = url_parse(mem, text, &url, &why) == 0;
	bool allowed = redirect_allowed(open_settings(), text);

	promise(parses || (why && !allowed));
	if (parses && allowed) {
		promise(!text_is(url.scheme, "javascript") && !text_is(url.scheme, "data") && !text_is(url.scheme, "vbscript"));
		promise(!ip_canonical(mem, url.host, &literal) || ip_is_loopback(literal));
	}
	if (parses)
		for (size_t i = 0; i < url.port.len; i++)
			promise(url.port.data[i] >= '0' && url.port.data[i] <= '9');
	talloc_free(mem);
	return 0;
}
