/* plain.c: the text part of a mail, made from its HTML: for readers that show no HTML, and for filters that expect one. */
#include <string.h>
#include <strings.h>

#include "cgi-src/mail/delivery.h"

#define NAME_MOST 12
#define LINK_DEPTH 8

struct writing {
	TALLOC_CTX *mem;
	struct buffer *out;
	int breaks;	  /* line ends that stand at the end of out, or are due before the next word */
	bool blank;	  /* a blank is due before the next word */
	const char *skip; /* the element that has begun and whose content is left out; NULL: none */
	struct {
		struct text target;
		size_t from; /* where its words begin in out */
	} links[LINK_DEPTH];
	size_t depth;
};

static const struct {
	const char *name;
	int breaks;
} blocks[] = {
	{"p", 2},  {"div", 1}, {"h1", 2}, {"h2", 2}, {"h3", 2},	     {"h4", 2},	 {"h5", 2},	    {"h6", 2},	   {"table", 2},  {"tr", 1},
	{"ul", 2}, {"ol", 2},  {"li", 1}, {"hr", 2}, {"section", 2}, {"pre", 2}, {"blockquote", 2}, {"header", 2}, {"footer", 2}, {"title", 2},
};
static const char *const unseen[] = {"script", "style", "head", "template", "title"};

static const struct {
	const char *name, *value;
} entities[] = {
	{"amp", "&"},	{"lt", "<"},	 {"gt", ">"},	 {"quot", "\""}, {"apos", "'"},	 {"nbsp", " "},	 {"copy", "©"},	 {"ndash", "–"},
	{"mdash", "—"}, {"hellip", "…"}, {"laquo", "«"}, {"raquo", "»"}, {"lsquo", "‘"}, {"rsquo", "’"}, {"ldquo", "“"}, {"rdquo", "”"},
};

/* ---- words ---- */

static void put_byte(struct writing *writing, char byte)
{
	if (writing->out->len > 0 && writing->breaks > 0)
		for (int i = 0; i < writing->breaks; i++)
			buffer_char(writing->out, '\n');
	else if (writing->blank && writing->out->len > 0)
		buffer_char(writing->out, ' ');
	writing->breaks = 0;
	writing->blank = false;
	buffer_char(writing->out, byte);
}

static void put_words(struct writing *writing, struct text words)
{
	for (size_t i = 0; i < words.len; i++) {
		if (strchr(" \t\r\n\f", words.data[i]) && words.data[i])
			writing->blank = true;
		else if (words.data[i])
			put_byte(writing, words.data[i]);
	}
}

