/* query.c: query strings and forms (contract 01 sections 5.2, 5.3). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_int.h"

#define PIECES_MAX 10000

static bool unescape(struct request *req, struct text *text)
{
	if (!memchr(text->data, '%', text->len) && !memchr(text->data, '+', text->len))
		return true;
	return percent_decode(req, *text, true, text);
}

static size_t count_pieces(struct text text)
{
	size_t pieces = 1;

	for (size_t i = 0; i < text.len; i++)
		pieces += text.data[i] == '&';
	return pieces;
}

static void add_piece(struct request *req, struct text piece, struct query *query)
{
	struct text name, value;

	if (piece.len == 0 || memchr(piece.data, ';', piece.len))
		return;
	if (!text_cut(piece, '=', &name, &value)) {
		name = piece;
		value = TEXT("");
	}
	if (!unescape(req, &name) || !unescape(req, &value))
		return;
	query->items[query->count].name = name;
	query->items[query->count].value = value;
	query->count++;
}

void query_parse(struct request *req, struct text text, struct query *query)
{
	size_t pieces = count_pieces(text);

	if (text.len == 0 || pieces > PIECES_MAX)
		return;
	query->items = must(talloc_array_size(req, sizeof(*query->items), (unsigned)pieces));
	while (text.len) {
		struct text piece, rest = TEXT_NONE;

		if (!text_cut(text, '&', &piece, &rest))
			piece = text;
		add_piece(req, piece, query);
		text = rest;
	}
}

static struct text find(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (text_is(query->items[i].name, name))
			return query->items[i].value;
	return TEXT_NONE;
}

struct text http_query(const struct request *req, const char *name)
{
	return find(&req->http->query, name);
}

size_t http_query_all(const struct request *req, const char *name, struct text *values, size_t max)
{
	const struct query *query = &req->http->query;
	size_t count = 0;

	for (size_t i = 0; i < query->count && count < max; i++)
		if (text_is(query->items[i].name, name))
			values[count++] = query->items[i].value;
	return count;
}

bool http_sends_form(const struct request *req)
{
	enum method method = req->http->method;
	struct text type;

	if (method != METHOD_POST && method != METHOD_PUT && method != METHOD_PATCH)
		return false;
	type = text_trim(text_before(http_header(req, "Content-Type"), ';'), " \t");
	return text_equal_nocase(type, TEXT("application/x-www-form-urlencoded"));
}

static void form_parse(struct request *req)
{
	struct http *http = req->http;

	http->form_parsed = true;
	if (http_sends_form(req) && !http->body_too_large)
		query_parse(req, http->body, &http->form);
}

/* The layer that writes the log looks for redirect_to in the form before any handler runs, which uses the body up (section 5.3). */
void form_receive(struct request *req)
{
	struct http *http = req->http;

	if (text_is(http->path, "/health") || !http_sends_form(req))
		return;
	if (http_header(req, "redirect_to").len && !text_is(http->path, "/token"))
		return;
	form_parse(req);
	http->body_is_form = true;
}

struct text http_form(const struct request *req, const char *name)
{
	struct text value;

	if (!req->http->form_parsed)
		form_parse((struct request *)(uintptr_t)req);
	value = find(&req->http->form, name);
	return value.data ? value : http_query(req, name);
}

static int by_name(const void *a, const void *b, void *query_of)
{
	const struct query *query = query_of;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	struct text x = query->items[left].name, y = query->items[right].name;
	size_t shorter = x.len < y.len ? x.len : y.len;
	int order = shorter ? memcmp(x.data, y.data, shorter) : 0;

	if (order != 0)
		return order;
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return left < right ? -1 : 1; /* values of one name keep their order */
}

void query_encode(struct request *req, const struct query *query, struct buffer *out)
{
	size_t *order = must(talloc_array_size(req, sizeof(size_t), (unsigned)query->count + 1));

	for (size_t i = 0; i < query->count; i++)
		order[i] = i;
	qsort_r(order, query->count, sizeof(order[0]), by_name, (void *)(uintptr_t)query);
	for (size_t i = 0; i < query->count; i++) {
		if (i > 0)
			buffer_char(out, '&');
		buffer_text(out, query_escape(req, query->items[order[i]].name));
		buffer_char(out, '=');
		buffer_text(out, query_escape(req, query->items[order[i]].value));
	}
}
