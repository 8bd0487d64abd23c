/* admin_factors.c: the second factors of a user, seen by an administrator (contract 05 section 10.6). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "latchkey/mfa.h"

static int reply_factor(struct request *req)
{
	struct json_writer out = http_reply(req, 200);

	factor_json(&out, req->http->subject_factor);
	return 0;
}

int api_admin_factors_list(struct request *req)
{
	const struct user *user = req->http->subject;
	struct json_writer out = http_reply(req, 200);

	json_open_array(&out);
	for (size_t i = 0; i < user->factor_count; i++)
		factor_json(&out, &user->factors[i]);
	json_close_array(&out);
	return 0;
}

static int write_deletion(struct request *req, void *arg)
{
	const struct user *user = req->http->subject;
	const struct factor *factor = arg;
	const char *user_id = uuid_string(req, &user->id), *factor_id = uuid_string(req, &factor->id);

	audit(req, AUDIT_FACTOR_DELETED, user, audit_traits(req, "user_id", user_id, "factor_id", factor_id, NULL), true);
	db_later(req, "Database error downgrading sessions", STMT_SESSIONS_LOCK, DB_ARGS(db_uuid(&user->id))); /* in the order of mfa/verify.c */
	db_later(req, "Database error deleting factor", STMT_FACTOR_DELETE, DB_ARGS(db_uuid(&factor->id)));
	mfa_lower_sessions(req, factor, "Database error downgrading sessions");
	return 0;
}

int api_admin_factor_delete(struct request *req)
{
	if (db_transaction(req, write_deletion, req->http->subject_factor) < 0)
		return -1;
	return reply_factor(req);
}

struct factor_params {
	struct text friendly_name, phone;
};
static const struct json_field factor_fields[] = {
	JSON_FIELD(struct factor_params, friendly_name, "friendly_name", JSON_TEXT),
	JSON_FIELD(struct factor_params, phone, "phone", JSON_TEXT),
};
static const struct json_shape factor_shape = JSON_SHAPE("adminUserUpdateFactorParams", factor_fields);

static void rename_factor(struct request *req, struct factor *factor, struct text name)
{
	factor->friendly_name = text_string(req, name);
	factor->updated_at = moment_now();
	db_later(req, NULL, STMT_FACTOR_RENAME, DB_ARGS(db_uuid(&factor->id), db_moment(factor->updated_at), db_text(name)));
}

static int set_phone(struct request *req, struct factor *factor, struct text phone)
{
	struct text normal;

	if (phone_validate(req, phone, &normal) < 0)
		return -1;
	factor->phone = text_string(req, normal);
	factor->updated_at = moment_now();
	db_later(req, NULL, STMT_FACTOR_SET_PHONE, DB_ARGS(db_uuid(&factor->id), db_moment(factor->updated_at), db_text(normal)));
	return 0;
}

static int write_factor(struct request *req, void *arg)
{
	const struct factor_params *params = arg;
	struct factor *factor = req->http->subject_factor;
	const char *user_id = uuid_string(req, &factor->user_id), *factor_id = uuid_string(req, &factor->id);

	if (!text_is_empty(params->friendly_name))
		rename_factor(req, factor, params->friendly_name);
	if (!text_is_empty(params->phone) && strcmp(factor->type, "phone") == 0 && set_phone(req, factor, params->phone) < 0)
		return -1;
	audit(req, AUDIT_FACTOR_UPDATED, NULL, audit_traits(req, "user_id", user_id, "factor_id", factor_id, "factor_type", factor->type, NULL),
	      false);
	return 0;
}

int api_admin_factor_update(struct request *req)
{
	struct factor_params params = {0};

	if (http_json(req, &factor_shape, &params) < 0 || db_transaction(req, write_factor, &params) < 0)
		return -1;
	return reply_factor(req);
}
