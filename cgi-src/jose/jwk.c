/* jwk.c: a JWK becomes a key (contract 02 section 2.5, RFC 7517). */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium.h>

#include "jose_int.h"

static const struct {
	const char *name;
	enum jose_type type;
	int (*read)(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why);
} types[] = {
	{"oct", TYPE_OCT, jwk_read_oct},
	{"RSA", TYPE_RSA, jwk_read_rsa},
	{"EC", TYPE_EC, jwk_read_ec},
	{"OKP", TYPE_OKP, jwk_read_okp},
};

static int free_key(struct jose_key *key)
{
	EVP_PKEY_free(key->pkey);
	sodium_free(key->secret); /* wipes */
	return 0;
}

struct jose_key *jose_key_new(TALLOC_CTX *mem, enum jose_type type)
{
	struct jose_key *key = must(talloc_zero(mem, struct jose_key));

	crypto_init(); /* the settings are read before anything else: secret memory must be there */
	key->type = type;
	talloc_set_destructor(key, free_key);
	return key;
}

/* The same text in the alphabet of base64url and without padding. */
static struct text as_base64url(TALLOC_CTX *mem, struct text given)
{
	struct text copy = text_copy(mem, given);
	char *data = (char *)copy.data;

	while (copy.len && given.len - copy.len < 2 && data[copy.len - 1] == '=')
		copy.len--;
	for (size_t i = 0; i < copy.len; i++)
		data[i] = data[i] == '+' ? '-' : data[i] == '/' ? '_' : data[i];
	return copy;
}

unsigned char *jwk_bytes(TALLOC_CTX *mem, struct json_object *jwk, const char *name, size_t *len, const char **why)
{
	struct text given = json_get_text(jwk, name), encoded;
	unsigned char *bytes;

	if (!given.len) {
		*why = format(mem, "required field %s is missing", name);
		return NULL;
	}
	encoded = as_base64url(mem, given);
	bytes = base64_decode(mem, BASE64_URL_RAW, encoded, len, NULL);
	sodium_memzero((char *)encoded.data, encoded.len);
	if (bytes && *len)
		return bytes;
	*why = format(mem, "field %s is not base64", name);
	return NULL;
}

EVP_PKEY *evp_key(const char *kind, int selection, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = must(EVP_PKEY_CTX_new_from_name(NULL, kind, NULL));
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_fromdata_init(context) <= 0 || EVP_PKEY_fromdata(context, &key, selection, params) <= 0) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(context);
	return key;
}

/* ---- symmetric keys --------------------------------------------------------------------------------------------------- */

static void set_secret(struct jose_key *key, const void *bytes, size_t len)
{
	key->secret = must(sodium_malloc(len));
	memcpy(key->secret, bytes, len);
	key->secret_len = len;
	key->hmac = hmac_key_new(key, (struct text){bytes, len});
	key->is_private = true;
}

struct jose_key *jose_key_of_secret(TALLOC_CTX *mem, struct text secret, struct text kid)
{
	struct jose_key *key = jose_key_new(mem, TYPE_OCT);

	set_secret(key, secret.data, secret.len);
	key->kid = text_copy(key, kid);
	key->alg = TEXT("HS256");
	key->signs = true;
	return key;
}

int jwk_read_oct(struct jose_key *key, struct json_object *jwk, bool with_private, const char **why)
{
	size_t len;
	unsigned char *bytes;

	if (!with_private) {
		*why = "a symmetric key is no public key";
		return -1;
	}
	bytes = jwk_bytes(key, jwk, "k", &len, why);
	if (!bytes)
		return -1;
	set_secret(key, bytes, len);
	sodium_memzero(bytes, len);
	talloc_free(bytes);
	return 0;
}

/* ---- all types ------------------------------------------------------------------------------------------------------------ */

static int read_text(struct jose_key *key, struct json_object *jwk, const char *name, struct text *out, const char **why)
{
	struct json_object *value = json_get(jwk, name);

	if (value && !json_object_is_type(value, json_type_string)) {
		*why = format(key, "field %s is not a string", name);
		return -1;
	}
	*out = text_copy(key, json_get_text(jwk, name));
	return 0;
}

static int read_operations(struct jose_key *key, struct json_object *jwk, const char **why)
{
	struct json_object *list = json_get(jwk, "key_ops");

	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array)) {
		*why = "field key_ops is not an array of strings";
		return -1;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string)) {
			*why = "field key_ops is not an array of strings";
			return -1;
		}
		key->signs |= strcmp(json_object_get_string(item), "sign") == 0;
	}
	return 0;
}

static struct jose_key *parse(TALLOC_CTX *mem, struct json_object *jwk, bool with_private, const char **why)
{
	struct text type = json_get_text(jwk, "kty");
	struct jose_key *key;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!text_is(type, types[i].name))
			continue;
		key = jose_key_new(mem, types[i].type);
		if (types[i].read(key, jwk, with_private, why) == 0 && read_text(key, jwk, "kid", &key->kid, why) == 0 &&
		    read_text(key, jwk, "alg", &key->alg, why) == 0 && read_operations(key, jwk, why) == 0)
			return key;
		*why = format(mem, "%s", *why);
		talloc_free(key);
		return NULL;
	}
	*why = "field kty is not oct, RSA, EC or OKP";
	return NULL;
}

struct jose_key *jose_key_parse_own(TALLOC_CTX *mem, struct json_object *jwk, const char **why)
{
	return parse(mem, jwk, true, why);
}

struct jose_key *jose_key_parse(TALLOC_CTX *mem, struct json_object *jwk, const char **why)
{
	return parse(mem, jwk, false, why);
}

bool jose_key_verify(const struct jose_key *key, const char *alg, struct text input, struct text signature)
{
	const struct jose_alg *found = jose_alg_find(text_of(alg));

	return found && jose_key_fits(key, found) && jose_signature_is_right(key, found, input, signature);
}
