/* reply.c: answers that succeed (contract 01 section 6). */
#include <string.h>

#include "http_int.h"

void reply_begin(struct request *req, int status)
{
	struct http *http = req->http;

	http->status = status;
	if (http->out)
		buffer_clear(http->out);
	else
		http->out = buffer_new(req, 1024);
}

void reply_plain(struct request *req, int status, const char *type, struct text body)
{
	reply_begin(req, status);
	http_set_header(req, "Content-Type", text_of(type));
	buffer_text(req->http->out, body);
}

struct json_writer http_reply(struct request *req, int status)
{
	reply_begin(req, status);
	http_set_header(req, "Content-Type", TEXT("application/json"));
	return json_writer(req->http->out);
}

int reply_empty(struct request *req, int status)
{
	reply_begin(req, status);
	return 0;
}

int reply_raw_json(struct request *req, int status, struct text json)
{
	reply_plain(req, status, "application/json", json);
	return 0;
}

int reply_empty_object(struct request *req)
{
	return reply_raw_json(req, 200, TEXT("{}"));
}

/* ---- redirects ---- */

void html_escape(struct buffer *out, struct text text)
{
	static const char *const named[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&#34;", ['\''] = "&#39;"};

	for (size_t i = 0; i < text.len; i++) {
		const char *name = named[(unsigned char)text.data[i]];

		if (name)
			buffer_string(out, name);
		else
			buffer_char(out, text.data[i]);
	}
}

static struct text escape_location(struct request *req, struct text target)
{
	struct buffer *out = buffer_new(req, target.len + 16);

	for (size_t i = 0; i < target.len; i++) {
		unsigned char byte = (unsigned char)target.data[i];

		if (byte >= 0x80)
			buffer_format(out, "%%%02x", byte);
		else
			buffer_char(out, (char)byte); /* line ends: http_add_header */
	}
	return buffer_as_text(out);
}

/* The path without empty, "." and ".." segments; absolute. */
static struct text clean_path(struct request *req, struct text path)
{
	struct buffer *out = buffer_new(req, path.len + 2);
	bool slash = path.len && path.data[path.len - 1] == '/';

	while (path.len) {
		struct text segment = text_before(path, '/');
		size_t step = segment.len < path.len ? segment.len + 1 : segment.len;

		path = (struct text){path.data + step, path.len - step};
		if (segment.len == 0 || text_is(segment, "."))
			continue;
		if (!text_is(segment, "..")) {
			buffer_char(out, '/');
			buffer_text(out, segment);
			continue;
		}
		while (out->len && out->data[out->len - 1] != '/')
			out->len--;
		if (out->len)
			out->len--;
	}
	if (out->len == 0 || slash)
		buffer_char(out, '/');
	return buffer_as_text(out);
}

/* A target without scheme and host, made absolute against the path that was asked for. */
static struct text make_absolute(struct request *req, struct text target)
{
	const struct http *http = req->http;
	struct buffer *whole = buffer_new(req, target.len + http->path.len + 64);
	struct text path = text_before(target, '?'), query = {target.data + path.len, target.len - path.len};
	size_t directory = http->path.len;

	if (target.len == 0 || target.data[0] != '/') {
		while (directory && http->path.data[directory - 1] != '/')
			directory--;
		buffer_text(whole, http->prefix);
		buffer_add(whole, http->path.data, directory);
	}
	buffer_text(whole, path);
	path = clean_path(req, buffer_as_text(whole));
	return text_of(format(req, "%.*s%.*s", (int)path.len, path.data, (int)query.len, query.data ? query.data : ""));
}

int reply_redirect(struct request *req, int status, struct text target)
{
	struct buffer *out;
	struct url url;
	const char *why;

	if (url_parse(req, target, &url, &why) == 0 && url.scheme.len == 0 && url.host.len == 0)
		target = make_absolute(req, target);
	reply_begin(req, status);
	http_set_header(req, "Location", escape_location(req, target));
	if (req->http->method != METHOD_GET)
		return 0;
	http_set_header(req, "Content-Type", TEXT("text/html; charset=utf-8"));
	out = req->http->out;
	buffer_string(out, "<a href=\"");
	html_escape(out, target);
	buffer_format(out, "\">%s</a>.\n\n", status == 303 ? "See Other" : "Found");
	return 0;
}
