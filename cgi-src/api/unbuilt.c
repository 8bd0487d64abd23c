/* unbuilt.c: what stands in for endpoints and gates that are not part of this build yet. A weak one gives way to the real function;
 * remove it here when that is written. */
#include "cgi-src/api/gates.h"
#include "cgi-src/api/handlers.h"
#include "latchkey/api.h"

int api_unbuilt(struct request *req)
{
	return fail_server(req, "%s %s is not part of this build yet", text_string(req, req->http->method_text),
			   req->http->route ? req->http->route->pattern : "this path");
}

#define STANDS_IN(name)                                     \
	__attribute__((weak)) int name(struct request *req) \
	{                                                   \
		return api_unbuilt(req);                    \
	}

STANDS_IN(gate_flow_state)
STANDS_IN(gate_sso_provider)
STANDS_IN(gate_oauth_client)
STANDS_IN(gate_client_auth)
STANDS_IN(api_token)
STANDS_IN(api_logout)
STANDS_IN(api_signup)
STANDS_IN(api_user_get)
STANDS_IN(api_user_update)
STANDS_IN(api_reauthenticate)
STANDS_IN(api_identity_delete)
STANDS_IN(api_invite)
STANDS_IN(api_generate_link)
STANDS_IN(api_admin_audit)
STANDS_IN(api_admin_users_list)
STANDS_IN(api_admin_user_create)
STANDS_IN(api_admin_user_get)
STANDS_IN(api_admin_user_update)
STANDS_IN(api_admin_user_delete)
STANDS_IN(api_admin_factors_list)
STANDS_IN(api_admin_factor_update)
STANDS_IN(api_admin_factor_delete)
STANDS_IN(cleanup_after_request)
