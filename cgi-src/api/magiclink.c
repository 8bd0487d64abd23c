/* magiclink.c: POST /magiclink: a mail that signs in, or up (contract 06 section 5.2). */
#include "cgi-src/api/magiclink.h"
#include "cgi-src/api/accounts.h"
#include "cgi-src/api/signup.h"
#include "latchkey/crypto.h"
#include "latchkey/mail.h"

#define PASSWORD_LENGTH 33

static const struct json_field magic_link_fields[] = {
	JSON_FIELD(struct magic_link_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct magic_link_params, data, "data", JSON_MAP),
	JSON_FIELD(struct magic_link_params, code_challenge, "code_challenge", JSON_TEXT),
	JSON_FIELD(struct magic_link_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
};
static const struct json_shape magic_link_shape = JSON_SHAPE("MagicLinkParams", magic_link_fields);

int magic_link_check_open(struct request *req)
{
	if (!req->settings->external.email_enabled)
		return fail(req, 422, "email_provider_disabled", "Email logins are disabled");
	if (!req->settings->external.magic_link_enabled)
		return fail(req, 422, "email_provider_disabled", "Login with magic link is disabled");
	return 0;
}

static int check(struct request *req, const struct magic_link_params *params, struct text *email)
{
	if (text_is_empty(params->email))
		return fail(req, 422, "validation_failed", "Password recovery requires an email");
	if (email_validate(req, params->email, email) < 0)
		return -1;
	return pkce_validate(req, params->code_challenge, params->code_challenge_method);
}

static int find_user(struct request *req, struct text email, struct user **user)
{
	if (user_by_email(req, email, request_audience(req), user) < 0)
		return fail_server(req, "Database error finding user");
	return 0;
}

static int sign_up(struct request *req, const struct magic_link_params *params, struct text email)
{
	const struct text_list *sets = &req->settings->password.required_characters;
	struct signup_params signup = {
		.email = email,
		.password = text_of(random_password_with_sets(req, PASSWORD_LENGTH, sets)),
		.code_challenge = params->code_challenge,
		.code_challenge_method = params->code_challenge_method,
		.data = params->data,
	};

	return signup_unseen(req, &signup);
}

struct link {
	struct user *user;
	bool pkce;
};

static int write_link(struct request *req, void *arg)
{
	struct link *link = arg;

	audit(req, AUDIT_USER_RECOVERY_REQUESTED, link->user, NULL, false);
	return mail_magic_link(req, link->user, link->pkce);
}

static int send_link(struct request *req, const struct magic_link_params *params, struct user *user)
{
	struct link link = {user, !text_is_empty(params->code_challenge)};

	/* the flow state stays, even where the mail cannot be sent */
	if (remember_flow(req, user, "magiclink", "magiclink", params->code_challenge, params->code_challenge_method) < 0 ||
	    db_transaction(req, write_link, &link) < 0)
		return -1;
	return reply_empty_object(req);
}

int magic_link_send(struct request *req, const struct magic_link_params *params)
{
	struct text email;
	struct user *user;
	int stopped;

	if (check(req, params, &email) < 0)
		return -1;
	stopped = mail_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (stopped)
		return stopped;
	if (find_user(req, email, &user) < 0)
		return -1;
	if (user && user_email_confirmed(user))
		return send_link(req, params, user);
	stopped = sign_up(req, params, email);
	if (stopped)
		return stopped;
	if (!req->settings->mailer.autoconfirm)
		return reply_empty_object(req);
	if (find_user(req, email, &user) < 0)
		return -1;
	return user && user_email_confirmed(user) ? send_link(req, params, user) : reply_empty_object(req);
}

int api_magiclink(struct request *req)
{
	struct magic_link_params params = {0};

	if (magic_link_check_open(req) < 0 || http_json_first(req, &magic_link_shape, &params, "Could not read verification params") < 0)
		return -1;
	return magic_link_send(req, &params);
}
