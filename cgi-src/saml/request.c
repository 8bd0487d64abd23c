/* request.c: what this server asks of an identity provider: AuthnRequest by redirect, ArtifactResolve by SOAP (contract 09 sections 5, 6.8). */
#include <string.h>

#include <zlib.h>

#include "saml_int.h"

#define XML_EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ISSUER_FORMAT "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
#define SIGNATURE_MARK "<!--signature-->"

char *saml_new_id(TALLOC_CTX *mem)
{
	unsigned char bytes[20];
	char *hex;

	random_bytes(bytes, sizeof(bytes));
	hex = hex_encode(mem, bytes, sizeof(bytes));
	return format(mem, "id-%s", hex);
}

/* ---- writing XML ------------------------------------------------------------------------------------------------------------------------------------ */

void saml_escape(struct buffer *out, struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '&':
			buffer_string(out, "&amp;");
			break;
		case '<':
			buffer_string(out, "&lt;");
			break;
		case '>':
			buffer_string(out, "&gt;");
			break;
		case '"':
			buffer_string(out, "&quot;");
			break;
		case '\t':
		case '\n':
		case '\r':
			buffer_format(out, "&#%d;", text.data[i]);
			break;
		default:
			buffer_char(out, text.data[i]);
		}
	}
}

void saml_attribute(struct buffer *out, const char *name, struct text value)
{
	buffer_format(out, " %s=\"", name);
	saml_escape(out, value);
	buffer_char(out, '"');
}

static void add_time(struct buffer *out, const char *name, moment at)
{
	char text[MOMENT_TEXT_MAX];

	moment_format(at - at % 1000, text);
	saml_attribute(out, name, text_of(text));
}

static void add_issuer(struct buffer *out, const struct saml_sp *sp)
{
	buffer_string(out, "<saml:Issuer Format=\"" ISSUER_FORMAT "\">");
	saml_escape(out, text_of(sp->metadata_url));
	buffer_string(out, "</saml:Issuer>");
}

/* ---- AuthnRequest (section 5) --------------------------------------------------------------------------------------------------------------------------- */

static struct text authn_request(TALLOC_CTX *mem, const struct saml_sp *sp, const struct saml_idp *idp, const struct saml_asked *asked)
{
	struct buffer *out = buffer_new(mem, 1024);
	const char *name_format = asked->name_id_format ? asked->name_id_format : FORMAT_PERSISTENT;

	buffer_string(out, "<samlp:AuthnRequest xmlns:saml=\"" NS_SAML "\" xmlns:samlp=\"" NS_SAMLP "\"");
	saml_attribute(out, "ID", text_of(asked->id));
	saml_attribute(out, "Version", TEXT("2.0"));
	add_time(out, "IssueInstant", asked->now);
	if (idp->sso_redirect.len)
		saml_attribute(out, "Destination", idp->sso_redirect);
	saml_attribute(out, "AssertionConsumerServiceURL", text_of(sp->acs_url));
	saml_attribute(out, "ProtocolBinding", TEXT(BINDING "HTTP-POST"));
	buffer_char(out, '>');
	add_issuer(out, sp);
	buffer_string(out, "<samlp:NameIDPolicy");
	if (name_format[0])
		saml_attribute(out, "Format", text_of(name_format));
	buffer_string(out, " AllowCreate=\"true\"/></samlp:AuthnRequest>");
	return buffer_as_text(out);
}

/* Raw DEFLATE (section 14.4). */
static struct text deflated(TALLOC_CTX *mem, struct text text)
{
	z_stream stream = {0};
	uLong bound;
	Bytef *out;

	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib: no memory");
	bound = deflateBound(&stream, (uLong)text.len);
	out = must(talloc_size(mem, bound));
	stream.next_in = (Bytef *)(uintptr_t)text.data;
	stream.avail_in = (uInt)text.len;
	stream.next_out = out;
	stream.avail_out = (uInt)bound;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		die("zlib: a request cannot be compressed");
	deflateEnd(&stream);
	return (struct text){(const char *)out, bound - stream.avail_out};
}

static void add_parameter(TALLOC_CTX *mem, struct buffer *out, const char *name, struct text value)
{
	buffer_format(out, "%s%s=", out->len ? "&" : "", name);
	buffer_text(out, query_escape(mem, value));
}

static struct text encoded(TALLOC_CTX *mem, struct text bytes)
{
	return text_of(base64_encode(mem, BASE64_STD, bytes.data, bytes.len));
}

struct text saml_request_url(TALLOC_CTX *mem, const struct saml_sp *sp, const struct saml_idp *idp, const struct saml_asked *asked)
{
	struct text whole = idp->sso_redirect.len ? idp->sso_redirect : TEXT(""), plain = text_before(whole, '#'), place = TEXT_NONE,
		    query = TEXT_NONE;
	struct text fragment = {whole.data + plain.len, whole.len - plain.len}, signature;
	struct buffer *parameters = buffer_new(mem, 2048);

