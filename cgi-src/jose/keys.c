/* keys.c: the set of keys that signs and verifies, made from GOTRUE_JWT_KEYS and GOTRUE_JWT_SECRET (contract 02 section 2.5). */
#include <string.h>

#include "jose_int.h"

#define KEYS_MAX 1000
#define KMS "aws:kms:arn"

/* What a set is made from while it is being made. */
struct draft {
	struct jose_keys *keys;
	struct json_object **jwks; /* the JWK of each of keys->items */
};

/* Two entries of one kid: the later takes the place of the earlier. */
static void put(struct draft *draft, struct jose_key *key, struct json_object *jwk)
{
	struct jose_keys *keys = draft->keys;
	size_t at = 0;

	while (at < keys->count && !text_equal(keys->items[at]->kid, key->kid))
		at++;
	if (at == keys->count)
		keys->count++;
	keys->items[at] = key;
	draft->jwks[at] = jwk;
}

static int read_entries(struct draft *draft, struct json_object *list, const char **why)
{
	size_t count = json_object_array_length(list);

	draft->keys->items = must(talloc_array(draft->keys, struct jose_key *, (unsigned)count));
	draft->jwks = must(talloc_array(draft->keys, struct json_object *, (unsigned)count));
	for (size_t i = 0; i < count; i++) {
		struct json_object *jwk = json_object_array_get_idx(list, i);
		struct jose_key *key;
		const char *reason;

		if (!json_object_is_type(jwk, json_type_object)) {
			*why = format(draft->keys, "key %zu is not an object", i + 1);
			return -1;
		}
		key = jose_key_parse_own(draft->keys, jwk, &reason);
		if (!key) {
			*why = format(draft->keys, "key %zu: %s", i + 1, reason);
			return -1;
		}
		put(draft, key, jwk);
	}
	return 0;
}

/* A key that lives in AWS KMS: the private half is not here, and this server does not call KMS. */
static int refuse_kms(struct json_object *jwk, const char **why)
{
	struct json_object *arn = json_get(jwk, KMS), *first = json_object_array_get_idx(json_get(jwk, "key_ops"), 0);

	if (!arn)
		return 0;
	if (!json_object_is_type(arn, json_type_string)) {
		*why = KMS " of the signing key is not a string";
		return -1;
	}
	if (strcmp(json_object_get_string(first), "sign") != 0)
		return 0;
	*why = "the signing key is kept in AWS KMS (" KMS "), which this server does not call: give a key with its private part";
	return -1;
}

static int choose_signer(struct draft *draft, const char **why)
{
	struct jose_keys *keys = draft->keys;
	size_t found = keys->count;

	for (size_t i = 0; i < keys->count; i++) {
		if (!keys->items[i]->signs)
			continue;
		if (found < keys->count) {
			*why = "multiple signing keys detected, only 1 signing key is supported";
			return -1;
		}
		found = i;
	}
	if (found == keys->count) {
		*why = "no signing key found: one key needs \"sign\" in its key_ops";
		return -1;
	}
	keys->signer = keys->items[found];
	return refuse_kms(draft->jwks[found], why);
}

/* Chapter 12: a key with which every sign-in would fail, or whose tokens the server itself would refuse, is refused at start.
 * That its halves belong together is seen by verifying what it signs. */
static int check_signer(struct jose_keys *keys, const char **why)
{
	const struct jose_key *signer = keys->signer;
	const struct jose_alg *alg = jose_alg_find(signer->alg);
	struct text input = TEXT("latchkey"), signature;

	if (!alg || !alg->signs) {
		*why = "the alg of the signing key is not RS256, RS512, ES256, ES512, EdDSA or HS256";
		return -1;
	}
	if (!jose_key_fits(signer, alg) || (alg->family == FAMILY_ECDSA && alg->curve_bits != signer->curve_bits)) {
		*why = format(keys, "the signing key is not of a type or curve that %s signs with", alg->name);
		return -1;
	}
	if (!signer->is_private) {
		*why = "the signing key is without its private part";
		return -1;
	}
	signature = jose_signature(keys, signer, alg, input);
	if (!signature.data || !jose_signature_is_right(signer, alg, input, signature)) {
		*why = "the private and the public part of the signing key do not belong together";
		return -1;
	}
	keys->signing_alg = alg;
	return 0;
}

