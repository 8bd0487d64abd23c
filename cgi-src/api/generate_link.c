/* generate_link.c: POST /admin/generate_link: the link that a mail would hold (contract 05 section 11). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/invite.h"
#include "cgi-src/api/signup.h"
#include "latchkey/crypto.h"
#include "latchkey/mail.h"

struct link_params {
	struct text type, email, new_email, password, redirect_to;
	struct json_object *data;
};
static const struct json_field link_fields[] = {
	JSON_FIELD(struct link_params, type, "type", JSON_TEXT),
	JSON_FIELD(struct link_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct link_params, new_email, "new_email", JSON_TEXT),
	JSON_FIELD(struct link_params, password, "password", JSON_TEXT),
	JSON_FIELD(struct link_params, data, "data", JSON_MAP),
	JSON_FIELD(struct link_params, redirect_to, "redirect_to", JSON_TEXT),
};
static const struct json_shape link_shape = JSON_SHAPE("GenerateLinkParams", link_fields);

/* A link on its way. */
struct generation {
	struct link_params params;
	const struct link_type *type;
	struct text email, redirect, otp, hashed_token;
	struct text token; /* as stored: what the link carries */
	struct text link;
	struct user *user;
	bool unknown; /* the user is made by this request */
};

struct link_type {
	const char *name;
	enum mail_kind kind;
	const char *mail_type; /* in the link */
	bool needs_user;
	int (*write)(struct request *req, struct generation *generation);
};

/* ---- what each type writes ------------------------------------------------------------------------------------------------------------ */

static void write_token(struct request *req, struct generation *generation, enum statement statement, enum one_time_token type, moment now)
{
	struct user *user = generation->user;

	user->updated_at = now;
	db_later(req, NULL, statement, DB_ARGS(db_uuid(&user->id), db_text(generation->token), db_moment(now), db_moment(now)));
	ott_create(req, user, type, text_of(user->email), generation->token, NULL);
}

static int write_recovery(struct request *req, struct generation *generation)
{
	generation->user->recovery_sent_at = moment_now();
	audit(req, AUDIT_USER_RECOVERY_REQUESTED, generation->user, NULL, false);
	write_token(req, generation, STMT_USER_SET_RECOVERY_TOKEN, OTT_RECOVERY, generation->user->recovery_sent_at);
	return 0;
}

static int refuse_confirmed(struct request *req, const struct generation *generation)
{
	if (!generation->unknown && user_email_confirmed(generation->user))
		return fail(req, 422, "email_exists", EMAIL_TAKEN);
	return 0;
}

static int write_invite(struct request *req, struct generation *generation)
{
	struct user *user = generation->user;

	if (refuse_confirmed(req, generation) < 0 || (generation->unknown && user_create_with_email(req, user) < 0))
		return -1;
	audit(req, AUDIT_USER_INVITED, NULL, traits_of_user(req, user, false), false);
	user->confirmation_sent_at = user->invited_at = moment_now();
	write_token(req, generation, STMT_USER_SET_INVITE_TOKEN, OTT_CONFIRMATION, user->invited_at);
	return 0;
}

static int write_signup(struct request *req, struct generation *generation)
{
	struct user *user = generation->user;

	if (refuse_confirmed(req, generation) < 0 || (generation->unknown && user_create_with_email(req, user) < 0))
		return -1;
	if (!generation->unknown)
		user_merge_user_metadata(req, user, generation->params.data, NULL);
	user->confirmation_sent_at = moment_now();
	write_token(req, generation, STMT_USER_SET_CONFIRMATION_TOKEN, OTT_CONFIRMATION, user->confirmation_sent_at);
	return 0;
}

static int check_new_email(struct request *req, struct generation *generation, struct text *new_email)
{
	struct user *other;

	if (email_validate(req, generation->params.new_email, new_email) < 0 ||
	    user_duplicate_email(req, *new_email, request_audience(req), &generation->user->id, &other) < 0)
		return -1;
	return other ? fail(req, 422, "email_exists", EMAIL_TAKEN) : 0;
}

/* A token of the other address that is still there is armed again. */
static void write_email_change(struct request *req, struct user *user)
{
	user->email_change_sent_at = user->updated_at = moment_now();
	user->email_change_confirm_status = 0;
	db_later(req, NULL, STMT_USER_SET_EMAIL_CHANGE,
		 DB_ARGS(db_uuid(&user->id), db_string(user->email_change), db_string(user->email_change_token_new),
			 db_string(user->email_change_token_current), db_moment(user->email_change_sent_at), db_moment(user->updated_at)));
	if (user->email_change_token_current[0])
		ott_create(req, user, OTT_EMAIL_CHANGE_CURRENT, text_of(user->email), text_of(user->email_change_token_current), NULL);
	if (user->email_change_token_new[0])
		ott_create(req, user, OTT_EMAIL_CHANGE_NEW, text_of(user->email_change), text_of(user->email_change_token_new), NULL);
}

