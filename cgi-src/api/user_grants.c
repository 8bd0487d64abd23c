/* user_grants.c: /user/oauth/grants: what the user has granted to applications (contract 10 section 16). */
#include "cgi-src/api/handlers.h"
#include "cgi-src/api/oauth.h"

int api_user_grants_list(struct request *req)
{
	struct json_writer out = http_reply(req, 200);

	return oauth_grants_json(req, req->bearer->user, &out);
}

int api_user_grant_revoke(struct request *req)
{
	struct text name = http_query(req, "client_id");
	struct uuid id;

	if (text_is_empty(name))
		return fail(req, 400, "validation_failed", "client_id query parameter is required");
	if (!uuid_parse(name, &id))
		return fail(req, 400, "validation_failed", "invalid client_id format");
	return oauth_grant_revoke(req, req->bearer->user, &id) < 0 ? -1 : reply_empty(req, 204);
}
