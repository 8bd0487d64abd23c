/* saml.c: the SAML room without a server: vectors of contract 09 section 16, bounds of documents, metadata, mapping, times. */
#include "tests/unit/test.h"

#include <openssl/sha.h>

#include "cgi-src/saml/saml_int.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define INCLUSIVE "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

/* the public test key of section 16 */
#define KEY                                                                                                                      \
	"MIIEogIBAAKCAQEApkrZSUX/Wy9QR2US5ywhe0FqYx6xLSVMg/33v77J4i4cCk1LjyG0BzT8rp8BDF4oQnpfZO5PMiNCZh4RUoJCjbNnCVr6qukw/TsJqm" \
	"nwPn+P+lWUZsDY55PeB2+6K/2ql6cKZPsrvjveQMobHIJmGG094pF/IoJjg41NKQUw21c7QEK7wNzGYHPrZ9lkYo3Q53V79Nh1F6QBEK1loB67lQMshALX" \
	"ZZe/B1AzwcIf5Ej6RyuDoITeaKrTS3Apwqq3zA5L37AFAo3B4fbSEDRz7cdnLNzjvNmEp3181HcPJxevjwEDGyXm8+cegeyfjz4HsnwdA2IM9veJfPNgvO" \
	"AOgQIDAQABAoIBAAaePXoTUVefcS46OU+ee8GkR5fkyY/ep2YsZh8JOI8qHx8Q1vQ+FuRfiTvo45mKqMcGiEPj0R6RdSvLwAw812m8zVm7t3S0XakCX77a" \
	"wv81w/TmUYbqX2eOBLzehzYHfTHWac09is7iIpUJBh2zGd2YgWlCOaFVt6Ctb7f1dy2PgXB9Qd10QMZ0ZAFu4AINL8yQDksKZcH4OwkklQ0uyGKHM55aU/" \
	"6/QrLT1e6p4JNVXI/xpcz52hfXIEHZGggjKLFCErTJTl4GqckWW9H63xY9JrPzEe1eu/XowhyJYiKJwKKnm92OU02zHYxdbwErEJpTtjedrR86rlaThnSl" \
	"ay0CgYEA5BGAScb3HfrZtDsH/jVUjSbiK54TAt3I1tJzD4O2ukg3yt4T0NNpUg70Pf8XAjlnoBo94tiJOcTku0HXg1gQXK/KuNFKOuub4CwAv3FsSZfqoI" \
	"tTy0EP2NcFEFnvjA9kWYkOrM1IvTtfnDUpc3RqrQy3zXQK/yMB7uxRMyWD9/0CgYEAuqiFHZ60PcLN3vSW9N6cYuo62Hz7ZkPFOloj10Zn/5nVc7PTwT7A" \
	"0mZO+ouZsgAty//n4wU2srrd3HaB9vMca+b3iUFJiBmkF3jyYGuHWu70BMZQpZrP2MDE+pIvHG9u6IvAFRE2hJSwHmjVyNcrOI0NG/lzZWMbKgK4zG4sbd" \
	"UCgYBY70oret7aXfuPAIX5Zyp1cHg5sgaP05SB0Mb1gdM7iPXYsgjgIdCsIxCzLEn4oBH8qL8BOpcoY9MeAmrb2PdobVSMBXEA0OeT3xTbkos7l3Xy7OHc" \
	"HJ7lW9OpsKhs4YOsNnn2gIag5ApAi6qCTx9aI994youPOkOCu7xeSX7QsQKBgDVR6FyytigiWq7CzdB7Os8iu9aVtTbcSx3FHBHlwdWI+ymHCAlexLQVl6" \
	"AIesoXNP3eRz5ZgeuCZ9gPXkbN4aONIc7qgHfJY091ND+I1+yI79nhUK5Nz+vJ/TrawWxtBJCXQzKBbUJoOvsk1VT+6hDIciM4mdcvfVX92w5CtpxVAoGA" \
	"IQy9iMPiT2zPrKm/QTt9oOaFGWj2sKwzts85b89CONj5IY6rwKNQeZwehp80qJPCzlm92J4wVsfWV4xJYYnUSR0Z0pG2hgyntowMra5D4QHj0rMoY/HNpX" \
	"Ke1CZ7VS1E4DFCmmvYUXHcYWeT1zRUznPQ5ngzxZWZd2XRve9aSqE="
