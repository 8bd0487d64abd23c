/* attest_u2f.c: attestation of U2F security keys (contract 08 section 10.8). */
#include <string.h>

#include "webauthn_int.h"

static bool is_p256(EVP_PKEY *key)
{
	char curve[32];
	size_t len;

	return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, curve, sizeof(curve), &len) == 1 &&
	       strcmp(curve, "prime256v1") == 0;
}

bool attest_u2f(struct attestation *attestation)
{
	const struct authenticator_data *auth = &attestation->answer->auth;
	const struct cose_key *key = &attestation->key;
	struct text signature = cbor_bytes(cbor_member(attestation->statement, "sig"));
	struct certificates *certificates = certificates_read(attestation->mem, cbor_member(attestation->statement, "x5c"));
	struct buffer *data = buffer_new(attestation->mem, 256);
	EVP_PKEY *signer;

	if (key->kty != COSE_EC2 || key->alg != -7 || key->x.len != 32 || key->y.len != 32)
		return refuse_attestation(attestation, "fido-u2f: key");
	if (!certificates || certificates->count != 1 || !signature.data)
		return refuse_attestation(attestation, "fido-u2f: statement");
	signer = X509_get0_pubkey(certificates->items[0]);
	if (!is_p256(signer))
		return refuse_attestation(attestation, "fido-u2f: certificate");
	buffer_char(data, 0);
	buffer_text(data, auth->rp_id_hash);
	buffer_text(data, attestation->client_hash);
	buffer_text(data, auth->credential_id);
	buffer_char(data, 4);
	buffer_text(data, key->x);
	buffer_text(data, key->y);
	return cose_verify_with(signer, -7, buffer_as_text(data), signature) || refuse_attestation(attestation, "fido-u2f: signature");
}
