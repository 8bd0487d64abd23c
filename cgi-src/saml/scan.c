/* scan.c: the bytes of a document are walked once before the library sees them: size, depth, crowd, and nothing declared (contract 09
 * section 13.2). It need not decide what is well-formed: the library does that afterwards. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "saml_int.h"

#define DEPTH_MAX 200	    /* the library's own limit is 256 */
#define NODES_MAX 100000    /* elements, attributes, comments, instructions */
#define ATTRIBUTES_MAX 200  /* of one element */
#define NAMESPACES_MAX 2000 /* declarations */
#define SCOPE_MAX 64	    /* of those, at one element */
#define WORK_MAX 100000000  /* steps of a canonical form: each element looks for each declaration in scope, from itself up */

struct scan {
	const char *at, *end;
	size_t depth, nodes, attributes, namespaces, work;
	size_t in_scope[DEPTH_MAX + 1]; /* declarations, by depth */
	bool root_seen;
	const char **why;
};

static bool no(struct scan *scan, const char *why)
{
	*scan->why = why;
	return false;
}

static bool starts(const struct scan *scan, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(scan->end - scan->at) >= len && memcmp(scan->at, with, len) == 0;
}

/* Goes behind the next occurrence of stop. */
static bool skip_past(struct scan *scan, const char *stop)
{
	const char *found = memmem(scan->at, (size_t)(scan->end - scan->at), stop, strlen(stop));

	if (!found)
		return no(scan, "it ends within markup");
	scan->at = found + strlen(stop);
	return true;
}

static bool count_node(struct scan *scan)
{
	return ++scan->nodes <= NODES_MAX || no(scan, "it has too many nodes");
}

/* The five predefined entities and numbers; anything else would have to be declared. */
static bool reference_known(struct scan *scan)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (starts(scan, known[i]))
			return true;
	return no(scan, "it uses an entity");
}

/* A quoted value; *at is at the quote. */
static bool attribute_value(struct scan *scan)
{
	char quote = *scan->at++;

	for (; scan->at < scan->end && *scan->at != quote; scan->at++)
		if (*scan->at == '&' && !reference_known(scan))
			return false;
	if (scan->at == scan->end)
		return no(scan, "it ends within an attribute");
	scan->at++;
	return ++scan->attributes <= ATTRIBUTES_MAX ? count_node(scan) : no(scan, "an element has too many attributes");
}

/* The declarations of a tag; *at is at its end. */
static bool enter_scope(struct scan *scan, size_t declared)
{
	size_t around = scan->depth ? scan->in_scope[scan->depth] : 0, within = around + declared;
	bool closed = scan->at[-1] == '/';

	scan->namespaces += declared;
	scan->work += within * (within + scan->depth);
	if (within > SCOPE_MAX || scan->namespaces > NAMESPACES_MAX || scan->work > WORK_MAX)
		return no(scan, "it declares too many namespaces");
	if (closed)
		return true;
	if (++scan->depth > DEPTH_MAX)
		return no(scan, "it is nested too deeply");
	scan->in_scope[scan->depth] = within;
	return true;
}

static bool start_tag(struct scan *scan)
{
	size_t declared = 0;

	if (scan->depth == 0 && scan->root_seen)
		return no(scan, "it has something after its root");
	scan->root_seen = true;
	scan->attributes = 0;
	if (!count_node(scan))
		return false;
	while (scan->at < scan->end && *scan->at != '>') {
		if (*scan->at == '"' || *scan->at == '\'') {
			if (!attribute_value(scan))
				return false;
			continue;
		}
		if (isspace((unsigned char)*scan->at) && (size_t)(scan->end - scan->at) > 6 && memcmp(scan->at + 1, "xmlns", 5) == 0)
			declared++;
		scan->at++;
	}
	if (scan->at == scan->end)
		return no(scan, "it ends within a tag");
	if (!enter_scope(scan, declared))
		return false;
	scan->at++;
	return true;
}

static bool end_tag(struct scan *scan)
{
	if (scan->depth == 0)
		return no(scan, "it closes what was not opened");
	scan->depth--;
	return skip_past(scan, ">");
}

static bool declaration(struct scan *scan)
{
	if (starts(scan, "<!--"))
		return scan->at += 4, count_node(scan) && skip_past(scan, "-->");
	if (starts(scan, "<![CDATA[") && scan->depth > 0)
		return count_node(scan) && skip_past(scan, "]]>");
	return no(scan, "it declares something");
}

static bool markup(struct scan *scan)
{
	if (starts(scan, "<!"))
		return declaration(scan);
	if (starts(scan, "<?"))
		return count_node(scan) && skip_past(scan, "?>");
	return starts(scan, "</") ? end_tag(scan) : start_tag(scan);
}

static bool walk(struct scan *scan)
{
	while (scan->at < scan->end) {
		if (*scan->at == '<') {
			if (!markup(scan))
				return false;
			continue;
		}
		if (*scan->at == '&' && !reference_known(scan))
			return false;
		if (scan->depth == 0 && !strchr(" \t\r\n", *scan->at))
			return no(scan, "it has text outside of its root");
		scan->at++;
	}
	return (scan->root_seen && scan->depth == 0) || no(scan, "it has no whole root element");
}

/* False where the declaration gives this another value, in whatever case. */
static bool declares(const char *at, const char *end, const char *name, const char *value)
{
	size_t len = strlen(value);

	at = memmem(at, (size_t)(end - at), name, strlen(name));
	if (!at)
		return true;
	for (at += strlen(name); at < end && (isspace((unsigned char)*at) || *at == '=');)
		at++;
	return (size_t)(end - at) > len + 1 && (*at == '"' || *at == '\'') && strncasecmp(at + 1, value, len) == 0 && at[len + 1] == *at;
}

/* The declaration may name no other version and encoding (section 8.1); *at is behind it afterwards. */
static bool prolog(struct scan *scan)
{
	const char *start = scan->at;

	if (!starts(scan, "<?xml") || scan->end - scan->at < 6 || !isspace((unsigned char)scan->at[5]))
		return true;
	if (!skip_past(scan, "?>"))
		return false;
	if (!declares(start, scan->at, "version", "1.0"))
		return no(scan, "it names another version than XML 1.0");
	return declares(start, scan->at, "encoding", "utf-8") || no(scan, "it names another encoding than UTF-8");
}

bool saml_scan(struct text xml, size_t max, const char **why)
{
	struct scan scan = {.at = xml.data, .end = xml.data + xml.len, .why = why};

	if (xml.len == 0)
		return no(&scan, "it is empty");
	if (xml.len > max)
		return no(&scan, "it is too large");
	if (!utf8_valid(xml) || text_has_nul(xml))
		return no(&scan, "it is not UTF-8");
	if (starts(&scan, "\xef\xbb\xbf"))
		scan.at += 3;
	return prolog(&scan) && walk(&scan);
}
