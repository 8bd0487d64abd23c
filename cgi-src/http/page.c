/* page.c: pages of a list, their headers, and sorting (contract 01 sections 15.1, 15.3). */
#include "http_int.h"

#define PER_PAGE 50

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "validation_failed", "Bad Pagination Parameters: %s", why);
}

int parse_uint64(struct request *req, struct text text, uint64_t *number)
{
	const char *why = text.len ? NULL : "invalid syntax";
	struct text quoted;

	*number = 0;
	for (size_t i = 0; i < text.len && !why; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

		if (digit > 9)
			why = "invalid syntax";
		else if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, digit, number))
			why = "value out of range";
	}
	if (!why)
		return 0;
	quoted = quote_go(req, text);
	return refuse(req, format(req, "strconv.ParseUint: parsing %s: %s", quoted.data, why));
}

static int parameter(struct request *req, const char *name, uint64_t otherwise, uint64_t *number)
{
	struct text text = http_query(req, name);

	*number = otherwise;
	return text.len ? parse_uint64(req, text, number) : 0;
}

int page_parse(struct request *req, struct page *page)
{
	uint64_t before, offset;

	if (parameter(req, "page", 1, &page->page) < 0 || parameter(req, "per_page", PER_PAGE, &page->per_page) < 0)
		return -1;
	if (page->per_page == 0)
		return refuse(req, "per_page must be greater than 0");
	before = page->page ? page->page - 1 : 0;
	if (__builtin_mul_overflow(before, page->per_page, &offset) || offset > INT64_MAX || page->per_page > INT64_MAX)
		return refuse(req, "value out of range");
	page->offset = (int64_t)offset;
	page->limit = (int64_t)page->per_page;
	return 0;
}

static bool is_one_of(struct text name, const char *const *names)
{
	for (; *names; names++)
		if (text_is(name, *names))
			return true;
	return false;
}

/* "<PATH?QUERY>; rel="REL"", the query's parameters without those named, and one set. */
void page_link(struct request *req, struct buffer *out, const char *const *without, const char *name, struct text value, const char *rel)
{
	const struct query *asked = &req->http->query;
	struct query query = {0};

	query.items = must(talloc_array_size(req, sizeof(*query.items), (unsigned)asked->count + 1));
	for (size_t i = 0; i < asked->count; i++)
		if (!is_one_of(asked->items[i].name, without))
			query.items[query.count++] = asked->items[i];
	query.items[query.count].name = text_of(name);
	query.items[query.count++].value = value;
	buffer_char(out, '<');
	buffer_text(out, req->http->raw_path);
	buffer_char(out, '?');
	query_encode(req, &query, out);
	buffer_format(out, ">; rel=\"%s\"", rel);
}

static struct text number_text(struct request *req, uint64_t number)
{
	return text_of(format(req, "%llu", (unsigned long long)number));
}

void page_headers(struct request *req, const struct page *page, int64_t total)
{
	static const char *const without[] = {"page", NULL};
	uint64_t rows = total > 0 ? (uint64_t)total : 0, last = rows / page->per_page + (rows % page->per_page != 0);
	struct buffer *link = buffer_new(req, 128);

	if (page->page < last) {
		page_link(req, link, without, "page", number_text(req, page->page + 1), "next");
		buffer_string(link, ", ");
	}
	page_link(req, link, without, "page", number_text(req, last), "last");
	http_set_header(req, "Link", buffer_as_text(link));
	http_set_header(req, "X-Total-Count", number_text(req, rows));
}

/* ---- sorting ---- */

static const char *field_named(const char *const *fields, struct text name)
{
	for (; *fields; fields++)
		if (text_is(name, *fields))
			return *fields;
	return NULL;
}

static int sort_one(struct request *req, const char *const *fields, struct text text, struct sort *sort)
{
	struct text name, direction;
	bool given = text_cut(text, ' ', &name, &direction);

	sort->field = field_named(fields, name);
	if (!sort->field)
		return fail(req, 400, "validation_failed", "Bad Sort Parameters: bad field for sort '%s'", text_string(req, name));
	sort->ascending = given && text_equal_nocase(direction, TEXT("asc"));
	if (given && !sort->ascending && !text_equal_nocase(direction, TEXT("desc")))
		return fail(req, 400, "validation_failed", "Bad Sort Parameters: bad direction for sort '%s', only 'asc' and 'desc' allowed",
			    text_string(req, direction));
	return 0;
}

int sort_parse(struct request *req, const char *const *fields, struct sort *sorts, size_t max, size_t *count)
{
	struct text *values = must(talloc_array(req, struct text, (unsigned)req->http->query.count + 1));
	size_t given = http_query_all(req, "sort", values, req->http->query.count);

	*count = 0;
	for (size_t i = 0; i < given; i++) {
		struct sort sort;

		if (sort_one(req, fields, values[i], &sort) < 0)
			return -1;
		if (*count < max)
			sorts[(*count)++] = sort;
	}
	if (*count == 0)
		sorts[(*count)++] = (struct sort){.field = fields[0]};
	return 0;
}
