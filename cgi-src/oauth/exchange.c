/* exchange.c: a code becomes tokens, and tokens the user's data (contract 07 sections 5.1 and 5.2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oauth_int.h"

#define REDIRECTS 10
#define ALL_THE_TIME (60 * SECOND) /* the request's deadline ends it */

static const struct outbound_header agent = {"User-Agent", {"Latchkey", 8}};

/* ---- the token endpoint's answer ------------------------------------------------------------------------------------------------------------------- */

static bool is_form(struct request *req, struct text content_type)
{
	struct text type = text_lower(req, text_trim(text_before(content_type, ';'), " \t"));

	return text_is(type, "application/x-www-form-urlencoded") || text_is(type, "text/plain");
}

static int form_object(struct request *req, struct text body, struct json_object **object)
{
	const struct params *params = params_parse(req, body);

	if (!params)
		return -1;
	*object = json_hold(req, must(json_object_new_object()));
	for (size_t i = 0; i < params->count; i++)
		json_object_object_add(*object, text_string(req, params->items[i].name),
				       must(json_object_new_string_len(params->items[i].value.data, (int)params->items[i].value.len)));
	return 0;
}

/* A number, or one in a text. */
static int read_expires_in(struct json_object *all, double *seconds)
{
	struct json_object *value = answer_member(all, "expires_in");
	const char *text;
	char *end;

	*seconds = 0;
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return answer_number(all, "expires_in", seconds);
	text = json_object_get_string(value);
	if (!*text)
		return 0;
	*seconds = (double)strtoll(text, &end, 10);
	return *end ? -1 : 0;
}

static const char *read_tokens(struct request *req, const struct outbound_answer *answer, struct provider_tokens *tokens)
{
	struct text error;
	const char *why;

	*tokens = (struct provider_tokens){0};
	if (is_form(req, answer->content_type) ? form_object(req, answer->body, &tokens->all) < 0
					       : json_parse(req, answer->body, &tokens->all, &why) < 0)
		return "the answer is neither JSON nor a form";
	if (answer->status < 200 || answer->status > 299)
		return format(req, "status %d", answer->status);
	if (!json_object_is_type(tokens->all, json_type_object))
		return "the answer is no object";
	if (answer_text(tokens->all, "error", &error) < 0 || error.len)
		return "the answer names an error";
	if (answer_text(tokens->all, "access_token", &tokens->access_token) < 0 || answer_text(tokens->all, "token_type", &tokens->token_type) < 0 ||
	    answer_text(tokens->all, "refresh_token", &tokens->refresh_token) < 0 || read_expires_in(tokens->all, &tokens->expires_in) < 0)
		return "a field is of another type";
	return tokens->access_token.len ? NULL : "there is no access token";
}

/* ---- asking it ---------------------------------------------------------------------------------------------------------------------------------------- */

/* NULL where it has gone well, else why not. */
static const char *ask(struct request *req, struct oauth_provider *provider, const struct params *form, bool basic)
{
	struct outbound_call call = {
		.method = "POST",
		.url = provider->token_url,
		.headers = &agent,
		.header_count = 1,
		.content_type = "application/x-www-form-urlencoded",
		.body = params_encode(form),
		.timeout = ALL_THE_TIME,
		.cut_answer = true,
		.public_only = provider_is_guarded(provider),
	};
	struct outbound_answer answer;

	if (basic) {
		call.user = text_string(req, query_escape(req, provider->client_id));
		call.password = text_string(req, query_escape(req, provider->secret));
	}
	if (outbound_call(req, &call, &answer) < 0)
		return answer.why;
	return read_tokens(req, &answer, &provider->tokens);
}

static void set(struct params *params, const char *name, struct text value)
{
	params_set(params, text_of(name), value);
}

/* First Basic, then, whatever went wrong, the credentials in the body; nothing is remembered. */
static int ask_twice(struct request *req, struct oauth_provider *provider, struct params *form)
{
	bool body_only = provider->row && (provider->row->flags & PROVIDER_BODY_ONLY);
	const char *why;

	if (!body_only && !ask(req, provider, form, true))
		return 0;
	set(form, "client_id", provider->client_id);
	set(form, "client_secret", provider->secret);
	why = ask(req, provider, form, false);
	return why ? provider_complain(req, format(req, "%s: %s", outbound_shown(req, provider->token_url).data, why)) : 0;
}

int provider_exchange(struct request *req, struct oauth_provider *provider, struct text code, struct text verifier)
{
	struct params *form = params_new(req);

	set(form, "code", code);
	set(form, "grant_type", TEXT("authorization_code"));
	if (provider->redirect_uri.len)
		set(form, "redirect_uri", provider->redirect_uri);
	if (verifier.len)
		set(form, "code_verifier", verifier);
	if (strcmp(provider->name, "apple") == 0) {
		set(form, "client_id", provider->client_id);
		set(form, "secret", provider->secret);
	}
	return ask_twice(req, provider, form);
}

/* A token that has all but expired counts as expired. */
static int refresh_if_due(struct request *req, struct oauth_provider *provider)
{
	struct provider_tokens before = provider->tokens;
	struct params *form;

	if (before.expires_in == 0 || before.expires_in > 10)
		return 0;
	if (!before.refresh_token.len)
		return provider_complain(req, "the access token has expired, and there is no refresh token");
	form = params_new(req);
	set(form, "grant_type", TEXT("refresh_token"));
	set(form, "refresh_token", before.refresh_token);
	if (ask_twice(req, provider, form) < 0)
		return -1;
	provider->tokens.expires_in = 0; /* once */
	if (!provider->tokens.refresh_token.len)
		provider->tokens.refresh_token = before.refresh_token;
	return 0;
}

/* ---- the user's data ------------------------------------------------------------------------------------------------------------------------------------ */

static struct text authorization(struct request *req, const struct oauth_provider *provider)
{
	static const char *const known[] = {"Bearer", "MAC", "Basic"};
	struct text type = provider->tokens.token_type, token = provider->tokens.access_token;

	if (!type.len || (provider->row && (provider->row->flags & PROVIDER_BEARER)))
		type = TEXT("Bearer");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_equal_nocase(type, text_of(known[i])))
			type = text_of(known[i]);
	return text_of(format(req, "%.*s %.*s", (int)type.len, type.data, (int)token.len, token.data));
}

int provider_get(struct request *req, struct oauth_provider *provider, struct text url, struct json_object **answer, struct text *body)
{
	bool strict = provider->row && (provider->row->flags & PROVIDER_STRICT_JSON);
	struct outbound_header headers[4] = {agent};
	struct outbound_call call = {.method = "GET",
				     .url = url,
				     .headers = headers,
				     .timeout = req->settings->internal_http_timeout,
				     .redirects = REDIRECTS,
				     .public_only = provider_is_guarded(provider)};
	struct outbound_answer got;
	const char *why;

	if (refresh_if_due(req, provider) < 0)
		return -1;
	headers[1] = (struct outbound_header){"Authorization", authorization(req, provider)};
	call.header_count = 2;
	if (provider->row && provider->row->user_headers)
		provider->row->user_headers(provider, headers, &call.header_count);
	if (outbound_call(req, &call, &got) < 0)
		return provider_complain(req, got.why);
	if (got.status < 200 || got.status > 299)
		return provider_complain(req, format(req, "%s: status %d", outbound_shown(req, url).data, got.status));
	*body = strict ? got.body : answer_first(got.body);
	if (json_parse(req, *body, answer, &why) < 0)
		return provider_complain(req, format(req, "%s: the answer is no JSON", outbound_shown(req, url).data));
	return 0;
}
