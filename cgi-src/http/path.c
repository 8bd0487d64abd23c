/* path.c: from the request target to the path that is matched (contract 01 section 2.1). */
#include <string.h>
#include <strings.h>

#include "http_int.h"

/* What the default rule leaves as it is; every other byte is written %XX. */
static bool stays(unsigned char byte)
{
	if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9'))
		return true;
	return byte && strchr("-_.~$&+,/:;=@", byte);
}

static struct text path_encode(TALLOC_CTX *mem, struct text path)
{
	struct buffer *out = buffer_new(mem, path.len + 16);

	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.data[i];

		if (stays(byte))
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "%%%02X", byte);
	}
	return buffer_as_text(out);
}

static bool has_control(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

/* How much of raw is decoded into the first len bytes of its decoded form. */
static size_t raw_length(struct text raw, size_t len)
{
	size_t at = 0;

	while (len > 0 && at < raw.len) {
		at += raw.data[at] == '%' ? 3 : 1;
		len--;
	}
	return at;
}

/* What stands in raw before the part that the web server calls PATH_INFO. */
static bool prefix_by_info(struct text raw, struct text decoded, struct text info, struct text *prefix)
{
	size_t at;

	if (info.len == 0 || info.len > decoded.len || memcmp(decoded.data + decoded.len - info.len, info.data, info.len) != 0)
		return false;
	at = raw_length(raw, decoded.len - info.len);
	if (at >= raw.len || raw.data[at] != '/')
		return false;
	*prefix = (struct text){raw.data, at};
	return true;
}

static bool prefix_of(struct text raw, struct text prefix)
{
	if (prefix.len > raw.len || memcmp(raw.data, prefix.data, prefix.len) != 0)
		return false;
	return raw.len == prefix.len || raw.data[prefix.len] == '/';
}

/* The mount prefix: as set, else SCRIPT_NAME, else what stands before PATH_INFO (a rewrite to a program elsewhere). A web server that knows no
 * PATH_INFO puts the whole path into SCRIPT_NAME, which then says nothing. */
static struct text find_prefix(const struct request *req, struct text raw, struct text decoded)
{
	struct text set = text_of(req->settings->latchkey.prefix), info, script, prefix;

	while (set.len && set.data[set.len - 1] == '/')
		set.len--;
	if (set.len)
		return prefix_of(raw, set) ? set : TEXT("");
	info = http_param(req, "PATH_INFO");
	if (info.len == 0)
		return TEXT("");
	script = http_param(req, "SCRIPT_NAME");
	if (script.data && prefix_of(raw, script))
		return script;
	return prefix_by_info(raw, decoded, info, &prefix) ? prefix : TEXT("");
}

/* "http://host:port/path": cuts scheme and host off (section 12 wants them). */
static void take_host(struct http *http, struct text *raw)
{
	struct text rest, host;

	if (raw->len == 0 || raw->data[0] == '/')
		return;
	if (raw->len > 7 && strncasecmp(raw->data, "http://", 7) == 0)
		http->target_scheme = TEXT("http");
	else if (raw->len > 8 && strncasecmp(raw->data, "https://", 8) == 0)
		http->target_scheme = TEXT("https");
	else
		return;
	rest = (struct text){raw->data + http->target_scheme.len + 3, raw->len - http->target_scheme.len - 3};
	host = text_before(rest, '/');
	*raw = (struct text){rest.data + host.len, rest.len - host.len};
	http->target_host = text_before(host, ':');
}

void path_receive(struct request *req)
{
	struct http *http = req->http;
	struct text raw, decoded;

	http->target = http_param(req, "REQUEST_URI");
	if (!http->target.data)
		http->target = path_encode(req, text_of(format(req, "%s%s", text_string(req, http_param(req, "SCRIPT_NAME")),
							       text_string(req, http_param(req, "PATH_INFO")))));
	if (!text_cut(http->target, '?', &raw, &http->query_text)) {
		raw = http->target;
		http->query_text = http_param(req, "REQUEST_URI").data ? TEXT_NONE : http_param(req, "QUERY_STRING");
	}
	take_host(http, &raw);
	http->raw_path = raw;
	if (has_control(raw) || !percent_decode(req, raw, false, &decoded)) {
		http->bad_path = true;
		return;
	}
	http->prefix = find_prefix(req, raw, decoded);
	http->raw_path = (struct text){raw.data + http->prefix.len, raw.len - http->prefix.len};
	http->path = http->route_path = http->raw_path;
	if (!memchr(http->raw_path.data, '%', http->raw_path.len))
		return;
	(void)percent_decode(req, http->raw_path, false, &http->path);
	if (text_equal(path_encode(req, http->path), http->raw_path))
		http->route_path = http->path;
}
