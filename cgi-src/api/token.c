/* token.c: POST /token: which grant it is (contract 04 section 8.1). */
#include "cgi-src/api/grants.h"

static const struct grant_type {
	const char *name;
	enum limiter limiter;
	int (*handler)(struct request *req);
} grants[] = {
	{"refresh_token", LIMIT_TOKEN, grant_refresh_token}, {"password", LIMIT_TOKEN, grant_password}, {"pkce", LIMIT_TOKEN, grant_pkce},
	{"id_token", LIMIT_TOKEN, grant_id_token},	     {"web3", LIMIT_WEB3, grant_web3},
};

int api_token(struct request *req)
{
	struct text name = http_form(req, "grant_type");

	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (text_is(name, grants[i].name))
			return http_limit(req, grants[i].limiter) < 0 ? -1 : grants[i].handler(req);
	return fail(req, 400, "invalid_credentials", "unsupported_grant_type");
}
