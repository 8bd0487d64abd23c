/* sso_redirect.c: errors of the assertion consumer travel to the site URL (contract 09 section 6.12). */
#include <string.h>

#include "cgi-src/api/sso.h"
#include "latchkey/settings.h"

/* Codes that say more than their status. */
static const char *const denials[] = {"signup_disabled", "user_banned", "provider_email_needs_verification"};

static const struct {
	int status;
	const char *error;
} errors[] = {
	{400, "invalid_request"}, {401, "unauthorized_client"}, {403, "access_denied"}, {500, "server_error"}, {503, "temporarily_unavailable"},
};

static const char *error_of(const struct failure *failure)
{
	for (size_t i = 0; failure->code && i < sizeof(denials) / sizeof(denials[0]); i++)
		if (strcmp(failure->code, denials[i]) == 0)
			return "access_denied";
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == failure->status)
			return errors[i].error;
	return "server_error";
}

/* Of the database only what the operator's own code or a constraint says (07 section 4.7); everything else stays in the log. */
static const char *untranslated(const struct failure *failure)
{
	static const char *const shown[] = {"23000", "23001", "23502", "23503", "23505", "23514", "23P01", "P0001"};

	for (size_t i = 0; failure->db && i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strcmp(failure->db->sqlstate, shown[i]) == 0)
			return failure->db->message;
	return "Unexpected failure, please check server logs for more information";
}

struct told {
	const char *error, *description, *code; /* code NULL: not set */
};

static struct told tell(const struct failure *failure)
{
	switch (failure->kind) {
	case FAILURE_HTTP:
		return (struct told){error_of(failure), failure->message, failure->code ? failure->code : ""};
	case FAILURE_OAUTH:
		return (struct told){failure->code, failure->message, NULL};
	default:
		return (struct told){"server_error", untranslated(failure), NULL};
	}
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
	struct told told = tell(&req->failure);
	struct url_param params[] = {
		{"error", text_of(told.error)},
		{"error_description", text_of(told.description)},
		{"error_code", text_of(told.code)},
	};
	struct url url;
	const char *why;

	log_failure(req);
	if (url_parse(req, site, &url, &why) < 0)
		return fail_server(req, "site url is improperly formattted");
	failure_clear(req);
	return reply_redirect(req, 303, url_edited(req, site, &(struct url_edit){.new_query = true, .params = params, .count = told.code ? 3 : 2}));
}
