/* verify_check.c: is this code or link good, and whose is it (contract 06 sections 2.3, 5.5 to 5.7)? */
#include <string.h>

#include "cgi-src/api/verify.h"
#include "latchkey/crypto.h"
#include "latchkey/hook.h"
#include "latchkey/http.h"
#include "latchkey/mail.h"
#include "latchkey/settings.h"
#include "latchkey/sms.h"

static const struct verify_type types[] = {
	{"signup", {OTT_CONFIRMATION}, 1, false, verify_signup},
	{"invite", {OTT_CONFIRMATION}, 1, false, verify_signup},
	{"recovery", {OTT_RECOVERY}, 1, false, verify_recovery},
	{"magiclink", {OTT_RECOVERY}, 1, false, verify_recovery},
	{"email", {OTT_CONFIRMATION, OTT_RECOVERY}, 2, false, NULL}, /* becomes signup or magiclink */
	{"email_change", {OTT_EMAIL_CHANGE_CURRENT, OTT_EMAIL_CHANGE_NEW}, 2, false, verify_email_change},
	{"sms", {OTT_CONFIRMATION}, 1, true, verify_sms},
	{"phone_change", {OTT_PHONE_CHANGE}, 1, true, verify_phone_change},
};

const struct verify_type *verify_type_named(struct text name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (text_is(name, types[i].name))
			return &types[i];
	return NULL;
}

/* ---- where a token is kept (section 2.2) ---- */

struct place {
	const char *column;
	moment sent_at;
};

static struct place place_of(const struct user *user, enum one_time_token token)
{
	switch (token) {
	case OTT_CONFIRMATION:
		return (struct place){user->confirmation_token, user->confirmation_sent_at};
	case OTT_RECOVERY:
		return (struct place){user->recovery_token, user->recovery_sent_at};
	case OTT_EMAIL_CHANGE_CURRENT:
		return (struct place){user->email_change_token_current, user->email_change_sent_at};
	case OTT_EMAIL_CHANGE_NEW:
		return (struct place){user->email_change_token_new, user->email_change_sent_at};
	case OTT_PHONE_CHANGE:
		return (struct place){user->phone_change_token, user->phone_change_sent_at};
	case OTT_REAUTHENTICATION:
	case OTTS:
		break;
	}
	return (struct place){"", MOMENT_NONE};
}

static bool in_time(const struct request *req, const struct verify_type *type, moment sent_at)
{
	int64_t lifetime = type->by_phone ? req->settings->sms.otp_exp : req->settings->mailer.otp_exp;

	return sent_at != MOMENT_NONE && moment_now() <= moment_add(sent_at, lifetime * SECOND);
}

/* "email" stands for the kind of token that was presented. */
static void settle_type(struct verification *verification)
{
	if (verification->type->apply)
		return;
	verification->type = verify_type_named(verification->matched == 1 ? TEXT("magiclink") : TEXT("signup"));
	verification->matched = 0;
}

/* ---- by stored value: links, token_hash ---- */

static int link_refused(struct request *req)
{
	return fail(req, 403, "otp_expired", "Email link is invalid or has expired");
}

static int find_by_hash(struct request *req, struct text hash, const struct verify_type *type, struct user **user)
{
	*user = NULL;
	if (text_has_nul(hash) || !utf8_valid(hash))
		return 0; /* nothing that the database could hold */
	return ott_find_mail_user(req, hash, type->tokens, type->token_count, user);
}

static int judge_hash(struct request *req, struct verification *verification)
{
	const struct verify_type *type = verification->type;
	struct user *user = verification->user;

	if (user_is_banned(user, moment_now()))
		return fail(req, 403, "user_banned", "User is banned");
	verification->matched = -1;
	for (size_t i = 0; i < type->token_count; i++)
		if (secret_equal(text_of(place_of(user, type->tokens[i]).column), verification->token))
			verification->matched = (int)i;
	if (verification->matched < 0 || !in_time(req, type, place_of(user, type->tokens[verification->matched]).sent_at))
		return link_refused(req);
	settle_type(verification);
	return 0;
}

static int check_hash(struct request *req, struct verification *verification)
{
	const struct verify_type *type = verification->type;

	if (!type || type->by_phone)
		return fail(req, 400, "validation_failed", "Invalid email verification type");
	if (find_by_hash(req, verification->token, type, &verification->user) < 0)
		return fail_server(req, "Database error finding user from email link");
	if (!verification->user)
		return link_refused(req);
	return judge_hash(req, verification);
}

/* ---- by code ---- */

static int code_refused(struct request *req)
{
	return fail(req, 403, "otp_expired", "Token has expired or is invalid");
}

