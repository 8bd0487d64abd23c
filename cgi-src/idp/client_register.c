/* client_register.c: a client registers itself, or an admin does it (contract 10 section 5). */
#include "idp_int.h"

static int refuse(struct request *req, const char *why)
{
	return fail(req, 400, "validation_failed", "400: %s", why);
}

static bool given(const struct json_opt_text *field)
{
	return field->text.len > 0;
}

/* Rows 8 to 10 of section 5.1, and what is taken where nothing is said. */
static int choose_type(struct request *req, const struct oauth_client_fields *fields, const char **type, struct text *method)
{
	struct text wanted = fields->type.text;
	bool public = text_is(wanted, "public");

	if (given(&fields->type) && !public && !text_is(wanted, "confidential"))
		return refuse(req, "client_type must be 'public' or 'confidential'");
	if (given(&fields->auth_method) && !is_auth_method(fields->auth_method.text))
		return refuse(req, "token_endpoint_auth_method must be one of: [none client_secret_basic client_secret_post]");
	*method = public ? TEXT("none") : TEXT("client_secret_basic");
	if (given(&fields->auth_method))
		*method = fields->auth_method.text;
	*type = text_is(*method, "none") ? "public" : "confidential";
	if (given(&fields->type) && !text_is(wanted, *type))
		return refuse(req,
			      format(req, "client_type '%.*s' is inconsistent with token_endpoint_auth_method '%.*s' (expected client_type '%s')",
				     (int)wanted.len, wanted.data, (int)method->len, method->data, *type));
	return 0;
}

static int check(struct request *req, const struct oauth_client_fields *fields)
{
	struct text why = fields->redirect_uris.count ? redirect_uris_complaint(req, &fields->redirect_uris) : TEXT("redirect_uris is required");
	struct buffer *message;

	if (!why.len)
		why = client_details_complaint(req, fields);
	if (!why.len)
		return 0;
	message = buffer_new(req, why.len + 8);
	buffer_string(message, "400: ");
	buffer_text(message, why);
	return fail_text(req, 400, "validation_failed", buffer_as_text(message));
}

static struct db_value text_or_null(struct text text)
{
	return text.len ? db_text(text) : db_null();
}

static int insert(struct request *req, const struct oauth_client *client, const struct oauth_client_fields *fields)
{
	if (db_execute(req, STMT_OAUTH_CLIENT_INSERT,
		       DB_ARGS(db_uuid(&client->id), db_string(client->type), db_string(client->auth_method), db_string(client->registration_type),
			       db_string(client->secret_hash), text_or_null(fields->name.text), text_or_null(fields->uri.text),
			       text_or_null(fields->logo_uri.text), db_text(texts_joined(req, &client->redirect_uris, ',')),
			       db_text(texts_joined(req, &client->grant_types, ',')), db_moment(client->created_at))) == 0)
		return 0;
	return fail(req, 400, "validation_failed", "failed to create OAuth client: it could not be stored");
}

int oauth_client_register(struct request *req, const struct oauth_client_fields *fields, const char *registration_type, struct oauth_client **client,
			  char **secret)
{
	static struct text both[] = {TEXT("authorization_code"), TEXT("refresh_token")};
	struct oauth_client *made = must(talloc(req, struct oauth_client));
	struct text method;
	const char *type = NULL;

	if (check(req, fields) < 0 || choose_type(req, fields, &type, &method) < 0)
		return -1;
	*secret = text_is(method, "none") ? NULL : client_secret_new(req);
	*made = (struct oauth_client){
		.id = uuid_v4(),
		.type = type,
		.auth_method = text_string(req, method),
		.registration_type = registration_type,
		.secret_hash = *secret ? client_secret_hash(req, text_of(*secret)) : "",
		.name = text_string(req, fields->name.text),
		.uri = text_string(req, fields->uri.text),
		.logo_uri = text_string(req, fields->logo_uri.text),
		.redirect_uris = fields->redirect_uris,
		.grant_types = fields->grant_types.count ? fields->grant_types : (struct text_list){both, 2, true},
		.created_at = moment_now(),
	};
	made->updated_at = made->created_at;
	*client = made;
	return insert(req, made, fields);
}
