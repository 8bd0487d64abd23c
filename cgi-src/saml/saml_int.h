/* saml_int.h: what the SAML room keeps to itself. */
#ifndef SAML_INT_H
#define SAML_INT_H

#include <libxml/tree.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "latchkey/saml.h"

/* The ACS takes forms of 10 MiB; canonical forms can be somewhat longer than what they were made of. */
#define SAML_DOCUMENT_MAX ((size_t)16 * 1048576)

#define NS_MD "urn:oasis:names:tc:SAML:2.0:metadata"
#define NS_SAMLP "urn:oasis:names:tc:SAML:2.0:protocol"
#define NS_SAML "urn:oasis:names:tc:SAML:2.0:assertion"
#define NS_DS "http://www.w3.org/2000/09/xmldsig#"
#define NS_DSIG11 "http://www.w3.org/2001/04/xmldsig-more#"
#define NS_XENC "http://www.w3.org/2001/04/xmlenc#"
#define NS_XENC11 "http://www.w3.org/2009/xmlenc11#"
#define NS_SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define BINDING "urn:oasis:names:tc:SAML:2.0:bindings:"
#define FORMAT_EMAIL "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
#define FORMAT_PERSISTENT "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define FORMAT_TRANSIENT "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
#define STATUS_SUCCESS "urn:oasis:names:tc:SAML:2.0:status:Success"

/* Sets *why and returns -1. */
int saml_no(const char **why, const char *reason);

/* ---- documents (scan.c, document.c) ------------------------------------------------------------------------------------------------------ */

/* False where a document is larger, deeper or more crowded than any honest one, declares anything, names another encoding than UTF-8, or has
 * text after its root: found by reading its bytes once, before the library sees them. */
bool saml_scan(struct text xml, size_t max, const char **why);
/* The root of a scanned and well-formed document, which hangs off mem; NULL with *why. */
xmlNode *saml_parse(TALLOC_CTX *mem, struct text xml, size_t max, const char **why);
bool saml_is(const xmlNode *node, const char *ns, const char *name);
xmlNode *saml_first(const xmlNode *parent);				      /* element */
xmlNode *saml_next(const xmlNode *node);				      /* element */
xmlNode *saml_child(const xmlNode *parent, const char *ns, const char *name); /* the first such; parent NULL: NULL */
size_t saml_count(const xmlNode *parent, const char *ns, const char *name);
const xmlNode *saml_following(const xmlNode *node, const xmlNode *root);       /* the next element of root's subtree in document order, or NULL */
struct text saml_attr(TALLOC_CTX *mem, const xmlNode *node, const char *name); /* data NULL: absent */
struct text saml_content(TALLOC_CTX *mem, const xmlNode *node);		       /* the text directly inside; comments are no part of it */
unsigned char *saml_base64(TALLOC_CTX *mem, struct text text, size_t *len);    /* white space within is skipped */
/* Times of section 6.5: RFC 3339, with no zone: UTC. Absent and empty give MOMENT_NONE; false for what is no time. */
bool saml_time(TALLOC_CTX *mem, struct text text, moment *at);
bool saml_time_of(TALLOC_CTX *mem, const xmlNode *node, const char *attribute, moment *at);

/* ---- writing (request.c) ----------------------------------------------------------------------------------------------------------------------- */

void saml_escape(struct buffer *out, struct text text);
void saml_attribute(struct buffer *out, const char *name, struct text value); /* with the blank before it */

/* ---- signatures (canonical.c, signature.c, verify.c) ------------------------------------------------------------------------------------------ */

/* The canonical form of the element, without left_out, a node within it or NULL; algorithm is a URI of section 6.6. prefixes: of
 * InclusiveNamespaces, or empty. data NULL where it cannot be made. The tree is as it was afterwards. */
struct text saml_canonical(TALLOC_CTX *mem, xmlNode *element, xmlNode *left_out, struct text algorithm, struct text prefixes);
/* Equal under simple case folding. */
bool saml_same_name(TALLOC_CTX *mem, struct text a, struct text b);

bool saml_canonical_known(struct text algorithm);

struct saml_trust {
	const struct saml_idp *idp;
	moment now;
	bool modern_only; /* neither SHA-1 nor RSA keys below 2048 bits */
};
enum saml_signed { SAML_UNSIGNED, SAML_GOOD, SAML_BAD };
/* The Signature child of the element. SAML_GOOD: *content is what was signed, parsed anew from the bytes that the digest was taken of, and all
 * that may be read. */
enum saml_signed saml_verify(TALLOC_CTX *mem, xmlNode *element, const struct saml_trust *trust, xmlNode **content, const char **why);

struct saml_digest {
	const char *uri, *name;
};
bool saml_signature_good(EVP_PKEY *key, struct text method, struct text message, struct text value);
struct text saml_sign_sha1(TALLOC_CTX *mem, const struct saml_key *key, struct text message); /* data NULL: it failed */

/* ---- keys, decryption ---------------------------------------------------------------------------------------------------------------------------- */

struct saml_key {
	EVP_PKEY *key;
	struct text certificate; /* DER */
};
/* The certificate of section 1 for this key, byte for byte. data NULL: it failed. */
struct text saml_make_certificate(TALLOC_CTX *mem, EVP_PKEY *key, struct text host, bool encryption);
/* The document inside an EncryptedAssertion; -1 with the reason. */
int saml_decrypt(TALLOC_CTX *mem, const xmlNode *encrypted, const struct saml_sp *sp, const struct saml_key *key, struct text *plain,
		 const char **why);

struct saml_assertion *saml_assertion_of(TALLOC_CTX *mem, const xmlNode *node); /* all but when it expires */

#endif
