/* saml.c: any text as a response (first byte R) or as metadata of an identity provider (any other first byte). Of the seeds some are signed: what
 * is accepted, however it was changed, says what was signed. */
#include "latchkey/saml.h"
#include "tests/fuzz/fuzz.h"

/* the public test key of contract 09 section 16, and the identity provider that signed the seeds, at the time when it did */
#define KEY                                                                                                                \
	"MIIEogIBAAKCAQEApkrZSUX/Wy9QR2US5ywhe0FqYx6xLSVMg/33v77J4i4cCk1LjyG0BzT8rp8BDF4oQnpfZO5PMiNCZh4RUoJCjbNnCVr6qukw" \
	"/TsJqmnwPn+P+lWUZsDY55PeB2+6K/2ql6cKZPsrvjveQMobHIJmGG094pF/IoJjg41NKQUw21c7QEK7wNzGYHPrZ9lkYo3Q53V79Nh1F6QBEK1l" \
	"oB67lQMshALXZZe/B1AzwcIf5Ej6RyuDoITeaKrTS3Apwqq3zA5L37AFAo3B4fbSEDRz7cdnLNzjvNmEp3181HcPJxevjwEDGyXm8+cegeyfjz4H" \
	"snwdA2IM9veJfPNgvOAOgQIDAQABAoIBAAaePXoTUVefcS46OU+ee8GkR5fkyY/ep2YsZh8JOI8qHx8Q1vQ+FuRfiTvo45mKqMcGiEPj0R6RdSvL" \
	"wAw812m8zVm7t3S0XakCX77awv81w/TmUYbqX2eOBLzehzYHfTHWac09is7iIpUJBh2zGd2YgWlCOaFVt6Ctb7f1dy2PgXB9Qd10QMZ0ZAFu4AIN" \
	"L8yQDksKZcH4OwkklQ0uyGKHM55aU/6/QrLT1e6p4JNVXI/xpcz52hfXIEHZGggjKLFCErTJTl4GqckWW9H63xY9JrPzEe1eu/XowhyJYiKJwKKn" \
	"m92OU02zHYxdbwErEJpTtjedrR86rlaThnSlay0CgYEA5BGAScb3HfrZtDsH/jVUjSbiK54TAt3I1tJzD4O2ukg3yt4T0NNpUg70Pf8XAjlnoBo9" \
	"4tiJOcTku0HXg1gQXK/KuNFKOuub4CwAv3FsSZfqoItTy0EP2NcFEFnvjA9kWYkOrM1IvTtfnDUpc3RqrQy3zXQK/yMB7uxRMyWD9/0CgYEAuqiF" \
	"HZ60PcLN3vSW9N6cYuo62Hz7ZkPFOloj10Zn/5nVc7PTwT7A0mZO+ouZsgAty//n4wU2srrd3HaB9vMca+b3iUFJiBmkF3jyYGuHWu70BMZQpZrP" \
	"2MDE+pIvHG9u6IvAFRE2hJSwHmjVyNcrOI0NG/lzZWMbKgK4zG4sbdUCgYBY70oret7aXfuPAIX5Zyp1cHg5sgaP05SB0Mb1gdM7iPXYsgjgIdCs" \
	"IxCzLEn4oBH8qL8BOpcoY9MeAmrb2PdobVSMBXEA0OeT3xTbkos7l3Xy7OHcHJ7lW9OpsKhs4YOsNnn2gIag5ApAi6qCTx9aI994youPOkOCu7xe" \
	"SX7QsQKBgDVR6FyytigiWq7CzdB7Os8iu9aVtTbcSx3FHBHlwdWI+ymHCAlexLQVl6AIesoXNP3eRz5ZgeuCZ9gPXkbN4aONIc7qgHfJY091ND+I" \
	"1+yI79nhUK5Nz+vJ/TrawWxtBJCXQzKBbUJoOvsk1VT+6hDIciM4mdcvfVX92w5CtpxVAoGAIQy9iMPiT2zPrKm/QTt9oOaFGWj2sKwzts85b89C" \
	"ONj5IY6rwKNQeZwehp80qJPCzlm92J4wVsfWV4xJYYnUSR0Z0pG2hgyntowMra5D4QHj0rMoY/HNpXKe1CZ7VS1E4DFCmmvYUXHcYWeT1zRUznPQ" \
	"5ngzxZWZd2XRve9aSqE="
