/* callback_failure.c: errors of the callback as the browser carries them on (contract 07 section 4.7). */
#include <string.h>

#include "cgi-src/api/external.h"
#include "latchkey/settings.h"

/* Errors of OAuth 2.0 by HTTP status. */
static const char *by_status(int status)
{
	static const struct {
		int status;
		const char *error;
	} errors[] = {
		{400, "invalid_request"},
		{401, "unauthorized_client"},
		{403, "access_denied"},
		{503, "temporarily_unavailable"},
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == status)
			return errors[i].error;
	return "server_error";
}

static const char *by_code(const struct failure *failure)
{
	static const char *const denied[] = {"signup_disabled", "user_banned", "provider_email_needs_verification"};

	for (size_t i = 0; failure->code && i < sizeof(denied) / sizeof(denied[0]); i++)
		if (strcmp(failure->code, denied[i]) == 0)
			return "access_denied";
	return by_status(failure->status);
}

struct shown shown_database(const struct db_error *db, const char *otherwise)
{
	static const char *const states[] = {"23000", "23001", "23502", "23503", "23505", "23514", "23P01", "P0001"};
	const char *message = db->message ? db->message : "";

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(db->sqlstate, states[i]) == 0)
			return (struct shown){"server_error", text_of(message), NULL};
	if (strncmp(db->sqlstate, "PT", 2) == 0 && strspn(db->sqlstate + 2, "0123456789") == 3)
		return (struct shown){by_status((db->sqlstate[2] - '0') * 100 + (db->sqlstate[3] - '0') * 10 + db->sqlstate[4] - '0'),
				      text_of(message), NULL};
	return (struct shown){"server_error", text_of(otherwise), NULL};
}

struct shown shown_failure(const struct failure *failure)
{
	if (failure->kind == FAILURE_OAUTH)
		return (struct shown){failure->code, failure_message(failure), NULL};
	return (struct shown){by_code(failure), failure_message(failure), failure->code ? failure->code : ""};
}

static struct shown show(const struct failure *failure)
{
	if (failure->kind != FAILURE_UNEXPECTED)
		return shown_failure(failure);
	if (failure->db)
		return shown_database(failure->db, "database error");
	return (struct shown){"server_error", failure->cause ? text_of(failure->cause) : failure_message(failure), NULL};
}

static void add(struct url_param *params, size_t *count, const char *name, const char *value)
{
	params[(*count)++] = (struct url_param){name, text_of(value)};
}

/* One that the destination brings along, where the error has none of its own. */
static struct text given_code(struct request *req, struct text destination)
{
	static const char name[] = "error_code=";
	struct text rest = TEXT_NONE, piece, before, code;

	destination = text_before(destination, '#');
	if (!text_cut(destination, '?', &before, &rest))
		return TEXT_NONE;
	while (rest.len) {
		struct text after = TEXT_NONE;

		if (!text_cut(rest, '&', &piece, &after))
			piece = rest;
		if (text_starts(piece, name) &&
		    percent_decode(req, (struct text){piece.data + sizeof(name) - 1, piece.len - sizeof(name) + 1}, true, &code))
			return code;
		rest = after;
	}
	return TEXT_NONE;
}

static struct text fragment_of(struct request *req, const struct shown *shown, struct text destination)
{
	struct text code = shown->code ? text_of(shown->code) : given_code(req, destination);
	struct url_param params[4];
	size_t count = 0;

	if (shown->error && *shown->error)
		add(params, &count, "error", shown->error);
	if (code.len)
		params[count++] = (struct url_param){"error_code", code};
	if (shown->description.len)
		params[count++] = (struct url_param){"error_description", shown->description};
	params[count++] = (struct url_param){"sb", TEXT("")};
	return form_encoded(req, params, count);
}

static int redirect(struct request *req, int status, struct text destination, bool with_fragment)
{
	const struct failure failure = req->failure;
	struct shown shown = show(&failure);
	struct url_param params[3];
	size_t count = 0;

	add(params, &count, "error", shown.error ? shown.error : "");
	params[count++] = (struct url_param){"error_description", shown.description};
	if (shown.code)
		add(params, &count, "error_code", shown.code);
	failure_clear(req);
	request_log_field(req, log_text("error", failure.cause ? failure.cause : text_string(req, shown.description)));
	return reply_redirect(req, status,
			      url_edited(req, destination,
					 &(struct url_edit){.new_query = true,
							    .params = params,
							    .count = count,
							    .fragment = with_fragment ? fragment_of(req, &shown, destination) : TEXT_NONE}));
}

int callback_redirect_failure(struct request *req, struct text destination)
{
	if (req->failure.final || req->failure.kind == FAILURE_FAULT)
		return -1;
	return redirect(req, 302, destination, true);
}

/* What the error's answer would be, of which the body alone is kept. */
static struct text body_of_failure(struct request *req)
{
	struct http *http = req->http;
	size_t headers = http->header_count;
	struct text body;

	http_reply_failure(req);
	body = text_copy(req, buffer_as_text(http->out));
	http->header_count = headers;
	http->error_code = NULL;
	return body;
}

/* The redirect is followed by the error (contract 01 section 7.7). */
int callback_redirect_state_failure(struct request *req)
{
	struct text body;
	struct url site;
	const char *why;

	if (url_parse(req, text_of(req->settings->site_url), &site, &why) < 0)
		return fail_server(req, "site url is improperly formatted");
	body = body_of_failure(req);
	if (req->http->method != METHOD_GET && req->http->method != METHOD_HEAD)
		http_set_header(req, "Content-Type", TEXT("text/plain; charset=utf-8")); /* redirects of these have no page */
	if (redirect(req, 303, text_of(req->settings->site_url), false) < 0)
		return -1;
	buffer_text(req->http->out, body);
	return 0;
}

int external_failure_json(struct request *req)
{
	if (req->failure.kind != FAILURE_UNEXPECTED || req->failure.final)
		return -1;
	return fail_oauth(req, "server_error", "Internal Server Error");
}
