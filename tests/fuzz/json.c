/* json.c: a body from outside: what is read is written in one canonical way, which is read as the same; a shape takes it or says why not. */
#include "latchkey/json.h"
#include "tests/fuzz/fuzz.h"

struct body {
	struct text text;
	struct json_opt_text opt;
	bool truth;
	int64_t number;
	double real;
	struct json_object *map, *any;
	struct text_list texts;
	struct text source;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, text, "text", JSON_TEXT),	JSON_FIELD(struct body, opt, "opt", JSON_TEXT_OPT),
	JSON_FIELD(struct body, truth, "truth", JSON_BOOL),	JSON_FIELD(struct body, number, "number", JSON_INT),
	JSON_FIELD(struct body, real, "real", JSON_DOUBLE),	JSON_FIELD(struct body, map, "map", JSON_MAP),
	JSON_FIELD(struct body, any, "any", JSON_ANY),		JSON_FIELD(struct body, texts, "texts", JSON_TEXTS),
	JSON_FIELD(struct body, source, "source", JSON_SOURCE),
};
static const struct json_shape shape = JSON_SHAPE("Body", fields);

static void check_canonical(TALLOC_CTX *mem, struct text body)
{
	struct json_object *value, *again;
	const char *why = NULL;
	struct text canonical;

	if (json_parse(mem, body, &value, &why) < 0) {
		promise(why != NULL);
		return;
	}
	canonical = json_canonical(mem, value);
	promise(json_parse(mem, canonical, &again, &why) == 0);
	promise(text_equal(json_canonical(mem, again), canonical));
	promise(text_equal(json_canonical_text(mem, body), canonical));
}

static void check_shape(TALLOC_CTX *mem, struct text body)
{
	struct body out = {0};
	const char *why = NULL;

	if (json_decode(mem, body, &shape, &out, &why) < 0)
		promise(why != NULL);
	else
		promise(!out.map || json_object_is_type(out.map, json_type_object));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	check_canonical(mem, fuzz_text(data, size));
	check_shape(mem, fuzz_text(data, size));
	talloc_free(mem);
	return 0;
}
