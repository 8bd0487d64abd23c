/* scope.c: scope strings (contract 10 section 3.4). */
#include "idp_int.h"

struct text_list oauth_scopes(TALLOC_CTX *mem, struct text scope)
{
	struct text_list list = {NULL, 0, true};
	struct text piece, rest = text_trim_unicode_space(scope);

	while (rest.len) {
		struct text after = TEXT_NONE;

		if (!text_cut(rest, ' ', &piece, &after))
			piece = rest;
		rest = after;
		piece = text_trim_unicode_space(piece);
		if (!piece.len)
			continue;
		list.items = must(talloc_realloc(mem, list.items, struct text, (unsigned)list.count + 1));
		list.items[list.count++] = piece;
	}
	return list;
}

bool oauth_scope_has(TALLOC_CTX *mem, struct text scope, const char *name)
{
	struct text_list list = oauth_scopes(mem, scope);

	return text_list_has(&list, text_of(name));
}

struct text texts_joined(TALLOC_CTX *mem, const struct text_list *list, char between)
{
	struct buffer *out = buffer_new(mem, 64);

	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buffer_char(out, between);
		buffer_text(out, list->items[i]);
	}
	return buffer_as_text(out);
}
