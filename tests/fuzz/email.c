/* email.c: an address from outside: what is taken has one "@", no byte that a header or a log could stumble over, and stays what it is. */
#include "latchkey/account.h"
#include "tests/fuzz/fuzz.h"

static bool is_safe(struct text email)
{
	size_t ats = 0;

	for (size_t i = 0; i < email.len; i++) {
		unsigned char byte = (unsigned char)email.data[i];

		if (byte <= ' ' || byte >= 0x7f || (byte >= 'A' && byte <= 'Z') || strchr("\"(),:;<>[\\]", byte))
			return false;
		ats += byte == '@';
	}
	return ats == 1 && email.len >= 3 && email.len <= 255;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request *req = request_new(NULL, NULL);
	struct text normal, again;

	if (email_validate(req, fuzz_text(data, size), &normal) == 0) {
		promise(!failed(req) && is_safe(normal));
		promise(email_validate(req, normal, &again) == 0 && text_equal(normal, again));
	} else {
		promise(req->failure.status == 400);
	}
	talloc_free(req);
	return 0;
}
