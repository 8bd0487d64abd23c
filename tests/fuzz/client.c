/* client.c: a line as Authorization and one as Content-Type of a token request, and, behind them, any bytes as its body: credentials, and what an
 * application that registers says of itself. */
#include "cgi-src/api/oauth.h"
#include "cgi-src/idp/idp_int.h"
#include "latchkey/settings.h"
#include "tests/fuzz/fuzz.h"

static char *param(TALLOC_CTX *mem, const char *name, struct text value)
{
	return format(mem, "%s=%s", name, text_string(mem, value));
}

static struct request *token_request(TALLOC_CTX *mem, struct text authorization, struct text type, struct text body)
{
	struct settings *settings = must(talloc_zero(mem, struct settings));
	struct request *req = request_new(mem, settings);
	char **params = must(talloc_zero_array(mem, char *, 6)); /* the request goes on reading them */

	params[0] = param(mem, "REQUEST_METHOD", TEXT("POST"));
	params[1] = param(mem, "PATH_INFO", TEXT("/oauth/token"));
	params[2] = param(mem, "QUERY_STRING", TEXT("client_id=%31"));
	params[3] = param(mem, "HTTP_AUTHORIZATION", authorization);
	params[4] = param(mem, "CONTENT_TYPE", type);
	settings->site_url = settings->api.external_url = "https://app.example.com";
	http_receive(req, params, body, false);
	return req;
}

static void read_credentials(struct request *req)
{
	struct oauth_credentials given = {0};

	if (oauth_credentials_read(req, &given) < 0)
		promise(req->failure.kind == FAILURE_HTTP && req->failure.status == 400 && failure_is(req, "invalid_credentials"));
	else
		promise(given.client_id.len || given.basic);
}

static void promise_redirect(struct request *req, struct text uri)
{
	struct oauth_authorization authorization = {.redirect_uri = uri, .code = TEXT("spent"), .state = TEXT("a\nb")};
	struct text target = redirect_with_code(req, &authorization);
	struct url url;
	const char *why;

	promise(!memchr(uri.data, ',', uri.len));
	promise(url_parse(req, target, &url, &why) == 0 && url.query.len && memmem(url.query.data, url.query.len, "code=spent", 10));
	for (size_t i = 0; i < target.len; i++)
		promise((unsigned char)target.data[i] > ' ' && (unsigned char)target.data[i] < 0x7f);
}

static void read_metadata(struct request *req, struct text body)
{
	struct oauth_client_fields fields = {0};
	const char *why = NULL;

	if (json_decode_first(req, body, &oauth_client_shape, &fields, &why) < 0) {
		promise(why != NULL);
		return;
	}
	client_details_complaint(req, &fields);
	if (redirect_uris_complaint(req, &fields.redirect_uris).len)
		return;
	for (size_t i = 0; i < fields.redirect_uris.count; i++)
		promise_redirect(req, fields.redirect_uris.items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text rest = fuzz_text(data, size), authorization, type;
	struct request *req;

	log_set_level(LOG_PANIC);
	if (text_cut(rest, '\n', &authorization, &rest) && text_cut(rest, '\n', &type, &rest)) {
		req = token_request(mem, authorization, type, rest);
		read_credentials(req);
		failure_clear(req);
		read_metadata(req, rest);
	}
	talloc_free(mem);
	return 0;
}