#define REDIRECT_SIGNATURE                                                                                                       \
	"FVrxna7Usn3tlE8FWxF83/AA7DmY0cCgLv1055yG1A+m5tTDxz6x+6574DzjHAdYl8La/Yd0St5VNqcjx5Hsq8PZbJBIr90wqQhh9BXC38BuMi7GOhGxVH" \
	"rmh2wPDg5Wb+Tgqj7DoCOLPwAf7Bk4pCk4w704hq5YypVipZ8WcI79bF88MnUsGh+/6NUF9a1OCbyp+aTxL8E2VIy35jDHZIlw/SHcQRQ2vhjPt1ttzb6C" \
	"a11dAeBDwUAtmYQwdw+vz0WDlYdmhNwIyFKFrKAqnca96TFHuimzw71cX25+1aa8Y0VJx1m1TIATrya9kuFpIU+OKj4/T6i0CgEn6JeHDA=="

#define DIGEST_FIRST "18003361d31cd03b00f03e7c2d7e50164f990e9e8c59d9c36b2afa8f8becc95c"
#define DIGEST_SECOND "75f54f77e837e86bbd9819a81829c1dc6475056fbb4c7468a02aa505736e8210"
#define DIGEST_THIRD "5ea7d161ce805e565ef3825458f248ec38b8ab2fbffbe0a748f32606a0667ec7"

static int set_up(void **state)
{
	*state = talloc_new(NULL);
	assert_null(saml_init());
	return 0;
}

static int tear_down(void **state)
{
	talloc_free(*state);
	return 0;
}

static const struct saml_sp *sp_of(TALLOC_CTX *mem, const char *external_url, bool encryption)
{
	struct settings *settings = talloc_zero(mem, struct settings);
	const struct saml_sp *sp;
	const char *why = NULL;

	settings->api.external_url = external_url;
	settings->saml.external_url = "";
	settings->saml.private_key = KEY;
	settings->saml.private_key_next = "";
	settings->saml.allow_encrypted_assertions = encryption;
	sp = saml_sp(settings, &why);
	assert_non_null(sp);
	return sp;
}

/* ---- the service provider ---- */

static void certificates_are_those_of_the_reference(void **state)
{
	static const struct {
		const char *url, *digest;
		bool encryption;
		size_t size;
	} vectors[] = {
		{"https://auth.example.com/auth/v1", DIGEST_FIRST, false, 800},
		{"https://auth.example.com", DIGEST_SECOND, true, 800},
		{"https://a_b.example.com:8443/", DIGEST_THIRD, true, 797},
	};

	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct text der = saml_certificate(sp_of(*state, vectors[i].url, vectors[i].encryption)->primary);
		unsigned char digest[SHA256_DIGEST_LENGTH];

		SHA256((const unsigned char *)der.data, der.len, digest);
		assert_int_equal(der.len, vectors[i].size);
		assert_string_equal(hex_encode(*state, digest, sizeof(digest)), vectors[i].digest);
	}
}

static void a_long_host_still_has_a_certificate(void **state)
{
	const char *host = "a-rather-long-name-of-a-host.in-a-rather-long-name-of-a-department.example.com";
	struct text der = saml_certificate(sp_of(*state, format(*state, "https://%s", host), false)->primary);

	assert_non_null(memmem(der.data, der.len, host, strlen(host)));
}

static void redirects_are_signed_as_the_vector(void **state)
{
	const struct saml_sp *sp = sp_of(*state, "https://auth.example.com", false);
	struct text message = TEXT("SAMLRequest=abc&RelayState=11111111-2222-4333-8444-555555555555"
				   "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1");
	struct text signature = saml_sign_sha1(*state, sp->primary, message);

	assert_string_equal(base64_encode(*state, BASE64_STD, signature.data, signature.len), REDIRECT_SIGNATURE);
	assert_true(saml_signature_good(sp->primary->key, TEXT(NS_DS "rsa-sha1"), message, signature));
	assert_false(saml_signature_good(sp->primary->key, TEXT(NS_DSIG11 "rsa-sha256"), message, signature));
	assert_false(saml_signature_good(sp->primary->key, TEXT(NS_DS "hmac-sha1"), message, signature));
}

static void addresses_come_from_the_settings(void **state)
{
	const struct saml_sp *sp = sp_of(*state, "https://auth.example.com/auth/v1?x=1", false);

	assert_string_equal(sp->metadata_url, "https://auth.example.com/auth/v1/sso/saml/metadata");
	assert_string_equal(sp->acs_url, "https://auth.example.com/auth/v1/sso/saml/acs");
}

