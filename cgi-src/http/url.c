/* url.c: URLs, by the rules of contract 01 section 13.4; no normalisation. */
#include <string.h>

#include "http_int.h"

static bool is_letter(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_hex(unsigned char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool one_of(unsigned char byte, const char *set)
{
	return byte && strchr(set, byte);
}

static struct text from(struct text text, size_t at)
{
	return (struct text){text.data + at, text.len - at};
}

static bool escapes_valid(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '%' && (text.len - i < 3 || !is_hex((unsigned char)text.data[i + 1]) || !is_hex((unsigned char)text.data[i + 2])))
			return false;
	return true;
}

static bool has_control(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

static int no(const char **why, const char *what)
{
	*why = what;
	return -1;
}

/* Takes the scheme off *rest; a character that no scheme has before the colon means that there is none. */
static int take_scheme(TALLOC_CTX *mem, struct text *rest, struct url *url, const char **why)
{
	for (size_t i = 0; i < rest->len; i++) {
		unsigned char byte = (unsigned char)rest->data[i];

		if (is_letter(byte))
			continue;
		if (i == 0 && byte == ':')
			return no(why, "missing protocol scheme");
		if (i > 0 && byte == ':') {
			url->scheme = text_lower(mem, (struct text){rest->data, i});
			*rest = from(*rest, i + 1);
			return 0;
		}
		if (i == 0 || !(is_digit(byte) || one_of(byte, "+-.")))
			return 0;
	}
	return 0;
}

static bool user_info_valid(struct text info)
{
	for (size_t i = 0; i < info.len; i++) {
		unsigned char byte = (unsigned char)info.data[i];

		if (!is_letter(byte) && !is_digit(byte) && !one_of(byte, "-._:~!$&'()*+,;=%@"))
			return false;
	}
	return escapes_valid(info);
}

static bool port_valid(struct text port)
{
	if (port.len == 0)
		return true;
	if (port.data[0] != ':')
		return false;
	for (size_t i = 1; i < port.len; i++)
		if (!is_digit((unsigned char)port.data[i]))
			return false;
	return true;
}

static bool is_ipv6(struct text text)
{
	struct text canonical;
	TALLOC_CTX *mem = talloc_new(NULL);
	bool valid = memchr(text.data, ':', text.len) && ip_canonical(mem, text, &canonical);

	talloc_free(mem);
	return valid;
}

/* "[address]:port" or "[address%25zone]:port". */
static int literal_host(TALLOC_CTX *mem, struct text host, struct url *url, const char **why)
{
	struct text inside, after, address, zone;
	const char *end = memchr(host.data, ']', host.len);
	const char *mark;

	if (!end)
		return no(why, "missing ']' in host");
	inside = (struct text){host.data + 1, (size_t)(end - host.data) - 1};
	after = from(host, inside.len + 2);
	if (!port_valid(after))
		return no(why, "invalid port after host");
	mark = memmem(inside.data, inside.len, "%25", 3);
	address = mark ? (struct text){inside.data, (size_t)(mark - inside.data)} : inside;
	zone = mark ? from(inside, address.len + 3) : TEXT_NONE;
	if (!is_ipv6(address) || (mark && (zone.len == 0 || !percent_decode(mem, zone, false, &zone))))
		return no(why, "invalid host");
	url->host = address;
	if (mark)
		url->host = text_of(format(mem, "%s%%%s", text_string(mem, address), text_string(mem, zone)));
	url->port = after.len ? from(after, 1) : TEXT_NONE;
	return 0;
}

/* Bytes of the host; escapes only of bytes from 0x80 on. */
static int check_host(TALLOC_CTX *mem, struct text *host, const char **why)
{
	bool escaped = false;

	if (!escapes_valid(*host))
		return no(why, "invalid URL escape");
	for (size_t i = 0; i < host->len; i++) {
		unsigned char byte = (unsigned char)host->data[i];

		if (byte == '%') {
			if (host->data[i + 1] < '8') /* a letter is above, too */
				return no(why, "invalid URL escape");
			escaped = true;
		} else if (byte < 0x80 && !is_letter(byte) && !is_digit(byte) && !one_of(byte, "-._~!$&'()*+,;=:[]<>\"")) {
			return no(why, "invalid character in host name");
		}
	}
	if (escaped)
		(void)percent_decode(mem, *host, false, host);
	return 0;
}

static int take_host(TALLOC_CTX *mem, struct text host, struct url *url, const char **why)
{
	bool web = text_is(url->scheme, "http") || text_is(url->scheme, "https");
	const char *colon;

	if (text_starts(host, "["))
		return literal_host(mem, host, url, why);
	if (host.len && memchr(host.data, '[', host.len))
		return no(why, "invalid IP-literal");
	colon = host.len == 0 ? NULL : web ? memchr(host.data, ':', host.len) : memrchr(host.data, ':', host.len);
	url->host = host;
	if (colon) {
		struct text port = from(host, (size_t)(colon - host.data));

		if (!port_valid(port))
			return no(why, "invalid port after host");
		url->host.len -= port.len;
		url->port = from(port, 1);
	}
	return check_host(mem, &url->host, why);
}

static int take_authority(TALLOC_CTX *mem, struct text *rest, struct url *url, const char **why)
{
	struct text authority;
	const char *at;

	if (!text_starts(*rest, "//") || (url->scheme.len == 0 && text_starts(*rest, "///")))
		return 0;
	authority = text_before(from(*rest, 2), '/');
	*rest = from(*rest, 2 + authority.len);
	url->has_authority = true;
	at = authority.len ? memrchr(authority.data, '@', authority.len) : NULL;
	if (at) {
		url->user_info = (struct text){authority.data, (size_t)(at - authority.data)};
		if (!user_info_valid(url->user_info))
			return no(why, "net/url: invalid userinfo");
		authority = from(authority, url->user_info.len + 1);
	}
	return take_host(mem, authority, url, why);
}

int url_parse(TALLOC_CTX *mem, struct text text, struct url *url, const char **why)
{
	struct text rest, before;

	*url = (struct url){0};
	rest = text;
	if (text_cut(text, '#', &before, &url->fragment)) {
		rest = before;
		url->has_fragment = true;
		if (!escapes_valid(url->fragment))
			return no(why, "invalid URL escape");
	}
	if (has_control(rest))
		return no(why, "net/url: invalid control character in URL");
	if (take_scheme(mem, &rest, url, why) < 0)
		return -1;
	if (text_cut(rest, '?', &before, &url->query)) {
		rest = before;
		url->has_query = true;
	}
	if (!text_starts(rest, "/")) {
		if (url->scheme.len) {
			url->opaque = rest;
			return 0;
		}
		before = text_before(rest, '/');
		if (before.len && memchr(before.data, ':', before.len))
			return no(why, "first path segment in URL cannot contain colon");
	}
	if (take_authority(mem, &rest, url, why) < 0)
		return -1;
	if (!escapes_valid(rest))
		return no(why, "invalid URL escape");
	url->path = rest;
	return 0;
}

void url_put_host(struct buffer *out, const struct url *url)
{
	bool v6 = url->host.len && memchr(url->host.data, ':', url->host.len);

	buffer_string(out, v6 ? "[" : "");
	buffer_text(out, url->host);
	buffer_string(out, v6 ? "]" : "");
	if (url->port.len) {
		buffer_char(out, ':');
		buffer_text(out, url->port);
	}
}
