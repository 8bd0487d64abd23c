/* logout.c: POST /logout: ends the bearer's session, all of them, or the others (contract 04 section 11). */
#include "cgi-src/api/handlers.h"
#include "latchkey/session.h"

static const struct {
	const char *name;
	enum logout_scope scope;
} scopes[] = {
	{"", LOGOUT_GLOBAL},
	{"global", LOGOUT_GLOBAL},
	{"local", LOGOUT_LOCAL},
	{"others", LOGOUT_OTHERS},
};

static int read_scope(struct request *req, enum logout_scope *scope)
{
	struct text value = http_query(req, "scope");

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (text_is(value, scopes[i].name)) {
			*scope = scopes[i].scope;
			return 0;
		}
	return fail(req, 400, "validation_failed", "Unsupported logout scope %s", text_string(req, quote_go(req, value)));
}

int api_logout(struct request *req)
{
	enum logout_scope scope = LOGOUT_GLOBAL;

	if (read_scope(req, &scope) < 0 || session_logout(req, req->bearer, scope) < 0)
		return -1;
	return reply_empty(req, 204);
}