/* ---- documents ---- */

static bool accepted(TALLOC_CTX *mem, struct text xml)
{
	const char *why = NULL;
	xmlNode *root = saml_parse(mem, xml, 1 << 20, &why);

	assert_true(root || why);
	return root != NULL;
}

static void honest_documents_are_read(void **state)
{
	static const char *const honest[] = {
		"<a/>",
		"<a></a>\n",
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c --><a b='>'>&#65;&amp;<![CDATA[<!DOCTYPE]]></a>",
		"\n\t <?xml version='1.0'?><a/>",
		"<?xml version='1.0'?><a xmlns:p='urn:p'><p:b c=\"&quot;\"/><?pi x?></a>",
	};

	for (size_t i = 0; i < COUNT(honest); i++)
		assert_true(accepted(*state, text_of(honest[i])));
}

static void others_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"hello",
		"<a>",
		"<a></b>",
		"<a/><b/>",
		"<a/>x",
		"x<a/>",
		"<a/><!-- c --",
		"<a b='",
		"</a>",
		"<a></a></a>",
		"<!DOCTYPE a><a/>",
		"<a><!ELEMENT b></a>",
		"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
		"<a>&e;</a>",
		"<a b='&e;'/>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
		"<?xml version='1.0' encoding=\"UTF-16\"?><a/>",
		"<?xml version='1.0' encoding='utf-8x'?><a/>",
		"<?xml version='1.1'?><a/>",
		"<?xml version=\"1.0.1\" encoding='utf-8'?><a/>",
		"<a b='1' b='2'/>",
		"<p:a/>",
		"<a xmlns:p='urn:p'><p:b:c/></a>",
		"<a>\xff</a>",
		"<a>\x01</a>",
		"<![CDATA[x]]><a/>",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(accepted(*state, text_of(bad[i])));
	assert_false(accepted(*state, (struct text){"<a>\0</a>", 8}));
	assert_false(accepted(*state, (struct text){"\0<a/>", 5}));
}

static struct text repeated(TALLOC_CTX *mem, const char *head, const char *part, size_t times, const char *part_after, const char *tail)
{
	struct buffer *out = buffer_new(mem, 1024);

	buffer_string(out, head);
	for (size_t i = 0; i < times; i++)
		buffer_string(out, part);
	for (size_t i = 0; part_after && i < times; i++)
		buffer_string(out, part_after);
	buffer_string(out, tail);
	return buffer_as_text(out);
}

static void depth_and_crowd_are_bounded(void **state)
{
	assert_true(accepted(*state, repeated(*state, "", "<a>", 200, "</a>", "")));
	assert_false(accepted(*state, repeated(*state, "", "<a>", 201, "</a>", "")));
	assert_false(accepted(*state, repeated(*state, "", "<a>", 300000, "</a>", "")));
	assert_true(accepted(*state, repeated(*state, "<a>", "<b/>", 99000, NULL, "</a>")));
	assert_false(accepted(*state, repeated(*state, "<a>", "<b/>", 100000, NULL, "</a>")));
	assert_false(accepted(*state, repeated(*state, "<a>", "<b xmlns:n='urn:n'/>", 2001, NULL, "</a>")));
	assert_false(accepted(*state, repeated(*state, "<a>", "xxxxxxxxxxxxxxxx", 65536, NULL, "</a>")));
}

static struct text declarations(TALLOC_CTX *mem, size_t count, const char *tail)
{
	struct buffer *out = buffer_new(mem, 4096);

	buffer_string(out, "<a");
	for (size_t i = 0; i < count; i++)
		buffer_format(out, " xmlns:n%zu='urn:%zu'", i, i);
	buffer_string(out, tail);
	return buffer_as_text(out);
}

/* Canonical forms look each of them up at each element. */
static void declarations_in_scope_are_bounded(void **state)
{
	assert_true(accepted(*state, declarations(*state, 64, "/>")));
	assert_true(accepted(*state, declarations(*state, 64, "></a>")));
	assert_false(accepted(*state, declarations(*state, 65, "/>")));
	assert_false(accepted(*state, declarations(*state, 65, "></a>")));
	assert_false(accepted(*state, declarations(*state, 64, "><b xmlns:n='urn:n'/></a>")));
	assert_true(accepted(*state, declarations(*state, 63, "><b xmlns:n='urn:n'/><b xmlns='urn:n'></b></a>")));
	assert_true(accepted(*state, repeated(*state, "", "<a xmlns:n='urn:n'>", 64, "</a>", "")));
	assert_false(accepted(*state, repeated(*state, "", "<a xmlns:n='urn:n'>", 65, "</a>", "")));
	assert_true(accepted(*state, repeated(*state, "<a>", "<b xmlns:n='urn:n'/>", 1000, NULL, "</a>")));
	assert_true(accepted(*state, repeated(*state, "<a>", "<b xmlns:n='urn:n'></b>", 1000, NULL, "</a>")));
	assert_false(accepted(*state, repeated(*state, declarations(*state, 64, ">").data, "<b/>", 30000, NULL, "</a>")));
}

