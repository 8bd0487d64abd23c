/* client.c: who asks, as far as addresses tell (contract 01 section 11; 12, row for 01 sections 9 and 11). */
#include "http_int.h"

static struct text next_item(struct text *rest)
{
	struct text item, after;

	if (!text_cut(*rest, ',', &item, &after)) {
		item = *rest;
		after = TEXT_NONE;
	}
	*rest = after;
	return text_trim(item, " \t");
}

static struct text first_item(struct text header)
{
	return next_item(&header);
}

/* The last item, which it cuts off. */
static struct text last_item(struct text *rest)
{
	size_t at = rest->len;
	struct text item;

	while (at > 0 && rest->data[at - 1] != ',')
		at--;
	item = (struct text){rest->data + at, rest->len - at};
	rest->len = at > 0 ? at - 1 : 0;
	return text_trim(item, " \t");
}

/* The first item that is an address, as the reference takes it (section 11.2). */
static bool first_address(struct request *req, struct text header, struct text *address)
{
	while (header.len)
		if (ip_canonical(req, next_item(&header), address))
			return true;
	return false;
}

/* The right-most hop that no trusted proxy is; what a trusted one says that is no address ends the search at that proxy. */
static struct text untrusted_hop(struct request *req, struct text peer)
{
	const struct text_list *trusted = &req->settings->latchkey.trusted_proxies;
	struct text header = http_header(req, "X-Forwarded-For"), hop = peer;

	while (header.len && ip_in_list(hop, trusted)) {
		struct text before;

		if (!ip_canonical(req, last_item(&header), &before))
			break;
		hop = before;
	}
	return hop;
}

static bool trusts_proxies(const struct request *req)
{
	return req->settings->latchkey.trusted_proxies.count > 0;
}

static bool names_limit_header(const struct request *req)
{
	const char *header = req->settings->rate_limit.header;

	return header && *header;
}

static void read_forwarded(struct request *req)
{
	struct text header;

	if (!req->settings->security.sb_forwarded_for_enabled)
		return;
	header = http_header(req, "Sb-Forwarded-For");
	if (header.len)
		req->http->forwarded_bad = !ip_canonical(req, first_item(header), &req->http->forwarded);
}

void client_receive(struct request *req)
{
	struct http *http = req->http;
	struct text canonical;

	http->peer = http_param(req, "REMOTE_ADDR");
	req->address_valid = ip_canonical(req, http->peer, &canonical);
	req->address = req->address_valid ? canonical : http->peer;
	read_forwarded(req);
	if (http->forwarded.len) {
		req->address = http->forwarded;
		req->address_valid = true;
	} else if (trusts_proxies(req)) {
		req->address = untrusted_hop(req, req->address);
	} else if (names_limit_header(req) && first_address(req, http_header(req, "X-Forwarded-For"), &canonical)) {
		req->address = canonical;
		req->address_valid = true;
	}
}

bool client_limit_key(struct request *req, struct text *key)
{
	const char *name = req->settings->rate_limit.header;
	struct text header;

	*key = req->address;
	if (req->http->forwarded.len || trusts_proxies(req) || !names_limit_header(req))
		return key->len > 0;
	header = http_header(req, name);
	*key = first_item(header);
	if (header.len == 0)
		request_log_to(req, LOG_WARNING, "request does not have a value for the rate limiting header, rate limiting is not applied",
			       log_text("header", name));
	else if (key->len == 0)
		request_log_to(req, LOG_WARNING, "first rate limit header value is empty, rate limiting is not applied", log_text("header", name));
	return key->len > 0;
}
