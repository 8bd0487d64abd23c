/* decrypt.c: encrypted assertions (contract 09 section 6.7). Whatever is wrong with one, the client reads the same. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "saml_int.h"

#define KEY_MAX 32
#define GCM_NONCE 12
#define GCM_TAG 16
#define CBC_BLOCK 16

static const struct cipher {
	const char *uri, *name;
	size_t key_len;
	bool gcm;
} ciphers[] = {
	{NS_XENC "aes128-cbc", "AES-128-CBC", 16, false},  {NS_XENC "aes192-cbc", "AES-192-CBC", 24, false},
	{NS_XENC "aes256-cbc", "AES-256-CBC", 32, false},  {NS_XENC11 "aes128-gcm", "AES-128-GCM", 16, true},
	{NS_XENC11 "aes192-gcm", "AES-192-GCM", 24, true}, {NS_XENC11 "aes256-gcm", "AES-256-GCM", 32, true},
};

/* The first of the standard's and the reference's names. */
static const struct saml_digest oaep_digests[] = {
	{NS_DS "sha1", "SHA1"},		  {NS_DS "sha256", "SHA256"},	{NS_DS "sha512", "SHA512"},
	{NS_DS "ripemd160", "RIPEMD160"}, {NS_XENC "sha256", "SHA256"}, {NS_XENC "sha512", "SHA512"},
};

struct text_bytes {
	unsigned char *data;
	size_t len;
};

static bool cipher_value(TALLOC_CTX *mem, const xmlNode *encrypted, struct text_bytes *bytes)
{
	const xmlNode *value = saml_child(saml_child(encrypted, NS_XENC, "CipherData"), NS_XENC, "CipherValue");

	bytes->data = value ? saml_base64(mem, saml_content(mem, value), &bytes->len) : NULL;
	return bytes->data != NULL;
}

static struct text algorithm_of(TALLOC_CTX *mem, const xmlNode *encrypted)
{
	return saml_attr(mem, saml_child(encrypted, NS_XENC, "EncryptionMethod"), "Algorithm");
}

/* ---- the key ------------------------------------------------------------------------------------------------------------------------------------- */

static const xmlNode *find_key(const xmlNode *encrypted, const xmlNode *data)
{
	const xmlNode *key = saml_child(saml_child(data, NS_DS, "KeyInfo"), NS_XENC, "EncryptedKey");

	return key ? key : saml_child(encrypted, NS_XENC, "EncryptedKey");
}

/* A certificate beside the key, where there is one, has to hold our public key. */
static bool is_for(TALLOC_CTX *mem, const xmlNode *encrypted_key, EVP_PKEY *key)
{
	const xmlNode *named = saml_child(saml_child(saml_child(encrypted_key, NS_DS, "KeyInfo"), NS_DS, "X509Data"), NS_DS, "X509Certificate");
	const unsigned char *der;
	X509 *certificate;
	size_t len;
	bool same;

	if (!named)
		return true;
	der = saml_base64(mem, saml_content(mem, named), &len);
	certificate = der ? d2i_X509(NULL, &der, (long)len) : NULL;
	same = certificate && EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1;
	X509_free(certificate);
	ERR_clear_error();
	return same;
}

static const char *oaep_digest(TALLOC_CTX *mem, const xmlNode *encrypted_key)
{
	const xmlNode *named = saml_child(saml_child(encrypted_key, NS_XENC, "EncryptionMethod"), NS_DS, "DigestMethod");
	struct text uri = saml_attr(mem, named, "Algorithm");

	if (!named)
		return "SHA1";
	for (size_t i = 0; i < sizeof(oaep_digests) / sizeof(oaep_digests[0]); i++)
		if (text_is(uri, oaep_digests[i].uri))
			return oaep_digests[i].name;
	return NULL;
}

static bool set_padding(EVP_PKEY_CTX *context, const char *digest)
{
	if (!digest)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_oaep_md_name(context, digest, NULL) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, digest, NULL) == 1;
}

/* A wrong padding or length leaves the random key in place, so that it shows no other way than a wrong key does (section 14.25). */
static void unwrap(EVP_PKEY *key, const char *digest, const struct text_bytes *wrapped, unsigned char content_key[KEY_MAX], size_t wanted)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t len = (size_t)EVP_PKEY_get_size(key);
	unsigned char *plain = must(malloc(len));

	random_bytes(content_key, KEY_MAX);
	if (context && EVP_PKEY_decrypt_init(context) == 1 && set_padding(context, digest) &&
	    EVP_PKEY_decrypt(context, plain, &len, wrapped->data, wrapped->len) == 1 && len == wanted)
		memcpy(content_key, plain, wanted);
	sodium_memzero(plain, (size_t)EVP_PKEY_get_size(key));
	free(plain);
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
}