	if (!text_cut(plain, '?', &place, &query)) {
		place = plain;
		query = TEXT("");
	}
	buffer_text(parameters, query);
	add_parameter(mem, parameters, "SAMLRequest", encoded(mem, deflated(mem, authn_request(mem, sp, idp, asked))));
	add_parameter(mem, parameters, "RelayState", text_of(asked->relay_state));
	add_parameter(mem, parameters, "SigAlg", TEXT(NS_DS "rsa-sha1"));
	signature = saml_sign_sha1(mem, sp->primary, buffer_as_text(parameters));
	if (!signature.data)
		return TEXT_NONE;
	add_parameter(mem, parameters, "Signature", encoded(mem, signature));
	return text_of(format(mem, "%.*s?%s%.*s", (int)place.len, place.data, parameters->data, (int)fragment.len, fragment.data));
}

/* ---- ArtifactResolve (section 6.8) ---------------------------------------------------------------------------------------------------------------------------- */

static struct text artifact_resolve(TALLOC_CTX *mem, const struct saml_sp *sp, const char *id, struct text artifact, moment now)
{
	struct buffer *out = buffer_new(mem, 1024);

	buffer_string(out, "<samlp:ArtifactResolve xmlns:samlp=\"" NS_SAMLP "\" xmlns:saml=\"" NS_SAML "\"");
	saml_attribute(out, "ID", text_of(id));
	saml_attribute(out, "Version", TEXT("2.0"));
	add_time(out, "IssueInstant", now);
	buffer_char(out, '>');
	add_issuer(out, sp);
	buffer_string(out, "<samlp:Artifact>");
	saml_escape(out, artifact);
	buffer_string(out, "</samlp:Artifact>" SIGNATURE_MARK "</samlp:ArtifactResolve>");
	return buffer_as_text(out);
}

/* Written as its own canonical form. */
static struct text signed_info(TALLOC_CTX *mem, const char *id, const char *digest)
{
	return text_of(format(mem,
			      "<ds:SignedInfo xmlns:ds=\"" NS_DS "\"><ds:CanonicalizationMethod Algorithm=\"" XML_EXCLUSIVE
			      "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" NS_DS
			      "rsa-sha1\"></ds:SignatureMethod><ds:Reference URI=\"#%s\"><ds:Transforms><ds:Transform Algorithm=\"" NS_DS
			      "enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"" XML_EXCLUSIVE
			      "\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"" NS_DS
			      "sha1\"></ds:DigestMethod><ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>",
			      id, digest));
}

static const char *sign_element(TALLOC_CTX *mem, const struct saml_sp *sp, const char *id, struct text element)
{
	const char *why;
	xmlNode *root = saml_parse(mem, element, SAML_DOCUMENT_MAX, &why);
	struct text canonical = root ? saml_canonical(mem, root, NULL, TEXT(XML_EXCLUSIVE), TEXT("")) : TEXT_NONE, info, value;
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t len;

	if (!canonical.data || EVP_Q_digest(NULL, "SHA1", NULL, canonical.data, canonical.len, digest, &len) != 1)
		return NULL;
	info = signed_info(mem, id, base64_encode(mem, BASE64_STD, digest, len));
	value = saml_sign_sha1(mem, sp->primary, info);
	if (!value.data)
		return NULL;
	return format(mem,
		      "<ds:Signature xmlns:ds=\"" NS_DS "\">%s<ds:SignatureValue>%s</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
		      "%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
		      info.data, encoded(mem, value).data, encoded(mem, sp->primary->certificate).data);
}

struct text saml_artifact_request(TALLOC_CTX *mem, const struct saml_sp *sp, const char *id, struct text artifact, moment now)
{
	struct text element = utf8_valid(artifact) ? artifact_resolve(mem, sp, id, artifact, now) : TEXT_NONE;
	const char *signature = element.data ? sign_element(mem, sp, id, element) : NULL, *mark;
	struct buffer *out;

	if (!signature)
		return TEXT_NONE;
	mark = memmem(element.data, element.len, SIGNATURE_MARK, strlen(SIGNATURE_MARK));
	out = buffer_new(mem, 4096);
	buffer_string(out, "<soapenv:Envelope xmlns:soapenv=\"" NS_SOAP "\"><soapenv:Body>");
	buffer_add(out, element.data, (size_t)(mark - element.data));
	buffer_string(out, signature);
	buffer_string(out, mark + strlen(SIGNATURE_MARK));
	buffer_string(out, "</soapenv:Body></soapenv:Envelope>");
	return buffer_as_text(out);
}
