/* url_edit.c: a URL written again with other parameters or another fragment, as Go's net/url does it (contract 06 section 5.6). */
#include <string.h>

#include "http_int.h"

/* Which bytes beside letters, digits and "-_.~" stand as they are: given ones are left, a part that has others is written anew. */
struct alphabet {
	const char *given, *anew;
};
static const struct alphabet path_alphabet = {"!$&'()*+,;=:@[]/%", "$&+,/:;=@"};
static const struct alphabet fragment_alphabet = {"!$&'()*+,;=:@[]/?%", "$&+,/:;=?@!()*"};

static bool is_plain(unsigned char byte, const char *others)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || memchr("-_.~", byte, 4) ||
	       (byte && strchr(others, byte));
}

static void add_escaped(struct buffer *out, struct text text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (is_plain(byte, others))
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "%%%02X", byte);
	}
}

static void add_part(TALLOC_CTX *mem, struct buffer *out, struct text part, const struct alphabet *alphabet)
{
	struct text decoded;

	for (size_t i = 0; i < part.len; i++) {
		if (is_plain((unsigned char)part.data[i], alphabet->given))
			continue;
		if (percent_decode(mem, part, false, &decoded))
			add_escaped(out, decoded, alphabet->anew);
		return;
	}
	buffer_text(out, part);
}

void url_put_path(TALLOC_CTX *mem, struct buffer *out, struct text path)
{
	add_part(mem, out, path, &path_alphabet);
}

void url_put_fragment(TALLOC_CTX *mem, struct buffer *out, struct text fragment)
{
	add_part(mem, out, fragment, &fragment_alphabet);
}

static void add_scheme(struct buffer *out, const struct url *url)
{
	if (url->scheme.len) {
		buffer_text(out, url->scheme);
		buffer_char(out, ':');
	}
}

/* Everything before the query. "app://" alone loses its slashes, as there. */
static void add_base(TALLOC_CTX *mem, struct buffer *out, struct text text, const struct url *url)
{
	struct text rest = text_before(text_before(text, '#'), '?');

	add_scheme(out, url);
	if (url->opaque.len) {
		buffer_text(out, url->opaque);
		return;
	}
	if (url->has_authority) {
		size_t before = (url->scheme.len ? url->scheme.len + 1 : 0) + 2;
		struct text authority = text_before((struct text){rest.data + before, rest.len - before}, '/');

		if (authority.len || url->path.len)
			buffer_string(out, "//");
		buffer_text(out, authority);
	}
	add_part(mem, out, url->path, &path_alphabet);
}

static void set(struct query *query, const struct url_param *param)
{
	size_t kept = 0;

	for (size_t i = 0; i < query->count; i++)
		if (!text_is(query->items[i].name, param->name))
			query->items[kept++] = query->items[i];
	query->items[kept].name = text_of(param->name);
	query->items[kept].value = param->value;
	query->count = kept + 1;
}

static void add_query(struct request *req, struct buffer *out, const struct url *url, const struct url_edit *edit)
{
	struct query query = {0};
	size_t before;

	if (!edit->new_query) {
		if (url->has_query)
			buffer_char(out, '?');
		buffer_text(out, url->query);
		return;
	}
	query_parse(req, url->query, &query);
	query.items = must(talloc_realloc_size(req, query.items, sizeof(*query.items) * (query.count + edit->count + 1)));
	for (size_t i = 0; i < edit->count; i++)
		set(&query, &edit->params[i]);
	buffer_char(out, '?');
	before = out->len;
	query_encode(req, &query, out);
	if (out->len == before && !(url->has_query && url->query.len == 0))
		out->data[--out->len] = '\0'; /* nothing to ask, and no lone "?" was given */
}

struct text url_edited(struct request *req, struct text text, const struct url_edit *edit)
{
	struct buffer *out = buffer_new(req, text.len + edit->fragment.len + 256);
	struct url url;
	const char *why;

	if (url_parse(req, text, &url, &why) < 0)
		return text; /* no target that was allowed */
	add_base(req, out, text, &url);
	add_query(req, out, &url, edit);
	if (edit->fragment.data) {
		buffer_char(out, '#');
		add_escaped(out, edit->fragment, fragment_alphabet.anew);
	} else if (url.fragment.len) {
		buffer_char(out, '#');
		add_part(req, out, url.fragment, &fragment_alphabet);
	}
	return buffer_as_text(out);
}

struct text form_encoded(struct request *req, const struct url_param *params, size_t count)
{
	struct buffer *out = buffer_new(req, 256);
	struct query query = {.items = must(talloc_array_size(req, sizeof(*query.items), (unsigned)count + 1))};

	for (size_t i = 0; i < count; i++)
		set(&query, &params[i]);
	query_encode(req, &query, out);
	return buffer_as_text(out);
}
