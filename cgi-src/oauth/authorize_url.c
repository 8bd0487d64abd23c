/* authorize_url.c: where the browser is sent, and with what (contract 07 section 2.1). */
#include <string.h>

#include "latchkey/crypto.h"
#include "latchkey/http.h"
#include "oauth_int.h"

/* What no client may set; in any letter case. */
static const char *const reserved[] = {
	"client_id", "client_secret", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "code_verifier",
};

static bool is_reserved(struct text name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (text_equal_nocase(name, text_of(reserved[i])))
			return true;
	return false;
}

static void set(struct params *params, const char *name, struct text value)
{
	params_set(params, text_of(name), value);
}

static void set_base(struct request *req, struct oauth_provider *provider, const struct uuid *state, struct params *params)
{
	struct buffer *scope = buffer_new(req, 64);

	for (size_t i = 0; i < provider->scopes.count; i++) {
		if (i)
			buffer_char(scope, ' ');
		buffer_text(scope, provider->scopes.items[i]);
	}
	set(params, "response_type", TEXT("code"));
	set(params, "client_id", provider->client_id);
	if (provider->redirect_uri.len)
		set(params, "redirect_uri", provider->redirect_uri);
	if (provider->scopes.count)
		set(params, "scope", buffer_as_text(scope));
	set(params, "state", text_of(uuid_string(req, state)));
}

/* The first of several values with one name counts. */
static void pass_through(struct request *req, struct params *params)
{
	const struct query *query = &req->http->query;

	for (size_t i = 0; i < query->count; i++) {
		struct text name = query->items[i].name, first = http_query(req, text_string(req, name));

		if (text_is(name, "scopes") || text_is(name, "provider") || is_reserved(name) || text_has_nul(name))
			continue;
		params_set(params, text_is(name, "workos_provider") ? TEXT("provider") : name, first);
	}
}

static void set_challenge(struct request *req, struct params *params, struct text verifier)
{
	unsigned char digest[32];

	sha256(verifier, digest);
	set(params, "code_challenge", text_of(base64_encode(req, BASE64_URL_RAW, digest, sizeof(digest))));
	set(params, "code_challenge_method", TEXT("S256"));
}

static void set_custom(const struct oauth_provider *provider, struct params *params)
{
	json_object_object_foreach(provider->custom->authorization_params, name, value)
	{
		if (json_object_is_type(value, json_type_string) && !is_reserved(text_of(name)))
			set(params, name, text_of(json_object_get_string(value)));
	}
}

struct text oauth_authorization_url(struct request *req, struct oauth_provider *provider, const struct uuid *state, struct text verifier)
{
	struct params *params = params_new(req);
	struct text url = provider->authorize_url, encoded;

	if (provider->row && strcmp(provider->name, "twitter") == 0)
		return twitter_authorization_url(req, provider, state);
	set_base(req, provider, state, params);
	if (provider->row && provider->row->authorize_params) {
		provider->row->authorize_params(provider, params);
	} else {
		pass_through(req, params);
		if (verifier.len)
			set_challenge(req, params, verifier);
		if (provider->custom)
			set_custom(provider, params);
	}
	encoded = params_encode(params);
	return text_of(format(req, "%.*s%c%.*s", (int)url.len, url.data, url.len && memchr(url.data, '?', url.len) ? '&' : '?', (int)encoded.len,
			      encoded.data));
}

void apple_authorize(struct oauth_provider *provider, struct params *params)
{
	(void)provider;
	set(params, "response_mode", TEXT("form_post"));
}