#define METADATA                                                                                                           \
	"<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://idp.example.com/meta\"" \
	"><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor use=" \
	"\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>MIICwjC" \
	"CAaqgAwIBAgIUau7S1eP1B2V9x14+TeAAewrn8gwwDQYJKoZIhvcNAQELBQAwGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMCAXDTIwMDEwMTA" \
	"wMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAaMRgwFgYDVQQDDA9pZHAuZXhhbXBsZS5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQD" \
	"V13J1XLXp4bNzLy1nWYTU3hAP8dHBuXJmLfLVajyWFG8PGqsUgFMQkMaSfYaHl3dzmiT4WRPJrWTJQRkx4SMMyxjCzJJwu1jNC4K3RtJszwv5JNa" \
	"2bQAb/laZnisf+QLsakYsRntRKHRbmVQajqkCCgHr+2DG9h9ZZY6TEi5O9B2fYc1BJLMSdATgEicwHKK/6STUVj0/PtQJcmegYJ9hcCt2KkzVbkd" \
	"4e+e3pQD5ztTBPR9CRyK/eku9hXx3Soch2OmqIvldio7TK+AFzjmbmBqzr9jwzH5V9sBN6Gfdi8cAA31xX7TDZWEAxrwwYbaCAVTOkKQ67o5VFDJ" \
	"qtJI5AgMBAAEwDQYJKoZIhvcNAQELBQADggEBAIb+EFFvDPAifj/hL0PqOpzNzK5DmvyR13Q+pdPmpQfw1xE3PcuD7192GuTUFYCTFq0s1MRjJcy" \
	"8DodR8ANUTMTvAVo0RZSF8mZsKyvX5N1Kc9TvrpRcNPxz6biC6EFDxFwb/V7gOLEyEcYG5IeICV4NskRXDlA4/hXzlFiLa0WyIMIjZefHeZou89n" \
	"J5uQIhiK3UlMHc06qAce6kjRzGRzaxYnnXZc3DmHckUrKdmQbhrgVeyl3g4M/KFaroy2eA1l+LkCuzCpmlqKvRYps6W4EHrPiWwNjC1BHRROdB9E" \
	"SM6YBlabOhw/P4rk+kH79u6oAaZYHEYOMjnf70nb0SOU=</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>" \
	"<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat><md:SingleSignOnService B" \
	"inding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.example.com/sso\"></md:Sing" \
	"leSignOnService></md:IDPSSODescriptor></md:EntityDescriptor>"
#define NOW 1795611684256000

static const struct settings settings = {
	.api.external_url = "https://auth.example.com",
	.saml = {.private_key = KEY, .private_key_next = "", .external_url = ""},
};

static void check_said(const struct saml_assertion *assertion)
{
	promise(text_is(assertion->name_id, "user-1"));
	promise(assertion->attribute_count == 1 && assertion->attributes[0].value_count == 1);
	promise(text_is(assertion->attributes[0].values[0], "ann@example.com"));
}

static void try_response(TALLOC_CTX *mem, struct text xml)
{
	struct saml_expect expect = {.request_id = TEXT_NONE, .now = NOW};
	struct saml_response *response;
	struct saml_assertion *assertion = NULL;
	const char *why = NULL;
	struct saml_idp *idp;

	expect.sp = saml_sp(&settings, &why);
	promise(expect.sp && saml_idp_read(mem, TEXT(METADATA), &idp, &why) == 0);
	expect.idp = idp;
	if (saml_response_read(mem, xml, &response, &why) == 0) {
		saml_response_issuer(response);
		if (saml_response_accept(mem, response, &expect, &assertion, &why) == 0)
			check_said(assertion);
	}
	if (saml_artifact_accept(mem, xml, "id-1", &expect, &assertion, &why) == 0)
		check_said(assertion);
	promise(assertion || why);
}

static void try_metadata(TALLOC_CTX *mem, struct text xml)
{
	struct saml_asked asked = {.id = "id-1", .relay_state = "r", .now = NOW};
	const char *why = NULL;
	struct saml_idp *idp;

	if (saml_idp_read(mem, xml, &idp, &why) == 0)
		promise(saml_request_url(mem, saml_sp(&settings, &why), idp, &asked).data);
	else
		promise(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size);

	if (!ready)
		promise(!saml_init());
	ready = true;
	if (size && data[0] == 'R')
		try_response(mem, (struct text){text.data + 1, text.len - 1});
	else if (size)
		try_metadata(mem, (struct text){text.data + 1, text.len - 1});
	talloc_free(mem);
	return 0;
}
