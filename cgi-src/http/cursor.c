/* cursor.c: walking a list by cursors (contract 01 section 15.2). */
#include <string.h>

#include "http_int.h"

#define LIMIT 50
#define LIMIT_MAX 1000
#define CURSOR_MAX 1024

static int refuse(struct request *req, const char *what, const char *detail)
{
	return fail(req, 400, "validation_failed", "Bad Pagination Parameters: %s%s", what, detail);
}

bool cursor_wanted(struct request *req)
{
	return req->settings->experimental.cursor_pagination_enabled && http_query(req, "page").len == 0 && http_query(req, "per_page").len == 0;
}

/* The zero time of the reference's runtime stands for an absent one. */
static bool moment_is_zero(moment at)
{
	moment zero = 0;

	(void)moment_parse(TEXT("0001-01-01T00:00:00Z"), &zero);
	return at == zero;
}

static int read_members(struct request *req, struct json_object *object, struct cursor *cursor)
{
	struct text id = json_get_text(object, "id"), created_at = json_get_text(object, "created_at");

	if (id.len && !uuid_parse(id, &cursor->id))
		return refuse(req, "invalid cursor: ", "id is no UUID");
	if (created_at.len && !moment_parse(created_at, &cursor->created_at))
		return refuse(req, "invalid cursor: ", "created_at is no time");
	if (id.len == 0 || uuid_is_nil(&cursor->id))
		return refuse(req, "invalid cursor: missing id", "");
	if (created_at.len == 0 || moment_is_zero(cursor->created_at))
		return refuse(req, "invalid cursor: missing created_at", "");
	cursor->set = true;
	return 0;
}

static int read_cursor(struct request *req, struct text text, struct cursor *cursor)
{
	struct json_object *object;
	unsigned char *decoded;
	const char *why;
	size_t len, bad_at = 0;

	if (text.len == 0)
		return 0;
	decoded = text.len > CURSOR_MAX ? NULL : base64_decode(req, BASE64_URL_RAW, text, &len, &bad_at);
	if (!decoded)
		return refuse(req, "invalid cursor encoding: ", format(req, "illegal base64 data at input byte %zu", bad_at));
	if (json_parse(req, (struct text){(const char *)decoded, len}, &object, &why) < 0)
		return refuse(req, "invalid cursor: ", why);
	if (object && !json_object_is_type(object, json_type_object))
		return refuse(req, "invalid cursor: ", "it is no object");
	return read_members(req, object, cursor);
}

int cursor_parse(struct request *req, struct cursor *cursor)
{
	struct text text = http_query(req, "limit");
	uint64_t limit = LIMIT;

	*cursor = (struct cursor){0};
	if (text.len && parse_uint64(req, text, &limit) < 0)
		return -1;
	if (limit == 0)
		return refuse(req, "limit must be greater than 0", "");
	cursor->limit = limit > LIMIT_MAX ? LIMIT_MAX : (int64_t)limit;
	return read_cursor(req, http_query(req, "cursor"), cursor);
}

struct text cursor_text(struct request *req, moment created_at, const struct uuid *id)
{
	struct buffer *out = buffer_new(req, 128);
	struct json_writer json = json_writer(out);

	json_open_object(&json);
	json_member_moment(&json, "created_at", created_at);
	json_member_uuid(&json, "id", id);
	json_close_object(&json);
	return text_of(base64_encode(req, BASE64_URL_RAW, out->data, out->len));
}

void cursor_headers(struct request *req, struct text next)
{
	static const char *const without[] = {"page", "cursor", NULL};
	struct buffer *link = buffer_new(req, 256);

	page_link(req, link, without, "cursor", next, "next");
	http_set_header(req, "Link", buffer_as_text(link));
}
