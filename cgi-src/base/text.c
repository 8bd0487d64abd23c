/* text.c: bytes with a length. */
#include <string.h>

#include "latchkey/base.h"

struct text text_of(const char *string)
{
	return string ? (struct text){string, strlen(string)} : TEXT_NONE;
}

bool text_is_empty(struct text text)
{
	return text.len == 0;
}

bool text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool text_is(struct text text, const char *string)
{
	return text_equal(text, text_of(string));
}

static char lower_ascii(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool text_equal_nocase(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower_ascii(a.data[i]) != lower_ascii(b.data[i]))
			return false;
	return true;
}

bool text_starts(struct text text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

bool text_has_nul(struct text text)
{
	return text.len && memchr(text.data, '\0', text.len) != NULL;
}

struct text text_trim(struct text text, const char *set)
{
	while (text.len && text.data[0] && strchr(set, text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && text.data[text.len - 1] && strchr(set, text.data[text.len - 1]))
		text.len--;
	return text;
}

struct text text_before(struct text text, char stop)
{
	const char *at = text.len ? memchr(text.data, stop, text.len) : NULL;

	return at ? (struct text){text.data, (size_t)(at - text.data)} : text;
}

bool text_cut(struct text text, char at, struct text *before, struct text *after)
{
	const char *found = text.len ? memchr(text.data, at, text.len) : NULL;

	if (!found) {
		*before = text;
		*after = TEXT_NONE;
		return false;
	}
	*before = (struct text){text.data, (size_t)(found - text.data)};
	*after = (struct text){found + 1, text.len - before->len - 1};
	return true;
}

char *text_string(TALLOC_CTX *mem, struct text text)
{
	char *copy = must(talloc_size(mem, text.len + 1));

	if (text.len)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return copy;
}

struct text text_copy(TALLOC_CTX *mem, struct text text)
{
	return (struct text){text_string(mem, text), text.len};
}

bool text_list_has(const struct text_list *list, struct text item)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_equal(list->items[i], item))
			return true;
	return false;
}
