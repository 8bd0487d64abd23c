/* assertion.c: any bytes as authenticator data, what follows its 37 as a signature: none but the key's owner gets through. */
#include "cgi-src/webauthn/webauthn_int.h"
#include "tests/fuzz/fuzz.h"

#define CLIENT "{\"type\":\"webauthn.get\",\"challenge\":\"WfEoLJuRfZRxnW0eyF2qAyNxcHjGu6IMh1-_iGLS7Vg\",\"origin\":\"http://localhost:3000\"}"
#define USER "5b6a7c8d-0000-4000-8000-000000000002"
#define HEAD 37

/* A P-256 key whose owner has signed nothing here. */
static const char key[] =
	"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20\xa6\x6d\x9d\xfa\x05\xc1\xae\x29\x34\x6c\x87\x9d\x72\x9e\x8a\xb6\x73\x6a\xee\x76\x73\xd9"
	"\xe3\xa7\xb2\xf3\x7f\x08\x99\xa8\x2b\x86\x22\x58\x20\xa1\x57\x66\x40\x67\x40\x78\xc4\x92\x4e\x96\xa0\xad\x78\x43\xc9\xf1\x53"
	"\xc5\x26\x51\x63\xc1\x16\xd6\xcd\x77\x8b\x57\x1e\x6c\x40";

static struct text as_json(TALLOC_CTX *mem, const uint8_t *data, size_t size)
{
	size_t cut = size < HEAD ? size : HEAD;

	return text_of(format(
		mem,
		"{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\","
		"\"signature\":\"%s\",\"userHandle\":\"%s\"}}",
		base64_encode(mem, BASE64_URL_RAW, CLIENT, sizeof(CLIENT) - 1), base64_encode(mem, BASE64_URL_RAW, data, cut),
		base64_encode(mem, BASE64_URL_RAW, data + cut, size - cut), base64_encode(mem, BASE64_URL_RAW, USER, sizeof(USER) - 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text site[] = {TEXT("http://localhost:3000")};
	static const struct settings settings = {.webauthn = {.rp_id = "localhost", .rp_display_name = "Fuzz", .rp_origins = {site, 1, true}}};
	const struct webauthn_credential credential = {.id = TEXT("\0\0\0"), .public_key = {key, sizeof(key) - 1}}, *used;
	const struct webauthn_session session = {.challenge = TEXT("WfEoLJuRfZRxnW0eyF2qAyNxcHjGu6IMh1-_iGLS7Vg")};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct authenticator_data auth;
	struct webauthn_answer answer;
	const char *why = NULL;

	if (webauthn_read_assertion(mem, as_json(mem, data, size), &answer, &why))
		promise(!webauthn_check_assertion(mem, &settings, WEBAUTHN_PASSKEY, &session, TEXT(USER), &credential, 1, &answer, &used, &why));
	promise(why != NULL);
	why = NULL;
	if (!authenticator_data_read(mem, fuzz_text(data, size), &auth, &why))
		promise(why != NULL);
	talloc_free(mem);
	return 0;
}
