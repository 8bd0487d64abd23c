/* facts.c: what an operator wants to know of a certificate. */
#include <time.h>

#include <openssl/err.h>

#include "saml_int.h"

#define CERTIFICATE_MAX ((size_t)65536)

static moment moment_of(const ASN1_TIME *time)
{
	struct tm date;

	return ASN1_TIME_to_tm(time, &date) == 1 ? (moment)timegm(&date) * 1000000 : MOMENT_NONE;
}

static const char *subject_of(TALLOC_CTX *mem, const X509 *certificate)
{
	char *line = X509_NAME_oneline(X509_get_subject_name(certificate), NULL, 0);
	const char *copy = format(mem, "%s", line ? line : "");

	OPENSSL_free(line);
	return copy;
}

bool saml_certificate_look(TALLOC_CTX *mem, struct text base64, struct saml_certificate_facts *facts)
{
	size_t len = 0;
	const unsigned char *der = base64.len <= CERTIFICATE_MAX ? saml_base64(mem, base64, &len) : NULL, *at = der;
	X509 *certificate = der ? d2i_X509(NULL, &at, (long)len) : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_PKEY *key;

	ERR_clear_error();
	if (!certificate)
		return false;
	key = X509_get0_pubkey(certificate);
	*facts = (struct saml_certificate_facts){
		.subject = subject_of(mem, certificate),
		.kind = key ? format(mem, "%s %d", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key)) : "unknown key",
		.from = moment_of(X509_get0_notBefore(certificate)),
		.until = moment_of(X509_get0_notAfter(certificate)),
	};
	if (EVP_Q_digest(NULL, "SHA256", NULL, der, len, digest, &len) == 1)
		for (size_t i = 0; i < 32; i++)
			snprintf(facts->sha256 + 2 * i, 3, "%02x", digest[i]);
	X509_free(certificate);
	return true;
}
