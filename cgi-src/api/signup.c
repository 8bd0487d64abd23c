/* signup.c: POST /signup with an e-mail address or a phone number (contract 05 section 3). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/signup.h"
#include "latchkey/crypto.h"
#include "latchkey/mail.h"
#include "latchkey/sms.h"

static const struct json_field signup_fields[] = {
	JSON_FIELD(struct signup_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct signup_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct signup_params, password, "password", JSON_TEXT),
	JSON_FIELD(struct signup_params, data, "data", JSON_MAP),
	JSON_FIELD(struct signup_params, channel, "channel", JSON_TEXT),
	JSON_FIELD(struct signup_params, code_challenge_method, "code_challenge_method", JSON_TEXT),
	JSON_FIELD(struct signup_params, code_challenge, "code_challenge", JSON_TEXT),
};
static const struct json_shape signup_shape = JSON_SHAPE("SignupParams", signup_fields);

/* One sign-up on its way. */
struct signup {
	struct signup_params params;
	const char *provider; /* "email" or "phone" */
	bool phone;	      /* by phone number */
	struct text address;  /* normal form */
	struct user *user;
	bool inserted; /* by this request */
	bool knows_password;
	bool generated;	    /* the password was made up: it is nobody's */
	bool made_identity; /* its data and the user's metadata are shown as one (3.5) */
};

/* ---- checks (3.1) -------------------------------------------------------------------------------------------------------------------- */

int signup_check_open(struct request *req)
{
	if (req->settings->disable_signup)
		return fail(req, 422, "signup_disabled", "Signups not allowed for this instance");
	return 0;
}

int signup_check_password(struct request *req, struct text password)
{
	if (text_is_empty(password))
		return fail(req, 400, "validation_failed", "Signup requires a valid password");
	return password_check_strength(req, password);
}

static int check_form(struct request *req, struct signup *signup)
{
	const struct signup_params *params = &signup->params;

	if (!text_is_empty(params->email) && !text_is_empty(params->phone))
		return fail(req, 400, "validation_failed", "Only an email address or phone number should be provided on signup.");
	if (signup->phone && sms_channel_valid(req, params->channel) < 0)
		return -1;
	if (signup->phone && !text_is_empty(params->code_challenge))
		return fail(req, 400, "validation_failed", "PKCE not supported for phone signups");
	return pkce_validate(req, params->code_challenge, params->code_challenge_method);
}

static int check_address(struct request *req, struct signup *signup)
{
	if (signup->phone) {
		if (!req->settings->external.phone_enabled)
			return fail(req, 400, "phone_provider_disabled", "Phone signups are disabled");
		return phone_validate(req, signup->params.phone, &signup->address);
	}
	if (!req->settings->external.email_enabled)
		return fail(req, 400, "email_provider_disabled", "Email signups are disabled");
	return email_validate(req, signup->params.email, &signup->address);
}

static int find_user(struct request *req, struct signup *signup)
{
	struct text aud = request_audience(req);
	int found = signup->phone ? user_by_phone(req, signup->address, aud, &signup->user)
				  : user_duplicate_email(req, signup->address, aud, NULL, &signup->user);

	return found < 0 ? fail_server(req, "Database error finding user") : 0;
}

static bool confirmed(const struct signup *signup)
{
	return signup->phone ? user_phone_confirmed(signup->user) : user_email_confirmed(signup->user);
}

static bool autoconfirms(const struct request *req, const struct signup *signup)
{
	return signup->phone ? req->settings->sms.autoconfirm : req->settings->mailer.autoconfirm;
}

static bool waits(const struct request *req, const struct signup *signup)
{
	bool sends = !autoconfirms(req, signup) && (signup->phone ? sms_waits(req) : mail_waits(req));
	bool signs_in = autoconfirms(req, signup) && hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN);

	return sends || signs_in || hook_waits(req, HOOK_BEFORE_USER_CREATED) || hook_waits(req, HOOK_AFTER_USER_CREATED);
}

/* ---- before transaction A (3.2, 3.3) ---------------------------------------------------------------------------------------------- */

static int make_user(struct request *req, struct signup *signup)
{
	struct text none = TEXT_NONE;
	const char *stored;

	signup->inserted = true;
	signup->user = user_new(req, signup->phone ? none : signup->address, signup->phone ? signup->address : none, request_audience(req));
	if (signup->generated)
		stored = password_hash_of_nothing(req);
	else if (password_stored_form(req, signup->user, signup->params.password, false, &stored) < 0)
		return -1;
	signup->user->encrypted_password = stored;
	signup->user->app_metadata = app_metadata_of(req, signup->provider, NULL);
	signup->user->user_metadata = signup->params.data;
	return hook_before_user_created(req, signup->user);
}

