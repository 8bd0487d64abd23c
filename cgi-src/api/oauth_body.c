/* oauth_body.c: bodies that end with their first JSON value; what follows it is not looked at (contract 10 section 5.1). */
#include "cgi-src/api/oauth.h"

int oauth_json_first(struct request *req, const struct json_shape *shape, void *out)
{
	const struct http *http = req->http;
	const char *why;

	if (http->body_is_form || http->body_too_large)
		return -1;
	return json_decode_first(req, http->body, shape, out, &why);
}
