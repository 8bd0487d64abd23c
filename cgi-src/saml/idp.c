/* idp.c: an identity provider's metadata (contract 09 section 8.1). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "latchkey/http.h"
#include "saml_int.h"

/* Bindings whose addresses have to be such (section 8.1); with any other binding the address counts for nothing. */
static const char *const bindings[] = {
	BINDING "HTTP-POST", BINDING "HTTP-Redirect", BINDING "HTTP-Artifact", BINDING "SOAP", "urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding",
};
static const char *const endpoints[] = {
	"SingleSignOnService",	     "SingleLogoutService",	 "ArtifactResolutionService", "ManageNameIDService", "NameIDMappingService",
	"AssertionIDRequestService", "AssertionConsumerService", "AttributeService",	      "AuthnQueryService",   "AuthzService",
};
static const char *const roles[] = {
	"IDPSSODescriptor", "SPSSODescriptor", "AuthnAuthorityDescriptor", "AttributeAuthorityDescriptor", "PDPDescriptor", "RoleDescriptor",
};
static const char *const switches[] = {"WantAuthnRequestsSigned", "AuthnRequestsSigned", "WantAssertionsSigned", "isDefault"};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool is_one_of(const xmlNode *node, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (saml_is(node, NS_MD, names[i]))
			return true;
	return false;
}

static bool binding_known(struct text binding)
{
	for (size_t i = 0; i < COUNT_OF(bindings); i++)
		if (text_is(binding, bindings[i]))
			return true;
	return false;
}

/* ---- values --------------------------------------------------------------------------------------------------------------------------------------- */

/* The parts of a duration that T does or does not stand before; a year is 365 days, a month 30 (section 8.1). */
static const struct part {
	char unit;
	bool time;
	duration span;
} parts[] = {{'Y', false, 365 * 24 * HOUR}, {'M', false, 30 * 24 * HOUR}, {'D', false, 24 * HOUR}, {'H', true, HOUR},
	     {'M', true, MINUTE},	    {'S', true, SECOND}};

/* A number with its unit at *at; *next is the part that may come next. */
static bool read_part(struct text text, size_t *at, bool time, size_t *next, double *seconds)
{
	double number = 0, scale = 1;
	bool digits = false, fraction = false;

	for (; *at < text.len && (isdigit((unsigned char)text.data[*at]) || (text.data[*at] == '.' && time && digits && !fraction)); (*at)++) {
		if (text.data[*at] == '.') {
			fraction = true;
			continue;
		}
		digits = true;
		if (fraction)
			scale /= 10;
		number = fraction ? number + scale * (text.data[*at] - '0') : number * 10 + (text.data[*at] - '0');
	}
	for (size_t i = *next; digits && *at < text.len && i < COUNT_OF(parts); i++) {
		if (parts[i].unit != text.data[*at] || parts[i].time != time || (fraction && parts[i].unit != 'S'))
			continue;
		*seconds += number * (double)parts[i].span / (double)SECOND;
		*next = i + 1;
		(*at)++;
		return true;
	}
	return false;
}

static bool xsd_duration(struct text text, duration *span)
{
	bool negative = text.len && text.data[0] == '-', time = false;
	size_t at = negative ? 1 : 0, next = 0, start;
	double seconds = 0;

	if (at >= text.len || text.data[at++] != 'P')
		return false;
	for (start = at; at < text.len;) {
		if (text.data[at] == 'T' && !time) {
			time = true;
			if (++at == text.len)
				return false;
			continue;
		}
		if (!read_part(text, &at, time, &next, &seconds))
			return false;
	}
	if (at == start || seconds > 9e9)
		return at != start ? (*span = INT64_MAX, true) : false;
	*span = (duration)((negative ? -seconds : seconds) * (double)SECOND);
	return true;
}

static bool is_truth(struct text text)
{
	static const char *const known[] = {"", "true", "false", "1", "0"};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (text_is(text, known[i]))
			return true;
	return false;
}

static bool is_integer(struct text text)
{
	size_t at = text.len > 1 && strchr("+-", text.data[0]) ? 1 : 0;

	if (text.len == 0 || text.len > 18)
		return text.len == 0;
	for (; at < text.len; at++)
		if (!isdigit((unsigned char)text.data[at]))
			return false;
	return true;
}

static bool address_valid(TALLOC_CTX *mem, struct text address)
{
	struct url url;
	const char *reason;

	return url_parse(mem, address, &url, &reason) == 0 && (text_is(url.scheme, "http") || text_is(url.scheme, "https"));
}

/* ---- checking ----------------------------------------------------------------------------------------------------------------------------------------- */

static int check_endpoint(TALLOC_CTX *mem, const xmlNode *endpoint, const char **why)
{
	struct text response = saml_attr(mem, endpoint, "ResponseLocation");

	if (!binding_known(saml_attr(mem, endpoint, "Binding")))
		return 0;
	if (!address_valid(mem, saml_attr(mem, endpoint, "Location")) || (response.len && !address_valid(mem, response)))
		return saml_no(why, "an endpoint's address is not an HTTP address");
	return 0;
}

