/* invite.c: POST /invite (contract 05 section 9). */
#include "cgi-src/api/invite.h"
#include "cgi-src/api/accounts.h"
#include "latchkey/mail.h"

struct invite_params {
	struct text email;
	struct json_object *data;
};

static const struct json_field invite_fields[] = {
	JSON_FIELD(struct invite_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct invite_params, data, "data", JSON_MAP),
};
static const struct json_shape invite_shape = JSON_SHAPE("InviteParams", invite_fields);

struct user *user_without_password(struct request *req, struct text email, struct json_object *data)
{
	struct user *user = user_new(req, email, TEXT_NONE, request_audience(req));

	user->app_metadata = app_metadata_of(req, "email", NULL);
	user->user_metadata = data;
	return user;
}

int user_create_with_email(struct request *req, struct user *user)
{
	if (user_create(req, user) < 0)
		return -1;
	identity_create(req, user, "email", identity_base_data(req, user, "email", false), NULL);
	return 0;
}

struct invitation {
	struct user *user;
	bool unknown;
};

static int write_invitation(struct request *req, void *arg)
{
	struct invitation *invitation = arg;

	if (!invitation->unknown && user_email_confirmed(invitation->user))
		return fail(req, 422, "email_exists", EMAIL_TAKEN);
	if (invitation->unknown && user_create_with_email(req, invitation->user) < 0)
		return -1;
	audit(req, AUDIT_USER_INVITED, NULL, traits_of_user(req, invitation->user, false), false);
	return mail_invite(req, invitation->user);
}

static int find_or_make(struct request *req, const struct invite_params *params, struct text email, struct invitation *invitation)
{
	if (user_by_email(req, email, request_audience(req), &invitation->user) < 0)
		return fail_server(req, "Database error finding user");
	invitation->unknown = !invitation->user;
	if (!invitation->unknown)
		return 0;
	invitation->user = user_without_password(req, email, params->data);
	return hook_before_user_created(req, invitation->user);
}

int api_invite(struct request *req)
{
	struct invite_params params = {0};
	struct invitation invitation = {0};
	struct text email;
	int moved;

	if (http_json(req, &invite_shape, &params) < 0 || email_validate(req, params.email, &email) < 0)
		return -1;
	moved = mail_waits(req) || hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED)
			? lane_require(req, LANE_OUTBOUND)
			: 0;
	if (moved)
		return moved;
	if (find_or_make(req, &params, email, &invitation) < 0 || db_transaction(req, write_invitation, &invitation) < 0)
		return -1;
	if (hook_after_user_created(req, invitation.user) < 0)
		return -1;
	return reply_user(req, invitation.user);
}