static int write_change_current(struct request *req, struct generation *generation)
{
	struct text new_email;

	if (!req->settings->mailer.secure_email_change_enabled)
		return fail(req, 400, "validation_failed", "Enable secure email change to generate link for current email");
	if (check_new_email(req, generation, &new_email) < 0)
		return -1;
	generation->user->email_change = text_string(req, new_email);
	generation->user->email_change_token_current = generation->token.data;
	write_email_change(req, generation->user);
	return 0;
}

static int write_change_new(struct request *req, struct generation *generation)
{
	struct text new_email;

	if (check_new_email(req, generation, &new_email) < 0)
		return -1;
	generation->token = token_value(req, new_email, generation->otp, false);
	generation->user->email_change = text_string(req, new_email);
	generation->user->email_change_token_new = generation->token.data;
	write_email_change(req, generation->user);
	return 0;
}

static const struct link_type link_types[] = {
	{"magiclink", MAIL_MAGIC_LINK, "magiclink", false, write_recovery},
	{"recovery", MAIL_RECOVERY, "recovery", true, write_recovery},
	{"invite", MAIL_INVITE, "invite", false, write_invite},
	{"signup", MAIL_CONFIRMATION, "signup", false, write_signup},
	{"email_change_current", MAIL_EMAIL_CHANGE, "email_change", true, write_change_current},
	{"email_change_new", MAIL_EMAIL_CHANGE, "email_change", true, write_change_new},
};

static const struct link_type *link_type(struct text name)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (text_is(name, link_types[i].name))
			return &link_types[i];
	return NULL;
}

/* ---- before the transaction -------------------------------------------------------------------------------------------------------------- */

static struct text choose_redirect(struct request *req, struct text wanted)
{
	if (!text_is_empty(wanted) && redirect_allowed(req->settings, wanted))
		return wanted;
	return redirect_referrer(req);
}

static int find_user(struct request *req, struct generation *generation)
{
	if (user_by_email(req, generation->email, request_audience(req), &generation->user) < 0)
		return fail_server(req, "Database error finding user");
	generation->unknown = !generation->user;
	if (!generation->unknown || !generation->type)
		return 0;
	if (generation->type->needs_user)
		return fail(req, 404, "user_not_found", "User with this email not found");
	if (text_is(generation->params.type, "magiclink")) { /* nobody there to sign in */
		generation->type = link_type(TEXT("signup"));
		generation->params.password = text_of(random_password(req, PASSWORD_OTP_SIGN_UP));
	}
	return 0;
}

static int set_password(struct request *req, struct generation *generation)
{
	const char *stored;
	int stopped = lane_for_strength(req);

	if (stopped)
		return stopped;
	if (signup_check_password(req, generation->params.password) < 0)
		return -1;
	stopped = lane_for_password(req, hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED));
	if (stopped)
		return stopped;
	if (password_stored_form(req, generation->user, generation->params.password, false, &stored) < 0)
		return -1;
	generation->user->encrypted_password = stored;
	return 0;
}

static int make_user(struct request *req, struct generation *generation)
{
	int stopped = 0;

	generation->user = user_without_password(req, generation->email, generation->params.data);
	if (generation->type->write == write_signup)
		stopped = set_password(req, generation);
	else if (hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED))
		stopped = lane_require(req, LANE_OUTBOUND);
	return stopped ? stopped : hook_before_user_created(req, generation->user);
}

static int write_link(struct request *req, void *arg)
{
	struct generation *generation = arg;
	const struct link_type *type = generation->type;
	struct text given = generation->params.type;

	if (!type)
		return fail(req, 400, "validation_failed", "Invalid email action link type requested: %.*s", (int)given.len,
			    given.data ? given.data : "");
	if (type->write(req, generation) < 0)
		return -1;
	if (mail_link(req, type->kind, type->mail_type, generation->token, generation->redirect, &generation->link) < 0)
		return fail_unexpected(req, "generate_link: %s", req->failure.cause ? req->failure.cause : "no link");
	return 0;
}

static int answer(struct request *req, const struct generation *generation)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	user_json_members(&out, generation->user);
	json_member_text(&out, "action_link", generation->link);
	json_member_text(&out, "email_otp", generation->otp);
	json_member_text(&out, "hashed_token", generation->hashed_token);
	json_member_string(&out, "verification_type", generation->type->name);
	json_member_text(&out, "redirect_to", generation->redirect);
	json_close_object(&out);
	return 0;
}

int api_generate_link(struct request *req)
{
	struct generation generation = {0};
	int stopped;

	if (http_json(req, &link_shape, &generation.params) < 0 || email_validate(req, generation.params.email, &generation.email) < 0)
		return -1;
	generation.type = link_type(generation.params.type);
	generation.redirect = choose_redirect(req, generation.params.redirect_to);
	if (find_user(req, &generation) < 0)
		return -1;
	generation.otp = text_of(otp_digits(req, (int)req->settings->mailer.otp_length));
	generation.hashed_token = generation.token = token_value(req, generation.email, generation.otp, false);
	stopped = generation.unknown && generation.type ? make_user(req, &generation) : 0;
	if (stopped)
		return stopped;
	if (db_transaction(req, write_link, &generation) < 0)
		return -1;
	if (generation.unknown && hook_after_user_created(req, generation.user) < 0)
		return -1;
	return answer(req, &generation);
}
