/* certificate.c: the certificate that identity providers pin: made from the key at each start, the same to the byte (contract 09 section 1). */
#include <string.h>

#include <openssl/x509v3.h>

#include "saml_int.h"

#define NAME_PREFIX "SAML 2.0 Certificate for "

static bool printable(struct text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char byte = name.data[i];
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');

		if (!letter && !memchr(" '()+,-./:=?", byte, 12))
			return false;
	}
	return true;
}

/* Made by hand: the library's helpers would choose the string type themselves and refuse a long name (section 14.1). */
static bool set_names(TALLOC_CTX *mem, X509 *certificate, struct text host)
{
	struct text name = text_of(format(mem, "%s%.*s", NAME_PREFIX, (int)host.len, host.data));
	int type = printable(name) ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
	X509_NAME *both = must(X509_NAME_new());
	X509_NAME_ENTRY *entry = X509_NAME_ENTRY_create_by_NID(NULL, NID_commonName, type, (const unsigned char *)name.data, (int)name.len);
	bool good = entry && X509_NAME_add_entry(both, entry, -1, 0) == 1 && X509_set_subject_name(certificate, both) == 1 &&
		    X509_set_issuer_name(certificate, both) == 1;

	X509_NAME_ENTRY_free(entry);
	X509_NAME_free(both);
	return good;
}

static bool set_time(X509 *certificate, int (*set)(X509 *certificate, const ASN1_TIME *time), int type, const char *text)
{
	ASN1_TIME *time = must(ASN1_STRING_type_new(type));
	bool good = ASN1_STRING_set(time, text, (int)strlen(text)) == 1 && set(certificate, time) == 1;

	ASN1_STRING_free(time);
	return good;
}

static bool add_extension(X509 *certificate, int nid, int critical, unsigned char *der, int len)
{
	ASN1_OCTET_STRING *value = must(ASN1_OCTET_STRING_new());
	X509_EXTENSION *extension = ASN1_OCTET_STRING_set(value, der, len) == 1 ? X509_EXTENSION_create_by_NID(NULL, nid, critical, value) : NULL;
	bool good = extension && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	return good;
}

static bool add_usage(X509 *certificate, bool encryption)
{
	unsigned char signing[] = {0x03, 0x02, 0x07, 0x80}, both[] = {0x03, 0x02, 0x04, 0x90};

	return add_extension(certificate, NID_key_usage, 1, encryption ? both : signing, 4);
}

static bool add_alternative_name(TALLOC_CTX *mem, X509 *certificate, struct text host)
{
	const char *text = format(mem, "_samlsp.%.*s", (int)host.len, host.data);
	ASN1_IA5STRING *dns = must(ASN1_IA5STRING_new());
	GENERAL_NAMES *names = must(GENERAL_NAMES_new());
	GENERAL_NAME *name = must(GENERAL_NAME_new());
	unsigned char *der = NULL;
	int len = -1;
	bool good;

	if (ASN1_STRING_set(dns, text, (int)strlen(text)) == 1) {
		GENERAL_NAME_set0_value(name, GEN_DNS, dns);
		sk_GENERAL_NAME_push(names, name);
		len = i2d_GENERAL_NAMES(names, &der);
	}
	good = len > 0 && add_extension(certificate, NID_subject_alt_name, 0, der, len);
	GENERAL_NAMES_free(names);
	OPENSSL_free(der);
	return good;
}

static bool fill(TALLOC_CTX *mem, X509 *certificate, EVP_PKEY *key, struct text host, bool encryption)
{
	return X509_set_version(certificate, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0) == 1 &&
	       set_names(mem, certificate, host) && set_time(certificate, X509_set1_notBefore, V_ASN1_UTCTIME, "700101000000Z") &&
	       set_time(certificate, X509_set1_notAfter, V_ASN1_GENERALIZEDTIME, "21700101000000Z") && X509_set_pubkey(certificate, key) == 1 &&
	       add_usage(certificate, encryption) && add_alternative_name(mem, certificate, host) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

struct text saml_make_certificate(TALLOC_CTX *mem, EVP_PKEY *key, struct text host, bool encryption)
{
	X509 *certificate = must(X509_new());
	struct text made = TEXT_NONE;
	unsigned char *der = NULL;
	int len = fill(mem, certificate, key, host, encryption) ? i2d_X509(certificate, &der) : -1;

	if (len > 0)
		made = text_copy(mem, (struct text){(const char *)der, (size_t)len});
	OPENSSL_free(der);
	X509_free(certificate);
	return made;
}
