/* attest_android.c: Android's attestations, by its key store and by SafetyNet (contract 08 section 10.8). */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "latchkey/crypto.h"
#include "webauthn_int.h"

#define OID_KEY_DESCRIPTION "1.3.6.1.4.1.11129.2.1.17"

/* ---- android-key ------------------------------------------------------------------------------------------------------------------------------ */

enum { TAG_PURPOSE = 1, TAG_ALL_APPLICATIONS = 600, TAG_ORIGIN = 702 };

struct authorizations {
	bool all_applications, may_sign, generated; /* generated: origin 0, or none told */
};

static int64_t small_int(struct text content)
{
	return content.len == 1 ? (signed char)content.data[0] : INT64_MAX;
}

static bool has_sign(struct text set)
{
	struct der outer, purpose;

	if (!der_next(&set, &outer) || outer.tag != V_ASN1_SET)
		return false;
	while (der_next(&outer.content, &purpose))
		if (small_int(purpose.content) == 2)
			return true;
	return false;
}

static bool read_authorizations(struct text content, struct authorizations *out)
{
	struct der entry, value;

	*out = (struct authorizations){.generated = true};
	while (content.len) {
		if (!der_next(&content, &entry))
			return false;
		if (!(entry.class & V_ASN1_CONTEXT_SPECIFIC))
			continue;
		if (entry.tag == TAG_ALL_APPLICATIONS)
			out->all_applications = true;
		else if (entry.tag == TAG_PURPOSE)
			out->may_sign = has_sign(entry.content);
		else if (entry.tag == TAG_ORIGIN)
			out->generated = der_next(&entry.content, &value) && small_int(value.content) == 0;
	}
	return true;
}

/* KeyDescription: version, level, version, level, challenge, unique id, what software and what hardware enforce. */
bool android_description_is_right(struct text extension, struct text challenge)
{
	enum { CHALLENGE = 4, SOFTWARE = 6, HARDWARE = 7, PARTS };
	struct authorizations software, hardware;
	struct der sequence, parts[PARTS];

	if (!der_next(&extension, &sequence) || sequence.tag != V_ASN1_SEQUENCE)
		return false;
	for (size_t i = 0; i < PARTS; i++)
		if (!der_next(&sequence.content, &parts[i]))
			return false;
	if (!text_equal(parts[CHALLENGE].content, challenge) || !read_authorizations(parts[SOFTWARE].content, &software) ||
	    !read_authorizations(parts[HARDWARE].content, &hardware))
		return false;
	return !software.all_applications && !hardware.all_applications && software.generated && hardware.generated &&
	       (software.may_sign || hardware.may_sign);
}

bool attest_android_key(struct attestation *attestation)
{
	const struct cbor_node *statement = attestation->statement;
	struct text signature = cbor_bytes(cbor_member(statement, "sig"));
	struct certificates *certificates = certificates_read(attestation->mem, cbor_member(statement, "x5c"));
	EVP_PKEY *certified;
	int64_t alg;

	if (!cbor_int(cbor_member(statement, "alg"), &alg) || !signature.data || !certificates)
		return refuse_attestation(attestation, "android-key: statement");
	if (!certificates_chain(certificates, ANCHOR_ANDROID))
		return refuse_attestation(attestation, "android-key: chain");
	certified = X509_get0_pubkey(certificates->items[0]);
	if (!cose_verify_with(certified, alg, attestation->signed_data, signature) ||
	    !cose_verify(&attestation->key, attestation->signed_data, signature))
		return refuse_attestation(attestation, "android-key: signature");
	if (attestation->key.kty != COSE_EC2 || EVP_PKEY_eq(certified, attestation->key.key) != 1)
		return refuse_attestation(attestation, "android-key: key");
	return android_description_is_right(certificate_extension(certificates->items[0], OID_KEY_DESCRIPTION, NULL), attestation->client_hash) ||
	       refuse_attestation(attestation, "android-key: description of the key");
}

/* ---- android-safetynet ---------------------------------------------------------------------------------------------------------------------------- */

static struct json_object *decode_part(TALLOC_CTX *mem, struct text part)
{
	struct json_object *value = NULL;
	struct text json;
	const char *why;

	json.data = (const char *)base64_decode(mem, BASE64_URL_RAW, part, &json.len, NULL);
	if (!json.data || json_parse(mem, json, &value, &why) < 0)
		return NULL;
	return json_object_is_type(value, json_type_object) ? value : NULL;
}

static X509 *signer_of(TALLOC_CTX *mem, struct json_object *header)
{
	struct json_object *x5c = json_get(header, "x5c");
	struct json_object *first = json_object_is_type(x5c, json_type_array) ? json_object_array_get_idx(x5c, 0) : NULL;
	struct text der;

	if (!text_is(json_get_text(header, "alg"), "RS256") || !json_object_is_type(first, json_type_string))
		return NULL;
	der.data = (const char *)base64_decode(mem, BASE64_STD, text_of(json_object_get_string(first)), &der.len, NULL);
	return der.data ? certificate_read(mem, der) : NULL;
}

static bool signature_is_right(TALLOC_CTX *mem, X509 *signer, struct text signed_part, struct text encoded)
{
	struct text signature;

	signature.data = (const char *)base64_decode(mem, BASE64_URL_RAW, encoded, &signature.len, NULL);
	return signature.data && cose_verify_with(X509_get0_pubkey(signer), -257, signed_part, signature);
}

static bool says_the_right(struct attestation *attestation, struct json_object *payload)
{
	struct json_object *at = json_get(payload, "timestampMs");
	unsigned char hash[32];
	char *nonce;

	sha256(attestation->signed_data, hash);
	nonce = base64_encode(attestation->mem, BASE64_STD, hash, sizeof(hash));
	return text_is(json_get_text(payload, "nonce"), nonce) && json_get_true(payload, "ctsProfileMatch") && at &&
	       json_object_get_double(at) <= (double)moment_now() / 1000;
}

bool attest_safetynet(struct attestation *attestation)
{
	struct text jws = cbor_bytes(cbor_member(attestation->statement, "response")), header, rest, payload, signature;
	const struct cbor_node *version = cbor_member(attestation->statement, "ver");
	struct json_object *claims;
	X509 *signer;

	if (!cbor_has_kind(version, NODE_TEXT) || version->text.len == 0)
		return refuse_attestation(attestation, "android-safetynet: version");
	if (!text_cut(jws, '.', &header, &rest) || !text_cut(rest, '.', &payload, &signature))
		return refuse_attestation(attestation, "android-safetynet: no JWS");
	signer = signer_of(attestation->mem, decode_part(attestation->mem, header));
	claims = decode_part(attestation->mem, payload);
	if (!signer || !claims || !signature_is_right(attestation->mem, signer, (struct text){jws.data, header.len + 1 + payload.len}, signature))
		return refuse_attestation(attestation, "android-safetynet: signature");
	if (X509_check_host(signer, "attest.android.com", 0, 0, NULL) != 1)
		return refuse_attestation(attestation, "android-safetynet: host of the certificate");
	return says_the_right(attestation, claims) || refuse_attestation(attestation, "android-safetynet: what it says");
}
