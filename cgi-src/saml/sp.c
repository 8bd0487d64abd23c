/* sp.c: this server as service provider: its addresses and keys, from the settings alone (contract 09 section 1). */
#include <string.h>

#include <openssl/decoder.h>
#include <openssl/err.h>

#include "latchkey/http.h"
#include "saml_int.h"

static int key_free(struct saml_key *key)
{
	EVP_PKEY_free(key->key);
	return 0;
}

/* The settings have been checked: whatever fails here is a fault of ours or the library's. */
static struct saml_key *load_key(TALLOC_CTX *mem, const char *base64, struct text host, bool encryption)
{
	struct saml_key *key = must(talloc_zero(mem, struct saml_key));
	size_t len = 0;
	unsigned char *der = saml_base64(key, text_of(base64), &len);
	const unsigned char *at = der;

	talloc_set_destructor(key, key_free);
	if (der)
		key->key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)len);
	if (der)
		OPENSSL_cleanse(der, len);
	if (key->key)
		key->certificate = saml_make_certificate(key, key->key, host, encryption);
	ERR_clear_error();
	return key->certificate.data ? key : NULL;
}

/* "https://[::1]:9" gives "::1", "https://[::1]" gives "[::1]" (contract 02 section 3.17). */
static struct text certificate_host(TALLOC_CTX *mem, const struct settings *settings)
{
	struct url url = {0};
	const char *why;

	if (url_parse(mem, text_of(settings->api.external_url), &url, &why) < 0)
		return TEXT("");
	if (url.port.len == 0 && url.host.len && memchr(url.host.data, ':', url.host.len))
		return text_of(format(mem, "[%.*s]", (int)url.host.len, url.host.data));
	return url.host;
}

static const char *address(TALLOC_CTX *mem, const struct settings *settings, const char *path)
{
	const char *base = settings->saml.external_url[0] ? settings->saml.external_url : settings->api.external_url;
	struct text plain = text_before(text_before(text_of(base), '#'), '?');
	bool slash = plain.len && plain.data[plain.len - 1] == '/';

	return format(mem, "%.*s%s%s", (int)plain.len, plain.data, slash ? "" : "/", path);
}

static struct saml_sp *make(const struct settings *settings, const char **why)
{
	struct saml_sp *sp = must(talloc_zero(NULL, struct saml_sp));
	struct text host = certificate_host(sp, settings);
	bool encryption = settings->saml.allow_encrypted_assertions, second = settings->saml.private_key_next[0];

	sp->made_for = talloc_strdup(sp, settings->api.external_url);
	sp->metadata_url = address(sp, settings, "sso/saml/metadata");
	sp->acs_url = address(sp, settings, "sso/saml/acs");
	sp->slo_url = address(sp, settings, "sso/saml/slo");
	sp->encryption_allowed = encryption;
	sp->modern_only = settings->saml.modern_only;
	sp->primary = load_key(sp, settings->saml.private_key, host, encryption);
	sp->next = second ? load_key(sp, settings->saml.private_key_next, host, encryption) : NULL;
	if (sp->primary && (sp->next || !second))
		return sp;
	*why = "the key of the service provider cannot be loaded, or its certificate cannot be made";
	talloc_free(sp);
	return NULL;
}

/* Settings live as long as their process; a test makes others in the same place. */
const struct saml_sp *saml_sp(const struct settings *settings, const char **why)
{
	static const struct settings *made_of;
	static struct saml_sp *sp;

	if (sp && made_of == settings && strcmp(sp->made_for, settings->api.external_url) == 0)
		return sp;
	talloc_free(sp);
	sp = make(settings, why);
	made_of = settings;
	return sp;
}

struct text saml_certificate(const struct saml_key *key)
{
	return key->certificate;
}
