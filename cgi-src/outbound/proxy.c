/* proxy.c: HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the operator set them; never from a request's variables (contract 02 section 10). */
#include <string.h>

#include "cgi-src/outbound/outbound_int.h"
#include "latchkey/settings.h"

static bool is_local(struct text host)
{
	return text_equal_nocase(host, TEXT("localhost")) || text_starts(host, "127.") || text_is(host, "::1");
}

/* One entry of NO_PROXY: *, a host, a domain with or without a leading dot, either with a port. */
static bool entry_covers(struct text entry, struct text host, struct text port)
{
	struct text name, wanted;

	entry = text_trim(entry, " \t");
	if (text_is_empty(entry))
		return false;
	if (text_is(entry, "*"))
		return true;
	if (text_cut(entry, ':', &name, &wanted) && !memchr(wanted.data, ':', wanted.len) && !text_equal(wanted, port))
		return false;
	if (text_starts(name, "*."))
		name = (struct text){name.data + 1, name.len - 1};
	if (text_equal_nocase(name, host))
		return true;
	if (name.len && name.data[0] == '.')
		return host.len > name.len && text_equal_nocase(name, (struct text){host.data + host.len - name.len, name.len});
	return host.len > name.len + 1 && host.data[host.len - name.len - 1] == '.' &&
	       text_equal_nocase(name, (struct text){host.data + host.len - name.len, name.len});
}

const char *proxy_for(const struct settings *settings, struct text scheme, struct text host, struct text port)
{
	struct text rest = text_of(settings->outbound.no_proxy), entry;
	const char *proxy = text_is(scheme, "https") ? settings->outbound.https_proxy : settings->outbound.http_proxy;

	if (!proxy || !*proxy || is_local(host))
		return "";
	if (text_is_empty(port))
		port = text_is(scheme, "https") ? TEXT("443") : TEXT("80");
	for (bool more = rest.len > 0; more;) {
		more = text_cut(rest, ',', &entry, &rest);
		if (entry_covers(entry, host, port))
			return "";
	}
	return proxy;
}