static xmlNode *parsed(TALLOC_CTX *mem, const char *xml)
{
	const char *why;
	xmlNode *root = saml_parse(mem, text_of(xml), SAML_DOCUMENT_MAX, &why);

	assert_non_null(root);
	return root;
}

/* Canonical XML 1.0 section 2.4: a part of a document has the declarations in scope and the xml: attributes of what is around it. */
static void canonical_forms_are_of_one_element(void **state)
{
	static const char xml[] = "<a xmlns='urn:a' xmlns:p='urn:p' xml:lang='en'>1<b>2<c>3</c>4<d><e>5</e></d>6</b>7<b/></a>";
	xmlNode *root = parsed(*state, xml), *b = saml_first(root), *d = saml_next(saml_first(b));

	assert_string_equal(saml_canonical(*state, b, d, TEXT(EXCLUSIVE), TEXT("")).data, "<b xmlns=\"urn:a\">2<c>3</c>46</b>");
	assert_string_equal(saml_canonical(*state, b, d, TEXT(EXCLUSIVE), TEXT("p")).data, "<b xmlns=\"urn:a\" xmlns:p=\"urn:p\">2<c>3</c>46</b>");
	assert_string_equal(saml_canonical(*state, b, d, TEXT(INCLUSIVE), TEXT("")).data,
			    "<b xmlns=\"urn:a\" xmlns:p=\"urn:p\" xml:lang=\"en\">2<c>3</c>46</b>");
	assert_string_equal(saml_canonical(*state, root, NULL, TEXT(EXCLUSIVE), TEXT("")).data,
			    "<a xmlns=\"urn:a\" xml:lang=\"en\">1<b>2<c>3</c>4<d><e>5</e></d>6</b>7<b></b></a>");
	assert_ptr_equal(saml_first(root), b);
	assert_ptr_equal(saml_next(saml_first(b)), d);
	assert_non_null(saml_next(b));
}

/* What no signature vouches for costs no more than it does anyway: the element alone is walked, once. */
static void canonical_forms_take_no_longer_than_their_element(void **state)
{
	struct text crowd = repeated(*state, "<a><b>x</b>", "<c xmlns:n='urn:n' n:d='1'>y</c>", 1900, NULL, "</a>");
	xmlNode *b = saml_first(parsed(*state, crowd.data));
	moment start = moment_now();

	for (size_t i = 0; i < 40000; i++)
		assert_string_equal(saml_canonical(*state, b, NULL, TEXT(INCLUSIVE), TEXT("")).data, "<b>x</b>");
	assert_true(moment_now() - start < 5 * 1000000);
}

static void the_whole_text_counts(void **state)
{
	const char *why;
	xmlNode *root = saml_parse(*state, TEXT("<a>x<!-- c -->y<b>z</b><![CDATA[<&]]>!</a>"), 1000, &why);

	assert_true(text_is(saml_content(*state, root), "xy<&!"));
}

static void times_have_a_zone_or_are_utc(void **state)
{
	moment at;

	assert_true(saml_time(*state, TEXT("1970-01-01T00:00:01.5Z"), &at));
	assert_int_equal(at, 1500000);
	assert_true(saml_time(*state, TEXT("1970-01-01T02:00:01+02:00"), &at));
	assert_int_equal(at, 1000000);
	assert_true(saml_time(*state, TEXT("1970-01-01T00:00:01"), &at));
	assert_int_equal(at, 1000000);
	assert_true(saml_time(*state, TEXT(""), &at));
	assert_int_equal(at, MOMENT_NONE);
	assert_false(saml_time(*state, TEXT("yesterday"), &at));
	assert_false(saml_time(*state, TEXT("1970-01-01"), &at));
}

/* ---- metadata ---- */

