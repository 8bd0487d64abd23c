/* sso_metadata.c: an identity provider's metadata, fetched and checked (contract 09 sections 8.3 and 9.3). */
#include "cgi-src/api/sso.h"
#include "latchkey/outbound.h"

#define REDIRECTS_MAX 10
#define TIME_MAX (30 * SECOND) /* the request's deadline ends it earlier */

int sso_metadata_fetch(struct request *req, const char *url, struct text *xml)
{
	static const struct outbound_header headers[] = {
		{"Accept", TEXT("application/xml;charset=UTF-8")},
		{"Accept-Charset", TEXT("UTF-8")},
	};
	struct outbound_call call = {
		.method = "GET",
		.url = text_of(url),
		.headers = headers,
		.header_count = 2,
		.timeout = TIME_MAX,
		.answer_max = SAML_METADATA_MAX,
		.redirects = REDIRECTS_MAX,
	};
	struct outbound_answer answer;

	if (outbound_call(req, &call, &answer) < 0) {
		fail(req, 400, "saml_metadata_fetch_failed", "SAML Metadata could not be fetched from URL '%s'", url);
		return fail_cause(req, "metadata of an identity provider: %s", answer.why);
	}
	if (answer.status != 200)
		return fail(req, 400, "saml_metadata_fetch_failed", "HTTP %d error fetching SAML Metadata from URL '%s'", answer.status, url);
	*xml = answer.body;
	return 0;
}

int sso_metadata_check(struct request *req, struct text xml, struct saml_idp **idp)
{
	const char *why;

	if (!utf8_valid(xml))
		return fail(req, 400, "validation_failed",
			    "SAML Metadata XML contains invalid UTF-8 characters, which are not supported at this time");
	if (saml_idp_read(req, xml, idp, &why) < 0)
		return fail(req, 400, "validation_failed", "SAML Metadata could not be read: %s", why);
	if (!(*idp)->entity_id.len)
		return fail(req, 400, "validation_failed", "SAML Metadata does not contain an EntityID");
	if ((*idp)->roles == 0)
		return fail(req, 400, "validation_failed", "SAML Metadata does not contain any IDPSSODescriptor");
	if ((*idp)->roles > 1)
		return fail(req, 400, "validation_failed", "SAML Metadata contains multiple IDPSSODescriptors");
	return 0;
}
