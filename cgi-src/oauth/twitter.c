/* twitter.c: OAuth 1.0a, which twitter alone speaks (contract 07 section 5.4, RFC 5849). */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "oauth_int.h"

#define TIME_LIMIT (10 * SECOND)

static void escape(struct buffer *out, struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			     (byte && strchr("-._~", byte));

		if (plain)
			buffer_char(out, (char)byte);
		else
			buffer_format(out, "%%%02X", byte);
	}
}

/* Sorted "k=esc(v)", joined; quoted for the header. */
static struct text listed(TALLOC_CTX *mem, const struct params *params, const char *between, const char *quote)
{
	struct buffer *out = buffer_new(mem, 256);

	(void)params_encode(params); /* sorts */
	for (size_t i = 0; i < params->count; i++) {
		if (i)
			buffer_string(out, between);
		buffer_text(out, params->items[i].name);
		buffer_char(out, '=');
		buffer_string(out, quote);
		escape(out, params->items[i].value);
		buffer_string(out, quote);
	}
	return buffer_as_text(out);
}

struct text oauth1_signature(TALLOC_CTX *mem, struct text url, const struct params *params, struct text consumer_secret, struct text token_secret)
{
	struct buffer *base = buffer_new(mem, 512), *key = buffer_new(mem, 128);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	buffer_string(base, "GET&");
	escape(base, url);
	buffer_char(base, '&');
	escape(base, listed(mem, params, "&", ""));
	escape(key, consumer_secret);
	buffer_char(key, '&');
	escape(key, token_secret);
	must(HMAC(EVP_sha1(), key->data, (int)key->len, (const unsigned char *)base->data, base->len, mac, &len));
	return text_of(base64_encode(mem, BASE64_STD, mac, len));
}

static void set(struct params *params, const char *name, struct text value)
{
	params_set(params, text_of(name), value);
}

static struct params *oauth_params(struct request *req, const struct oauth_provider *provider)
{
	struct params *params = params_new(req);

	set(params, "oauth_consumer_key", provider->client_id);
	set(params, "oauth_nonce", text_of(format(req, "%llu", (unsigned long long)random_below(UINT64_C(1) << 62))));
	set(params, "oauth_signature_method", TEXT("HMAC-SHA1"));
	set(params, "oauth_timestamp", text_of(format(req, "%lld", (long long)(moment_now() / 1000000))));
	set(params, "oauth_version", TEXT("1.0"));
	return params;
}

/* A signed GET; query: further parameters of the URL, or NULL. */
static int call(struct request *req, const struct oauth_provider *provider, struct text url, const struct params *oauth, const struct params *query,
		struct text token_secret, struct text *body)
{
	struct params *header = params_new(req), *all = params_new(req);
	struct outbound_header headers[2] = {{"User-Agent", TEXT("Latchkey")}};
	struct outbound_call out = {.method = "GET", .url = url, .headers = headers, .header_count = 2, .timeout = TIME_LIMIT};
	struct outbound_answer answer;
	struct text list;

	for (size_t i = 0; i < oauth->count; i++) {
		params_set(header, oauth->items[i].name, oauth->items[i].value);
		params_set(all, oauth->items[i].name, oauth->items[i].value);
	}
	for (size_t i = 0; query && i < query->count; i++)
		params_set(all, query->items[i].name, query->items[i].value);
	set(header, "oauth_signature", oauth1_signature(req, url, all, provider->secret, token_secret));
	list = listed(req, header, ",", "\"");
	headers[1] = (struct outbound_header){"Authorization", text_of(format(req, "OAuth %.*s", (int)list.len, list.data))};
	if (query) {
		struct text encoded = params_encode(query);

		out.url = text_of(format(req, "%.*s?%.*s", (int)url.len, url.data, (int)encoded.len, encoded.data));
	}
	if (outbound_call(req, &out, &answer) < 0)
		return provider_complain(req, answer.why);
	*body = answer.body;
	if (answer.status < 200 || answer.status > 299)
		return provider_complain(req, format(req, "%s: status %d", outbound_shown(req, url).data, answer.status));
	return 0;
}

/* Both fields of a token have to be there. */
static int token_call(struct request *req, const struct oauth_provider *provider, const char *path, const struct params *oauth, struct text *token,
		      struct text *secret)
{
	struct text url = provider_url(req, provider, (struct endpoint){provider->row->token.host, path, NULL}), body;
	const struct params *form;

	if (call(req, provider, url, oauth, NULL, TEXT_NONE, &body) < 0)
		return -1;
	form = params_parse(req, body);
	if (!form)
		return provider_complain(req, "twitter's answer is no form");
	*token = params_get(form, "oauth_token");
	*secret = params_get(form, "oauth_token_secret");
	return token->len && secret->len ? 0 : provider_complain(req, "twitter gave no token");
}

struct text twitter_authorization_url(struct request *req, struct oauth_provider *provider, const struct uuid *state)
{
	struct params *oauth = oauth_params(req, provider);
	struct text token, secret, url = provider->authorize_url, shown;

	set(oauth, "oauth_callback",
	    text_of(format(req, "%.*s?state=%s", (int)provider->redirect_uri.len, provider->redirect_uri.data, uuid_string(req, state))));
	if (token_call(req, provider, "/oauth/request_token", oauth, &token, &secret) < 0)
		return TEXT("");
	shown = query_escape(req, token);
	return text_of(format(req, "%.*s?oauth_token=%.*s", (int)url.len, url.data, (int)shown.len, shown.data));
}

/* The members that are texts; one of another type is not there, and the others count (section 5.4). */
static struct json_object *texts_alone(struct request *req, struct json_object *user)
{
	struct json_object *texts = json_hold(req, must(json_object_new_object()));

	if (!json_object_is_type(user, json_type_object))
		return texts;
	json_object_object_foreach(user, name, value)
	{
		if (json_object_is_type(value, json_type_string))
			json_object_object_add(texts, name, json_object_get(value));
	}
	return texts;
}

static int ask_profile(struct request *req, struct oauth_provider *provider, struct text token, struct text secret, struct oauth_profile *profile)
{
	struct params *oauth = oauth_params(req, provider), *query = params_new(req);
	struct json_object *user;
	struct text body;
	const char *why;

	set(oauth, "oauth_token", token);
	set(query, "include_email", TEXT("true"));
	set(query, "include_entities", TEXT("false"));
	set(query, "skip_status", TEXT("true"));
	if (call(req, provider, provider->user_url, oauth, query, secret, &body) < 0)
		return -1;
	/* what cannot be read leaves the fields empty */
	if (answer_parse(req, body, false, &user, &why) < 0)
		user = NULL;
	return provider_map(req, provider, texts_alone(req, user), body, profile);
}

int twitter_ask(struct request *req, struct oauth_provider *provider, struct oauth_answer *answer)
{
	struct params *oauth = oauth_params(req, provider);
	struct text secret;

	set(oauth, "oauth_token", answer->oauth_token);
	if (answer->oauth_verifier.len)
		set(oauth, "oauth_verifier", answer->oauth_verifier);
	if (token_call(req, provider, "/oauth/access_token", oauth, &answer->access_token, &secret) < 0)
		return fail_server(req, "Unable to retrieve access token");
	if (ask_profile(req, provider, answer->access_token, secret, &answer->profile) < 0)
		return fail_server(req, "Error getting user email from external provider");
	return 0;
}