#define DESCRIPTOR(attributes, inside)                                                                  \
	"<md:EntityDescriptor xmlns:md='" NS_MD "' xmlns:ds='" NS_DS "' entityID='urn:idp' " attributes \
	"><md:IDPSSODescriptor protocolSupportEnumeration='x'>" inside "</md:IDPSSODescriptor></md:EntityDescriptor>"
#define SERVICE(binding, location) "<md:SingleSignOnService Binding='" binding "' Location='" location "'/>"

static struct saml_idp *idp_of(TALLOC_CTX *mem, const char *xml)
{
	struct saml_idp *idp;
	const char *why;

	return saml_idp_read(mem, text_of(xml), &idp, &why) == 0 ? idp : NULL;
}

static void metadata_is_read(void **state)
{
	struct saml_idp *idp = idp_of(
		*state, DESCRIPTOR("validUntil='2030-01-01T00:00:00Z' cacheDuration='P1DT2H3M4.5S'",
				   "<md:KeyDescriptor use='encryption'><ds:KeyInfo><ds:X509Data><ds:X509Certificate>E</ds:X509Certificate>"
				   "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
				   "<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>S</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
				   "</md:KeyDescriptor>" SERVICE(BINDING "HTTP-POST", "https://idp/post")
					   SERVICE(BINDING "HTTP-Redirect", "https://idp/one") SERVICE(BINDING "HTTP-Redirect", "https://idp/two")));

	assert_non_null(idp);
	assert_true(text_is(idp->entity_id, "urn:idp"));
	assert_true(text_is(idp->sso_redirect, "https://idp/one"));
	assert_int_equal(idp->certificate_count, 1);
	assert_true(text_is(idp->certificates[0], "S"));
	assert_int_equal(idp->valid_until, 1893456000000000);
	assert_int_equal(idp->cache_duration, 26 * HOUR + 3 * MINUTE + 4500 * MILLISECOND);
	assert_int_equal(idp->roles, 1);
}

