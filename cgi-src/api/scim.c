/* scim.c: the discovery documents of SCIM, and that nothing else is there (contract 09 section 11). */
#include "cgi-src/api/handlers.h"
#include "latchkey/settings.h"

#define ERROR_SCHEMA "urn:ietf:params:scim:api:messages:2.0:Error"

static int reply_scim(struct request *req, int status, struct text body)
{
	reply_raw_json(req, status, body);
	http_set_header(req, "Content-Type", TEXT("application/scim+json"));
	return 0;
}

int api_scim_not_found(struct request *req)
{
	return reply_scim(req, 404,
			  TEXT("{\"schemas\":[\"" ERROR_SCHEMA "\"],\"detail\":\"Endpoint or resource does not exist\",\"status\":\"404\"}"));
}

static const char config_head[] =
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig\"],\"patch\":{\"supported\":false},"
	"\"bulk\":{\"supported\":false,\"maxOperations\":0,\"maxPayloadSize\":0},\"filter\":{\"supported\":false,\"maxResults\":0},"
	"\"changePassword\":{\"supported\":false},\"sort\":{\"supported\":false},\"etag\":{\"supported\":false},"
	"\"authenticationSchemes\":[{\"type\":\"oauthbearertoken\",\"name\":\"OAuth Bearer Token\","
	"\"description\":\"Authentication scheme using the OAuth Bearer Token Standard\","
	"\"specUri\":\"http://www.rfc-editor.org/info/"
	"rfc6750\",\"primary\":true}],\"meta\":{\"resourceType\":\"ServiceProviderConfig\",\"location\":";

int api_scim_config(struct request *req)
{
	struct text base = text_of(req->settings->api.external_url);
	struct buffer *body = buffer_new(req, 1024), *location = buffer_new(req, 128);
	struct json_writer out;

	while (base.len && base.data[base.len - 1] == '/')
		base.len--;
	buffer_text(location, base);
	buffer_string(location, "/scim/v2/ServiceProviderConfig");
	buffer_string(body, config_head);
	out = json_writer(body);
	json_text(&out, buffer_as_text(location));
	buffer_string(body, "}}");
	return reply_scim(req, 200, buffer_as_text(body));
}

/* ResourceTypes and Schemas: lists of nothing. */
int api_scim_list(struct request *req)
{
	struct text ignored;

	if (http_query_all(req, "filter", &ignored, 1) > 0)
		return reply_scim(
			req, 403,
			TEXT("{\"schemas\":[\"" ERROR_SCHEMA "\"],\"detail\":\"Filtering is not supported on this endpoint\",\"status\":\"403\"}"));
	return reply_scim(req, 200,
			  TEXT("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":0,\"startIndex\":1,"
			       "\"itemsPerPage\":0,\"Resources\":[]}"));
}
