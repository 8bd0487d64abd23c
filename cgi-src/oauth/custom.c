/* custom.c: custom providers as they are kept in the database (contract 07 section 12; 03). */
#include <string.h>

#include "oauth_int.h"

bool custom_provider_is_oidc(const struct custom_provider *custom)
{
	return strcmp(custom->provider_type, "oidc") == 0;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------------------------------------- */

static struct json_object *object_of(struct request *req, struct text json)
{
	struct json_object *value;
	const char *why;

	if (json_parse(req, json, &value, &why) < 0 || !json_object_is_type(value, json_type_object))
		return json_hold(req, must(json_object_new_object()));
	return value;
}

static const char *string_or_null(const struct db_rows *rows, int row, int column)
{
	return db_is_null(rows, row, column) ? NULL : db_get_string(rows, row, column);
}

static void from_row(struct request *req, const struct db_rows *rows, int row, struct custom_provider *custom)
{
	*custom = (struct custom_provider){
		.id = db_get_uuid(rows, row, 0),
		.provider_type = db_get_string(rows, row, 1),
		.identifier = db_get_string(rows, row, 2),
		.name = db_get_string(rows, row, 3),
		.client_id = db_get_string(rows, row, 4),
		.client_secret = db_get_string(rows, row, 5),
		.acceptable_client_ids = db_get_texts(req, rows, row, 6),
		.scopes = db_get_texts(req, rows, row, 7),
		.pkce_enabled = db_get_bool(rows, row, 8),
		.attribute_mapping = object_of(req, db_get_text(rows, row, 9)),
		.custom_claims_allowlist = db_get_texts(req, rows, row, 10),
		.authorization_params = object_of(req, db_get_text(rows, row, 11)),
		.enabled = db_get_bool(rows, row, 12),
		.email_optional = db_get_bool(rows, row, 13),
		.issuer = string_or_null(rows, row, 14),
		.discovery_url = string_or_null(rows, row, 15),
		.skip_nonce_check = db_get_bool(rows, row, 16),
		.discovery = db_is_null(rows, row, 17) ? NULL : object_of(req, db_get_text(rows, row, 17)),
		.authorization_url = string_or_null(rows, row, 18),
		.token_url = string_or_null(rows, row, 19),
		.userinfo_url = string_or_null(rows, row, 20),
		.jwks_uri = string_or_null(rows, row, 21),
		.created_at = db_get_moment(rows, row, 22),
		.updated_at = db_get_moment(rows, row, 23),
	};
}

int custom_provider_by_identifier(struct request *req, struct text identifier, struct custom_provider **custom)
{
	struct db_rows *rows;

	*custom = NULL;
	if (text_has_nul(identifier) || !utf8_valid(identifier))
		return 0; /* nothing that the database could hold */
	if (db_fetch(req, STMT_CUSTOM_PROVIDER_BY_IDENTIFIER, DB_ARGS(db_text(identifier)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*custom = must(talloc(req, struct custom_provider));
	from_row(req, rows, 0, *custom);
	return 0;
}

int custom_providers_list(struct request *req, struct text type, struct custom_provider **list, size_t *count)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_CUSTOM_PROVIDERS_LIST, DB_ARGS(db_text(type.data ? type : TEXT(""))), &rows) < 0)
		return -1;
	*count = (size_t)db_row_count(rows);
	*list = must(talloc_array(req, struct custom_provider, (unsigned)*count + 1));
	for (size_t i = 0; i < *count; i++)
		from_row(req, rows, (int)i, &(*list)[i]);
	return 0;
}

int custom_providers_count(struct request *req, int64_t *count)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_CUSTOM_PROVIDERS_COUNT, DB_NO_ARGS, &rows) < 0)
		return -1;
	*count = db_get_int(rows, 0, 0);
	return 0;
}

/* ---- writing -------------------------------------------------------------------------------------------------------------------------------------------- */

