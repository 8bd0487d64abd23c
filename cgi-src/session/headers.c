/* headers.c: the sb-auth-… headers of answers that issue or refuse tokens (contract 04 section 4). */
#include "session_int.h"

void header_uuid(struct request *req, const char *name, const struct uuid *uuid)
{
	http_set_header(req, name, text_of(uuid_string(req, uuid)));
}

void header_counter(struct request *req, int64_t counter)
{
	http_set_header(req, "sb-auth-refresh-token-counter", text_of(format(req, "%lld", (long long)counter)));
}

void header_prefix(struct request *req, struct text refresh_token)
{
	http_set_header(req, "sb-auth-refresh-token-prefix", text_copy(req, (struct text){refresh_token.data, 5}));
}
