/* assertion.c: what an assertion says, read of the signed bytes alone (contract 09 section 6.9). */
#include "saml_int.h"

static struct saml_attribute *new_attribute(TALLOC_CTX *mem, struct saml_assertion *assertion)
{
	assertion->attributes = must(talloc_realloc(mem, assertion->attributes, struct saml_attribute, (unsigned)assertion->attribute_count + 1));
	return &assertion->attributes[assertion->attribute_count++];
}

static void add_attribute(TALLOC_CTX *mem, const xmlNode *node, struct saml_assertion *assertion)
{
	struct saml_attribute *attribute = new_attribute(mem, assertion);

	*attribute = (struct saml_attribute){saml_attr(mem, node, "Name"), saml_attr(mem, node, "FriendlyName"), NULL, 0};
	attribute->values = must(talloc_array(mem, struct text, (unsigned)saml_count(node, NS_SAML, "AttributeValue") + 1));
	for (const xmlNode *value = saml_first(node); value; value = saml_next(value))
		if (saml_is(value, NS_SAML, "AttributeValue"))
			attribute->values[attribute->value_count++] = saml_content(mem, value);
}

static void read_subject(TALLOC_CTX *mem, const xmlNode *subject, struct saml_assertion *assertion)
{
	const xmlNode *name_id = saml_child(subject, NS_SAML, "NameID");

	assertion->has_name_id = name_id != NULL;
	assertion->name_id = name_id ? saml_content(mem, name_id) : TEXT_NONE;
	assertion->name_id_format = saml_attr(mem, name_id, "Format");
}

struct saml_assertion *saml_assertion_of(TALLOC_CTX *mem, const xmlNode *node)
{
	struct saml_assertion *assertion = must(talloc_zero(mem, struct saml_assertion));

	assertion->id = saml_attr(mem, node, "ID");
	assertion->session_not_after = MOMENT_NONE;
	read_subject(mem, saml_child(node, NS_SAML, "Subject"), assertion);
	for (const xmlNode *statement = saml_first(node); statement; statement = saml_next(statement)) {
		if (saml_is(statement, NS_SAML, "AuthnStatement") && assertion->session_not_after == MOMENT_NONE)
			saml_time_of(mem, statement, "SessionNotOnOrAfter", &assertion->session_not_after);
		if (!saml_is(statement, NS_SAML, "AttributeStatement"))
			continue;
		for (const xmlNode *attribute = saml_first(statement); attribute; attribute = saml_next(attribute))
			if (saml_is(attribute, NS_SAML, "Attribute"))
				add_attribute(mem, attribute, assertion);
	}
	return assertion;
}
