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
