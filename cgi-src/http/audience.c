/* audience.c: for whom a request speaks (contract 01 section 14). */
#include "http_int.h"
#include "latchkey/session.h"

struct text request_audience(struct request *req)
{
	struct text header = http_header_first(req, "X-JWT-AUD");
	const struct claims *claims = req->bearer ? &req->bearer->claims : NULL;

	if (header.len)
		return header;
	if (claims && !text_list_has(&req->settings->jwt.admin_roles, claims->role) && claims->aud.count && claims->aud.items[0].len)
		return claims->aud.items[0];
	return text_of(req->settings->jwt.aud);
}
