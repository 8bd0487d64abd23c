/* external.c: the base URL of links, from a host that the operator has listed (contract 01 section 12). */
#include "http_int.h"

static void log_unlisted(struct request *req, struct text host, struct text proto)
{
	const struct http *http = req->http;
	struct log_field fields[4];
	size_t count = 0;

	if (host.len)
		fields[count++] = log_bytes("x_forwarded_host", host);
	if (proto.len)
		fields[count++] = log_bytes("x_forwarded_proto", proto);
	if (http->target_host.len)
		fields[count++] = log_bytes("request_url_host", http->target_host);
	if (http->target_scheme.len)
		fields[count++] = log_bytes("request_url_scheme", http->target_scheme);
	request_log(req, LOG_INFO,
		    "Request received external host in X-Forwarded-Host or Host headers, but the values have not been added to "
		    "GOTRUE_MAILER_EXTERNAL_HOSTS and will not be used. To suppress this message add the host, or sanitize the headers before the "
		    "request reaches Auth.",
		    fields, count);
}

int external_host(struct request *req)
{
	struct http *http = req->http;
	struct text forwarded = http_header(req, "X-Forwarded-Host"), proto = http_header(req, "X-Forwarded-Proto");
	struct text host = forwarded.len ? forwarded : http->target_host;
	const char *scheme = "https", *why;
	struct url url;

	http->external_url = text_of(req->settings->api.external_url);
	if (host.len == 0)
		return 0;
	if (!text_list_has(&req->settings->mailer.external_hosts, host)) {
		log_unlisted(req, forwarded, proto);
		return 0;
	}
	if (text_is(host, "localhost") && (text_is(proto, "http") || text_is(http->target_scheme, "http")))
		scheme = "http";
	http->external_url = text_of(format(req, "%s://%s", scheme, text_string(req, host)));
	if (url_parse(req, http->external_url, &url, &why) < 0)
		return fail_unexpected(req, "the listed external host makes no URL: %s", why);
	return 0;
}
