/* sso_redirect.c: errors of the assertion consumer travel to the site URL (contract 09 section 6.12). */
#include "cgi-src/api/external.h"
#include "cgi-src/api/sso.h"
#include "latchkey/settings.h"

/* What is no error of this interface stays in the log, but for what the operator's own code or a constraint says. */
static struct shown show(const struct failure *failure)
{
	static const char unexpected[] = "Unexpected failure, please check server logs for more information";

	if (failure->kind == FAILURE_HTTP || failure->kind == FAILURE_OAUTH)
		return shown_failure(failure);
	return failure->db ? shown_database(failure->db, unexpected) : (struct shown){"server_error", text_of(unexpected), NULL};
}

static void log_failure(struct request *req)
{
	const struct failure *failure = &req->failure;
	const char *said = failure->cause ? failure->cause : failure->db ? failure->db->message : failure->message;

	request_log_field(req, log_text("error", format(req, "%s: %s", failure->code ? failure->code : "unexpected_failure", said ? said : "")));
}

int sso_redirect_failure(struct request *req)
{
	struct text site = text_of(req->settings->site_url);
	struct shown shown = show(&req->failure);
	struct url_param params[] = {
		{"error", text_of(shown.error)},
		{"error_description", shown.description},
		{"error_code", text_of(shown.code)},
	};
	struct url url;
	const char *why;

	log_failure(req);
	if (req->failure.final || req->failure.kind == FAILURE_FAULT)
		return -1;
	if (url_parse(req, site, &url, &why) < 0)
		return fail_server(req, "site url is improperly formattted");
	req->http->refused = shown.code && *shown.code ? shown.code : "unexpected_failure";
	failure_clear(req);
	return reply_redirect(req, 303, url_edited(req, site, &(struct url_edit){.new_query = true, .params = params, .count = shown.code ? 3 : 2}));
}
