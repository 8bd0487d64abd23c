/* body.c: JSON bodies and path parameters (contract 01 sections 5.4, 5.6). */
#include "http_int.h"

static int decode(struct request *req, struct text body, const struct json_shape *shape, void *out)
{
	const char *why;

	if (json_decode(req, body, shape, out, &why) < 0)
		return fail(req, 400, "bad_json", "Could not parse request body as JSON: %s", why);
	return 0;
}

/* What is left of the body for a handler; -1 with 413 where it is too large. */
static int take_body(struct request *req, struct text *body)
{
	const struct http *http = req->http;

	*body = http->body_is_form ? TEXT_NONE : http->body;
	if (http->body_too_large && !http->body_is_form)
		return fail(req, 413, "request_entity_too_large", "Request body too large (max %zu bytes)", HTTP_BODY_MAX);
	return 0;
}

int http_json(struct request *req, const struct json_shape *shape, void *out)
{
	struct text body;

	return take_body(req, &body) < 0 ? -1 : decode(req, body, shape, out);
}

int http_json_first(struct request *req, const struct json_shape *shape, void *out, const char *failure)
{
	struct text body;
	const char *why;

	if (take_body(req, &body) < 0)
		return -1;
	if (json_decode_first(req, body, shape, out, &why) < 0)
		return fail(req, 400, "bad_json", "%s: %s", failure, why);
	return 0;
}

int http_json_uuid(struct request *req, const struct json_opt_text *member, struct uuid *uuid)
{
	static const size_t lengths[] = {32, 34, 36, 38, 41, 45};
	const char *text;

	*uuid = (struct uuid){0};
	if (!member->set || uuid_parse(member->text, uuid))
		return 0;
	text = quote_go(req, member->text).data;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (member->text.len == lengths[i])
			return fail(req, 400, "bad_json", "Could not parse request body as JSON: uuid: incorrect UUID format in string %s", text);
	return fail(req, 400, "bad_json", "Could not parse request body as JSON: uuid: incorrect UUID length %zu in string %s", member->text.len,
		    text);
}

int http_json_optional(struct request *req, const struct json_shape *shape, void *out)
{
	struct text body;

	if (take_body(req, &body) < 0)
		return -1;
	return body.len == 0 ? 0 : decode(req, body, shape, out);
}

int http_uuid_capture(struct request *req, size_t index, const char *name, struct uuid *uuid)
{
	if (uuid_parse(req->http->captures[index], uuid))
		return 0;
	return fail(req, 404, "validation_failed", "%s must be an UUID", name);
}
