/* canonical.c: the canonical forms of XML signatures (contract 09 section 6.6), made by libxml2 of one subtree. */
#include <string.h>

#include <libxml/c14n.h>

#include "saml_int.h"

#define PREFIXES_MAX 32
#define BLANKS " \t\r\n"

static const struct form {
	const char *uri;
	int mode;
	bool comments;
} forms[] = {
	{"http://www.w3.org/2001/10/xml-exc-c14n#", XML_C14N_EXCLUSIVE_1_0, false},
	{"http://www.w3.org/2001/10/xml-exc-c14n#WithComments", XML_C14N_EXCLUSIVE_1_0, true},
	{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0, false},
	{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", XML_C14N_1_0, true},
	{"http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1, false},
	{"http://www.w3.org/2006/12/xml-c14n11#WithComments", XML_C14N_1_1, true},
};

static const struct form *form_of(struct text algorithm)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (text_is(algorithm, forms[i].uri))
			return &forms[i];
	return NULL;
}

bool saml_canonical_known(struct text algorithm)
{
	return form_of(algorithm) != NULL;
}

struct subtree {
	const xmlNode *root, *left_out;
};

/* Of a namespace declaration libxml2 gives the element that has it as parent; the node itself knows none. */
static int visible(void *arg, xmlNode *node, xmlNode *parent)
{
	const struct subtree *subtree = arg;
	const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node;

	for (; at; at = at->parent) {
		if (at == subtree->left_out)
			return 0;
		if (at == subtree->root)
			return 1;
	}
	return 0;
}

/* The prefixes of a list as libxml2 wants them; false for a list that is longer than any honest one: each is looked up at each element. */
static bool prefix_list(TALLOC_CTX *mem, struct text prefixes, xmlChar ***list)
{
	char *rest = NULL;
	size_t count = 0;

	*list = NULL;
	if (prefixes.len == 0)
		return true;
	*list = must(talloc_zero_array(mem, xmlChar *, PREFIXES_MAX + 1));
	for (char *name = strtok_r(text_string(mem, prefixes), BLANKS, &rest); name; name = strtok_r(NULL, BLANKS, &rest)) {
		if (count == PREFIXES_MAX)
			return false;
		(*list)[count++] = (xmlChar *)name;
	}
	return true;
}

struct text saml_canonical(TALLOC_CTX *mem, xmlNode *element, const xmlNode *left_out, struct text algorithm, struct text prefixes)
{
	const struct form *form = form_of(algorithm);
	struct subtree subtree = {element, left_out};
	struct text made = TEXT_NONE;
	xmlOutputBuffer *out;
	xmlChar **list;

	if (!form || !prefix_list(mem, prefixes, &list))
		return TEXT_NONE;
	if (form->mode != XML_C14N_EXCLUSIVE_1_0)
		list = NULL;
	out = must(xmlAllocOutputBuffer(NULL));
	if (xmlC14NExecute(element->doc, visible, &subtree, form->mode, list, form->comments, out) >= 0)
		made = text_copy(mem, (struct text){(const char *)xmlOutputBufferGetContent(out), xmlOutputBufferGetSize(out)});
	xmlOutputBufferClose(out);
	return made;
}
