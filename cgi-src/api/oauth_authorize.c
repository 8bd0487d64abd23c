/* oauth_authorize.c: GET /oauth/authorize: where an application's sign-in begins (contract 10 section 8). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"

int api_oauth_authorize(struct request *req)
{
	struct oauth_authorize asked = {
		.client_id = http_query(req, "client_id"),
		.redirect_uri = http_query(req, "redirect_uri"),
		.response_type = http_query(req, "response_type"),
		.scope = http_query(req, "scope"),
		.state = http_query(req, "state"),
		.resource = http_query(req, "resource"),
		.challenge = http_query(req, "code_challenge"),
		.challenge_method = http_query(req, "code_challenge_method"),
		.nonce = http_query(req, "nonce"),
	};
	struct text target;

	return oauth_authorize(req, &asked, &target) < 0 ? -1 : reply_redirect(req, 302, target);
}
