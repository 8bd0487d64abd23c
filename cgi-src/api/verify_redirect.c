/* verify_redirect.c: where a link from a mail ends (contract 06 section 5.6). */
#include "cgi-src/api/verify.h"
#include "latchkey/http.h"

static int go(struct request *req, const struct url_edit *edit)
{
	return reply_redirect(req, 303, url_edited(req, redirect_referrer(req), edit));
}

int verify_redirect_tokens(struct request *req, const struct tokens *tokens, const char *type)
{
	const char *extra[] = {"type", type, NULL};

	/* appended as text, even where the target has a fragment: apps with hash routes rely on it */
	return reply_redirect(req, 303, tokens_fragment(req, redirect_referrer(req), tokens, extra));
}

int verify_redirect_code(struct request *req, struct text code)
{
	struct url_param params[] = {{"code", code}};

	return go(req, &(struct url_edit){.new_query = true, .params = params, .count = 1, .fragment = TEXT_NONE});
}

int verify_redirect_half(struct request *req, bool pkce)
{
	struct url_param params[] = {{"message", TEXT(HALF_CONFIRMED)}, {"sb", TEXT("")}};

	return go(req, &(struct url_edit){.new_query = true, .params = params, .count = pkce ? 1 : 0, .fragment = form_encoded(req, params, 2)});
}

/* Errors of OAuth 2.0 by status; others have none. */
static const char *error_name(int status)
{
	static const struct {
		int status;
		const char *name;
	} names[] = {
		{400, "invalid_request"}, {401, "unauthorized_client"},	    {403, "access_denied"},
		{500, "server_error"},	  {503, "temporarily_unavailable"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}

int verify_redirect_failure(struct request *req, bool pkce)
{
	const struct failure failure = req->failure;
	const char *code = failure.code ? failure.code : failure.kind == FAILURE_HTTP ? "" : "unexpected_failure", *name = error_name(failure.status);
	struct url_param params[4] = {{"error_code", text_of(code)}, {"error_description", failure_message(&failure)}};
	size_t count = 2;

	if (name)
		params[count++] = (struct url_param){"error", text_of(name)};
	params[count] = (struct url_param){"sb", TEXT("")};
	req->http->refused = code;
	failure_clear(req);
	if (failure.status >= 500)
		request_log_field(req, log_text("error", failure.cause ? failure.cause : failure.message));
	return go(req, &(struct url_edit){
			       .new_query = pkce, .params = params, .count = pkce ? count : 0, .fragment = form_encoded(req, params, count + 1)});
}
