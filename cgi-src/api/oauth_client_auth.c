/* oauth_client_auth.c: the gate of the token endpoint: where a client's credentials stand (contract 10 section 7). */
#include <string.h>

#include "cgi-src/api/gates.h"
#include "cgi-src/api/oauth.h"
#include "latchkey/http.h"

struct body {
	struct text client_id, client_secret;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, client_id, "client_id", JSON_TEXT),
	JSON_FIELD(struct body, client_secret, "client_secret", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("ClientCredentials", fields);

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "invalid_credentials", "Invalid client credentials: %s", why);
}

/* RFC 6749 section 2.3.1 has both form-encoded, as libraries do it; the reference takes them as they are. An id that is one only once it is
 * decoded says which it is. */
static void undo_form_encoding(struct request *req, struct oauth_credentials *given)
{
	struct text client_id, secret;
	struct uuid id;

	if (uuid_parse(given->client_id, &id) || !percent_decode(req, given->client_id, true, &client_id) || !uuid_parse(client_id, &id) ||
	    !percent_decode(req, given->secret, true, &secret))
		return;
	given->client_id = client_id;
	given->secret = secret;
}

static int from_header(struct request *req, struct text encoded, struct oauth_credentials *given)
{
	struct text decoded;

	given->basic = true;
	decoded.data = (const char *)base64_decode(req, BASE64_STD, encoded, &decoded.len, NULL);
	if (!decoded.data)
		return refuse(req, "invalid basic auth encoding");
	if (!text_cut(decoded, ':', &given->client_id, &given->secret))
		return refuse(req, "invalid basic auth format");
	undo_form_encoding(req, given);
	return 0;
}

static int from_json(struct request *req, struct oauth_credentials *given)
{
	const struct http *http = req->http;
	struct body body = {0};
	const char *why;

	if (http->body_too_large)
		return refuse(req, "failed to read request body");
	if (json_decode(req, http->body_is_form ? TEXT("") : http->body, &shape, &body, &why) < 0)
		return refuse(req, "failed to parse JSON body");
	*given = (struct oauth_credentials){body.client_id, body.client_secret, false};
	return 0;
}

/* A piece that query decoding drops. */
static bool has_bad_piece(struct request *req, struct text text)
{
	struct text decoded;

	return text.len && (memchr(text.data, ';', text.len) || !percent_decode(req, text, true, &decoded));
}

/* Once the early look at the form has used it up, nobody is told of what could not be read (01 section 5.3). */
bool oauth_form_readable(struct request *req)
{
	const struct http *http = req->http;

	if (http->form_parsed)
		return true;
	http_form(req, ""); /* parses it */
	return !(http->form.count && has_bad_piece(req, http->body)) && !has_bad_piece(req, http->query_text);
}

static int from_form(struct request *req, struct oauth_credentials *given)
{
	if (!oauth_form_readable(req))
		return refuse(req, "failed to parse form");
	*given = (struct oauth_credentials){http_form(req, "client_id"), http_form(req, "client_secret"), false};
	return 0;
}

bool oauth_body_is_json(const struct request *req)
{
	struct text type = http_header(req, "Content-Type"), json = TEXT("application/json");

	return type.len && memmem(type.data, type.len, json.data, json.len);
}

int oauth_credentials_read(struct request *req, struct oauth_credentials *given)
{
	struct text header = http_authorization(req), basic = TEXT("Basic ");

	if (text_starts(header, basic.data))
		return from_header(req, (struct text){header.data + basic.len, header.len - basic.len}, given);
	if ((oauth_body_is_json(req) ? from_json(req, given) : from_form(req, given)) < 0)
		return -1;
	return given->client_id.len ? 0 : refuse(req, "client_id is required");
}

int gate_client_auth(struct request *req)
{
	struct oauth_credentials given = {0};

	if (oauth_credentials_read(req, &given) < 0)
		return -1;
	if (!given.client_id.len)
		return 0; /* the handler says so */
	return oauth_client_authenticate(req, &given, &req->http->oauth_client);
}
