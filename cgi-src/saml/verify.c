/* verify.c: the signature of one element (contract 09 section 6.6). No reference is followed and nothing is looked up: the element is at hand,
 * its canonical form is digested, and what is read afterwards is that form, parsed anew. */
#include <string.h>

#include <openssl/err.h>

#include "saml_int.h"

#define CERTIFICATE_MAX ((size_t)65536) /* of base64 */
#define INFO_ELEMENTS_MAX 100		/* of SignedInfo: an honest one has a dozen */
#define ENVELOPED NS_DS "enveloped-signature"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define INCLUSIVE "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

static const struct saml_digest digests[] = {
	{NS_DS "sha1", "SHA1"},
	{NS_XENC "sha256", "SHA256"},
	{NS_DSIG11 "sha384", "SHA384"},
	{NS_XENC "sha512", "SHA512"},
};

/* A Signature's parts; those of info are read from the canonical form that was signed. */
struct signature {
	xmlNode *mark, *signed_info, *value, *key_info;
	struct text canonical_info;
	struct text method, uri, digest_method, digest, form, prefixes;
};

/* ---- its shape ----------------------------------------------------------------------------------------------------------------------------------- */

static bool take(xmlNode **place, xmlNode *node)
{
	if (*place)
		return false;
	*place = node;
	return true;
}

static int read_shape(struct signature *signature, const char **why)
{
	for (xmlNode *node = saml_first(signature->mark); node; node = saml_next(node)) {
		bool fits = saml_is(node, NS_DS, "SignedInfo")	     ? take(&signature->signed_info, node)
			    : saml_is(node, NS_DS, "SignatureValue") ? take(&signature->value, node)
			    : saml_is(node, NS_DS, "KeyInfo")	     ? take(&signature->key_info, node)
								     : false;

		if (!fits)
			return saml_no(why, "the signature has an odd shape");
	}
	return signature->signed_info && signature->value ? 0 : saml_no(why, "the signature is not whole");
}

static struct text prefixes_of(TALLOC_CTX *mem, const xmlNode *method)
{
	const xmlNode *list = saml_child(method, EXCLUSIVE, "InclusiveNamespaces");

	return list ? saml_attr(mem, list, "PrefixList") : TEXT("");
}

/* Its canonical form is made before anything is known of who signed. */
static bool is_small(const xmlNode *root)
{
	size_t count = 0;

	for (const xmlNode *node = root; node && count <= INFO_ELEMENTS_MAX; node = saml_following(node, root))
		count++;
	return count <= INFO_ELEMENTS_MAX;
}

/* The canonical form of SignedInfo, parsed anew: what is read of it is what was signed. */
static xmlNode *reread_info(TALLOC_CTX *mem, struct signature *signature, const char **why)
{
	const xmlNode *method = saml_child(signature->signed_info, NS_DS, "CanonicalizationMethod");
	struct text algorithm = saml_attr(mem, method, "Algorithm");

	if (!saml_canonical_known(algorithm) || !is_small(signature->signed_info)) {
		*why = "the signature's canonical form is not known, or it is of too much";
		return NULL;
	}
	signature->canonical_info = saml_canonical(mem, signature->signed_info, NULL, algorithm, prefixes_of(mem, method));
	if (!signature->canonical_info.data) {
		*why = "the signature's canonical form cannot be made";
		return NULL;
	}
	return saml_parse(mem, signature->canonical_info, CERTIFICATE_MAX, why);
}

/* The enveloped signature left out, once, and at most one canonical form; nothing else may change what is digested. */
static int read_transforms(TALLOC_CTX *mem, const xmlNode *reference, struct signature *signature, const char **why)
{
	const xmlNode *transforms = saml_child(reference, NS_DS, "Transforms");
	bool enveloped = false;

	signature->form = TEXT(INCLUSIVE);
	signature->prefixes = TEXT("");
	for (xmlNode *node = saml_first(transforms); node; node = saml_next(node)) {
		struct text algorithm = saml_attr(mem, node, "Algorithm");

		if (!saml_is(node, NS_DS, "Transform"))
			return saml_no(why, "the signature has an odd transform");
		if (text_is(algorithm, ENVELOPED) && !enveloped && node == saml_first(transforms)) {
			enveloped = true;
			continue;
		}
		if (!enveloped || !saml_canonical_known(algorithm) || saml_next(node))
			return saml_no(why, "the signature has a transform that is not accepted");
		signature->form = algorithm;
		signature->prefixes = prefixes_of(mem, node);
	}
	return enveloped ? 0 : saml_no(why, "the signature is not made as an enveloped one");
}