/* A session for an account that was there takes its password (3.5, hazard 1). */
static int compare_password(struct request *req, struct signup *signup)
{
	bool may_sign_in = autoconfirms(req, signup) || user_email_confirmed(signup->user) || user_phone_confirmed(signup->user);

	if (!may_sign_in || password_matches(req, signup->user, signup->params.password, &signup->knows_password) == 0)
		return 0;
	if (req->failure.retry_after)
		return -1;
	failure_clear(req); /* a hash of no known form is no match */
	return 0;
}

/* Hashing has a lane of its own; what waits for others goes on from there, and finds the hash done. */
static int hash_first(struct request *req, struct signup *signup)
{
	const char *unused;
	int result = 0;

	if (signup->generated)
		return 0;
	if (!signup->user)
		result = password_stored_form(req, NULL, signup->params.password, false, &unused);
	else
		result = compare_password(req, signup);
	if (result < 0)
		return -1;
	return waits(req, signup) ? lane_require(req, LANE_OUTBOUND) : 0;
}

/* ---- transaction A (3.4) ---------------------------------------------------------------------------------------------------------------- */

static struct json_object *traits(struct request *req, const struct signup *signup)
{
	return audit_traits(req, "provider", signup->provider, NULL);
}

/* The request's data under the base data. An address that a phone number's owner names is not theirs yet (3.5, hazard 2). */
static struct json_object *identity_data(struct request *req, struct signup *signup)
{
	struct json_object *given = signup->inserted ? signup->user->user_metadata : signup->params.data;
	struct json_object *base = identity_base_data(req, signup->user, signup->provider, false);
	struct json_object *data = json_hold(req, must(json_object_new_object()));

	json_object_object_foreach(given, name, value)
	{
		if (!signup->phone || strcmp(name, "email") != 0)
			json_object_object_add(data, name, json_object_get(value));
	}
	json_object_object_foreach(base, base_name, base_value)
	{
		json_object_object_add(data, base_name, json_object_get(base_value));
	}
	if (signup->phone && signup->user->email[0])
		json_object_object_add(data, "email", must(json_object_new_string(signup->user->email)));
	return data;
}

/* What the phone identity left out stays in user_metadata. */
static void keep_email(struct request *req, struct signup *signup, struct json_object *given)
{
	struct json_object *kept;

	if (!json_get(given, "email") || json_has(signup->user->user_metadata, "email"))
		return;
	kept = json_hold(req, must(json_object_new_object()));
	json_object_object_add(kept, "email", json_object_get(json_get(given, "email")));
	user_merge_user_metadata(req, signup->user, kept, NULL);
}

static void make_identity(struct request *req, struct signup *signup)
{
	struct json_object *given = signup->inserted ? signup->user->user_metadata : signup->params.data;
	const struct identity *identity;

	if (identity_find(signup->user, signup->provider))
		return;
	identity = identity_create(req, signup->user, signup->provider, identity_data(req, signup), NULL);
	signup->made_identity = true;
	user_drop_unconfirmed_identities(req, signup->user, identity, NULL);
	if (signup->phone)
		keep_email(req, signup, given);
}

static int request_mail(struct request *req, struct signup *signup)
{
	const struct signup_params *params = &signup->params;

	audit(req, AUDIT_USER_CONFIRMATION_REQUESTED, signup->user, traits(req, signup), false);
	if (remember_flow(req, signup->user, "email", "email/signup", params->code_challenge, params->code_challenge_method) < 0)
		return -1;
	return mail_confirmation(req, signup->user, !text_is_empty(params->code_challenge));
}

static int confirm_by_mail(struct request *req, struct signup *signup)
{
	if (!req->settings->mailer.autoconfirm)
		return request_mail(req, signup);
	audit(req, AUDIT_USER_SIGNEDUP, signup->user, traits(req, signup), false);
	user_confirm_email(req, signup->user, "Database error updating user");
	if (signup->made_identity)
		signup->user->identities[0].data = signup->user->user_metadata;
	return 0;
}

static int confirm_by_phone(struct request *req, struct signup *signup)
{
	const char *message_id, *channel = text_string(req, signup->params.channel);

	if (!req->settings->sms.autoconfirm) {
		audit(req, AUDIT_USER_CONFIRMATION_REQUESTED, signup->user, traits(req, signup), false);
		return sms_send_code(req, signup->user, signup->address, SMS_CONFIRMATION, signup->params.channel, &message_id);
	}
	audit(req, AUDIT_USER_SIGNEDUP, signup->user, audit_traits(req, "provider", signup->provider, "channel", channel, NULL), false);
	user_confirm_phone(req, signup->user, "Database error updating user");
	return 0;
}

static int transaction_a(struct request *req, void *arg)
{
	struct signup *signup = arg;

	if (signup->inserted && user_create(req, signup->user) < 0)
		return -1;
	make_identity(req, signup);
	return signup->phone ? confirm_by_phone(req, signup) : confirm_by_mail(req, signup);
}

/* ---- answers (3.3, 3.5, 3.7) -------------------------------------------------------------------------------------------------------------- */

static int audit_repeated(struct request *req, void *arg)
{
	struct signup *signup = arg;

	audit(req, AUDIT_USER_REPEATED_SIGNUP, signup->user, traits(req, signup), false);
	return 0;
}

