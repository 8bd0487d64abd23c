/* envelope.c: secrets encrypted at rest, AES-256-GCM under a key bound to the row that holds them (contract 04 section 12.1). */
#include <string.h>

#include <sodium.h>

#include "crypto_int.h"
#include "latchkey/json.h"
#include "latchkey/settings.h"

#define ALGORITHM "aes-gcm-hkdf"
#define KEY 32
#define NONCE 12
#define TAG 16

struct envelope {
	struct text key_id, alg, data, nonce; /* data and nonce in base64 */
	unsigned char *bytes;		      /* cipher text and tag */
	size_t len;
	unsigned char nonce_bytes[NONCE];
};

static const struct json_field fields[] = {
	JSON_FIELD(struct envelope, key_id, "key_id", JSON_TEXT),
	JSON_FIELD(struct envelope, alg, "alg", JSON_TEXT),
	JSON_FIELD(struct envelope, data, "data", JSON_TEXT),
	JSON_FIELD(struct envelope, nonce, "nonce", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("EncryptedString", fields);

static bool decode_bytes(TALLOC_CTX *mem, struct envelope *envelope)
{
	size_t nonce_len;
	unsigned char *nonce = base64_decode(mem, BASE64_STD, envelope->nonce, &nonce_len, NULL);

	envelope->bytes = base64_decode(mem, BASE64_STD, envelope->data, &envelope->len, NULL);
	if (!nonce || nonce_len != NONCE || !envelope->bytes || !envelope->len)
		return false;
	memcpy(envelope->nonce_bytes, nonce, NONCE);
	return true;
}

/* Whatever is not an envelope in every respect is plain text. */
static bool parse(TALLOC_CTX *mem, struct text stored, struct envelope *envelope)
{
	const char *why;

	*envelope = (struct envelope){0};
	return text_starts(stored, "{") && json_decode(mem, stored, &shape, envelope, &why) == 0 && envelope->key_id.len && envelope->data.len &&
	       text_is(envelope->alg, ALGORITHM) && decode_bytes(mem, envelope);
}

bool envelope_is(struct text stored)
{
	TALLOC_CTX *mem;
	struct envelope envelope;
	bool is;

	if (!text_starts(stored, "{"))
		return false;
	mem = talloc_new(NULL);
	is = parse(mem, stored, &envelope);
	talloc_free(mem);
	return is;
}

bool envelope_is_due(const struct settings *settings, struct text stored)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct envelope envelope;
	bool current = parse(mem, stored, &envelope) && text_is(envelope.key_id, settings->security.encryption_key_id);

	talloc_free(mem);
	return settings->security.encrypt && !current;
}

static void data_key(struct text master, const struct uuid *owner, unsigned char key[KEY])
{
	char info[UUID_TEXT_LEN + 1];

	uuid_format(owner, info);
	hkdf_sha256(master, text_of(info), key);
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

static bool decrypt(const struct envelope *envelope, const unsigned char key[KEY], unsigned char *out)
{
	EVP_CIPHER_CTX *context = must(EVP_CIPHER_CTX_new());
	size_t len = envelope->len - TAG;
	int made = 0, rest = 0;
	bool done = EVP_DecryptInit_ex2(context, crypto_algorithms()->aes_gcm, key, envelope->nonce_bytes, NULL) &&
		    EVP_DecryptUpdate(context, out, &made, envelope->bytes, (int)len) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, envelope->bytes + len) &&
		    EVP_DecryptFinal_ex(context, out + made, &rest) && (size_t)made + (size_t)rest == len;

	EVP_CIPHER_CTX_free(context);
	return done;
}

static int open_with(TALLOC_CTX *mem, const struct envelope *envelope, struct text master, const struct uuid *owner, struct text *plain,
		     const char **why)
{
	unsigned char key[KEY], *out;
	bool done;

	if (envelope->len < TAG || envelope->len > INT32_MAX) {
		*why = "crypto: the cipher text is too short or too long";
		return -1;
	}
	out = must(talloc_zero_size(mem, envelope->len - TAG + 1));
	data_key(master, owner, key);
	done = decrypt(envelope, key, out);
	sodium_memzero(key, sizeof(key));
	if (!done) {
		talloc_free(out);
		*why = "crypto: the cipher text or its key is not the right one";
		return -1;
	}
	*plain = (struct text){(char *)out, envelope->len - TAG};
	return 0;
}

int envelope_open(TALLOC_CTX *mem, const struct settings *settings, const struct uuid *owner, struct text stored, struct text *plain,
		  const char **why)
{
	TALLOC_CTX *scratch = talloc_new(mem);
	struct envelope envelope;
	struct text master;
	int result = 0;

	if (!parse(scratch, stored, &envelope)) {
		*plain = text_copy(mem, stored);
		goto out;
	}
	master = text_map_get(&settings->security.decryption_keys, envelope.key_id);
	if (!master.data) {
		struct text name = quote_go(scratch, envelope.key_id);

		*why = format(mem, "crypto: decryption key with name %.*s does not exist", (int)name.len, name.data);
		result = -1;
		goto out;
	}
	result = open_with(mem, &envelope, master, owner, plain, why);
out:
	talloc_free(scratch);
	return result;
}

/* ---- sealing ---------------------------------------------------------------------------------------------------------- */

static void encrypt(struct text plain, const unsigned char key[KEY], const unsigned char nonce[NONCE], unsigned char *out)
{
	EVP_CIPHER_CTX *context = must(EVP_CIPHER_CTX_new());
	int made = 0, rest = 0;

	if (plain.len > INT32_MAX || !EVP_EncryptInit_ex2(context, crypto_algorithms()->aes_gcm, key, nonce, NULL) ||
	    !EVP_EncryptUpdate(context, out, &made, (const unsigned char *)plain.data, (int)plain.len) ||
	    !EVP_EncryptFinal_ex(context, out + made, &rest) || !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, out + plain.len))
		die("AES-256-GCM failed");
	EVP_CIPHER_CTX_free(context);
}

static struct text envelope_json(TALLOC_CTX *mem, const char *key_id, const char *data, const char *nonce)
{
	struct buffer *buffer = buffer_new(mem, 256);
	struct json_writer out = json_writer(buffer);

	json_open_object(&out);
	json_member_string(&out, "key_id", key_id);
	json_member_string(&out, "alg", ALGORITHM);
	json_member_string(&out, "data", data);
	json_member_string(&out, "nonce", nonce);
	json_close_object(&out);
	return buffer_as_text(buffer);
}

struct text envelope_seal(TALLOC_CTX *mem, const struct settings *settings, const struct uuid *owner, struct text plain)
{
	TALLOC_CTX *scratch;
	unsigned char key[KEY], nonce[NONCE], *out, *master;
	size_t master_len;
	struct text sealed;

	if (!settings->security.encrypt)
		return text_copy(mem, plain);
	scratch = talloc_new(mem);
	master = base64_decode(scratch, BASE64_URL_RAW, text_of(settings->security.encryption_key), &master_len, NULL);
	if (!master || master_len != KEY) /* checked when the settings were made */
		die("GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY is not 32 bytes of base64url");
	out = must(talloc_size(scratch, plain.len + TAG));
	random_bytes(nonce, sizeof(nonce));
	data_key((struct text){(char *)master, KEY}, owner, key);
	encrypt(plain, key, nonce, out);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(master, KEY);
	sealed = envelope_json(mem, settings->security.encryption_key_id, base64_encode(scratch, BASE64_STD, out, plain.len + TAG),
			       base64_encode(scratch, BASE64_STD, nonce, NONCE));
	talloc_free(scratch);
	return sealed;
}
