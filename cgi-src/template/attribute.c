/* attribute.c: what the values of HTML attributes are (contract 06 section 9.4), and the references inside them. */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/template/template_int.h"

static bool is_one_of(struct text name, const char *const *names)
{
	for (; *names; names++)
		if (text_is(name, *names))
			return true;
	return false;
}

/* Without what binds it to a vocabulary: data-src, xlink:href. */
static struct text bare_name(struct text name, bool *is_namespace)
{
	struct text prefix, rest;

	*is_namespace = false;
	if (text_starts(name, "data-"))
		return (struct text){name.data + 5, name.len - 5};
	if (!text_cut(name, ':', &prefix, &rest))
		return name;
	*is_namespace = text_is(prefix, "xmlns");
	return rest;
}

static bool holds(struct text name, const char *part)
{
	return name.len && memmem(name.data, name.len, part, strlen(part));
}

static enum place place_of(struct text name)
{
	static const char *const urls[] = {"action", "archive",	 "background", "cite",	 "classid", "codebase", "data",	  "formaction", "href",
					   "icon",   "longdesc", "manifest",   "poster", "profile", "src",	"usemap", "xmlns",	NULL};
	static const char *const texts[] = {"srcdoc", "srclang", NULL};
	bool is_namespace;

	name = bare_name(name, &is_namespace);
	if (is_namespace || is_one_of(name, urls))
		return PLACE_URL;
	if (text_starts(name, "on"))
		return PLACE_SCRIPT;
	if (text_is(name, "style"))
		return PLACE_STYLE;
	if (text_is(name, "srcset"))
		return PLACE_SRCSET;
	if (is_one_of(name, texts))
		return PLACE_ATTRIBUTE;
	return holds(name, "src") || holds(name, "uri") || holds(name, "url") ? PLACE_URL : PLACE_ATTRIBUTE;
}

static struct text lower_ascii(char *into, size_t size, struct text name)
{
	size_t len = name.len < size ? name.len : size;

	for (size_t i = 0; i < len; i++)
		into[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 32 : name.data[i]);
	return (struct text){into, len};
}

enum place attribute_place(struct text name)
{
	char lower[256];

	return place_of(lower_ascii(lower, sizeof(lower), name));
}

bool attribute_is_plain(struct text name)
{
	/* their values decide what becomes of others */
	static const char *const telling[] = {"async",	    "challenge",   "charset",	 "content",	   "crossorigin", "defer",    "enctype",
					      "form",	    "formenctype", "formmethod", "formnovalidate", "keytype",	  "language", "method",
					      "novalidate", "pattern",	   "rel",	 "sandbox",	   "srcdoc",	  "type",     "value",
					      NULL};
	char buffer[256];
	struct text lower = lower_ascii(buffer, sizeof(buffer), name);

	if (name.len == 0 || name.len >= sizeof(buffer) || is_one_of(lower, telling) || place_of(lower) != PLACE_ATTRIBUTE)
		return false;
	for (size_t i = 0; i < lower.len; i++)
		if (!((lower.data[i] >= 'a' && lower.data[i] <= 'z') || (lower.data[i] >= '0' && lower.data[i] <= '9')))
			return false;
	return true;
}

/* ---- character references ---- */

static const struct {
	const char *name;
	uint32_t point;
} references[] = {
	{"amp", '&'},	 {"lt", '<'},	{"gt", '>'},	{"quot", '"'},	 {"apos", '\''},  {"nbsp", 0xa0},  {"sol", '/'},      {"bsol", '\\'},
	{"colon", ':'},	 {"semi", ';'}, {"quest", '?'}, {"num", '#'},	 {"lpar", '('},	  {"rpar", ')'},   {"ast", '*'},      {"grave", '`'},
	{"equals", '='}, {"plus", '+'}, {"comma", ','}, {"period", '.'}, {"excl", '!'},	  {"lbrace", '{'}, {"lcub", '{'},     {"rbrace", '}'},
	{"rcub", '}'},	 {"lsqb", '['}, {"rsqb", ']'},	{"dollar", '$'}, {"percnt", '%'}, {"Tab", '\t'},   {"NewLine", '\n'},
};

/* The reference behind an &; 0: none. */
static size_t read_reference(struct text text, uint32_t *point)
{
	char number[12] = "";
	bool hex = text.len > 1 && text.data[0] == '#' && (text.data[1] | 32) == 'x';
	size_t from = hex ? 2 : 1, len = 0;
	char *end;

	if (text.len > 1 && text.data[0] == '#') {
		for (; len + 1 < sizeof(number) && from + len < text.len; len++)
			number[len] = text.data[from + len];
		*point = (uint32_t)strtoul(number, &end, hex ? 16 : 10);
		len = number[0] == '+' || number[0] == '-' || number[0] == ' ' ? 0 : (size_t)(end - number);
		if (len && (*point == 0 || *point > 0x10ffff))
			*point = 0xfffd;
		return len ? from + len + (from + len < text.len && text.data[from + len] == ';') : 0;
	}
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		len = strlen(references[i].name);
		*point = references[i].point;
		if (text.len > len && memcmp(text.data, references[i].name, len) == 0 && text.data[len] == ';')
			return len + 1;
	}
	return 0;
}

struct text html_unescape(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out;
	size_t at = 0;

	if (!text.len || !memchr(text.data, '&', text.len))
		return text;
	out = buffer_new(mem, text.len + 1);
	while (at < text.len) {
		uint32_t point;
		size_t len = text.data[at] == '&' ? read_reference((struct text){text.data + at + 1, text.len - at - 1}, &point) : 0;

		if (len)
			buffer_point(out, point);
		else
			buffer_char(out, text.data[at]);
		at += len + 1;
	}
	return buffer_as_text(out);
}
