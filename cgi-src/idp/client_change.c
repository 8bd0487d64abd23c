/* client_change.c: an admin changes or deletes a client (contract 10 sections 6.3, 6.4). */
#include "idp_int.h"

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "validation_failed", "%s", why);
}

static int check_method(struct request *req, const struct json_opt_text *method, const struct oauth_client *client)
{
	bool public = oauth_client_is_public(client);

	if (!method->set)
		return 0;
	if (!is_auth_method(method->text))
		return refuse(req, "invalid token_endpoint_auth_method: must be one of [none client_secret_basic client_secret_post]");
	if (text_is(method->text, "none") == public)
		return 0;
	return fail(req, 400, "validation_failed", "token_endpoint_auth_method '%.*s' is not valid for client_type '%s'; valid methods: [%s]",
		    (int)method->text.len, method->text.data, client->type, public ? "none" : "client_secret_basic client_secret_post");
}

static int check(struct request *req, const struct oauth_client_fields *fields, const struct oauth_client *client)
{
	struct text why = TEXT_NONE;

	if (!fields->redirect_uris.set && !fields->grant_types.set && !fields->name.set && !fields->uri.set && !fields->logo_uri.set &&
	    !fields->auth_method.set)
		return refuse(req, "No fields provided for update");
	if (fields->redirect_uris.set)
		why = fields->redirect_uris.count ? redirect_uris_complaint(req, &fields->redirect_uris) : TEXT("redirect_uris cannot be empty");
	if (!why.len && fields->grant_types.set && !fields->grant_types.count)
		why = TEXT("grant_types cannot be empty");
	if (!why.len)
		why = client_details_complaint(req, fields);
	return why.len ? fail_text(req, 400, "validation_failed", why) : check_method(req, &fields->auth_method, client);
}

static struct db_value joined_or_null(struct request *req, const struct text_list *list)
{
	return list->set ? db_text(texts_joined(req, list, ',')) : db_null();
}

static struct db_value text_or_null(struct text text)
{
	return text.len ? db_text(text) : db_null();
}

/* Only what was given is written: a deletion or a new secret at the same time stays (section 21, point 9). */
int oauth_client_update(struct request *req, const struct oauth_client_fields *fields, struct oauth_client *client)
{
	struct db_rows *rows;

	if (check(req, fields, client) < 0)
		return -1;
	if (db_fetch(req, STMT_OAUTH_CLIENT_UPDATE,
		     DB_ARGS(db_uuid(&client->id), db_moment(moment_now()), joined_or_null(req, &fields->redirect_uris),
			     joined_or_null(req, &fields->grant_types), text_or_null(fields->auth_method.text), db_bool(fields->name.set),
			     db_bool(fields->uri.set), db_bool(fields->logo_uri.set), text_or_null(fields->name.text), text_or_null(fields->uri.text),
			     text_or_null(fields->logo_uri.text)),
		     &rows) < 0 ||
	    db_row_count(rows) == 0)
		return fail_server(req, "Error updating OAuth client");
	client_from_row(req, rows, 0, client);
	return 0;
}

int oauth_client_delete(struct request *req, const struct oauth_client *client)
{
	if (db_execute(req, STMT_OAUTH_CLIENT_DELETE, DB_ARGS(db_uuid(&client->id), db_moment(moment_now()))) < 0)
		return fail_server(req, "Error deleting OAuth client");
	return 0;
}
