/* attest_apple.c: anonymous attestation of Apple's devices (contract 08 section 10.8). */
#include "latchkey/crypto.h"
#include "webauthn_int.h"

#define OID_NONCE "1.2.840.113635.100.8.2"

/* SEQUENCE { [1] EXPLICIT OCTET STRING } */
bool apple_nonce_is(struct text extension, struct text expected)
{
	struct der sequence, tagged, nonce;

	return der_next(&extension, &sequence) && sequence.tag == V_ASN1_SEQUENCE && der_next(&sequence.content, &tagged) && tagged.tag == 1 &&
	       (tagged.class & V_ASN1_CONTEXT_SPECIFIC) && der_next(&tagged.content, &nonce) && nonce.tag == V_ASN1_OCTET_STRING &&
	       text_equal(nonce.content, expected);
}

bool attest_apple(struct attestation *attestation)
{
	struct certificates *certificates = certificates_read(attestation->mem, cbor_member(attestation->statement, "x5c"));
	unsigned char hash[32];
	EVP_PKEY *certified;

	if (!certificates || !certificates_chain(certificates, ANCHOR_APPLE))
		return refuse_attestation(attestation, "apple: chain");
	sha256(attestation->signed_data, hash);
	if (!apple_nonce_is(certificate_extension(certificates->items[0], OID_NONCE, NULL), (struct text){(const char *)hash, sizeof(hash)}))
		return refuse_attestation(attestation, "apple: nonce");
	certified = X509_get0_pubkey(certificates->items[0]);
	if (!certified || attestation->key.kty != COSE_EC2 || !attestation->key.key || EVP_PKEY_eq(certified, attestation->key.key) != 1)
		return refuse_attestation(attestation, "apple: key");
	return true;
}
