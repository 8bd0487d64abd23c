/* header.c: header lines of a message: encoded words, folding, addresses (RFC 5322, RFC 2047; contract 06 section 10.4). */
#include <string.h>

#include "cgi-src/mail/delivery.h"

#define LINE_BEST 76
#define LINE_PIECE_MOST 900 /* of 998 that RFC 5322 section 2.1.1 lets a line have */
#define WORD_MOST 63	    /* 75, without "=?UTF-8?q?" and "?=" */
#define WORD_BYTES_MOST 45  /* in base64 */

bool header_name_valid(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] < '!' || name.data[i] > '~' || name.data[i] == ':')
			return false;
	return name.len > 0 && name.len <= 70;
}

static bool is_plain_byte(unsigned char byte)
{
	return (byte >= 0x20 && byte <= 0x7e) || byte == '\t';
}

static bool is_plain(struct text value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!is_plain_byte((unsigned char)value.data[i]))
			return false;
	return true;
}

/* A piece without blank that no folding can bring within a line. */
static bool has_endless_piece(struct text value)
{
	size_t piece = 0;

	for (size_t i = 0; i < value.len; i++) {
		piece = value.data[i] == ' ' || value.data[i] == '\t' ? 0 : piece + 1;
		if (piece > LINE_PIECE_MOST)
			return true;
	}
	return false;
}

/* ---- encoded words ---- */

static size_t q_len(unsigned char byte)
{
	return byte == ' ' || (byte >= '!' && byte <= '~' && byte != '=' && byte != '?' && byte != '_') ? 1 : 3;
}

static void q_put(struct buffer *out, unsigned char byte)
{
	if (byte == ' ')
		buffer_char(out, '_');
	else if (q_len(byte) == 1)
		buffer_char(out, (char)byte);
	else
		buffer_format(out, "=%02X", byte);
}

/* A character is never cut in two. */
static size_t character_len(struct text value, size_t at)
{
	size_t next = at;

	utf8_next(value, &next);
	return next - at;
}

static struct text encode_q(TALLOC_CTX *mem, struct text value)
{
	struct buffer *out = buffer_new(mem, value.len * 2 + 32);
	size_t used = 0;

	buffer_string(out, "=?UTF-8?q?");
	for (size_t at = 0; at < value.len;) {
		size_t len = character_len(value, at), needed = 0;

		for (size_t i = 0; i < len; i++)
			needed += q_len((unsigned char)value.data[at + i]);
		if (used + needed > WORD_MOST) {
			buffer_string(out, "?= =?UTF-8?q?");
			used = 0;
		}
		for (size_t i = 0; i < len; i++)
			q_put(out, (unsigned char)value.data[at + i]);
		used += needed;
		at += len;
	}
	buffer_string(out, "?=");
	return buffer_as_text(out);
}

static struct text encode_b(TALLOC_CTX *mem, struct text value)
{
	struct buffer *out = buffer_new(mem, value.len * 2 + 32);

	for (size_t at = 0; at < value.len;) {
		size_t len = 0, next;

		while (at + len < value.len && (next = character_len(value, at + len)) + len <= WORD_BYTES_MOST)
			len += next;
		buffer_format(out, "%s=?UTF-8?b?%s?=", at ? " " : "", base64_encode(mem, BASE64_STD, value.data + at, len));
		at += len;
	}
	return buffer_as_text(out);
}

/* ---- lines ---- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Blanks and the piece after them. */
static size_t piece_len(struct text value, size_t at)
{
	size_t end = at;

	while (end < value.len && is_blank(value.data[end]))
		end++;
	while (end < value.len && !is_blank(value.data[end]))
		end++;
	return end - at;
}

void header_put(TALLOC_CTX *mem, struct buffer *out, const char *name, struct text value)
{
	size_t column = strlen(name) + 2;

	value = utf8_repair(mem, value);
	if (!is_plain(value) || has_endless_piece(value))
		value = encode_q(mem, value);
	buffer_format(out, "%s: ", name);
	for (size_t at = 0; at < value.len;) {
		size_t len = piece_len(value, at);
		struct text piece = {value.data + at, len};

		/* a line of blanks alone would be no folding */
		if (at > 0 && column + len > LINE_BEST && is_blank(piece.data[0]) && !is_blank(piece.data[len - 1])) {
			buffer_string(out, "\r\n");
			column = 0;
		}
		buffer_text(out, piece);
		column += len;
		at += len;
	}
	buffer_string(out, "\r\n");
}

/* ---- addresses ---- */

struct text header_mailbox(TALLOC_CTX *mem, struct text name, struct text address)
{
	struct buffer *out = buffer_new(mem, name.len * 2 + address.len + 8);

	name = utf8_repair(mem, name);
	if (name.len == 0)
		return text_copy(mem, address);
	if (!is_plain(name)) {
		bool special = false;

		for (size_t i = 0; i < name.len; i++)
			special = special || (name.data[i] && strchr("()<>[]:;@\\,.\"", name.data[i]));
		buffer_text(out, special ? encode_b(mem, name) : encode_q(mem, name));
	} else {
		buffer_char(out, '"');
		for (size_t i = 0; i < name.len; i++) {
			if (name.data[i] == '"' || name.data[i] == '\\')
				buffer_char(out, '\\');
			buffer_char(out, name.data[i]);
		}
		buffer_char(out, '"');
	}
	buffer_string(out, " <");
	buffer_text(out, address);
	buffer_char(out, '>');
	return buffer_as_text(out);
}

/* What may stand between < and > of MAIL and RCPT: no blank, no control byte, no bracket, an at sign with something on both sides. Blanks and
 * brackets may stand in a quoted local part. */
bool address_valid(struct text address)
{
	const char *at = address.len ? memrchr(address.data, '@', address.len) : NULL;
	bool quoted = at && at - address.data >= 2 && address.data[0] == '"' && at[-1] == '"';

	if (!at || at == address.data || at == address.data + address.len - 1 || address.len > 320)
		return false;
	for (size_t i = 0; i < address.len; i++) {
		unsigned char byte = (unsigned char)address.data[i];
		bool in_quotes = quoted && address.data + i < at;

		if (byte < 0x20 || byte == 0x7f || (!in_quotes && (byte == ' ' || byte == '<' || byte == '>' || byte == '"')))
			return false;
	}
	return utf8_valid(address);
}

bool header_address(TALLOC_CTX *mem, struct text value, struct text *address)
{
	const char *open;

	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.data[i] < ' ' && value.data[i] != '\t')
			return false;
	value = text_trim(value, " \t");
	open = value.len && value.data[value.len - 1] == '>' ? memrchr(value.data, '<', value.len) : NULL;
	if (open)
		value = (struct text){open + 1, (size_t)(value.data + value.len - 1 - (open + 1))};
	if (!address_valid(value))
		return false;
	*address = text_copy(mem, value);
	return true;
}
