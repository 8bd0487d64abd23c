/* url.c: percent escapes, and quoting as Go's strconv does it. */
#include "latchkey/base.h"

bool percent_decode(TALLOC_CTX *mem, struct text text, bool plus_is_space, struct text *out)
{
	char *made = must(talloc_size(mem, text.len + 1));
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i];

		if (byte == '%') {
			unsigned char value;

			if (text.len - i < 3 || !hex_decode((struct text){text.data + i + 1, 2}, &value, 1)) {
				talloc_free(made);
				return false;
			}
			byte = (char)value;
			i += 2;
		} else if (byte == '+' && plus_is_space) {
			byte = ' ';
		}
		made[len++] = byte;
	}
	made[len] = '\0';
	*out = (struct text){made, len};
	return true;
}

struct text query_escape(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + text.len / 2 + 8);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
		    byte == '.' || byte == '~')
			buffer_char(out, (char)byte);
		else if (byte == ' ')
			buffer_char(out, '+');
		else
			buffer_format(out, "%%%02X", byte);
	}
	return buffer_as_text(out);
}

/* Printable in Go's sense, near enough for what is echoed: graphic characters and U+0020; the separators, controls, format
 * characters, surrogates, private use and unassigned ends of the planes are not. */
bool is_printable(uint32_t point)
{
	if (point < 0x7f)
		return point >= 0x20;
	if (point < 0xa1 || point == 0xad || point == 0x1680 || point == 0x180e || point == 0x3000 || point == 0xfeff)
		return false;
	if ((point >= 0x2000 && point <= 0x200f) || (point >= 0x2028 && point <= 0x202f) || (point >= 0x205f && point <= 0x206f))
		return false;
	return !((point >= 0xd800 && point <= 0xf8ff) || (point >= 0xfff0 && point <= 0xfffb) || (point & 0xfffe) == 0xfffe || point >= 0xe0000);
}

struct text quote_go(TALLOC_CTX *mem, struct text text)
{
	static const char named[] = "abtnvfr"; /* for bytes 7 to 13 */
	struct buffer *out = buffer_new(mem, text.len + 8);
	size_t at = 0;

	buffer_char(out, '"');
	while (at < text.len) {
		size_t from = at;
		unsigned char byte = (unsigned char)text.data[at];
		uint32_t point = utf8_next(text, &at);

		if (byte == '"' || byte == '\\')
			buffer_format(out, "\\%c", byte);
		else if (byte >= 7 && byte <= 13)
			buffer_format(out, "\\%c", named[byte - 7]);
		else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && at - from == 1))
			buffer_format(out, "\\x%02x", byte);
		else if (is_printable(point))
			buffer_add(out, text.data + from, at - from);
		else
			buffer_format(out, point > 0xffff ? "\\U%08x" : "\\u%04x", point);
	}
	buffer_char(out, '"');
	return buffer_as_text(out);
}
