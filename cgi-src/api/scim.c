/* scim.c: what is known of SCIM so far: that nothing is there (contract 09 section 11). */
#include "cgi-src/api/handlers.h"

int api_scim_not_found(struct request *req)
{
	reply_raw_json(req, 404,
		       TEXT("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],"
			    "\"detail\":\"Endpoint or resource does not exist\",\"status\":\"404\"}"));
	http_set_header(req, "Content-Type", TEXT("application/scim+json"));
	return 0;
}
