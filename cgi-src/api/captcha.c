/* captcha.c: the captcha gate (contract 01 section 10). */
#include "cgi-src/api/gates.h"
#include "latchkey/outbound.h"
#include "latchkey/session.h"
#include "latchkey/settings.h"

#define TIMEOUT (10 * SECOND)
#define ANSWER_MAX ((size_t)64 * 1024) /* the reference has no bound; answers are some hundred bytes */

static const struct {
	const char *name, *url;
} providers[] = {
	{"hcaptcha", "https://hcaptcha.com/siteverify"},
	{"turnstile", "https://challenges.cloudflare.com/turnstile/v0/siteverify"},
};

struct security {
	struct text captcha_token;
};
struct body {
	struct security security;
};
static const struct json_field security_fields[] = {JSON_FIELD(struct security, captcha_token, "captcha_token", JSON_TEXT)};
static const struct json_shape security_shape = JSON_SHAPE("GotrueSecurity", security_fields);
static const struct json_field body_fields[] = {{"gotrue_meta_security", JSON_STRUCT, offsetof(struct body, security), &security_shape}};
static const struct json_shape body_shape = JSON_SHAPE("GotrueRequest", body_fields);

struct verdict {
	bool success;
	struct text_list error_codes;
};
static const struct json_field verdict_fields[] = {
	JSON_FIELD(struct verdict, success, "success", JSON_BOOL),
	JSON_FIELD(struct verdict, error_codes, "error-codes", JSON_TEXTS),
};
static const struct json_shape verdict_shape = JSON_SHAPE("VerificationResponse", verdict_fields);

/* Grants that come with a proof of their own. */
static bool is_exempt(struct request *req)
{
	static const char *const grants[] = {"pkce", "refresh_token", "id_token"};
	struct text grant;

	if (!text_is(req->http->path, "/token"))
		return false;
	grant = http_form(req, "grant_type");
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		if (text_is(grant, grants[i]))
			return true;
	return false;
}

static struct text provider_url(const struct settings *settings)
{
	for (size_t i = 1; i < sizeof(providers) / sizeof(providers[0]); i++)
		if (text_is(text_of(settings->security.captcha_provider), providers[i].name))
			return text_of(providers[i].url);
	return text_of(providers[0].url);
}

static void add_member(struct request *req, struct buffer *form, const char *name, struct text value)
{
	if (form->len)
		buffer_char(form, '&');
	buffer_format(form, "%s=", name);
	buffer_text(form, query_escape(req, value));
}

static int no_verdict(struct request *req, const char *why)
{
	fail_server(req, "captcha verification process failed");
	return fail_cause(req, "captcha verification: %s", why);
}

static int ask_provider(struct request *req, struct text token, struct verdict *verdict)
{
	struct buffer *form = buffer_new(req, 256 + token.len);
	struct outbound_answer answer;
	const char *why;

	add_member(req, form, "remoteip", req->address);
	add_member(req, form, "response", token);
	add_member(req, form, "secret", text_trim_unicode_space(text_of(req->settings->security.captcha_secret)));
	struct outbound_call call = {
		.method = "POST",
		.url = provider_url(req->settings),
		.content_type = "application/x-www-form-urlencoded",
		.body = buffer_as_text(form),
		.timeout = req->settings->security.captcha_timeout > 0 ? req->settings->security.captcha_timeout : TIMEOUT,
		.answer_max = ANSWER_MAX,
	};
	if (outbound_call(req, &call, &answer) < 0)
		return no_verdict(req, answer.why);
	if (json_decode(req, answer.body, &verdict_shape, verdict, &why) < 0)
		return no_verdict(req, why);
	return 0;
}

static int refuse(struct request *req, const struct text_list *codes)
{
	struct buffer *list = buffer_new(req, 64);

	for (size_t i = 0; i < codes->count; i++) {
		if (i > 0)
			buffer_string(list, ", ");
		buffer_text(list, codes->items[i]);
	}
	return fail(req, 400, "captcha_failed", "captcha protection: request disallowed (%s)", list->data);
}

int gate_captcha(struct request *req)
{
	struct body body = {0};
	struct verdict verdict = {0};
	struct text token;
	int moved;

	if (!req->settings->security.captcha_enabled || bearer_is_admin(req) || is_exempt(req))
		return 0;
	/* on its way to hashing it has been asked before, and a token counts once */
	if (req->resumed && req->lane == LANE_HASH)
		return 0;
	if (http_json(req, &body_shape, &body) < 0)
		return -1;
	token = text_trim_unicode_space(body.security.captcha_token);
	if (token.len == 0)
		return fail(req, 400, "captcha_failed", "captcha protection: request disallowed (no captcha_token found)");
	moved = lane_require(req, LANE_OUTBOUND);
	if (moved != 0)
		return moved;
	if (ask_provider(req, token, &verdict) < 0)
		return -1;
	if (!verdict.success)
		return refuse(req, &verdict.error_codes);
	req->http->captcha_passed = true;
	return 0;
}
