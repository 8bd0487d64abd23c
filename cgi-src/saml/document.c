/* document.c: XML through libxml2 with everything off that reaches beyond the document, and plain ways to walk a tree. */
#include <limits.h>
#include <string.h>

#include <libxml/parser.h>

#include "saml_int.h"

#define BLANKS " \t\r\n"

int saml_no(const char **why, const char *reason)
{
	*why = reason;
	return -1;
}

/* ---- parsing ---------------------------------------------------------------------------------------------------------------------------------- */

struct holder {
	xmlDoc *doc;
};

static int holder_free(struct holder *holder)
{
	xmlFreeDoc(holder->doc);
	return 0;
}

/* No network, no DTD, no entity put in, no limit lifted; CDATA is text, as canonical forms have it. */
static xmlDoc *read_document(struct text xml)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlParserCtxt *context = must(xmlNewParserCtxt());
	xmlDoc *doc = xmlCtxtReadMemory(context, xml.data, (int)xml.len, NULL, "UTF-8", options);

	if (doc && (!context->wellFormed || !context->nsWellFormed || doc->intSubset || doc->extSubset)) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(context);
	return doc;
}

xmlNode *saml_parse(TALLOC_CTX *mem, struct text xml, size_t max, const char **why)
{
	struct holder *holder;
	xmlDoc *doc;

	while (xml.len && memchr(BLANKS, xml.data[0], 4)) /* as the reference: a declaration on the second line of a text is none to libxml2 */
		xml = (struct text){xml.data + 1, xml.len - 1};
	if (!saml_scan(xml, max < INT_MAX ? max : INT_MAX, why))
		return NULL;
	doc = read_document(xml);
	if (!doc || !xmlDocGetRootElement(doc)) {
		xmlFreeDoc(doc);
		*why = "it is not well-formed";
		return NULL;
	}
	holder = must(talloc(mem, struct holder));
	holder->doc = doc;
	talloc_set_destructor(holder, holder_free);
	return xmlDocGetRootElement(doc);
}

/* ---- walking ------------------------------------------------------------------------------------------------------------------------------------- */

bool saml_is(const xmlNode *node, const char *ns, const char *name)
{
	return node && node->type == XML_ELEMENT_NODE && node->ns && node->ns->href && strcmp((const char *)node->ns->href, ns) == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

static xmlNode *element_from(xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

xmlNode *saml_first(const xmlNode *parent)
{
	return parent ? element_from(parent->children) : NULL;
}

xmlNode *saml_next(const xmlNode *node)
{
	return element_from(node->next);
}

xmlNode *saml_child(const xmlNode *parent, const char *ns, const char *name)
{
	for (xmlNode *node = saml_first(parent); node; node = saml_next(node))
		if (saml_is(node, ns, name))
			return node;
	return NULL;
}

size_t saml_count(const xmlNode *parent, const char *ns, const char *name)
{
	size_t count = 0;

	for (const xmlNode *node = saml_first(parent); node; node = saml_next(node))
		count += saml_is(node, ns, name);
	return count;
}

const xmlNode *saml_following(const xmlNode *node, const xmlNode *root)
{
	const xmlNode *next = saml_first(node);

	for (; !next && node != root; node = node->parent)
		next = saml_next(node);
	return next;
}

struct text saml_attr(TALLOC_CTX *mem, const xmlNode *node, const char *name)
{
	for (const xmlAttr *attribute = node ? node->properties : NULL; attribute; attribute = attribute->next) {
		if (attribute->ns || strcmp((const char *)attribute->name, name) != 0)
			continue;
		return saml_content(mem, (const xmlNode *)attribute);
	}
	return TEXT_NONE;
}

struct text saml_content(TALLOC_CTX *mem, const xmlNode *node)
{
	struct buffer *out = buffer_new(mem, 64);

	for (const xmlNode *child = node ? node->children : NULL; child; child = child->next)
		if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) && child->content)
			buffer_string(out, (const char *)child->content);
	return buffer_as_text(out);
}

/* ---- values -------------------------------------------------------------------------------------------------------------------------------------- */

unsigned char *saml_base64(TALLOC_CTX *mem, struct text text, size_t *len)
{
	char *packed = must(talloc_size(mem, text.len + 1));
	size_t kept = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!strchr(BLANKS, text.data[i]))
			packed[kept++] = text.data[i];
	packed[kept] = '\0';
	return base64_decode(mem, BASE64_STD, (struct text){packed, kept}, len, NULL);
}

bool saml_time(TALLOC_CTX *mem, struct text text, moment *at)
{
	*at = MOMENT_NONE;
	if (text.len == 0 || moment_parse(text, at))
		return true;
	if (text.len > MOMENT_TEXT_MAX || !memchr("0123456789", text.data[text.len - 1], 10))
		return false;
	return moment_parse(text_of(format(mem, "%.*sZ", (int)text.len, text.data)), at);
}

bool saml_time_of(TALLOC_CTX *mem, const xmlNode *node, const char *attribute, moment *at)
{
	return saml_time(mem, saml_attr(mem, node, attribute), at);
}
