/* span.c: any text as a duration and as a rate; a duration that is taken reads as itself when it is printed. */
#include "cgi-src/settings/internal.h"
#include "latchkey/settings.h"
#include "tests/fuzz/fuzz.h"

static void check_duration(TALLOC_CTX *mem, struct text text)
{
	duration span, again;
	const char *why = NULL;

	if (!duration_parse(mem, text, &span, &why)) {
		promise(why && *why);
		return;
	}
	promise(duration_parse(mem, text_of(duration_string(mem, span)), &again, &why) && again == span);
}

static void check_rate(TALLOC_CTX *mem, struct text text)
{
	struct rate rate = {0};
	const char *why = NULL;

	promise(parse_rate(mem, text, &rate, &why) || (why && *why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	check_duration(mem, fuzz_text(data, size));
	check_rate(mem, fuzz_text(data, size));
	talloc_free(mem);
	return 0;
}
