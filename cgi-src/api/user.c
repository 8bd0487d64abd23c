/* user.c: GET and PUT /user: the bearer's own account (contract 05 sections 5 and 6). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/user_update.h"
#include "latchkey/mail.h"
#include "latchkey/sms.h"

int api_user_get(struct request *req)
{
	if (!audience_matches(req))
		return fail(req, 400, "validation_failed", "Token audience doesn't match request audience");
	return reply_user(req, req->bearer->user);
}

static const struct json_field update_fields[] = {
	JSON_FIELD(struct update_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct update_params, password, "password", JSON_TEXT_OPT),
	JSON_FIELD(struct update_params, current_password, "current_password", JSON_TEXT_OPT),
	JSON_FIELD(struct update_params, nonce, "nonce", JSON_TEXT),
	JSON_FIELD(struct update_params, data, "data", JSON_MAP),
	JSON_FIELD(struct update_params, app_metadata, "app_metadata", JSON_MAP),
	JSON_FIELD(struct update_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct update_params, channel, "channel", JSON_TEXT),
	JSON_FIELD(struct update_params, code_challenge, "code_challenge", JSON_TEXT),
	JSON_FIELD(struct update_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
};
static const struct json_shape update_shape = JSON_SHAPE("UserUpdateParams", update_fields);

/* ---- checks (6.1) -------------------------------------------------------------------------------------------------------------------- */

static int check_addresses(struct request *req, struct update *update)
{
	struct update_params *params = &update->params;

	if (!text_is_empty(params->email) && email_validate(req, params->email, &update->email) < 0)
		return -1;
	update->email_differs = !text_is_empty(update->email) && !text_is(update->email, update->user->email);
	if (text_is_empty(params->phone))
		return 0;
	if (phone_validate(req, params->phone, &update->phone) < 0 || sms_channel_valid(req, params->channel) < 0)
		return -1;
	update->phone_differs = !text_is(update->phone, update->user->phone);
	return 0;
}

static bool is_admin_user(const struct request *req, const struct user *user)
{
	return strcmp(user->aud, req->settings->jwt.aud) == 0 && strcmp(user->role, req->settings->jwt.admin_group_name) == 0;
}

static bool session_is_aal2(const struct request *req)
{
	return req->bearer->session && strcmp(req->bearer->session->aal, "aal2") == 0;
}

static int check_rights(struct request *req, const struct update *update)
{
	const struct update_params *params = &update->params;
	const struct user *user = update->user;
	bool password = !text_is_empty(params->password.text);
	bool identifies = password || update->email_differs || update->phone_differs;

	if (params->app_metadata && !is_admin_user(req, user))
		return fail(req, 403, "not_admin", "Updating app_metadata requires admin privileges");
	if (identifies && user_has_verified_factor(user) && !session_is_aal2(req))
		return fail(req, 401, "insufficient_aal", "AAL2 session is required to update email or password when MFA is enabled.");
	if (password && user->is_anonymous && text_is_empty(params->email) && text_is_empty(params->phone))
		return fail(req, 422, "validation_failed", "Updating password of an anonymous user without an email or phone is not allowed");
	if (user->is_sso_user && (identifies || !text_is_empty(params->nonce)))
		return fail(req, 422, "user_sso_managed", "Updating email, phone, password of a SSO account only possible via SSO");
	return 0;
}

static int check_free(struct request *req, const struct update *update)
{
	struct text aud = request_audience(req);
	struct user *other = NULL;
	bool taken = false;

	if (update->email_differs && user_duplicate_email(req, update->email, aud, &update->user->id, &other) < 0)
		return fail_server(req, "Database error checking email");
	if (other)
		return fail(req, 422, "email_exists", EMAIL_TAKEN);
	if (update->phone_differs && user_duplicate_phone(req, update->phone, aud, &taken) < 0)
		return fail_server(req, "Database error checking phone");
	if (taken)
		return fail(req, 422, "phone_exists", "A user with this phone number has already been registered");
	return 0;
}

/* ---- lanes ----------------------------------------------------------------------------------------------------------------------------- */

static bool changes_email_at_once(const struct request *req, const struct update *update)
{
	return update->user->is_anonymous && req->settings->mailer.autoconfirm;
}

static bool waits(const struct request *req, const struct update *update)
{
	bool mails =
		(update->email_differs && !changes_email_at_once(req, update)) ||
		(update->params.password.set && req->settings->mailer.notify[MAIL_PASSWORD_CHANGED]) ||
		(update->phone_differs && (req->settings->mailer.notify[MAIL_PHONE_CHANGED] || req->settings->mailer.notify[MAIL_IDENTITY_LINKED]));

	if (!text_is_empty(update->params.nonce) && reauthentication_waits(req, update->user))
		return true;
	return (mails && mail_waits(req)) || (update->phone_differs && !req->settings->sms.autoconfirm && sms_waits(req));
}

static int choose_lane(struct request *req, const struct update *update)
{
	if (!text_is_empty(update->params.password.text))
		return lane_for_password(req, waits(req, update));
	return waits(req, update) ? lane_require(req, LANE_OUTBOUND) : 0;
}

/* ---- the handler ------------------------------------------------------------------------------------------------------------------------- */

static int check_all(struct request *req, struct update *update)
{
	int moved = update->params.password.set ? lane_for_strength(req) : 0;

	if (moved)
		return moved;
	if (check_addresses(req, update) < 0)
		return -1;
	if (update->params.password.set && password_check_strength(req, update->params.password.text) < 0)
		return -1;
	if (check_rights(req, update) < 0)
		return -1;
	moved = choose_lane(req, update);
	if (moved)
		return moved;
	if (check_free(req, update) < 0)
		return -1;
	return update->params.password.set ? update_check_password(req, update) : 0;
}

int api_user_update(struct request *req)
{
	struct update update = {.user = req->bearer->user};
	int stopped;

	if (http_json(req, &update_shape, &update.params) < 0)
		return -1;
	if (text_is_empty(update.params.channel))
		update.params.channel = TEXT("sms");
	stopped = check_all(req, &update);
	if (stopped)
		return stopped;
	if (db_transaction(req, update_write, &update) < 0)
		return -1;
	return reply_user(req, update.user);
}
