/* wallet_uri.c: URIs in wallet messages (contract 07 section 11.1). */
#include "wallet_int.h"

struct text wallet_uri_text(TALLOC_CTX *mem, struct text uri)
{
	struct buffer *out = buffer_new(mem, uri.len + 8);
	bool in_query = false;

	for (size_t i = 0; i < uri.len; i++) {
		in_query = in_query || uri.data[i] == '?';
		if (uri.data[i] == '#' && !in_query)
			buffer_string(out, "%23");
		else
			buffer_char(out, uri.data[i]);
	}
	return buffer_as_text(out);
}

bool wallet_uri_valid(TALLOC_CTX *mem, struct text text)
{
	struct text before = text_before(text, '?'), after = {text.data + before.len, text.len - before.len};
	struct url url;
	const char *why;

	if (text_is(text, "*"))
		return true;
	for (size_t i = 0; i < after.len; i++)
		if ((unsigned char)after.data[i] < 0x20 || after.data[i] == 0x7f)
			return false;
	return text.len && url_parse(mem, wallet_uri_text(mem, before), &url, &why) == 0 && (url.scheme.len || text_starts(text, "/"));
}

static void put_path(TALLOC_CTX *mem, struct json_writer *out, struct text path)
{
	struct text decoded = path, again;
	struct buffer *escaped = buffer_new(mem, path.len + 8);

	(void)percent_decode(mem, path, false, &decoded);
	for (size_t i = 0; i < decoded.len; i++) {
		unsigned char byte = (unsigned char)decoded.data[i];
		bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
		static const char others[] = "-_.~$&+,/:;=@";

		for (size_t j = 0; !plain && j < sizeof(others) - 1; j++)
			plain = byte == (unsigned char)others[j];
		if (plain)
			buffer_char(escaped, (char)byte);
		else
			buffer_format(escaped, "%%%02X", byte);
	}
	again = buffer_as_text(escaped);
	json_member_text(out, "Path", decoded);
	json_member_text(out, "RawPath", text_equal(again, path) ? TEXT("") : path);
}

struct json_object *wallet_uri_parts(struct request *req, struct text uri)
{
	struct buffer *buffer = buffer_new(req, 256);
	struct json_writer out = json_writer(buffer);
	struct json_object *parts;
	struct text host, before, query = TEXT_NONE;
	struct url url;
	const char *why;

	bool asks = text_cut(uri, '?', &before, &query);

	if (url_parse(req, wallet_uri_text(req, asks ? before : uri), &url, &why) < 0)
		return NULL;
	host = url.port.len ? text_of(format(req, "%.*s:%.*s", (int)url.host.len, url.host.data, (int)url.port.len, url.port.data)) : url.host;
	json_open_object(&out);
	json_member_text(&out, "Scheme", url.scheme);
	json_member_text(&out, "Opaque", url.opaque);
	json_name(&out, "User");
	if (url.user_info.data)
		json_raw(&out, TEXT("{}"));
	else
		json_null(&out);
	json_member_text(&out, "Host", host);
	put_path(req, &out, url.path);
	json_member_truth(&out, "OmitHost", url.scheme.len && !url.has_authority && text_starts(url.path, "/"));
	json_member_truth(&out, "ForceQuery", asks && !query.len);
	json_member_text(&out, "RawQuery", query);
	json_member_string(&out, "Fragment", "");
	json_member_string(&out, "RawFragment", "");
	json_close_object(&out);
	return json_parse(req, buffer_as_text(buffer), &parts, &why) < 0 ? NULL : parts;
}
