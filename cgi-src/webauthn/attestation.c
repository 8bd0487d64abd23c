/* attestation.c: the table of attestation formats (contract 08 section 10.8). */
#include "latchkey/crypto.h"
#include "webauthn_int.h"

bool refuse_attestation(struct attestation *attestation, const char *why)
{
	attestation->why = why;
	return false;
}

static bool attest_none(struct attestation *attestation)
{
	return attestation->statement->count == 0 || refuse_attestation(attestation, "none: a statement all the same");
}

static const struct {
	const char *format;
	bool (*accepted)(struct attestation *attestation);
} formats[] = {
	{"none", attest_none},	 {"packed", attest_packed},	      {"fido-u2f", attest_u2f},
	{"apple", attest_apple}, {"android-key", attest_android_key}, {"android-safetynet", attest_safetynet},
	{"tpm", attest_tpm},
};

bool attestation_accepted(TALLOC_CTX *mem, const struct webauthn_answer *answer, const char **why)
{
	struct attestation attestation = {.mem = mem, .answer = answer, .statement = answer->statement, .why = "attestation: unknown format"};
	unsigned char hash[32];
	struct buffer *data = buffer_new(mem, answer->auth.bytes.len + sizeof(hash));
	bool accepted = false;

	sha256(answer->client_data_json, hash);
	buffer_text(data, answer->auth.bytes);
	buffer_add(data, hash, sizeof(hash));
	attestation.signed_data = buffer_as_text(data);
	attestation.client_hash = (struct text){data->data + answer->auth.bytes.len, sizeof(hash)};
	if (!cose_read(mem, answer->auth.public_key, &attestation.key)) {
		*why = "no key that is known here";
		return false;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (text_is(answer->format, formats[i].format))
			accepted = formats[i].accepted(&attestation);
	*why = attestation.why;
	return accepted;
}
