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

/* The element alone as its document: libxml2 walks what a document holds, whatever is visible of it. What is left out is taken out. */
struct excerpt {
	xmlNode *element, *left_out;
	xmlNode *first_of_document, *after_element; /* to be put back, as is: */
	xmlNode *before_left_out, *after_left_out;
};

static void hide(struct excerpt *excerpt)
{
	xmlNode *out = excerpt->left_out;

	excerpt->first_of_document = excerpt->element->doc->children;
	excerpt->after_element = excerpt->element->next;
	excerpt->element->doc->children = excerpt->element;
	excerpt->element->next = NULL;
	if (!out)
		return;
	excerpt->before_left_out = out->prev;
	excerpt->after_left_out = out->next;
	*(out->prev ? &out->prev->next : &out->parent->children) = out->next;
	*(out->next ? &out->next->prev : &out->parent->last) = out->prev;
}

static void show(struct excerpt *excerpt)
{
	xmlNode *out = excerpt->left_out;

	if (out) {
		*(excerpt->before_left_out ? &excerpt->before_left_out->next : &out->parent->children) = out;
		*(excerpt->after_left_out ? &excerpt->after_left_out->prev : &out->parent->last) = out;
	}
	excerpt->element->next = excerpt->after_element;
	excerpt->element->doc->children = excerpt->first_of_document;
}

/* All that is walked; what is around the element is asked for too and is not. Of a namespace declaration libxml2 gives the element that has
 * it as parent; the node itself knows none. */
static int visible(void *arg, xmlNode *node, xmlNode *parent)
{
	const xmlNode *element = arg, *asked = node->type == XML_NAMESPACE_DECL ? parent : node;

	for (const xmlNode *around = element->parent; around; around = around->parent)
		if (around == asked)
			return 0;
	return 1;
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

struct text saml_canonical(TALLOC_CTX *mem, xmlNode *element, xmlNode *left_out, struct text algorithm, struct text prefixes)
{
	const struct form *form = form_of(algorithm);
	struct excerpt excerpt = {.element = element, .left_out = left_out};
	struct text made = TEXT_NONE;
	xmlOutputBuffer *out;
	xmlChar **list;

	if (!form || !prefix_list(mem, prefixes, &list))
		return TEXT_NONE;
	if (form->mode != XML_C14N_EXCLUSIVE_1_0)
		list = NULL;
	out = must(xmlAllocOutputBuffer(NULL));
	hide(&excerpt);
	if (xmlC14NExecute(element->doc, visible, element, form->mode, list, form->comments, out) >= 0)
		made = text_copy(mem, (struct text){(const char *)xmlOutputBufferGetContent(out), xmlOutputBufferGetSize(out)});
	show(&excerpt);
	xmlOutputBufferClose(out);
	return made;
}
