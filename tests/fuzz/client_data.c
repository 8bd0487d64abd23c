/* client_data.c: any bytes as the client data, and as the whole of a credential's JSON. */
#include "cgi-src/webauthn/webauthn_int.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text site[] = {TEXT("http://localhost:3000"), TEXT("https://example.com"), TEXT("android:apk-key-hash:x")};
	static const struct text_list origins = {site, 3, true};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_session session;
	struct webauthn_answer answer;
	struct client_data client;
	const char *why = NULL;

	if (client_data_read(mem, fuzz_text(data, size), &client, &why))
		webauthn_origin_allowed(mem, &origins, client.origin);
	else
		promise(why != NULL);
	webauthn_origin_allowed(mem, &origins, fuzz_text(data, size));
	why = NULL;
	promise(webauthn_read_registration(mem, fuzz_text(data, size), &answer, &why) || why);
	why = NULL;
	promise(webauthn_read_assertion(mem, fuzz_text(data, size), &answer, &why) || why);
	webauthn_session_read(mem, fuzz_text(data, size), &session);
	talloc_free(mem);
	return 0;
}