/* Looks like a fresh sign-up of the address that was asked for, so that it does not tell whether there is an account. */
static struct user *fake_user(struct request *req, const struct signup *signup)
{
	struct text none = TEXT_NONE;
	struct user *fake = user_new(req, signup->phone ? none : signup->address, signup->phone ? signup->address : none, request_audience(req));

	fake->created_at = fake->updated_at = fake->confirmation_sent_at = moment_now();
	fake->app_metadata = app_metadata_of(req, signup->provider, NULL);
	fake->user_metadata = signup->params.data;
	return fake;
}

static int answer_repeated(struct request *req, struct signup *signup)
{
	if (db_transaction(req, audit_repeated, signup) < 0)
		return -1;
	if (req->settings->mailer.autoconfirm || req->settings->sms.autoconfirm)
		return fail(req, 422, "user_already_exists", "User already registered");
	return reply_user(req, fake_user(req, signup));
}

struct sign_in {
	struct signup *signup;
	struct tokens tokens;
};

static int transaction_b(struct request *req, void *arg)
{
	struct sign_in *sign_in = arg;
	struct grant grant = {.method = "password", .not_after = MOMENT_NONE};

	audit(req, AUDIT_LOGIN, sign_in->signup->user, traits(req, sign_in->signup), false);
	return session_issue(req, sign_in->signup->user, &grant, &sign_in->tokens);
}

static int answer_session(struct request *req, struct signup *signup)
{
	struct sign_in sign_in = {.signup = signup};

	if (db_transaction(req, transaction_b, &sign_in) < 0)
		return -1;
	log_login(req, "password", &signup->user->id, signup->provider, true);
	return reply_tokens(req, &sign_in.tokens, WEAK_ABSENT, 0, NULL);
}

static int answer_user(struct request *req, struct signup *signup, bool blank)
{
	struct user *user = signup->user;

	if (blank || user->invited_at != MOMENT_NONE) {
		user->user_metadata = NULL;
		user->user_metadata_is_null = false;
		user->identity_count = 0;
	}
	/* never for a sign-up that was confirmed at once (11 section 3.2) */
	if (!blank && hook_after_user_created(req, user) < 0) {
		req->failure.db = NULL; /* a fixed text, whatever the hook said (11 section 9.2) */
		return fail_server(req, "Error invoking hook");
	}
	return reply_user(req, user);
}

static int answer(struct request *req, struct signup *signup)
{
	bool any = user_email_confirmed(signup->user) || user_phone_confirmed(signup->user);

	if (any && (signup->inserted || signup->knows_password))
		return answer_session(req, signup);
	return answer_user(req, signup, any);
}

/* ---- the handler ------------------------------------------------------------------------------------------------------------------------- */

static int check_all(struct request *req, struct signup *signup)
{
	int moved = lane_for_strength(req);

	if (moved)
		return moved;
	if (signup_check_password(req, signup->params.password) < 0 || check_form(req, signup) < 0 || check_address(req, signup) < 0)
		return -1;
	if (signup->generated)
		return waits(req, signup) ? lane_require(req, LANE_OUTBOUND) : 0;
	return lane_require(req, LANE_HASH);
}

static int run(struct request *req, struct signup *signup)
{
	int moved;

	if (find_user(req, signup) < 0)
		return -1;
	if (signup->user && confirmed(signup))
		return answer_repeated(req, signup);
	moved = hash_first(req, signup);
	if (moved)
		return moved;
	if (!signup->user && make_user(req, signup) < 0)
		return -1;
	if (db_transaction(req, transaction_a, signup) < 0)
		return -1;
	return answer(req, signup);
}

static int sign_up(struct request *req, const struct signup_params *params, bool generated)
{
	struct signup signup = {.params = *params, .generated = generated};
	int moved;

	if (!params->data)
		signup.params.data = json_hold(req, must(json_object_new_object()));
	if (text_is_empty(params->channel))
		signup.params.channel = TEXT("sms");
	signup.phone = text_is_empty(params->email);
	signup.provider = signup.phone ? "phone" : "email";
	if (signup_check_open(req) < 0)
		return -1;
	moved = check_all(req, &signup);
	return moved ? moved : run(req, &signup);
}

int signup_unseen(struct request *req, const struct signup_params *params)
{
	size_t headers = req->http->header_count;
	int result = sign_up(req, params, true);

	if (result == 0)
		req->http->header_count = headers;
	return result;
}

int api_signup(struct request *req)
{
	struct signup_params params = {0};

	if (http_json(req, &signup_shape, &params) < 0)
		return -1;
	if (text_is_empty(params.email) && text_is_empty(params.phone)) {
		if (!params.data)
			params.data = json_hold(req, must(json_object_new_object()));
		return signup_anonymous(req, &params);
	}
	return http_limit(req, LIMIT_SIGNUPS) < 0 ? -1 : sign_up(req, &params, false);
}
