/* validate_keys.c: keys that encrypt what is stored, and SAML's (contract 02 section 2.7). */
#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <string.h>

#include "internal.h"

#define KEY_BYTES 32

/* 32 bytes of base64url without padding; NULL with *why. */
static unsigned char *key_bytes(struct making *making, struct text text, const char *wrong_size, const char **why)
{
	size_t len, bad = 0;
	unsigned char *bytes = base64_decode(making->settings, BASE64_URL_RAW, text, &len, &bad);

	if (!bytes) {
		*why = format(making->mem, "illegal base64 data at input byte %zu", bad);
		return NULL;
	}
	if (len == KEY_BYTES)
		return bytes;
	talloc_free(bytes);
	*why = wrong_size;
	return NULL;
}

static void validate_encryption_key(struct making *making)
{
	struct settings *settings = making->settings;
	const void *because = &settings->security.encrypt;
	const char *id = settings->security.encryption_key_id, *why;
	unsigned char *bytes;
	struct text known;

	if (id[0] == '\0')
		problem(making, &settings->security.encryption_key_id, because, "conf: encryption key ID must be specified");
	bytes = key_bytes(making, text_of(settings->security.encryption_key), "conf: encryption key is not 256 bits", &why);
	if (!bytes)
		problem(making, &settings->security.encryption_key, because, "%s", why);
	if (!bytes || id[0] == '\0')
		return;
	known = text_map_get(&settings->security.decryption_keys, text_of(id));
	if (known.len == 0)
		problem(making, &settings->security.decryption_keys, because, "conf: encryption key must also be present in decryption keys");
	else if (!secret_equal(known, text_of(settings->security.encryption_key)))
		note(making,
		     "GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS: the key of the encryption key's name is another key; what is encrypted cannot "
		     "be read again",
		     NULL);
	talloc_free(bytes);
}

static void validate_decryption_keys(struct making *making)
{
	struct text_map *keys = &making->settings->security.decryption_keys;

	for (size_t i = 0; i < keys->count; i++) {
		const char *id = text_string(making->mem, keys->items[i].name), *why;
		unsigned char *bytes = key_bytes(making, keys->items[i].value,
						 format(making->mem, "conf: decryption key with ID \"%s\" must be 256 bits", id), &why);

		if (!bytes) {
			problem(making, keys, NULL, "%s", why);
			return;
		}
		keys->items[i].value = (struct text){(const char *)bytes, KEY_BYTES};
	}
}

void validate_encryption(struct making *making)
{
	if (!is_usable(making, &making->settings->security.decryption_keys))
		return;
	if (making->settings->security.encrypt)
		validate_encryption_key(making);
	validate_decryption_keys(making);
}

/* ---- SAML ---------------------------------------------------------------------------------------------------------------------- */

/* Standard base64; line ends inside do not matter. */
static unsigned char *decode_key(TALLOC_CTX *mem, const char *text, size_t *len)
{
	char *copy = text_string(mem, text_of(text)), *to = copy;

	for (const char *from = copy; *from; from++)
		if (*from != '\r' && *from != '\n')
			*to++ = *from;
	return base64_decode(mem, BASE64_STD, (struct text){copy, (size_t)(to - copy)}, len, NULL);
}

/* One ASN.1 value of this type at *at, which goes past its head; false: another, or it does not fit. */
static bool enter(const unsigned char **at, const unsigned char *end, int type, long *len)
{
	int tag, class;

	return !(ASN1_get_object(at, len, &tag, &class, end - *at) & 0x80) && tag == type && class == V_ASN1_UNIVERSAL && *len <= end - *at;
}

/* A version and a number, where PKCS#8 has a version and an algorithm; OpenSSL reads both forms. */
static bool looks_like_pkcs1(const unsigned char *der, size_t size)
{
	const unsigned char *at = der, *end = der + size;
	long len;

	if (!enter(&at, end, V_ASN1_SEQUENCE, &len) || at + len != end || !enter(&at, end, V_ASN1_INTEGER, &len))
		return false;
	at += len;
	return enter(&at, end, V_ASN1_INTEGER, &len);
}

/* A PKCS#1 RSA private key and nothing after it; NULL where it is none. */
static EVP_PKEY *read_pkcs1(const unsigned char *der, size_t len)
{
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "DER", "type-specific", "RSA", OSSL_KEYMGMT_SELECT_PRIVATE_KEY, NULL, NULL);
	bool good = decoder && looks_like_pkcs1(der, len) && OSSL_DECODER_from_data(decoder, &der, &len) == 1 && len == 0;

	OSSL_DECODER_CTX_free(decoder);
	if (good)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool has_exponent_65537(EVP_PKEY *key)
{
	BIGNUM *exponent = NULL;
	bool good = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_is_word(exponent, 65537);

	BN_free(exponent);
	return good;
}

static void validate_saml_key(struct making *making, const char *const *field, const char *which)
{
	const void *because = &making->settings->saml.enabled;
	size_t len = 0;
	unsigned char *der = decode_key(making->mem, *field, &len);
	EVP_PKEY *key;

	if (!der) {
		problem(making, field, because, "SAML %s not in standard Base64 format", which);
		return;
	}
	key = read_pkcs1(der, len);
	if (!key)
		problem(making, field, because, "SAML %s not in PKCS#1 format", which);
	else if (!has_exponent_65537(key))
		problem(making, field, because, "SAML %s should use the 65537 (0x10001) RSA public exponent", which);
	else if (EVP_PKEY_get_bits(key) < 2048)
		problem(making, field, because, "SAML %s must be at least RSA 2048", which);
	EVP_PKEY_free(key);
	OPENSSL_cleanse(der, len);
}

void validate_saml(struct making *making)
{
	const struct settings *settings = making->settings;
	const char *why;

	if (!settings->saml.enabled)
		return;
	validate_saml_key(making, &settings->saml.private_key, "private key");
	if (settings->saml.private_key_next[0])
		validate_saml_key(making, &settings->saml.private_key_next, "next private key");
	if (settings->saml.relay_state_validity < 0)
		problem(making, &settings->saml.relay_state_validity, &settings->saml.enabled,
			"SAML RelayState validity period should be a positive duration");
	if (settings->saml.external_url[0] && !api_url_check(making->mem, settings->saml.external_url, &why))
		problem(making, &settings->saml.external_url, &settings->saml.enabled, "%s", why);
}