static int open_key(TALLOC_CTX *mem, const xmlNode *encrypted_key, const struct saml_sp *sp, EVP_PKEY *key, size_t wanted,
		    unsigned char content_key[KEY_MAX], const char **why)
{
	struct text transport = algorithm_of(mem, encrypted_key);
	bool oaep = text_is(transport, NS_XENC "rsa-oaep-mgf1p");
	const char *digest = oaep ? oaep_digest(mem, encrypted_key) : NULL;
	struct text_bytes wrapped;

	if (!oaep && (!text_is(transport, NS_XENC "rsa-1_5") || sp->modern_only))
		return saml_no(why, "the key transport is not accepted");
	if (oaep && !digest)
		return saml_no(why, "the key transport's digest is not accepted");
	if (!cipher_value(mem, encrypted_key, &wrapped) || !is_for(mem, encrypted_key, key))
		return saml_no(why, "the key is not for this server");
	unwrap(key, digest, &wrapped, content_key, wanted);
	return 0;
}

/* ---- the content -------------------------------------------------------------------------------------------------------------------------------------- */

static bool sizes_fit(const struct cipher *cipher, size_t len)
{
	if (cipher->gcm)
		return len > GCM_NONCE + GCM_TAG;
	return len >= 2 * CBC_BLOCK && len % CBC_BLOCK == 0;
}

static bool run(EVP_CIPHER_CTX *context, const struct cipher *cipher, const unsigned char *key, const struct text_bytes *data,
		struct text_bytes *plain)
{
	EVP_CIPHER *method = EVP_CIPHER_fetch(NULL, cipher->name, NULL);
	size_t iv = cipher->gcm ? GCM_NONCE : CBC_BLOCK, tag = cipher->gcm ? GCM_TAG : 0;
	int first = 0, last = 0;
	bool good = method && EVP_DecryptInit_ex2(context, method, key, data->data, NULL) == 1 && EVP_CIPHER_CTX_set_padding(context, 0) == 1;

	if (good && cipher->gcm)
		good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, data->data + data->len - GCM_TAG) == 1;
	good = good && EVP_DecryptUpdate(context, plain->data, &first, data->data + iv, (int)(data->len - iv - tag)) == 1 &&
	       EVP_DecryptFinal_ex(context, plain->data + first, &last) == 1;
	plain->len = (size_t)first + (size_t)last;
	EVP_CIPHER_free(method);
	return good;
}

/* Only the last byte of the padding says anything (section 6.7). */
static bool cut_padding(struct text_bytes *plain)
{
	size_t padding = plain->len ? plain->data[plain->len - 1] : 0;

	if (padding < 1 || padding > plain->len - 1)
		return false;
	plain->len -= padding;
	return true;
}

static int open_content(TALLOC_CTX *mem, const struct cipher *cipher, const unsigned char *key, const struct text_bytes *data, struct text *plain,
			const char **why)
{
	EVP_CIPHER_CTX *context = must(EVP_CIPHER_CTX_new());
	struct text_bytes out = {must(talloc_size(mem, data->len + CBC_BLOCK)), 0};
	bool good = run(context, cipher, key, data, &out) && (cipher->gcm || cut_padding(&out));

	EVP_CIPHER_CTX_free(context);
	ERR_clear_error();
	*plain = (struct text){(const char *)out.data, out.len};
	return good ? 0 : saml_no(why, "the encrypted assertion cannot be read");
}

static const struct cipher *cipher_of(struct text uri)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		if (text_is(uri, ciphers[i].uri))
			return &ciphers[i];
	return NULL;
}

int saml_decrypt(TALLOC_CTX *mem, const xmlNode *encrypted, const struct saml_sp *sp, const struct saml_key *key, struct text *plain,
		 const char **why)
{
	const xmlNode *data = saml_child(encrypted, NS_XENC, "EncryptedData"), *wrapped = find_key(encrypted, data);
	const struct cipher *cipher = cipher_of(algorithm_of(mem, data));
	unsigned char content_key[KEY_MAX];
	struct text_bytes bytes;
	int result;

	if (saml_count(encrypted, NS_XENC, "EncryptedData") != 1 || !wrapped)
		return saml_no(why, "an encrypted assertion has not exactly one content and a key");
	if (!cipher)
		return saml_no(why, "the cipher is not accepted");
	if (!cipher_value(mem, data, &bytes) || !sizes_fit(cipher, bytes.len))
		return saml_no(why, "the encrypted content has an odd length");
	if (open_key(mem, wrapped, sp, key->key, cipher->key_len, content_key, why) < 0)
		return -1;
	result = open_content(mem, cipher, content_key, &bytes, plain, why);
	sodium_memzero(content_key, sizeof(content_key));
	return result;
}
