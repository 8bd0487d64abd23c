/* attestation.c: any bytes as an attestation object: read within its bounds, and never taken for another's key. */
#include "cgi-src/webauthn/webauthn_int.h"
#include "tests/fuzz/fuzz.h"

#define CLIENT "{\"type\":\"webauthn.create\",\"challenge\":\"cYTR0tPc39dugevtbwYy75oqSMVgmgWSZuCBhBud9iQ\",\"origin\":\"http://localhost:3000\"}"

static struct text as_json(TALLOC_CTX *mem, const uint8_t *data, size_t size)
{
	return text_of(format(
		mem,
		"{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\",\"attestationObject\":\"%s\"}}",
		base64_encode(mem, BASE64_URL_RAW, CLIENT, sizeof(CLIENT) - 1), base64_encode(mem, BASE64_URL_RAW, data, size)));
}

static bool is_inside(struct text part, struct text whole)
{
	return part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check(TALLOC_CTX *mem, const struct webauthn_answer *answer)
{
	static struct text site[] = {TEXT("http://localhost:3000")};
	static int64_t offered[] = {-7, -35, -36, -257, -258, -259, -37, -38, -39, -8};
	static const struct settings settings = {.webauthn = {.rp_id = "localhost", .rp_display_name = "Fuzz", .rp_origins = {site, 1, true}}};
	const struct webauthn_session session = {
		.challenge = answer->client.challenge, .user_id = TEXT("user"), .algorithms = offered, .algorithm_count = 10};
	struct json_writer out = json_writer(buffer_new(mem, 1024));
	struct webauthn_credential credential;
	struct json_object *stored;
	const char *why = NULL;

	if (webauthn_check_registration(mem, &settings, &session, TEXT("user"), answer, &why))
		promise((answer->auth.flags & AUTH_UP) && answer->auth.public_key.len > 0);
	else
		promise(why != NULL);
	webauthn_response_json(&out, answer, true);
	promise(json_parse(mem, webauthn_credential_json(mem, answer), &stored, &why) == 0);
	if (answer->auth.credential_id.len > 0)
		promise(webauthn_credential_read(mem, stored, &credential) && text_equal(credential.public_key, answer->auth.public_key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_answer answer;
	const char *why = NULL;

	if (webauthn_read_registration(mem, as_json(mem, data, size), &answer, &why)) {
		promise(answer.auth.attested && answer.auth.credential_id.len <= 1023);
		promise(is_inside(answer.auth.credential_id, answer.auth.bytes) && is_inside(answer.auth.bytes, answer.attestation_object));
		check(mem, &answer);
	} else {
		promise(why != NULL);
	}
	talloc_free(mem);
	return 0;
}
