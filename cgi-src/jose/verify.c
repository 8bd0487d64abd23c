/* verify.c: tokens of this server's own keys, checked in the order and with the words of contract 04 section 3.2. */
#include "token.h"

struct header {
	struct text alg; /* TEXT_NONE: not a string */
	struct text kid;
	bool kid_is_string;
	struct json_object *kid_value; /* where it is no string */
};

static int read_header(TALLOC_CTX *mem, const struct jose_keys *keys, struct text encoded, struct header *header, const char **detail)
{
	struct json_object *object, *alg, *kid;

	*header = (struct header){0};
	if (text_equal(encoded, keys->header)) { /* what this server itself writes needs no reading */
		header->alg = text_of(keys->signing_alg->name);
		header->kid = keys->signer->kid;
		header->kid_is_string = header->kid.len > 0;
		return 0;
	}
	if (token_decode_object(mem, encoded, "header", &object, detail) < 0)
		return -1;
	alg = json_get(object, "alg");
	if (json_object_is_type(alg, json_type_string))
		header->alg = json_get_text(object, "alg");
	kid = json_get(object, "kid");
	header->kid_is_string = json_object_is_type(kid, json_type_string);
	if (header->kid_is_string)
		header->kid = json_get_text(object, "kid");
	else
		header->kid_value = kid;
	return 0;
}

/* Rules a to c of section 3.2. NULL: no key. */
static const struct jose_key *choose_key(const struct jose_keys *keys, const struct header *header, const struct jose_alg *alg)
{
	if (header->kid_is_string) {
		for (size_t i = 0; i < keys->count; i++) {
			if (text_equal(keys->items[i]->kid, header->kid))
				return keys->items[i];
		}
		if (keys->fallback && text_equal(header->kid, keys->fallback_kid))
			return keys->fallback;
	}
	return text_is(text_of(alg->name), "HS256") ? keys->fallback : NULL;
}

/* Safer than the reference, which refuses the tokens that it signs itself with a key of the set that has no kid: rule c never
 * finds that key. */
static bool is_own_without_kid(const struct jose_keys *keys, const struct header *header, const struct jose_alg *alg, struct text input,
			       struct text signature)
{
	return !header->kid_is_string && !header->kid_value && !keys->signer->kid.len && keys->signer != keys->fallback && alg == keys->signing_alg &&
	       jose_signature_is_right(keys->signer, alg, input, signature);
}

static int unrecognized(TALLOC_CTX *mem, const struct header *header, const struct jose_alg *alg, const char **detail)
{
	struct text kid = header->kid;
	struct buffer *out = buffer_new(mem, 128);

	if (!header->kid_is_string)
		kid = header->kid_value ? json_canonical(mem, header->kid_value) : TEXT("<nil>");
	buffer_string(out, UNVERIFIABLE ": error while executing keyfunc: unrecognized JWT kid ");
	buffer_text(out, kid);
	buffer_format(out, " for algorithm %s", alg->name);
	*detail = out->data;
	return -1;
}

static int check_signature(TALLOC_CTX *mem, const struct jose_key *key, const struct jose_alg *alg, const struct segments *segments,
			   struct text signature, const char **detail)
{
	if (alg->family != FAMILY_NONE && !jose_key_fits(key, alg)) {
		*detail = format(mem, WRONG_SIGNATURE ": key is of invalid type: %s", jose_family_wrong_key(alg->family));
		return -1;
	}
	if (!jose_signature_is_right(key, alg, segments->input, signature))
		return token_fail(mem, detail, WRONG_SIGNATURE, jose_family_wrong_signature(alg->family));
	return 0;
}

int jose_verify(TALLOC_CTX *mem, const struct jose_keys *keys, struct text token, struct json_object **claims, const char **detail)
{
	struct segments segments;
	struct header header;
	struct text signature;
	const struct jose_alg *alg;
	const struct jose_key *key;

	if (!token_split(token, &segments))
		return token_fail(mem, detail, MALFORMED, "token contains an invalid number of segments");
	if (read_header(mem, keys, segments.header, &header, detail) < 0 || token_decode_object(mem, segments.payload, "claim", claims, detail) < 0)
		return -1;
	if (!header.alg.data)
		return token_fail(mem, detail, UNVERIFIABLE, "signing method (alg) is unspecified");
	alg = jose_alg_find(header.alg);
	if (!alg)
		return token_fail(mem, detail, UNVERIFIABLE, "signing method (alg) is unavailable");
	if (token_decode(mem, segments.signature, "signature", &signature, detail) < 0)
		return -1;
	if (!text_list_has(&keys->valid_methods, header.alg)) {
		*detail = format(mem, WRONG_SIGNATURE ": signing method %s is invalid", alg->name);
		return -1;
	}
	if (is_own_without_kid(keys, &header, alg, segments.input, signature))
		return 0;
	key = choose_key(keys, &header, alg);
	if (!key)
		return unrecognized(mem, &header, alg, detail);
	return check_signature(mem, key, alg, &segments, signature, detail);
}
