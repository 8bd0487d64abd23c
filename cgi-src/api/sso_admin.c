/* sso_admin.c: /admin/sso/providers: what is shown and what is removed (contract 09 sections 9.4 and 9.6). */
#include "cgi-src/api/sso.h"

static struct db_value filter(struct request *req, const char *name)
{
	struct text value = http_query(req, name);

	return value.len ? db_text(value) : db_null();
}

int api_sso_providers_list(struct request *req)
{
	struct db_value id = filter(req, "resource_id"), prefix = id.kind == DB_NULL ? filter(req, "resource_id_prefix") : db_null();
	struct db_rows *rows;
	struct json_writer out;

	if (db_fetch(req, STMT_SSO_PROVIDER_LIST, DB_ARGS(id, prefix), &rows) < 0)
		return -1;
	out = http_reply(req, 200);
	json_open_object(&out);
	json_name(&out, "items");
	json_open_array(&out);
	for (int row = 0; row < db_row_count(rows); row++)
		sso_provider_json(&out, sso_provider_from_row(req, rows, row), false);
	json_close_array(&out);
	json_close_object(&out);
	return 0;
}

int api_sso_provider_get(struct request *req)
{
	struct json_writer out = http_reply(req, 200);

	sso_provider_json(&out, req->http->sso_provider, true);
	return 0;
}

static int remove_row(struct request *req, void *arg)
{
	const struct sso_provider *provider = arg;

	return db_execute(req, STMT_SSO_PROVIDER_DELETE, DB_ARGS(db_uuid(&provider->id)));
}

int api_sso_provider_delete(struct request *req)
{
	if (db_transaction(req, remove_row, req->http->sso_provider) < 0)
		return -1;
	return api_sso_provider_get(req);
}