/* Contract 04 section 2.2: alg, kid, typ. */
static void make_header(struct jose_keys *keys)
{
	struct buffer *buffer = buffer_new(keys, 128);
	struct json_writer out = json_writer(buffer);

	json_open_object(&out);
	json_member_string(&out, "alg", keys->signing_alg->name);
	if (keys->signer->kid.len)
		json_member_text(&out, "kid", keys->signer->kid);
	json_member_string(&out, "typ", "JWT");
	json_close_object(&out);
	keys->header = text_of(base64_encode(keys, BASE64_URL_RAW, buffer->data, buffer->len));
	talloc_free(buffer);
}

static void set_methods(struct jose_keys *keys, const struct text_list *configured)
{
	size_t count = configured && configured->set ? configured->count : keys->count;
	struct text *items = must(talloc_array(keys, struct text, (unsigned)count));

	for (size_t i = 0; i < count; i++)
		items[i] = configured && configured->set ? text_copy(keys, configured->items[i]) : keys->items[i]->alg;
	keys->valid_methods = (struct text_list){items, count, true};
}

/* *list: NULL where there are no keys. */
static int read_list(TALLOC_CTX *mem, struct text json, struct json_object **list, const char **why)
{
	*list = NULL;
	if (!json.data)
		return 0;
	if (json_parse(mem, json, list, why) < 0)
		return -1;
	if (*list && !json_object_is_type(*list, json_type_array)) {
		*why = "not an array of keys";
		return -1;
	}
	if (*list && json_object_array_length(*list) > KEYS_MAX) {
		*why = "too many keys";
		return -1;
	}
	if (*list && json_object_array_length(*list) == 0)
		*list = NULL;
	return 0;
}

static int use_secret_alone(struct jose_keys *keys, const char **why)
{
	if (!keys->fallback) {
		*why = "GOTRUE_JWT_SECRET is empty and GOTRUE_JWT_KEYS has no key";
		return -1;
	}
	keys->items = must(talloc_array(keys, struct jose_key *, 1));
	keys->items[0] = keys->fallback;
	keys->count = 1;
	keys->signer = keys->fallback;
	keys->signing_alg = jose_alg_find(TEXT("HS256"));
	keys->jwks = TEXT("{\"keys\":[]}");
	return 0;
}

static int use_list(struct jose_keys *keys, struct json_object *list, const char **why)
{
	struct draft draft = {keys, NULL};

	if (read_entries(&draft, list, why) < 0 || choose_signer(&draft, why) < 0 || check_signer(keys, why) < 0)
		return -1;
	keys->jwks = jwks_document(keys, keys->items, draft.jwks, keys->count);
	talloc_free(draft.jwks);
	return 0;
}

struct jose_keys *jose_keys_make(TALLOC_CTX *mem, struct text json, struct text secret, struct text key_id, const struct text_list *valid_methods,
				 const char **why)
{
	struct jose_keys *keys = must(talloc_zero(mem, struct jose_keys));
	TALLOC_CTX *scratch = talloc_new(mem);
	struct json_object *list;
	int result;

	if (secret.len) /* an empty one is no key (contract 04 section 14.8) */
		keys->fallback = jose_key_of_secret(keys, secret, key_id);
	keys->fallback_kid = text_copy(keys, key_id);
	result = read_list(scratch, json, &list, why);
	if (result == 0)
		result = list ? use_list(keys, list, why) : use_secret_alone(keys, why);
	if (result == 0) {
		make_header(keys);
		set_methods(keys, valid_methods);
	} else {
		*why = format(mem, "%s", *why);
		talloc_free(keys);
		keys = NULL;
	}
	talloc_free(scratch);
	return keys;
}

const char *jose_signing_alg(const struct jose_keys *keys)
{
	return keys->signing_alg->name;
}

struct text jose_jwks(TALLOC_CTX *mem, const struct jose_keys *keys)
{
	return text_copy(mem, keys->jwks);
}
