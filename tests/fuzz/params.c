/* params.c: lines of FastCGI parameters and, after an empty line, a body: whatever it is, there is one answer with a status. */
#include "latchkey/api.h"
#include "latchkey/settings.h"
#include "tests/fuzz/fuzz.h"

#define PARAMS_MAX 64

static struct settings *open_settings(TALLOC_CTX *mem)
{
	struct settings *settings = talloc_zero(mem, struct settings);

	settings->site_url = settings->api.external_url = "https://app.example.com";
	settings->oauth_server.enabled = settings->experimental.scim_enabled = true;
	settings->security.sb_forwarded_for_enabled = true;
	settings->rate_limit.header = "X-Forwarded-For";
	log_set_level(LOG_PANIC);
	return settings;
}

/* Cuts the parameters off the front of text. */
static char **take_params(TALLOC_CTX *mem, struct text *text)
{
	char **params = talloc_zero_array(mem, char *, PARAMS_MAX + 1);

	for (size_t count = 0; count < PARAMS_MAX && text->len; count++) {
		struct text line;

		text_cut(*text, '\n', &line, text);
		if (line.len == 0)
			break;
		params[count] = text_string(mem, line);
	}
	return params;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size);
	struct request *req = request_new(mem, open_settings(mem));
	char **params = take_params(mem, &text);
	enum lane lane;

	http_receive(req, params, text, false);
	/* nothing that would ask the database */
	if (!http_header(req, "Authorization").data && http_handle(req, &lane) == 0) {
		promise(req->http->status >= 200 && req->http->status <= 999);
		for (size_t i = 0; i < req->http->header_count; i++) {
			struct text value = req->http->headers[i].value;

			promise(!text_has_nul(value) &&
				(!value.len || (!memchr(value.data, '\n', value.len) && !memchr(value.data, '\r', value.len))));
		}
	}
	talloc_free(mem);
	return 0;
}
