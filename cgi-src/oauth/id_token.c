/* id_token.c: ID tokens verified (contract 07 section 7.1; OpenID Connect Core 1.0 section 3.1.3.7). */
#include <math.h>
#include <string.h>

#include <openssl/evp.h>

#include "latchkey/jose.h"
#include "oauth_int.h"

#define NBF_LEEWAY 300
#define UNKNOWN_KEY_PAUSE (10 * SECOND) /* between two fetches of a key set that unknown key ids have caused */
#define TOKEN_MAX ((size_t)65536)

/* ---- claims ---------------------------------------------------------------------------------------------------------------------------------------- */

struct text_list audience_list(struct request *req, struct json_object *payload)
{
	struct json_object *aud = json_get(payload, "aud");
	size_t count = json_object_is_type(aud, json_type_array) ? json_object_array_length(aud) : 1;
	struct text_list list = {must(talloc_array(req, struct text, (unsigned)count + 1)), 0, true};

	if (json_object_is_type(aud, json_type_string))
		list.items[list.count++] = json_get_text(payload, "aud");
	else if (json_object_is_type(aud, json_type_array))
		for (size_t i = 0; i < count; i++)
			list.items[list.count++] = text_of(json_object_get_string(json_object_array_get_idx(aud, i)));
	return list;
}

bool audience_has(struct json_object *payload, struct text client_id)
{
	struct json_object *aud = json_get(payload, "aud");

	if (json_object_is_type(aud, json_type_string))
		return text_equal(json_get_text(payload, "aud"), client_id);
	for (size_t i = 0; json_object_is_type(aud, json_type_array) && i < json_object_array_length(aud); i++)
		if (text_equal(text_of(json_object_get_string(json_object_array_get_idx(aud, i))), client_id))
			return true;
	return false;
}

static bool has_any(struct json_object *payload, const struct text_list *audiences)
{
	for (size_t i = 0; i < audiences->count; i++)
		if (audience_has(payload, audiences->items[i]))
			return true;
	return false;
}

static const char *check_types(struct json_object *payload)
{
	static const char *const texts[] = {"iss", "sub", "nonce", "at_hash"};
	struct json_object *aud = json_get(payload, "aud");

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (json_has(payload, texts[i]) && json_get(payload, texts[i]) && !json_object_is_type(json_get(payload, texts[i]), json_type_string))
			return "a claim is no text";
	if (aud && !json_object_is_type(aud, json_type_string) && !json_object_is_type(aud, json_type_array))
		return "aud is neither a text nor a list";
	for (size_t i = 0; json_object_is_type(aud, json_type_array) && i < json_object_array_length(aud); i++)
		if (!json_object_is_type(json_object_array_get_idx(aud, i), json_type_string))
			return "aud names something that is no text";
	return NULL;
}

/* Whole seconds; false where it is no number. */
static bool seconds_of(struct json_object *payload, const char *name, double *seconds)
{
	struct json_object *value = json_get(payload, name);

	*seconds = 0;
	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
		return false;
	*seconds = trunc(json_object_get_double(value));
	return true;
}

static const char *check_times(const struct request *req, struct json_object *payload)
{
	double now = (double)req->started / 1e6, exp, nbf, iat;

	if (!seconds_of(payload, "exp", &exp) || !seconds_of(payload, "nbf", &nbf) || !seconds_of(payload, "iat", &iat))
		return "a time is no number";
	if (exp < now)
		return "token is expired";
	return nbf > now + NBF_LEEWAY ? "current time is before the nbf (not before) time" : NULL;
}

static bool same_issuer(struct text token, struct text wanted)
{
	return text_equal(token, wanted) || (text_is(wanted, ISSUER_GOOGLE) && text_is(token, "accounts.google.com"));
}

static const char *check_claims(const struct request *req, struct json_object *payload, const struct token_check *check)
{
	const char *why = check_types(payload);

	if (why)
		return why;
	if (check->issuer.len && !same_issuer(json_get_text(payload, "iss"), check->issuer))
		return "token was issued by a different provider";
	if (check->audiences && !has_any(payload, check->audiences))
		return "token is for another audience";
	return check_times(req, payload);
}

/* ---- the signature ------------------------------------------------------------------------------------------------------------------------------------ */

static bool may_fetch_again(const struct oidc *oidc)
{
	return oidc->unknown_at == MOMENT_NONE || moment_now() > moment_add(oidc->unknown_at, UNKNOWN_KEY_PAUSE);
}

/* The keys that are cached, and, where none of them did it, those that are published now. */
static const char *check_signature(struct request *req, struct oidc *oidc, const struct jose_parts *parts, struct text alg)
{
	struct text kid = json_get_text(parts->header, "kid");
	const char *name = text_string(req, alg), *why = NULL;
	bool cached = oidc->keys.len > 0, known;

	if (!cached && jwks_fetch(req, oidc, &why) < 0)
		return why ? why : "the key set cannot be kept";
	if (jwks_verify(req, oidc->keys, kid, name, parts->signing_input, parts->signature, &known))
		return NULL;
	if (!cached || !may_fetch_again(oidc))
		return "failed to verify id token signature";
	if (jwks_fetch(req, oidc, &why) < 0)
		return why ? why : "the key set cannot be kept";
	if (!jwks_verify(req, oidc->keys, kid, name, parts->signing_input, parts->signature, &known))
		return "failed to verify id token signature";
	return db_execute(req, STMT_OIDC_KEYS_WELL, DB_ARGS(db_text(oidc->location))) < 0 ? "the key set cannot be kept" : NULL;
}

/* ---- at_hash ------------------------------------------------------------------------------------------------------------------------------------------- */

static const EVP_MD *digest_of(struct text alg)
{
	if (text_is(alg, "EdDSA") || text_is((struct text){alg.data + 2, 3}, "512"))
		return EVP_sha512();
	return text_is((struct text){alg.data + 2, 3}, "384") ? EVP_sha384() : EVP_sha256();
}

static const char *check_at_hash(struct request *req, struct json_object *payload, struct text alg, struct text access_token)
{
	struct text given = json_get_text(payload, "at_hash");
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (!given.len || !access_token.len)
		return NULL;
	if (!EVP_Digest(access_token.data, access_token.len, digest, &len, digest_of(alg), NULL))
		return "the digest failed";
	if (!secret_equal(given, text_of(base64_encode(req, BASE64_URL_RAW, digest, len / 2))))
		return "access token hash does not match value in ID token";
	return NULL;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------------------------ */

int id_token_peek(struct request *req, struct text token, struct json_object **payload)
{
	struct text issuer;
	const char *why;

	if (token.len > TOKEN_MAX || jose_payload(req, token, payload, &why) < 0)
		return -1;
	return answer_text(*payload, "iss", &issuer);
}

int id_token_verify(struct request *req, struct oidc *oidc, struct text token, const struct token_check *check, struct json_object **payload,
		    const char **why)
{
	struct jose_parts parts;
	struct text alg;

	*why = "the token is too long";
	if (token.len > TOKEN_MAX || jose_split(req, token, &parts, why) < 0)
		return -1;
	alg = json_get_text(parts.header, "alg");
	*why = json_has(parts.header, "crit") ? "the token has critical headers" : check_claims(req, parts.payload, check);
	if (!*why && !text_list_has(&oidc->algs, alg))
		*why = "the token's algorithm is not among the provider's";
	if (!*why)
		*why = check_signature(req, oidc, &parts, alg);
	if (!*why)
		*why = check_at_hash(req, parts.payload, alg, check->access_token);
	*payload = parts.payload;
	return *why ? -1 : 0;
}