static int read_info(TALLOC_CTX *mem, struct signature *signature, const char **why)
{
	const xmlNode *info = reread_info(mem, signature, why);
	const xmlNode *reference = saml_child(info, NS_DS, "Reference");

	if (!info)
		return -1;
	if (!saml_is(info, NS_DS, "SignedInfo") || saml_count(info, NS_DS, "Reference") != 1 || saml_count(info, NS_DS, "SignatureMethod") != 1)
		return saml_no(why, "the signature has not exactly one reference and method");
	signature->method = saml_attr(mem, saml_child(info, NS_DS, "SignatureMethod"), "Algorithm");
	signature->uri = saml_attr(mem, reference, "URI");
	signature->digest_method = saml_attr(mem, saml_child(reference, NS_DS, "DigestMethod"), "Algorithm");
	signature->digest = saml_content(mem, saml_child(reference, NS_DS, "DigestValue"));
	return read_transforms(mem, reference, signature, why);
}

/* ---- what it covers -------------------------------------------------------------------------------------------------------------------------------- */

/* The reference can only mean the element whose child the signature is. */
static bool refers_to(TALLOC_CTX *mem, const struct signature *signature, const xmlNode *element)
{
	struct text id = saml_attr(mem, element, "ID"), uri = signature->uri;

	if (uri.len == 0)
		return true;
	return uri.data[0] == '#' && id.len > 0 && text_equal((struct text){uri.data + 1, uri.len - 1}, id);
}

static bool digest_right(TALLOC_CTX *mem, const struct signature *signature, struct text content)
{
	unsigned char made[EVP_MAX_MD_SIZE], *given;
	size_t made_len, given_len;

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (!text_is(signature->digest_method, digests[i].uri))
			continue;
		given = saml_base64(mem, signature->digest, &given_len);
		if (!given || EVP_Q_digest(NULL, digests[i].name, NULL, content.data, content.len, made, &made_len) != 1)
			return false;
		return secret_equal((struct text){(char *)made, made_len}, (struct text){(char *)given, given_len});
	}
	return false;
}

/* ---- whose it is -------------------------------------------------------------------------------------------------------------------------------------- */

static struct text der_of(TALLOC_CTX *mem, struct text base64)
{
	size_t len = 0;
	unsigned char *der = base64.len <= CERTIFICATE_MAX ? saml_base64(mem, base64, &len) : NULL;

	return der && len > 0 ? (struct text){(char *)der, len} : TEXT_NONE;
}

/* The first X509Certificate of a KeyInfo; data NULL where it has none. A key, a name or an address in it counts for nothing. */
static struct text named_certificate(TALLOC_CTX *mem, const xmlNode *key_info)
{
	for (const xmlNode *data = saml_first(key_info); data; data = saml_next(data)) {
		const xmlNode *certificate = saml_is(data, NS_DS, "X509Data") ? saml_child(data, NS_DS, "X509Certificate") : NULL;

		if (certificate)
			return saml_content(mem, certificate);
	}
	return TEXT_NONE;
}

static X509 *parse_certificate(struct text der)
{
	const unsigned char *at = (const unsigned char *)der.data;
	X509 *certificate = der.len ? d2i_X509(NULL, &at, (long)der.len) : NULL;

	if (certificate && at != (const unsigned char *)der.data + der.len) {
		X509_free(certificate);
		certificate = NULL;
	}
	ERR_clear_error();
	return certificate;
}

