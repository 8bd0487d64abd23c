/* lower.c: lower-casing by Unicode's simple mappings, as the reference folds addresses before it stores them. */
#include "latchkey/base.h"

#include "cgi-src/base/lower_table.h"

static uint32_t lower(uint32_t point)
{
	size_t low = 0, high = sizeof(lower_runs) / sizeof(lower_runs[0]);

	if (point < 0x80)
		return point >= 'A' && point <= 'Z' ? point + 32 : point;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct lower_run *run = &lower_runs[middle];

		if (point < run->from)
			high = middle;
		else if (point > run->to)
			low = middle + 1;
		else
			return (point - run->from) % (uint32_t)run->step ? point : (uint32_t)((int64_t)point + run->distance);
	}
	return point;
}

struct text text_lower(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 4);
	size_t at = 0;

	while (at < text.len)
		buffer_point(out, lower(utf8_next(text, &at)));
	return buffer_as_text(out);
}