static int check_attributes(TALLOC_CTX *mem, const xmlNode *node, const char **why)
{
	struct text until = saml_attr(mem, node, "validUntil");
	moment at;

	if (is_one_of(node, roles, COUNT_OF(roles)) && until.data && !moment_parse(until, &at))
		return saml_no(why, "a role's validUntil is no time");
	for (size_t i = 0; i < COUNT_OF(switches); i++)
		if (!is_truth(saml_attr(mem, node, switches[i])))
			return saml_no(why, "an attribute is neither true nor false");
	if (!is_integer(saml_attr(mem, node, "index")))
		return saml_no(why, "an index is no number");
	return 0;
}

/* Roles and their direct children. */
static int check_descriptor(TALLOC_CTX *mem, const xmlNode *descriptor, const char **why)
{
	for (const xmlNode *role = saml_first(descriptor); role; role = saml_next(role)) {
		if (check_attributes(mem, role, why) < 0)
			return -1;
		for (const xmlNode *node = saml_first(role); node; node = saml_next(node))
			if (check_attributes(mem, node, why) < 0 ||
			    (is_one_of(node, endpoints, COUNT_OF(endpoints)) && check_endpoint(mem, node, why) < 0))
				return -1;
	}
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------------------- */

static struct text first_location(TALLOC_CTX *mem, const xmlNode *role, const char *service, const char *binding)
{
	for (const xmlNode *node = saml_first(role); node; node = saml_next(node))
		if (saml_is(node, NS_MD, service) && text_is(saml_attr(mem, node, "Binding"), binding))
			return saml_attr(mem, node, "Location");
	return TEXT_NONE;
}

static void add_certificates(TALLOC_CTX *mem, const xmlNode *descriptor, struct saml_idp *idp)
{
	const xmlNode *info = saml_child(descriptor, NS_DS, "KeyInfo");

	for (const xmlNode *data = saml_first(info); data; data = saml_next(data)) {
		for (const xmlNode *node = saml_is(data, NS_DS, "X509Data") ? saml_first(data) : NULL; node; node = saml_next(node)) {
			if (!saml_is(node, NS_DS, "X509Certificate"))
				continue;
			idp->certificates = must(talloc_realloc(mem, idp->certificates, struct text, (unsigned)idp->certificate_count + 1));
			idp->certificates[idp->certificate_count++] = saml_content(mem, node);
		}
	}
}

static void read_role(TALLOC_CTX *mem, const xmlNode *role, struct saml_idp *idp)
{
	idp->sso_redirect = first_location(mem, role, "SingleSignOnService", BINDING "HTTP-Redirect");
	idp->artifact_service = first_location(mem, role, "ArtifactResolutionService", BINDING "SOAP");
	for (const xmlNode *node = saml_first(role); node; node = saml_next(node)) {
		struct text use = saml_is(node, NS_MD, "KeyDescriptor") ? saml_attr(mem, node, "use") : TEXT("none");

		if (use.len == 0 || text_is(use, "signing"))
			add_certificates(mem, node, idp);
	}
}

static int read_descriptor(TALLOC_CTX *mem, const xmlNode *descriptor, struct saml_idp *idp, const char **why)
{
	struct text lasts = saml_attr(mem, descriptor, "cacheDuration");

	if (check_descriptor(mem, descriptor, why) < 0)
		return -1;
	idp->entity_id = saml_attr(mem, descriptor, "entityID");
	if (!saml_time_of(mem, descriptor, "validUntil", &idp->valid_until))
		return saml_no(why, "validUntil is no time");
	if (lasts.data && !xsd_duration(lasts, &idp->cache_duration))
		return saml_no(why, "cacheDuration is no duration");
	idp->roles = saml_count(descriptor, NS_MD, "IDPSSODescriptor");
	read_role(mem, saml_child(descriptor, NS_MD, "IDPSSODescriptor"), idp);
	return 0;
}

/* Of several descriptors the first with the role of an identity provider; each has to be readable. */
static int choose_descriptor(TALLOC_CTX *mem, const xmlNode *root, const xmlNode **descriptor, const char **why)
{
	moment at;
	struct text until = saml_attr(mem, root, "validUntil");

	if (until.data && !moment_parse(until, &at))
		return saml_no(why, "validUntil is no time");
	for (const xmlNode *node = saml_first(root); node; node = saml_next(node)) {
		struct saml_idp ignored = {0};

		if (!saml_is(node, NS_MD, "EntityDescriptor"))
			continue;
		if (read_descriptor(mem, node, &ignored, why) < 0)
			return -1;
		if (!*descriptor && ignored.roles > 0)
			*descriptor = node;
	}
	return *descriptor ? 0 : saml_no(why, "no entity in it is an identity provider");
}

static int read_root(TALLOC_CTX *mem, struct text xml, struct saml_idp *idp, const char **why)
{
	const xmlNode *root = saml_parse(mem, xml, SAML_METADATA_MAX, why), *descriptor = NULL;

	if (!root)
		return -1;
	if (saml_is(root, NS_MD, "EntityDescriptor"))
		descriptor = root;
	else if (!saml_is(root, NS_MD, "EntitiesDescriptor"))
		return saml_no(why, "it is not SAML metadata");
	else if (choose_descriptor(mem, root, &descriptor, why) < 0)
		return -1;
	return read_descriptor(mem, descriptor, idp, why);
}

int saml_idp_read(TALLOC_CTX *mem, struct text xml, struct saml_idp **idp, const char **why)
{
	*idp = must(talloc_zero(mem, struct saml_idp));
	(*idp)->valid_until = MOMENT_NONE;
	return read_root(*idp, xml, *idp, why);
}
