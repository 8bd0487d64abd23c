/* quoted.c: quoted-printable (RFC 2045 section 6.7). */
#include "cgi-src/mail/delivery.h"

#define LINE_MOST 75 /* and a soft break's "=" */

static void put(struct buffer *out, size_t *column, const char *piece, size_t len)
{
	if (*column + len > LINE_MOST) {
		buffer_string(out, "=\r\n");
		*column = 0;
	}
	buffer_add(out, piece, len);
	*column += len;
}

static bool ends_line(struct text body, size_t at)
{
	return at >= body.len || body.data[at] == '\r' || body.data[at] == '\n';
}

void quoted_printable(struct buffer *out, struct text body)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t column = 0;

	for (size_t at = 0; at < body.len; at++) {
		unsigned char byte = (unsigned char)body.data[at];
		const char escaped[3] = {'=', digits[byte >> 4], digits[byte & 15]};
		bool blank = byte == ' ' || byte == '\t';

		if (byte == '\r' || byte == '\n') {
			at += byte == '\r' && at + 1 < body.len && body.data[at + 1] == '\n';
			buffer_string(out, "\r\n");
			column = 0;
		} else if (blank ? !ends_line(body, at + 1) : byte > ' ' && byte <= '~' && byte != '=') {
			put(out, &column, body.data + at, 1);
		} else {
			put(out, &column, escaped, sizeof(escaped));
		}
	}
	if (column)
		buffer_string(out, "\r\n");
}
