/* probe.c: the library made ready, and asked with harmless documents for the faults that this program relies on not to be there. A version
 * number would not tell: distributions repair old versions. */
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlversion.h>
#ifdef LIBXML_CATALOG_ENABLED
#include <libxml/catalog.h>
#endif

#include "saml_int.h"

#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr context)
{
	(void)url;
	(void)id;
	(void)context;
	return NULL;
}

static void say_nothing(void *arg, const char *text, ...)
{
	(void)arg;
	(void)text;
}

bool saml_built_in(void)
{
	return true;
}

/* Documents that have to be refused. */
static const char *const refused[] = {
	"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
	"<a>&nbsp;</a>",
	"<a b='1' b='2'/>",
	"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
	"<p:a/>",
	"<a xmlns:p='u'><p:b:c/></a>",
	"<a/><b/>",
	"<a></b>",
	"<?xml version='1.0' encoding='latin1'?><a/>",
};

/* Documents with the canonical form that they have to get (Exclusive XML Canonicalization section 2.2, Canonical XML section 3). */
static const struct canonical {
	const char *document, *form, *want;
} canonicals[] = {
	{"<a xmlns='urn:u' xmlns:x='urn:x'><b c='2' a='1'/></a>", EXCLUSIVE, "<a xmlns=\"urn:u\"><b a=\"1\" c=\"2\"></b></a>"},
	{"<a>x<!-- c -->y<![CDATA[<]]></a>", EXCLUSIVE, "<a>xy&lt;</a>"},
	{"<a b='&#9;&quot;'>&#13;&gt;</a>", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "<a b=\"&#x9;&quot;\">&#xD;&gt;</a>"},
};

static const char *probe_canonical(TALLOC_CTX *mem, const struct canonical *canonical)
{
	const char *why;
	xmlNode *root = saml_parse(mem, text_of(canonical->document), SAML_DOCUMENT_MAX, &why);

	if (!root || !text_is(saml_canonical(mem, root, NULL, text_of(canonical->form), TEXT("")), canonical->want))
		return "libxml2 makes another canonical form than the recommendation's";
	return NULL;
}

/* The whole text of an element counts, not what stands before the first comment (CVE-2017-11427 and its like). */
static const char *probe_text(TALLOC_CTX *mem)
{
	const char *why;
	xmlNode *root = saml_parse(mem, TEXT("<a>admin<!-- x -->.evil</a>"), SAML_DOCUMENT_MAX, &why);

	return root && text_is(saml_content(mem, root), "admin.evil") ? NULL : "libxml2 does not give the whole text of an element";
}

const char *saml_init(void)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *fault, *why;

	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
	xmlSetGenericErrorFunc(NULL, say_nothing);
#ifdef LIBXML_CATALOG_ENABLED
	xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
#endif
	fault = probe_text(mem);
	for (size_t i = 0; !fault && i < sizeof(refused) / sizeof(refused[0]); i++)
		if (saml_parse(mem, text_of(refused[i]), SAML_DOCUMENT_MAX, &why))
			fault = "libxml2 accepts a document that is not well-formed";
	for (size_t i = 0; !fault && i < sizeof(canonicals) / sizeof(canonicals[0]); i++)
		fault = probe_canonical(mem, &canonicals[i]);
	talloc_free(mem);
	return fault;
}
