/* origin.c: where a ceremony may take place: RP ids and origins (contract 08 sections 1, 10.4.1). */
#include "latchkey/http.h"
#include "webauthn_int.h"

bool webauthn_rp_id_acceptable(TALLOC_CTX *mem, struct text rp_id)
{
	struct text ignored;
	bool dot = false;

	if (text_is(rp_id, "localhost") || ip_canonical(mem, rp_id, &ignored))
		return true;
	for (size_t i = 0; i < rp_id.len; i++) {
		if (rp_id.data[i] == ':' || rp_id.data[i] == '/' || rp_id.data[i] == '?' || rp_id.data[i] == '#')
			return false;
		dot |= rp_id.data[i] == '.';
	}
	return dot;
}

bool webauthn_ready(const struct settings *settings)
{
	struct text rp_id = text_of(settings->webauthn.rp_id);
	TALLOC_CTX *mem = must(talloc_new(NULL));
	bool ready = settings->webauthn.rp_origins.count > 0 && (rp_id.len == 0 || webauthn_rp_id_acceptable(mem, rp_id));

	talloc_free(mem);
	return ready;
}

bool webauthn_named(const struct settings *settings, bool registration)
{
	return settings->webauthn.rp_id[0] && (!registration || settings->webauthn.rp_display_name[0]);
}

struct site {
	struct text scheme, host, port;
};

/* Scheme and host of an http or https URL, the port that goes without saying left out. */
static bool read_site(TALLOC_CTX *mem, struct text origin, struct site *site)
{
	struct text start = {origin.data, origin.len < 8 ? origin.len : 8};
	struct url url;
	const char *why;

	if (!text_starts(text_lower(mem, start), "http://") && !text_starts(text_lower(mem, start), "https://"))
		return false;
	if (url_parse(mem, origin, &url, &why) < 0 || url.host.len == 0)
		return false;
	*site = (struct site){url.scheme, url.host, url.port};
	if (text_is(url.port, text_is(url.scheme, "http") ? "80" : "443"))
		site->port = TEXT_NONE;
	return true;
}

static bool same_site(const struct site *a, const struct site *b)
{
	return text_equal(a->scheme, b->scheme) && text_equal_nocase(a->host, b->host) && text_equal(a->port, b->port);
}

bool webauthn_origin_allowed(TALLOC_CTX *mem, const struct text_list *origins, struct text origin)
{
	struct site site, allowed;

	if (!read_site(mem, origin, &site))
		return text_list_has(origins, origin);
	for (size_t i = 0; i < origins->count; i++)
		if (read_site(mem, origins->items[i], &allowed) && same_site(&site, &allowed))
			return true;
	return false;
}