/* All certificates of the metadata have to be readable; the one that counts comes back in *der. */
static int choose(TALLOC_CTX *mem, const struct signature *signature, const struct saml_idp *idp, struct text *der, const char **why)
{
	struct text named = named_certificate(mem, signature->key_info), wanted = named.data ? der_of(mem, named) : TEXT_NONE;

	*der = TEXT_NONE;
	if (idp->certificate_count == 0)
		return saml_no(why, "the metadata names no certificate for signatures");
	if (!named.data && idp->certificate_count > 1)
		return saml_no(why, "the signature names no certificate, and the metadata more than one");
	for (size_t i = 0; i < idp->certificate_count; i++) {
		struct text one = der_of(mem, idp->certificates[i]);
		X509 *readable = parse_certificate(one);

		if (!readable)
			return saml_no(why, "the metadata has a certificate that cannot be read");
		X509_free(readable);
		if (!named.data || text_equal(one, wanted))
			*der = one;
	}
	return der->data ? 0 : saml_no(why, "the signature's certificate is not one of the metadata");
}

static bool valid_now(const X509 *certificate, moment now)
{
	time_t seconds = (time_t)(now / 1000000);

	return X509_cmp_time(X509_get0_notBefore(certificate), &seconds) < 0 && X509_cmp_time(X509_get0_notAfter(certificate), &seconds) > 0;
}

static bool strong_enough(const EVP_PKEY *key, const struct signature *signature, bool modern_only)
{
	bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	bool old = signature->method.len == 0 || memmem(signature->method.data, signature->method.len, "sha1", 4) ||
		   text_is(signature->digest_method, NS_DS "sha1");

	return !(rsa && EVP_PKEY_get_bits(key) < (modern_only ? 2048 : 1024)) && !(modern_only && old);
}

static int check_key(TALLOC_CTX *mem, const struct signature *signature, X509 *certificate, const struct saml_trust *trust, const char **why)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	size_t len = 0;
	unsigned char *value = saml_base64(mem, saml_content(mem, signature->value), &len);

	if (!valid_now(certificate, trust->now))
		return saml_no(why, "the certificate is not valid now");
	if (!key || !value || len == 0)
		return saml_no(why, "the signature or its key cannot be read");
	if (!strong_enough(key, signature, trust->modern_only))
		return saml_no(why, "the signature's algorithm or key is too weak");
	if (!saml_signature_good(key, signature->method, signature->canonical_info, (struct text){(char *)value, len}))
		return saml_no(why, "the signature is wrong");
	return 0;
}

static int check_signer(TALLOC_CTX *mem, const struct signature *signature, const struct saml_trust *trust, const char **why)
{
	struct text der;
	X509 *certificate;
	int result;

	if (choose(mem, signature, trust->idp, &der, why) < 0)
		return -1;
	certificate = parse_certificate(der);
	if (!certificate)
		return saml_no(why, "the certificate cannot be read");
	result = check_key(mem, signature, certificate, trust, why);
	X509_free(certificate);
	return result;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------------------------- */

static int check_all(TALLOC_CTX *mem, struct signature *signature, xmlNode *element, const struct saml_trust *trust, xmlNode **content,
		     const char **why)
{
	struct text bytes;

	if (read_shape(signature, why) < 0 || read_info(mem, signature, why) < 0)
		return -1;
	if (!refers_to(mem, signature, element))
		return saml_no(why, "the signature is for another element");
	if (check_signer(mem, signature, trust, why) < 0)
		return -1;
	bytes = saml_canonical(mem, element, signature->mark, signature->form, signature->prefixes);
	if (!bytes.data || !digest_right(mem, signature, bytes))
		return saml_no(why, "what was signed has been changed");
	*content = saml_parse(mem, bytes, SAML_DOCUMENT_MAX, why);
	return *content ? 0 : -1;
}

enum saml_signed saml_verify(TALLOC_CTX *mem, xmlNode *element, const struct saml_trust *trust, xmlNode **content, const char **why)
{
	struct signature signature = {.mark = saml_child(element, NS_DS, "Signature")};
	size_t count = saml_count(element, NS_DS, "Signature");

	*content = NULL;
	if (count == 0)
		return SAML_UNSIGNED;
	if (count > 1) {
		*why = "an element has more than one signature";
		return SAML_BAD;
	}
	return check_all(mem, &signature, element, trust, content, why) < 0 ? SAML_BAD : SAML_GOOD;
}
