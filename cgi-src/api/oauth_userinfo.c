/* oauth_userinfo.c: GET /oauth/userinfo: what an application may know of the user (contract 10 section 15, OpenID Connect Core section 5.3). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"

int api_oauth_userinfo(struct request *req)
{
	const struct bearer *bearer = req->bearer;
	struct json_writer out = http_reply(req, 200);

	oauth_userinfo(&out, req, bearer->user, bearer->session ? text_of(bearer->session->scopes) : TEXT_NONE);
	return 0;
}
