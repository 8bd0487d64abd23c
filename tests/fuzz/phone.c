/* phone.c: a phone number from outside: what is taken is two to fifteen digits, and stays what it is. */
#include "latchkey/account.h"
#include "tests/fuzz/fuzz.h"

static bool is_number(struct text phone)
{
	for (size_t i = 0; i < phone.len; i++)
		if (phone.data[i] < '0' || phone.data[i] > '9')
			return false;
	return phone.len >= 2 && phone.len <= 15 && phone.data[0] != '0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request *req = request_new(NULL, NULL);
	struct text normal, again;

	if (phone_validate(req, fuzz_text(data, size), &normal) == 0) {
		promise(!failed(req) && is_number(normal));
		promise(phone_validate(req, normal, &again) == 0 && text_equal(normal, again));
	} else {
		promise(req->failure.status == 400);
	}
	talloc_free(req);
	return 0;
}
