/* sp_metadata.c: the document that identity providers read about this server (contract 09 section 2). */
#include <time.h>

#include "saml_int.h"

#define SOON (48 * HOUR)
#define DOWNLOAD_YEARS 5

static const char *const encryption_methods[] = {NS_XENC "aes128-cbc", NS_XENC "aes192-cbc", NS_XENC "aes256-cbc", NS_XENC "rsa-oaep-mgf1p"};

static void add_time(struct buffer *out, moment at)
{
	char text[MOMENT_TEXT_MAX];

	moment_format(at, text);
	saml_attribute(out, "validUntil", text_of(text));
}

static void add_key(TALLOC_CTX *mem, struct buffer *out, const char *use, const struct saml_key *key, bool methods)
{
	buffer_format(out,
		      "<KeyDescriptor use=\"%s\"><KeyInfo xmlns=\"" NS_DS "\"><X509Data xmlns=\"" NS_DS "\"><X509Certificate xmlns=\"" NS_DS "\">%s",
		      use, base64_encode(mem, BASE64_STD, key->certificate.data, key->certificate.len));
	buffer_string(out, "</X509Certificate></X509Data></KeyInfo>");
	for (size_t i = 0; methods && i < sizeof(encryption_methods) / sizeof(encryption_methods[0]); i++)
		buffer_format(out, "<EncryptionMethod Algorithm=\"%s\"></EncryptionMethod>", encryption_methods[i]);
	buffer_string(out, "</KeyDescriptor>");
}

static void add_keys(TALLOC_CTX *mem, struct buffer *out, const struct saml_sp *sp)
{
	if (sp->encryption_allowed)
		add_key(mem, out, "encryption", sp->primary, true);
	add_key(mem, out, "signing", sp->primary, false);
	if (sp->next)
		add_key(mem, out, "signing", sp->next, false);
	if (sp->next && sp->encryption_allowed)
		add_key(mem, out, "encryption", sp->next, false);
}

static void add_service(struct buffer *out, const char *name, const char *binding, const char *url, const char *index)
{
	buffer_format(out, "<%s Binding=\"" BINDING "%s\"", name, binding);
	saml_attribute(out, "Location", text_of(url));
	saml_attribute(out, index ? "index" : "ResponseLocation", text_of(index ? index : url));
	buffer_format(out, "></%s>", name);
}

/* Calendar years, as a date of today some years on. */
static moment years_later(moment now, int years)
{
	time_t seconds = (time_t)(now / 1000000);
	struct tm date;

	gmtime_r(&seconds, &date);
	date.tm_year += years;
	return (moment)timegm(&date) * 1000000 + now % 1000000;
}

struct text saml_sp_metadata(TALLOC_CTX *mem, const struct saml_sp *sp, bool download, moment now)
{
	struct buffer *out = buffer_new(mem, 8192);
	moment soon = moment_add(now, SOON), until = download ? years_later(now, DOWNLOAD_YEARS) : soon;

	buffer_string(out, "<EntityDescriptor xmlns=\"" NS_MD "\"");
	add_time(out, (until + 500) / 1000 * 1000);
	if (sp->next)
		saml_attribute(out, "cacheDuration", TEXT("PT1H"));
	saml_attribute(out, "entityID", text_of(sp->metadata_url));
	buffer_string(out, "><SPSSODescriptor xmlns=\"" NS_MD "\"");
	add_time(out, soon);
	buffer_string(out, " protocolSupportEnumeration=\"" NS_SAMLP "\" WantAssertionsSigned=\"true\">");
	add_keys(mem, out, sp);
	add_service(out, "SingleLogoutService", "HTTP-POST", sp->slo_url, NULL);
	buffer_string(out, "<NameIDFormat>" FORMAT_EMAIL "</NameIDFormat><NameIDFormat>" FORMAT_PERSISTENT "</NameIDFormat>");
	add_service(out, "AssertionConsumerService", "HTTP-POST", sp->acs_url, "1");
	add_service(out, "AssertionConsumerService", "HTTP-Artifact", sp->acs_url, "2");
	buffer_string(out, "</SPSSODescriptor></EntityDescriptor>");
	return buffer_as_text(out);
}