/* A change is found by its tokens: the current address first, where it has to confirm too. */
static int find_changer(struct request *req, const struct verification *verification, struct user **user)
{
	static const enum one_time_token order[] = {OTT_EMAIL_CHANGE_CURRENT, OTT_EMAIL_CHANGE_NEW};

	*user = NULL;
	for (size_t i = req->settings->mailer.secure_email_change_enabled ? 0 : 1; i < 2 && !*user; i++)
		for (int pkce = 0; pkce < 2 && !*user; pkce++)
			if (ott_find_mail_user(req, token_value(req, verification->email, verification->token, pkce), &order[i], 1, user) < 0)
				return -1;
	if (*user && !text_is(request_audience(req), (*user)->aud))
		*user = NULL;
	return 0;
}

static int find_by_address(struct request *req, const struct verification *verification, struct user **user)
{
	const char *type = verification->type ? verification->type->name : "";
	bool by_phone = verification->type && verification->type->by_phone;
	struct text address = by_phone ? verification->phone : verification->email, aud = request_audience(req);

	*user = NULL;
	if (text_is_empty(address))
		return 0;
	if (strcmp(type, "email_change") == 0)
		return find_changer(req, verification, user);
	if (strcmp(type, "phone_change") == 0)
		return user_by_phone_change(req, address, aud, user);
	return by_phone ? user_by_phone(req, address, aud, user) : user_by_email(req, address, aud, user);
}

static int find_by_code(struct request *req, struct verification *verification)
{
	if (find_by_address(req, verification, &verification->user) < 0)
		return fail_server(req, "Database error finding user");
	if (!verification->user)
		return code_refused(req);
	if (user_is_banned(verification->user, moment_now()))
		return fail(req, 403, "user_banned", "User is banned");
	return 0;
}

/* The token that the code stands for; -1: none. Every one is compared, so that time tells nothing. */
static int find_match(struct request *req, const struct verification *verification)
{
	const struct verify_type *type = verification->type;
	struct text address = type->by_phone ? verification->phone : verification->email;
	struct text plain = token_value(req, address, verification->token, false), pkce = token_value(req, address, verification->token, true);
	int matched = -1;

	for (size_t i = type->token_count; i-- > 0;) {
		struct place place = place_of(verification->user, type->tokens[i]);
		struct text column = text_of(place.column);
		bool same = secret_equal(column, plain) | secret_equal(column, pkce);

		if (same && in_time(req, type, place.sent_at))
			matched = (int)i;
	}
	return matched;
}

static bool is_test_code(const struct request *req, const struct verification *verification)
{
	struct text fixed = sms_test_code(req, verification->phone);

	return fixed.len && secret_equal(fixed, verification->token);
}

bool verify_asks_gateway(const struct request *req, const struct verification *verification)
{
	return !verification->by_hash && verification->type && verification->type->by_phone && !hook_enabled(req, HOOK_SEND_SMS) &&
	       sms_gateway_checks(req) && !is_test_code(req, verification);
}

int verify_ask_gateway(struct request *req, struct verification *verification)
{
	if (find_by_code(req, verification) < 0)
		return -1;
	switch (sms_check_code(req, verification->phone, verification->token)) {
	case SMS_CHECK_NO_GATEWAY:
		return fail_server(req, "Unable to get SMS provider");
	case SMS_CHECK_WRONG:
		return code_refused(req);
	case SMS_CHECK_RIGHT:
		break;
	}
	verification->gateway_confirmed = true;
	return 0;
}

static int judge_code(struct request *req, struct verification *verification)
{
	verification->matched = -1;
	if (!verification->type)
		return code_refused(req);
	if (verification->gateway_confirmed || (verification->type->by_phone && is_test_code(req, verification)))
		return 0;
	verification->matched = find_match(req, verification);
	if (verification->matched < 0)
		return code_refused(req);
	settle_type(verification);
	return 0;
}

static int check_code(struct request *req, struct verification *verification)
{
	return find_by_code(req, verification) < 0 ? -1 : judge_code(req, verification);
}

/* ---- both ---- */

int verify_check(struct request *req, struct verification *verification)
{
	int (*check)(struct request *, struct verification *) = verification->by_hash ? check_hash : check_code;
	const struct verify_type *type = verification->type;
	struct uuid id;

	if (check(req, verification) < 0)
		return -1;
	id = verification->user->id;
	db_later(req, NULL, STMT_USER_AWAIT, DB_ARGS(db_uuid(&id)));
	verification->type = type; /* as asked for */
	if (check(req, verification) < 0)
		return -1;
	return uuid_equal(&id, &verification->user->id) ? 0 : code_refused(req);
}