static struct db_value json_or_null(struct request *req, struct json_object *value)
{
	return value ? db_text(json_canonical(req, value)) : db_null();
}

static int write(struct request *req, enum statement statement, const struct custom_provider *custom)
{
	return db_execute(req, statement,
			  DB_ARGS(db_uuid(&custom->id), db_string(custom->provider_type), db_string(custom->identifier), db_string(custom->name),
				  db_string(custom->client_id), db_string(custom->client_secret), db_text_array(req, &custom->acceptable_client_ids),
				  db_text_array(req, &custom->scopes), db_bool(custom->pkce_enabled), json_or_null(req, custom->attribute_mapping),
				  db_text_array(req, &custom->custom_claims_allowlist), json_or_null(req, custom->authorization_params),
				  db_bool(custom->enabled), db_bool(custom->email_optional), db_string(custom->issuer),
				  db_string(custom->discovery_url), db_bool(custom->skip_nonce_check), json_or_null(req, custom->discovery),
				  db_string(custom->authorization_url), db_string(custom->token_url), db_string(custom->userinfo_url),
				  db_string(custom->jwks_uri), db_moment(custom->created_at), db_moment(custom->updated_at)));
}

int custom_provider_insert(struct request *req, struct custom_provider *custom)
{
	custom->created_at = custom->updated_at = moment_now();
	return write(req, STMT_CUSTOM_PROVIDER_INSERT, custom);
}

int custom_provider_update(struct request *req, struct custom_provider *custom)
{
	custom->updated_at = moment_now();
	return write(req, STMT_CUSTOM_PROVIDER_UPDATE, custom);
}

int custom_provider_delete(struct request *req, const struct custom_provider *custom)
{
	return db_execute(req, STMT_CUSTOM_PROVIDER_DELETE, DB_ARGS(db_uuid(&custom->id)));
}

/* ---- discovery (section 13.2) ----------------------------------------------------------------------------------------------------------------------------- */

static void add_missing(struct buffer *missing, const char *name, struct text value)
{
	if (value.len)
		return;
	if (missing->len)
		buffer_string(missing, ", ");
	buffer_string(missing, name);
}

/* What of the document is kept and shown. */
static struct json_object *kept(struct request *req, struct json_object *document)
{
	static const char *const names[] = {
		"issuer",	    "authorization_endpoint",	"token_endpoint",	 "userinfo_endpoint",	   "jwks_uri",
		"scopes_supported", "response_types_supported", "grant_types_supported", "subject_types_supported"};
	struct json_object *copy = json_hold(req, must(json_object_new_object()));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json_object *value = answer_member(document, names[i]);
		bool empty = json_object_is_type(value, json_type_string)  ? json_object_get_string_len(value) == 0
			     : json_object_is_type(value, json_type_array) ? json_object_array_length(value) == 0
									   : true;

		if (value && (!empty || strcmp(names[i], "jwks_uri") == 0))
			json_object_object_add(copy, names[i], json_object_get(value));
	}
	return copy;
}

int custom_provider_discover(struct request *req, struct custom_provider *custom)
{
	struct oidc_place place = {
		.issuer = text_of(custom->issuer), .location = oidc_location_custom(req, custom), .guarded = true, .announced = true};
	struct buffer *missing = buffer_new(req, 64);
	struct oidc *oidc;
	const char *why;

	if (oidc_fetch(req, &place, &oidc, &why) < 0)
		return fail(req, 400, "validation_failed", "OIDC discovery from %s failed: %s", quote_go(req, place.location).data, why);
	add_missing(missing, "issuer", oidc->issuer);
	add_missing(missing, "authorization_endpoint", oidc->authorize_url);
	add_missing(missing, "token_endpoint", oidc->token_url);
	add_missing(missing, "jwks_uri", oidc->jwks_uri);
	if (missing->len)
		return fail(req, 400, "validation_failed", "OIDC discovery document is missing required fields: %s", missing->data);
	custom->discovery = kept(req, oidc->document);
	return 0;
}
