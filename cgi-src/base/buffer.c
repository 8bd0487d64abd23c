/* buffer.c: text that grows. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "latchkey/base.h"

struct buffer *buffer_new(TALLOC_CTX *mem, size_t size)
{
	struct buffer *buffer = must(talloc(mem, struct buffer));

	buffer->size = size < 16 ? 16 : size;
	buffer->data = must(talloc_size(buffer, buffer->size));
	buffer->data[0] = '\0';
	buffer->len = 0;
	return buffer;
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t size = buffer->size;

	if (more >= SIZE_MAX / 4 - buffer->len)
		must(NULL);
	if (buffer->len + more + 1 <= size)
		return;
	while (size < buffer->len + more + 1)
		size *= 2;
	buffer->data = must(talloc_realloc_size(buffer, buffer->data, size));
	buffer->size = size;
}

void buffer_add(struct buffer *buffer, const void *data, size_t len)
{
	if (len == 0)
		return;
	buffer_reserve(buffer, len);
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
}

void buffer_text(struct buffer *buffer, struct text text)
{
	buffer_add(buffer, text.data, text.len);
}

void buffer_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

void buffer_char(struct buffer *buffer, char byte)
{
	buffer_add(buffer, &byte, 1);
}

void buffer_int(struct buffer *buffer, int64_t number)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		digits[--at] = '-';
	buffer_add(buffer, digits + at, sizeof(digits) - at);
}

void buffer_format(struct buffer *buffer, const char *text, ...)
{
	va_list args;
	char none[1];
	int len;

	va_start(args, text);
	len = vsnprintf(none, sizeof(none), text, args);
	va_end(args);
	if (len <= 0)
		return;
	buffer_reserve(buffer, (size_t)len);
	va_start(args, text);
	vsnprintf(buffer->data + buffer->len, (size_t)len + 1, text, args);
	va_end(args);
	buffer->len += (size_t)len;
}

void buffer_clear(struct buffer *buffer)
{
	buffer->len = 0;
	buffer->data[0] = '\0';
}

struct text buffer_as_text(const struct buffer *buffer)
{
	return (struct text){buffer->data, buffer->len};
}