static void durations_are_those_of_the_chapter(void **state)
{
	static const struct {
		const char *xml;
		duration span;
	} good[] = {
		{DESCRIPTOR("cacheDuration='PT1H'", ""), HOUR},
		{DESCRIPTOR("cacheDuration='P1Y2M'", ""), (365 + 60) * 24 * HOUR},
		{DESCRIPTOR("cacheDuration='-PT1S'", ""), -SECOND},
		{DESCRIPTOR("cacheDuration='PT0S'", ""), 0},
	};
	static const char *const bad[] = {
		DESCRIPTOR("cacheDuration=''", ""),	  DESCRIPTOR("cacheDuration='P2W'", ""),    DESCRIPTOR("cacheDuration='P'", ""),
		DESCRIPTOR("cacheDuration='PT'", ""),	  DESCRIPTOR("cacheDuration='1H'", ""),	    DESCRIPTOR("cacheDuration='PT1D'", ""),
		DESCRIPTOR("cacheDuration='PT1M1H'", ""), DESCRIPTOR("cacheDuration='PT1.5H'", ""), DESCRIPTOR("cacheDuration='P1H'", ""),
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct saml_idp *idp = idp_of(*state, good[i].xml);

		assert_non_null(idp);
		assert_int_equal(idp->cache_duration, good[i].span);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(idp_of(*state, bad[i]));
}

static void bad_metadata_is_refused(void **state)
{
	static const char *const bad[] = {
		"<a/>",
		"<EntityDescriptor xmlns='urn:other' entityID='x'/>",
		DESCRIPTOR("validUntil='tomorrow'", ""),
		DESCRIPTOR("", SERVICE(BINDING "HTTP-Redirect", "ftp://idp/")),
		DESCRIPTOR("", SERVICE(BINDING "SOAP", "/here")),
		DESCRIPTOR("", SERVICE(BINDING "HTTP-POST", "")),
		DESCRIPTOR("", "<md:ArtifactResolutionService Binding='x' index='one'/>"),
		DESCRIPTOR("", "<md:ArtifactResolutionService Binding='x' isDefault='perhaps'/>"),
		"<md:EntitiesDescriptor xmlns:md='" NS_MD "'><md:EntityDescriptor entityID='x'/></md:EntitiesDescriptor>",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(idp_of(*state, bad[i]));
	assert_non_null(idp_of(*state, DESCRIPTOR("", SERVICE("urn:of:our:own", "not an address"))));
}

/* ---- names and mapping ---- */

static void names_fold(void **state)
{
	assert_true(saml_same_name(*state, TEXT("eMail"), TEXT("EMAIL")));
	assert_true(saml_same_name(*state, TEXT("\xe2\x84\xaa"), TEXT("k")));	 /* KELVIN SIGN */
	assert_true(saml_same_name(*state, TEXT("\xc5\xbf"), TEXT("S")));	 /* LONG S */
	assert_true(saml_same_name(*state, TEXT("\xcf\x82"), TEXT("\xce\xa3"))); /* final sigma */
	assert_true(saml_same_name(*state, TEXT_NONE, TEXT("")));
	assert_false(saml_same_name(*state, TEXT("mail"), TEXT("mails")));
}

static struct saml_person map(TALLOC_CTX *mem, const char *assertion, const char *mapping)
{
	struct request *req = request_new(mem, NULL);
	struct saml_person person = {0};
	struct json_object *parsed;
	const char *why;
	xmlNode *root = saml_parse(mem, text_of(assertion), 10000, &why);

	assert_non_null(root);
	assert_int_equal(json_parse(mem, text_of(mapping), &parsed, &why), 0);
	if (saml_person_of(req, saml_assertion_of(mem, root), parsed, &person) < 0)
		person.user_id = text_of(req->failure.code);
	return person;
}

#define ASSERTION(name_id, attributes) \
	"<Assertion xmlns='" NS_SAML "'><Subject>" name_id "</Subject><AttributeStatement>" attributes "</AttributeStatement></Assertion>"
#define ATTRIBUTE(name, value) "<Attribute Name='" name "'><AttributeValue>" value "</AttributeValue></Attribute>"

static void the_subject_is_found_in_order(void **state)
{
	static const struct {
		const char *assertion, *user_id, *email;
	} rows[] = {
		{ASSERTION("<NameID Format='" FORMAT_EMAIL "'> Bob@X.com </NameID>", ""), "bob@x.com", " Bob@X.com "},
		{ASSERTION("<NameID>Bob</NameID>", ATTRIBUTE("MAIL", "b@x.com")), "Bob", "b@x.com"},
		{ASSERTION("<NameID Format='" FORMAT_TRANSIENT "'>t</NameID>", ATTRIBUTE("mail", "b@x.com")), "saml_assertion_no_user_id", ""},
		{ASSERTION("", ATTRIBUTE("urn:oasis:names:tc:SAML:attribute:subject-id", "s") ATTRIBUTE("email", "b@x.com")), "s", "b@x.com"},
		{ASSERTION("", ATTRIBUTE("urn:oasis:names:tc:SAML:attribute:subject-id", "s")), "saml_assertion_no_email", ""},
		{ASSERTION("<NameID>x</NameID>", ""), "saml_assertion_no_email", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct saml_person person = map(*state, rows[i].assertion, "{}");

		assert_true(text_is(person.user_id, rows[i].user_id));
		assert_true(text_equal(person.email, text_of(rows[i].email)));
	}
}

static void attributes_are_mapped(void **state)
{
	struct saml_person person =
		map(*state,
		    ASSERTION("<NameID>x</NameID>",
			      ATTRIBUTE("mail", "b@x.com") ATTRIBUTE("g", "one") ATTRIBUTE("g", "") ATTRIBUTE("G", "two") ATTRIBUTE("empty", "")),
		    "{\"keys\":{\"list\":{\"name\":\"g\",\"array\":true},\"first\":{\"names\":[\"empty\",\"g\"]},\"no\":{\"name\":\"none\"},"
		    "\"f\":{\"name\":\"none\",\"default\":false},\"email\":{\"name\":\"g\"}}}");

	assert_string_equal(json_canonical(*state, person.claims).data,
			    "{\"email\":\"one\",\"f\":false,\"first\":\"one\",\"list\":[\"one\",\"two\"]}");
	assert_true(text_is(person.email, "one"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(certificates_are_those_of_the_reference, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_host_still_has_a_certificate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(redirects_are_signed_as_the_vector, set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses_come_from_the_settings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(honest_documents_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(depth_and_crowd_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(declarations_in_scope_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(canonical_forms_are_of_one_element, set_up, tear_down),
		cmocka_unit_test_setup_teardown(canonical_forms_take_no_longer_than_their_element, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_whole_text_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(times_have_a_zone_or_are_utc, set_up, tear_down),
		cmocka_unit_test_setup_teardown(metadata_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(durations_are_those_of_the_chapter, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_metadata_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_fold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_subject_is_found_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attributes_are_mapped, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
