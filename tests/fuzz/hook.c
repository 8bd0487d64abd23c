/* hook.c: a line as an endpoint's Content-Type and, behind it, any bytes as a hook's answer: it passes, or refuses with a status and words. */
#include "cgi-src/hook/hook_int.h"
#include "latchkey/session.h"
#include "tests/fuzz/fuzz.h"

static const struct json_field fields[] = {{"decision", JSON_TEXT, 0, NULL}};
static const struct json_shape shape = JSON_SHAPE("Decision", fields);

static void promise_words(const struct request *req)
{
	promise(req->failure.kind == FAILURE_FAULT ||
		(req->failure.kind == FAILURE_HTTP && req->failure.status >= 200 && req->failure.status <= 999));
	promise(req->failure.message != NULL);
}

/* The verdict, and the claims, of an answer that passed. */
static void read_document(struct request *req, const struct hook_answer *answer)
{
	struct text decision = TEXT_NONE;
	struct json_object *claims;

	if (hook_decode(req, answer, &shape, &decision) < 0)
		promise_words(req);
	failure_clear(req);
	if (claims_check(req, answer, &claims) < 0)
		promise_words(req);
	else
		promise(json_canonical(req, claims).len >= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = must(talloc_zero(mem, struct settings));
	const struct settings_hook hook = {.enabled = true, .uri = "https://hooks.example.com/x"};
	struct request *req = request_new(mem, settings);
	struct text text = fuzz_text(data, size), line, body = TEXT_NONE;
	struct hook_output output;
	struct hook_answer answer;
	const char *why = NULL;

	log_set_level(LOG_PANIC);
	if (!text_cut(text, '\n', &line, &body))
		line = text;
	promise(mime_type(mem, line, &why) || why);
	output = (struct hook_output){true, body};
	if (hook_read_output(req, &hook, &output, &answer) < 0)
		promise_words(req);
	else
		read_document(req, &answer);
	talloc_free(mem);
	return 0;
}