static void put_code_point(struct buffer *out, unsigned long code)
{
	if (code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		code = code == 9 || code == 10 || code == 13 ? ' ' : 0xfffd;
	buffer_point(out, (uint32_t)code);
}

static bool decode_number(struct buffer *out, struct text name)
{
	bool hex = name.len > 1 && (name.data[1] == 'x' || name.data[1] == 'X');
	unsigned long code = 0;

	if (name.len == 0 || name.data[0] != '#' || name.len < (hex ? 3U : 2U))
		return false;
	for (size_t i = hex ? 2 : 1; i < name.len; i++) {
		const char *digits = "0123456789abcdef", *digit = strchr(digits, name.data[i] | (name.data[i] > '9' ? 0x20 : 0));

		if (!digit || digit - digits >= (hex ? 16 : 10))
			return false;
		code = code * (hex ? 16 : 10) + (unsigned long)(digit - digits);
		if (code > 0x10ffff)
			code = 0x110000;
	}
	put_code_point(out, code);
	return true;
}

static bool decode_one(struct buffer *out, struct text name)
{
	if (decode_number(out, name))
		return true;
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (text_is(name, entities[i].name)) {
			buffer_string(out, entities[i].value);
			return true;
		}
	return false;
}

static struct text decode(TALLOC_CTX *mem, struct text html)
{
	struct buffer *out = buffer_new(mem, html.len + 1);

	for (size_t at = 0; at < html.len; at++) {
		size_t len = html.len - at < NAME_MOST ? html.len - at : NAME_MOST;
		const char *end = html.data[at] == '&' ? memchr(html.data + at, ';', len) : NULL;

		if (end && decode_one(out, (struct text){html.data + at + 1, (size_t)(end - html.data) - at - 1}))
			at = (size_t)(end - html.data);
		else
			buffer_char(out, html.data[at]);
	}
	return buffer_as_text(out);
}

/* ---- tags ---- */

static void due(struct writing *writing, int breaks)
{
	if (writing->breaks < breaks)
		writing->breaks = breaks;
}

/* The value of href in a tag's inside. */
static struct text find_href(TALLOC_CTX *mem, struct text tag)
{
	for (size_t at = 0; at + 5 < tag.len; at++) {
		size_t value = at + 4;
		char quote;

		if (strncasecmp(tag.data + at, "href", 4) != 0 || !strchr(" \t\r\n\"'", at ? tag.data[at - 1] : 'x'))
			continue;
		while (value < tag.len && strchr(" \t\r\n=", tag.data[value]))
			value++;
		quote = value < tag.len ? tag.data[value] : '\0';
		if (quote == '"' || quote == '\'') {
			struct text rest = {tag.data + value + 1, tag.len - value - 1};

			return text_trim(decode(mem, text_before(rest, quote)), " \t\r\n");
		}
	}
	return TEXT_NONE;
}

static void open_link(struct writing *writing, struct text tag)
{
	if (writing->depth == LINK_DEPTH)
		return;
	writing->links[writing->depth].target = find_href(writing->mem, tag);
	writing->links[writing->depth++].from = writing->out->len;
}

static void close_link(struct writing *writing)
{
	struct text target, words;

	if (writing->depth == 0)
		return;
	target = writing->links[--writing->depth].target;
	words = (struct text){writing->out->data + writing->links[writing->depth].from, writing->out->len - writing->links[writing->depth].from};
	if (target.len == 0 || text_equal(text_trim(words, " \n"), target))
		return;
	if (words.len) {
		put_byte(writing, ':');
		due(writing, 1);
	}
	for (size_t i = 0; i < target.len; i++)
		if (target.data[i] > ' ')
			put_byte(writing, target.data[i]);
	due(writing, 1);
}

static bool is_name(struct text name, const char *wanted)
{
	return name.len == strlen(wanted) && strncasecmp(name.data, wanted, name.len) == 0;
}

static void take_tag(struct writing *writing, struct text tag)
{
	bool closes = tag.len && tag.data[0] == '/';
	struct text name = closes ? (struct text){tag.data + 1, tag.len - 1} : tag;
	size_t len = 0;

	while (len < name.len && !strchr(" \t\r\n/>", name.data[len]))
		len++;
	name.len = len;
	for (size_t i = 0; !closes && i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (is_name(name, unseen[i]))
			writing->skip = unseen[i];
	if (is_name(name, "a"))
		closes ? close_link(writing) : open_link(writing, tag);
	if (is_name(name, "br"))
		due(writing, writing->breaks + 1);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (is_name(name, blocks[i].name))
			due(writing, blocks[i].breaks);
	if (is_name(name, "li") && !closes)
		put_words(writing, TEXT("- "));
	if (is_name(name, "td") || is_name(name, "th"))
		writing->blank = true;
}

/* Where a tag ends; quoted values may hold ">". */
static size_t tag_end(struct text html, size_t at)
{
	char quote = '\0';

	for (; at < html.len; at++) {
		if (quote)
			quote = html.data[at] == quote ? '\0' : quote;
		else if (html.data[at] == '"' || html.data[at] == '\'')
			quote = html.data[at];
		else if (html.data[at] == '>')
			return at;
	}
	return html.len;
}

static bool starts_tag(struct text html, size_t at)
{
	char next = at + 1 < html.len ? html.data[at + 1] : ' ';

	return html.data[at] == '<' && (next == '/' || next == '!' || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z'));
}

/* Behind the end of an element that is left out; what stands in it need not look like tags. */
static size_t skip_element(struct text html, size_t at, const char *name)
{
	size_t len = strlen(name);

	for (; at + len + 2 < html.len; at++)
		if (html.data[at] == '<' && html.data[at + 1] == '/' && strncasecmp(html.data + at + 2, name, len) == 0)
			return tag_end(html, at) + 1;
	return html.len;
}

static size_t skip_comment(struct text html, size_t at)
{
	const char *end = memmem(html.data + at + 4, html.len - at - 4, "-->", 3);

	return end ? (size_t)(end - html.data) + 3 : html.len;
}

struct text plain_from_html(TALLOC_CTX *mem, struct text html)
{
	struct writing writing = {.mem = mem, .out = buffer_new(mem, html.len + 64)};

	for (size_t at = 0; at < html.len;) {
		size_t end = at;

		if (html.len - at >= 4 && memcmp(html.data + at, "<!--", 4) == 0) {
			at = skip_comment(html, at);
			continue;
		}
		if (starts_tag(html, at)) {
			end = tag_end(html, at);
			take_tag(&writing, (struct text){html.data + at + 1, end - at - 1});
			at = writing.skip ? skip_element(html, end, writing.skip) : end + 1;
			writing.skip = NULL;
			continue;
		}
		for (end = at + 1; end < html.len && !starts_tag(html, end);)
			end++;
		put_words(&writing, decode(mem, (struct text){html.data + at, end - at}));
		at = end;
	}
	buffer_char(writing.out, '\n');
	return buffer_as_text(writing.out);
}
