/* params.c: parameters of URLs and forms that go out: each name once, sorted by name (contract 07 section 0). */
#include <stdlib.h>
#include <string.h>

#include "oauth_int.h"

struct params *params_new(TALLOC_CTX *mem)
{
	struct params *params = must(talloc_zero(mem, struct params));

	params->mem = params;
	return params;
}

static struct text_pair *find(const struct params *params, struct text name)
{
	for (size_t i = 0; i < params->count; i++)
		if (text_equal(params->items[i].name, name))
			return &params->items[i];
	return NULL;
}

void params_set(struct params *params, struct text name, struct text value)
{
	struct text_pair *pair = find(params, name);

	if (!pair) {
		params->items = must(talloc_realloc(params->mem, params->items, struct text_pair, (unsigned)params->count + 1));
		pair = &params->items[params->count++];
		pair->name = name;
	}
	pair->value = value;
}

struct text params_get(const struct params *params, const char *name)
{
	const struct text_pair *pair = find(params, text_of(name));

	return pair ? pair->value : TEXT_NONE;
}

static int by_name(const void *left, const void *right)
{
	struct text a = ((const struct text_pair *)left)->name, b = ((const struct text_pair *)right)->name;
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct text params_encode(const struct params *params)
{
	struct buffer *out = buffer_new(params->mem, 256);

	if (params->count)
		qsort(params->items, params->count, sizeof(params->items[0]), by_name);
	for (size_t i = 0; i < params->count; i++) {
		if (i)
			buffer_char(out, '&');
		buffer_text(out, query_escape(params->mem, params->items[i].name));
		buffer_char(out, '=');
		buffer_text(out, query_escape(params->mem, params->items[i].value));
	}
	return buffer_as_text(out);
}

static bool parse_piece(struct params *params, struct text piece)
{
	struct text name = piece, value = TEXT("");

	text_cut(piece, '=', &name, &value);
	if (!piece.len)
		return true;
	if (memchr(piece.data, ';', piece.len) || !percent_decode(params->mem, name, true, &name) ||
	    !percent_decode(params->mem, value, true, &value))
		return false;
	if (!find(params, name))
		params_set(params, name, value);
	return true;
}

struct params *params_parse(TALLOC_CTX *mem, struct text form)
{
	struct params *params = params_new(mem);

	while (form.len) {
		struct text piece = form, rest = TEXT_NONE;

		text_cut(form, '&', &piece, &rest);
		if (!parse_piece(params, piece))
			return NULL;
		form = rest;
	}
	return params;
}
