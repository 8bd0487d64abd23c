/* glob.c: a pattern, a line end, a text: no crash, and the answer of a plain backtracking matcher where the pattern is simple. */
#include "latchkey/http.h"
#include "tests/fuzz/fuzz.h"

/* The dialect for patterns of literals and single stars alone. */
static bool plain_match(struct text pattern, struct text text)
{
	if (pattern.len == 0)
		return text.len == 0;
	if (pattern.data[0] == '*') {
		struct text rest = {pattern.data + 1, pattern.len - 1};

		for (size_t taken = 0; taken <= text.len; taken++) {
			if (plain_match(rest, (struct text){text.data + taken, text.len - taken}))
				return true;
			if (taken < text.len && (text.data[taken] == '.' || text.data[taken] == '/'))
				return false;
		}
		return false;
	}
	return text.len && text.data[0] == pattern.data[0] &&
	       plain_match((struct text){pattern.data + 1, pattern.len - 1}, (struct text){text.data + 1, text.len - 1});
}

static bool is_plain(struct text pattern, struct text text)
{
	size_t stars = 0;

	for (size_t i = 0; i < pattern.len; i++) {
		if ((unsigned char)pattern.data[i] >= 0x80 || (pattern.data[i] && strchr("?[{\\,}", pattern.data[i])))
			return false;
		if (pattern.data[i] == '*' && (++stars > 4 || (i > 0 && pattern.data[i - 1] == '*')))
			return false;
	}
	return pattern.len > 0 && pattern.len < 24 && text.len < 48;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text pattern, text;
	struct glob *glob;
	const char *why = NULL;

	if (size > 4096)
		return 0;
	if (!text_cut(fuzz_text(data, size), '\n', &pattern, &text))
		text = TEXT("");
	glob = glob_compile(mem, pattern, &why);
	promise(glob || why);
	if (glob) {
		bool matches = glob_match(glob, text);

		if (is_plain(pattern, text))
			promise(matches == plain_match(pattern, text));
	}
	talloc_free(mem);
	return 0;
}
