/* utf8.c: reading, writing and repairing UTF-8 (RFC 3629), and blanks as Unicode has them. */
#include "latchkey/base.h"

/* Length of the valid sequence at `at`, 0 where there is none; *point is what it says. */
static size_t sequence(struct text text, size_t at, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)text.data[at];
	size_t len = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
	uint32_t value;

	if (len == 0 || text.len - at < len)
		return 0;
	value = len == 1 ? first : first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)text.data[at + i];

		if ((next & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (next & 0x3f);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*point = value;
	return len;
}

uint32_t utf8_next(struct text text, size_t *at)
{
	uint32_t point;
	size_t len = sequence(text, *at, &point);

	if (len == 0) {
		(*at)++;
		return 0xfffd;
	}
	*at += len;
	return point;
}

void buffer_point(struct buffer *out, uint32_t point)
{
	if (point < 0x80) {
		buffer_char(out, (char)point);
		return;
	}
	if (point < 0x800) {
		buffer_char(out, (char)(0xc0 | point >> 6));
	} else {
		if (point < 0x10000) {
			buffer_char(out, (char)(0xe0 | point >> 12));
		} else {
			buffer_char(out, (char)(0xf0 | point >> 18));
			buffer_char(out, (char)(0x80 | (point >> 12 & 0x3f)));
		}
		buffer_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	buffer_char(out, (char)(0x80 | (point & 0x3f)));
}

static size_t first_invalid(struct text text)
{
	size_t at = 0;

	while (at < text.len) {
		uint32_t point;
		size_t len = (unsigned char)text.data[at] < 0x80 ? 1 : sequence(text, at, &point);

		if (len == 0)
			break;
		at += len;
	}
	return at;
}

bool utf8_valid(struct text text)
{
	return first_invalid(text) == text.len;
}

struct text utf8_repair(TALLOC_CTX *mem, struct text text)
{
	size_t at = first_invalid(text);
	struct buffer *out;

	if (at == text.len)
		return text;
	out = buffer_new(mem, text.len + 16);
	buffer_add(out, text.data, at);
	while (at < text.len) {
		uint32_t point;
		size_t len = sequence(text, at, &point);

		if (len)
			buffer_add(out, text.data + at, len);
		else
			buffer_string(out, "\xef\xbf\xbd");
		at += len ? len : 1;
	}
	return buffer_as_text(out);
}

static bool is_space(uint32_t point)
{
	return (point >= 9 && point <= 13) || point == ' ' || point == 0x85 || point == 0xa0 || point == 0x1680 ||
	       (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

bool text_next_word(struct text *rest, struct text *word)
{
	size_t at = 0, start = 0, end;

	while (at < rest->len && is_space(utf8_next(*rest, &at)))
		start = at;
	at = end = start;
	while (at < rest->len && !is_space(utf8_next(*rest, &at)))
		end = at;
	*word = (struct text){rest->data + start, end - start};
	*rest = (struct text){rest->data + end, rest->len - end};
	return end > start;
}

struct text text_trim_unicode_space(struct text text)
{
	size_t at = 0, start = 0, end = 0;
	bool seen = false;

	while (at < text.len) {
		size_t from = at;

		if (is_space(utf8_next(text, &at)))
			continue;
		if (!seen)
			start = from;
		seen = true;
		end = at;
	}
	return seen ? (struct text){text.data + start, end - start} : (struct text){text.data, 0};
}
