/* link.c: the links in mails (contract 06 section 8.3; RFC 3986 section 5.2). */
#include <string.h>

#include "cgi-src/mail/mail_int.h"
#include "latchkey/http.h"

/* RFC 3986 section 5.2.4 on an absolute path. */
static struct text remove_dots(struct request *req, struct text path)
{
	struct buffer *out = buffer_new(req, path.len + 2);
	size_t at = 0;

	while (at < path.len) {
		size_t end = at + 1;
		struct text segment;

		while (end < path.len && path.data[end] != '/')
			end++;
		segment = (struct text){path.data + at, end - at}; /* with its slash */
		if (text_is(segment, "/..") || text_is(segment, "/.")) {
			while (text_is(segment, "/..") && out->len && out->data[--out->len] != '/')
				;
			if (end == path.len)
				buffer_char(out, '/');
		} else {
			buffer_text(out, segment);
		}
		at = end;
	}
	out->data[out->len] = '\0';
	return buffer_as_text(out);
}

/* The base's folder and the reference's path in one. */
static struct text merge(struct request *req, struct text base_path, struct text path)
{
	struct buffer *out = buffer_new(req, base_path.len + path.len + 2);
	size_t folder = base_path.len;

	while (folder && base_path.data[folder - 1] != '/')
		folder--;
	buffer_add(out, base_path.data, folder);
	if (folder == 0)
		buffer_char(out, '/');
	buffer_text(out, path);
	return buffer_as_text(out);
}

static void put_authority(struct buffer *out, const struct url *url)
{
	buffer_text(out, url->scheme);
	buffer_string(out, "://");
	if (url->user_info.len) {
		buffer_text(out, url->user_info);
		buffer_char(out, '@');
	}
	url_put_host(out, url);
}

static bool needs_escape(struct text redirect)
{
	for (size_t i = 0; i < redirect.len; i++)
		if (redirect.data[i] == '&' || redirect.data[i] == '=' || redirect.data[i] == '#')
			return true;
	return false;
}

static void put_query(struct request *req, struct buffer *out, const char *type, struct text token, struct text redirect)
{
	buffer_string(out, "?token=");
	buffer_text(out, query_escape(req, token));
	buffer_string(out, "&type=");
	buffer_text(out, query_escape(req, text_of(type)));
	buffer_string(out, "&redirect_to=");
	buffer_text(out, needs_escape(redirect) ? query_escape(req, redirect) : redirect);
}

/* The address that a reference stands for, seen from the base (RFC 3986 section 5.2.2); the query is another matter. */
static void put_target(struct request *req, struct buffer *out, struct url base, const struct url *reference)
{
	struct text path;

	if (reference->opaque.len) { /* mailto:x, http:x */
		buffer_text(out, reference->scheme);
		buffer_char(out, ':');
		buffer_text(out, reference->opaque);
		return;
	}
	path = reference->path;
	if (!reference->scheme.len && !reference->host.len && path.len == 0)
		path = base.path;
	else if (!reference->scheme.len && !reference->host.len && path.data[0] != '/')
		path = merge(req, base.path, path);
	if (reference->scheme.len || reference->host.len) {
		struct text scheme = reference->scheme.len ? reference->scheme : base.scheme;

		base = *reference;
		base.scheme = scheme;
	}
	if (base.has_authority || base.host.len) {
		put_authority(out, &base);
	} else {
		buffer_text(out, base.scheme);
		buffer_char(out, ':');
	}
	url_put_path(req, out, remove_dots(req, path));
}

int mail_link(struct request *req, enum mail_kind kind, const char *type, struct text token, struct text redirect, struct text *link)
{
	enum mail_kind path_kind = kind == MAIL_MAGIC_LINK ? MAIL_RECOVERY : kind; /* magic links use the path of recovery */
	const char *path = req->settings->mailer.url_paths[path_kind], *why;
	struct text external = req->http && req->http->external_url.len ? req->http->external_url : text_of(req->settings->api.external_url);
	struct url base, configured;
	struct buffer *out = buffer_new(req, 256);

	if (url_parse(req, external, &base, &why) < 0 || url_parse(req, text_of(path && *path ? path : "/verify"), &configured, &why) < 0)
		return fail_cause(req, "the mail path or the external URL is no URL: %s", why);
	put_target(req, out, base, &configured);
	put_query(req, out, type, token, redirect);
	if (configured.fragment.len) {
		buffer_char(out, '#');
		url_put_fragment(req, out, configured.fragment);
	}
	*link = buffer_as_text(out);
	return 0;
}
