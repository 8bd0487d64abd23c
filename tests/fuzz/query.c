/* query.c: any bytes as a query string and as a form; what is read is written and read again the same. */
#include "cgi-src/http/http_int.h"
#include "tests/fuzz/fuzz.h"

static struct settings settings = {.site_url = "https://app.example.com"};

static struct request *receive(TALLOC_CTX *mem, struct text query, struct text body)
{
	static char method[] = "REQUEST_METHOD=POST", type[] = "CONTENT_TYPE=application/x-www-form-urlencoded";
	static char *params[] = {method, type, NULL, NULL};
	struct request *req = request_new(mem, &settings);

	params[2] = talloc_asprintf(req, "REQUEST_URI=/x?%s", text_string(req, query));
	http_receive(req, params, body, false);
	return req;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size);
	struct request *req = receive(mem, TEXT(""), text), *again;
	struct buffer *written = buffer_new(mem, 64);
	const struct query *form = &req->http->form;

	promise(req->http->body_is_form);
	for (size_t i = 0; i < form->count; i++)
		promise(http_form(req, text_string(mem, form->items[i].name)).data || text_has_nul(form->items[i].name));
	query_encode(req, form, written);
	again = receive(mem, buffer_as_text(written), TEXT(""));
	promise(again->http->query.count == form->count);
	talloc_free(mem);
	return 0;
}
