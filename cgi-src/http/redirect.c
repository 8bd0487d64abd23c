/* redirect.c: which URLs of a client's choosing may be redirected to (contract 01 sections 13.1, 13.2; 12, row for 01 section 13). */
#include <string.h>

#include "http_int.h"

/* Schemes that run script or show a page of the caller's making. */
static const char *const script_schemes[] = {"javascript", "data", "vbscript", "livescript", "blob", "filesystem", "about", "view-source", "jar"};

static bool has_script_meaning(struct text scheme)
{
	for (size_t i = 0; i < sizeof(script_schemes) / sizeof(script_schemes[0]); i++)
		if (text_is(scheme, script_schemes[i]))
			return true;
	return false;
}

static bool same_site(TALLOC_CTX *mem, const struct url *site, const struct url *url)
{
	if (!text_equal(site->host, url->host) || !text_equal(site->scheme, url->scheme))
		return false;
	return text_equal(site->port, url->port) || host_is_this_machine(mem, url->host);
}

static bool only_digits(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.len > 0;
}

static bool letter_or_digit(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Rule 6: letters and digits at both ends, dots and hyphens between. */
static bool plain_host(struct text host)
{
	if (host.len == 0 || !letter_or_digit(host.data[0]) || !letter_or_digit(host.data[host.len - 1]))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!letter_or_digit(host.data[i]) && host.data[i] != '.' && host.data[i] != '-')
			return false;
	return true;
}

static bool matches_pattern(const struct settings *settings, struct text candidate)
{
	struct text text = text_before(candidate, '#');

	for (size_t i = 0; i < settings->uri_allow_list.count; i++)
		if (glob_match(settings->uri_globs[i], text))
			return true;
	return false;
}

static bool allowed(TALLOC_CTX *mem, const struct settings *settings, struct text candidate)
{
	struct url site, url;
	struct text literal;
	const char *why;

	if (url_parse(mem, text_of(settings->site_url), &site, &why) < 0 || url_parse(mem, candidate, &url, &why) < 0)
		return false;
	if (has_script_meaning(url.scheme))
		return false;
	if (same_site(mem, &site, &url))
		return true;
	if (only_digits(url.host))
		return false;
	if (ip_canonical(mem, url.host, &literal))
		return ip_is_loopback(literal);
	if ((text_is(url.scheme, "http") || text_is(url.scheme, "https")) && !plain_host(url.host))
		return false;
	return matches_pattern(settings, candidate);
}

bool redirect_allowed(const struct settings *settings, struct text candidate)
{
	TALLOC_CTX *mem;
	bool yes;

	if (candidate.len == 0)
		return false;
	mem = talloc_new(NULL);
	yes = allowed(mem, settings, candidate);
	talloc_free(mem);
	return yes;
}

struct text redirect_referrer(struct request *req)
{
	struct http *http = req->http;
	struct text wanted;

	if (http->referrer.data)
		return http->referrer;
	wanted = http_header_first(req, "redirect_to");
	if (wanted.len == 0)
		wanted = http_form(req, "redirect_to");
	if (!redirect_allowed(req->settings, wanted))
		wanted = http_header_first(req, "Referer");
	if (!redirect_allowed(req->settings, wanted))
		wanted = text_of(req->settings->site_url);
	http->referrer = wanted.data ? wanted : TEXT("");
	return http->referrer;
}
