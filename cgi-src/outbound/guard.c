/* guard.c: URLs that somebody else chose (contract 01 section 17). */
#include <netdb.h>
#include <string.h>

#include "cgi-src/outbound/outbound_int.h"
#include "latchkey/http.h"
#include "latchkey/settings.h"

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "validation_failed", "%s", why);
}

/* Every address of the host; flags AI_NUMERICHOST: only what is a literal. */
static int check_addresses(struct request *req, struct text host, int flags)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *found = NULL;
	const char *complaint = NULL;

	if (getaddrinfo(text_string(req, host), NULL, &hints, &found) != 0)
		return flags & AI_NUMERICHOST ? 0 : refuse(req, "Unable to resolve hostname");
	for (struct addrinfo *at = found; at && !complaint; at = at->ai_next)
		complaint = address_complaint_saved(at->ai_addr);
	freeaddrinfo(found);
	return complaint ? refuse(req, complaint) : 0;
}

int outbound_guard(struct request *req, struct text url)
{
	struct url parsed;
	const char *why;

	if (url_parse(req, url, &parsed, &why) < 0)
		return refuse(req, "Invalid URL format");
	if (!text_is(parsed.scheme, "https"))
		return refuse(req, "URL must use HTTPS");
	if (text_is_empty(parsed.host) || text_has_nul(parsed.host))
		return refuse(req, "URL must have a valid hostname");
	if (host_is_this_machine(req, parsed.host))
		return refuse(req, "URL cannot point to localhost or loopback addresses");
	return check_addresses(req, parsed.host, *proxy_for(req->settings, parsed.scheme, parsed.host, parsed.port) ? AI_NUMERICHOST : 0);
}

struct text outbound_shown(TALLOC_CTX *mem, struct text url)
{
	struct url parsed;
	const char *why;

	if (url_parse(mem, url, &parsed, &why) < 0)
		return TEXT("(no URL)");
	return text_of(format(mem, "%.*s://%.*s%s%.*s%.*s", (int)parsed.scheme.len, parsed.scheme.data, (int)parsed.host.len, parsed.host.data,
			      parsed.port.len ? ":" : "", (int)parsed.port.len, parsed.port.data, (int)parsed.path.len, parsed.path.data));
}
