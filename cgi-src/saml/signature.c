/* signature.c: RSA and ECDSA signatures over given bytes, by the names that XML signatures give them (contract 09 section 6.6).
 *
 * RSA works on the DigestInfo of PKCS#1 (RFC 8017 section 9.2) made here: a system policy that forbids SHA-1 signatures elsewhere does not reach
 * the one place where the protocol needs them (section 14.5). */
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "saml_int.h"

static const struct method {
	const char *uri, *digest;
	int type;
	unsigned char info[19]; /* what precedes the digest in DigestInfo */
	size_t info_len;
} methods[] = {
	{NS_DS "rsa-sha1", "SHA1", EVP_PKEY_RSA, {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}, 15},
	{NS_DSIG11 "rsa-sha256",
	 "SHA256",
	 EVP_PKEY_RSA,
	 {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	 19},
	{NS_DSIG11 "rsa-sha384",
	 "SHA384",
	 EVP_PKEY_RSA,
	 {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	 19},
	{NS_DSIG11 "rsa-sha512",
	 "SHA512",
	 EVP_PKEY_RSA,
	 {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
	 19},
	{NS_DSIG11 "ecdsa-sha1", "SHA1", EVP_PKEY_EC, {0}, 0},
	{NS_DSIG11 "ecdsa-sha256", "SHA256", EVP_PKEY_EC, {0}, 0},
	{NS_DSIG11 "ecdsa-sha384", "SHA384", EVP_PKEY_EC, {0}, 0},
	{NS_DSIG11 "ecdsa-sha512", "SHA512", EVP_PKEY_EC, {0}, 0},
};

static const struct method *method_of(struct text uri)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (text_is(uri, methods[i].uri))
			return &methods[i];
	return NULL;
}

/* What is signed: for RSA the DigestInfo, for ECDSA the digest. */
struct signed_form {
	unsigned char bytes[19 + EVP_MAX_MD_SIZE];
	size_t len;
};

static bool make_form(const struct method *method, struct text message, struct signed_form *form)
{
	size_t len = 0;

	memcpy(form->bytes, method->info, method->info_len);
	if (EVP_Q_digest(NULL, method->digest, NULL, message.data, message.len, form->bytes + method->info_len, &len) != 1)
		return false;
	form->len = method->info_len + len;
	return true;
}

static EVP_PKEY_CTX *context_for(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *context), const struct method *method)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (context && init(context) == 1 && (method->type != EVP_PKEY_RSA || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1))
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

static bool check(EVP_PKEY *key, const struct method *method, const struct signed_form *form, const unsigned char *value, size_t len)
{
	EVP_PKEY_CTX *context = context_for(key, EVP_PKEY_verify_init, method);
	bool good = context && EVP_PKEY_verify(context, value, len, form->bytes, form->len) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good;
}

/* The two numbers side by side, as the recommendation writes an ECDSA value, in DER; false where it has another length. */
static bool to_der(EVP_PKEY *key, struct text value, unsigned char **der, int *len)
{
	size_t half = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
	const unsigned char *bytes = (const unsigned char *)value.data;
	ECDSA_SIG *signature;

	if (value.len != 2 * half)
		return false;
	signature = must(ECDSA_SIG_new());
	ECDSA_SIG_set0(signature, BN_bin2bn(bytes, (int)half, NULL), BN_bin2bn(bytes + half, (int)half, NULL));
	*der = NULL;
	*len = i2d_ECDSA_SIG(signature, der);
	ECDSA_SIG_free(signature);
	return *len > 0;
}

bool saml_signature_good(EVP_PKEY *key, struct text uri, struct text message, struct text value)
{
	const struct method *method = method_of(uri);
	struct signed_form form;
	unsigned char *der;
	bool good;
	int len;

	if (!method || EVP_PKEY_get_base_id(key) != method->type || !make_form(method, message, &form))
		return false;
	if (check(key, method, &form, (const unsigned char *)value.data, value.len))
		return true;
	if (method->type != EVP_PKEY_EC || !to_der(key, value, &der, &len))
		return false;
	good = check(key, method, &form, der, (size_t)len);
	OPENSSL_free(der);
	return good;
}

struct text saml_sign_sha1(TALLOC_CTX *mem, const struct saml_key *key, struct text message)
{
	const struct method *method = &methods[0];
	EVP_PKEY_CTX *context = context_for(key->key, EVP_PKEY_sign_init, method);
	struct signed_form form;
	size_t len = (size_t)EVP_PKEY_get_size(key->key);
	unsigned char *value = must(talloc_size(mem, len));
	bool good = context && make_form(method, message, &form) && EVP_PKEY_sign(context, value, &len, form.bytes, form.len) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good ? (struct text){(const char *)value, len} : TEXT_NONE;
}
