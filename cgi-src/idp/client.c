/* client.c: a client's row and its JSON (contract 10 sections 3.1, 4). */
#include <string.h>

#include "idp_int.h"

bool oauth_client_is_public(const struct oauth_client *client)
{
	return strcmp(client->type, "public") == 0;
}

/* Lists are joined with commas (section 3.1). */
static struct text_list split(TALLOC_CTX *mem, struct text joined)
{
	struct text_list list = {NULL, 0, true};
	struct text item, rest = joined;

	while (joined.len) {
		bool more = text_cut(joined, ',', &item, &rest);

		list.items = must(talloc_realloc(mem, list.items, struct text, (unsigned)list.count + 1));
		list.items[list.count++] = more ? item : joined;
		if (!more)
			break;
		joined = rest;
		if (joined.len == 0) {
			list.items = must(talloc_realloc(mem, list.items, struct text, (unsigned)list.count + 1));
			list.items[list.count++] = TEXT("");
		}
	}
	return list;
}

void client_from_row(struct request *req, const struct db_rows *rows, int row, struct oauth_client *client)
{
	*client = (struct oauth_client){
		.id = db_get_uuid(rows, row, 0),
		.type = db_get_string(rows, row, 1),
		.auth_method = db_get_string(rows, row, 2),
		.registration_type = db_get_string(rows, row, 3),
		.secret_hash = db_get_string(rows, row, 4),
		.name = db_get_string(rows, row, 5),
		.uri = db_get_string(rows, row, 6),
		.logo_uri = db_get_string(rows, row, 7),
		.redirect_uris = split(req, db_get_text(rows, row, 8)),
		.grant_types = split(req, db_get_text(rows, row, 9)),
		.created_at = db_get_moment(rows, row, 10),
		.updated_at = db_get_moment(rows, row, 11),
	};
}

int oauth_client_by_id(struct request *req, const struct uuid *id, struct oauth_client **client)
{
	struct db_rows *rows;

	*client = NULL;
	if (db_fetch(req, STMT_OAUTH_CLIENT_BY_ID, DB_ARGS(db_uuid(id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*client = must(talloc(req, struct oauth_client));
	client_from_row(req, rows, 0, *client);
	return 0;
}

int oauth_clients_all(struct request *req, struct oauth_client **clients, size_t *count)
{
	struct db_rows *rows;

	if (db_fetch(req, STMT_OAUTH_CLIENTS_ALL, DB_NO_ARGS, &rows) < 0)
		return fail_server(req, "Error listing OAuth clients");
	*count = (size_t)db_row_count(rows);
	*clients = must(talloc_array(req, struct oauth_client, (unsigned)*count));
	for (size_t i = 0; i < *count; i++)
		client_from_row(req, rows, (int)i, &(*clients)[i]);
	return 0;
}

static void member_list(struct json_writer *out, const char *name, const struct text_list *list)
{
	if (list->count == 0)
		return;
	json_name(out, name);
	json_open_array(out);
	for (size_t i = 0; i < list->count; i++)
		json_text(out, list->items[i]);
	json_close_array(out);
}

void oauth_client_json(struct json_writer *out, const struct oauth_client *client, const char *secret)
{
	json_open_object(out);
	json_member_uuid(out, "client_id", &client->id);
	json_member_string_opt(out, "client_secret", secret);
	json_member_string(out, "client_type", client->type);
	member_list(out, "redirect_uris", &client->redirect_uris);
	json_member_string(out, "token_endpoint_auth_method", client->auth_method);
	member_list(out, "grant_types", &client->grant_types);
	json_member_raw(out, "response_types", TEXT("[\"code\"]"));
	json_member_string_opt(out, "client_name", client->name);
	json_member_string_opt(out, "client_uri", client->uri);
	json_member_string_opt(out, "logo_uri", client->logo_uri);
	json_member_string(out, "registration_type", client->registration_type);
	json_member_moment(out, "created_at", client->created_at);
	json_member_moment(out, "updated_at", client->updated_at);
	json_close_object(out);
}
