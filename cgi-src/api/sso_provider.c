/* sso_provider.c: providers of single sign-on as rows, as JSON, and by the path (contract 09 sections 9.1 and 9.2). */
#include <string.h>

#include "cgi-src/api/gates.h"
#include "cgi-src/api/sso.h"

#define RESOURCE_PREFIX "resource_"

static const char *string_or_null(const struct db_rows *rows, int row, int column)
{
	return db_is_null(rows, row, column) ? NULL : db_get_string(rows, row, column);
}

static struct json_object *mapping_of(struct request *req, struct text stored)
{
	struct json_object *mapping;
	const char *why;

	return json_parse(req, stored, &mapping, &why) == 0 ? mapping : NULL;
}

struct sso_provider *sso_provider_from_row(struct request *req, const struct db_rows *rows, int row)
{
	struct sso_provider *provider = must(talloc(req, struct sso_provider));

	*provider = (struct sso_provider){
		.id = db_get_uuid(rows, row, 0),
		.resource_id = string_or_null(rows, row, 1),
		.disabled_is_null = db_is_null(rows, row, 2),
		.disabled = db_get_bool(rows, row, 2),
		.created_at = db_get_moment(rows, row, 3),
		.updated_at = db_get_moment(rows, row, 4),
		.saml_id = db_get_uuid(rows, row, 5),
		.entity_id = db_get_string(rows, row, 6),
		.metadata_xml = db_get_text(rows, row, 7),
		.metadata_url = string_or_null(rows, row, 8),
		.mapping = mapping_of(req, db_get_text(rows, row, 9)),
		.name_id_format = string_or_null(rows, row, 10),
		.saml_updated_at = db_get_moment(rows, row, 11),
		.domains = db_get_texts(req, rows, row, 12),
	};
	return provider;
}

int sso_provider_fetch(struct request *req, enum statement statement, struct db_value key, struct sso_provider **provider)
{
	struct db_rows *rows;

	*provider = NULL;
	if (db_fetch(req, statement, &key, 1, &rows) < 0)
		return -1;
	if (db_row_count(rows) > 0)
		*provider = sso_provider_from_row(req, rows, 0);
	return 0;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------------------------------------- */

static void write_saml(struct json_writer *out, const struct sso_provider *provider, bool with_metadata)
{
	json_open_object(out);
	json_member_string(out, "entity_id", provider->entity_id);
	if (with_metadata && provider->metadata_xml.len)
		json_member_text(out, "metadata_xml", provider->metadata_xml);
	if (provider->metadata_url)
		json_member_string(out, "metadata_url", provider->metadata_url);
	json_member_raw(out, "attribute_mapping", sso_mapping_text(out->buffer, provider->mapping));
	if (provider->name_id_format)
		json_member_string(out, "name_id_format", provider->name_id_format);
	json_close_object(out);
}

void sso_provider_json(struct json_writer *out, const struct sso_provider *provider, bool with_metadata)
{
	json_open_object(out);
	json_member_uuid(out, "id", &provider->id);
	if (provider->resource_id)
		json_member_string(out, "resource_id", provider->resource_id);
	json_name(out, "disabled");
	if (provider->disabled_is_null)
		json_null(out);
	else
		json_truth(out, provider->disabled);
	json_name(out, "saml");
	write_saml(out, provider, with_metadata);
	json_name(out, "domains");
	json_open_array(out);
	for (size_t i = 0; i < provider->domains.count; i++) {
		json_open_object(out);
		json_member_text(out, "domain", provider->domains.items[i]);
		json_close_object(out);
	}
	json_close_array(out);
	json_member_moment(out, "created_at", provider->created_at);
	json_member_moment(out, "updated_at", provider->updated_at);
	json_close_object(out);
}

/* ---- {idp_id} ------------------------------------------------------------------------------------------------------------------------------------ */

static int find(struct request *req, struct text name, struct sso_provider **provider)
{
	size_t prefix = strlen(RESOURCE_PREFIX);
	struct uuid id;

	*provider = NULL;
	if (text_has_nul(name) || !utf8_valid(name))
		return 0;
	if (text_starts(name, RESOURCE_PREFIX))
		return sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_RESOURCE_ID, db_text((struct text){name.data + prefix, name.len - prefix}),
					  provider);
	return uuid_parse(name, &id) ? sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ID, db_uuid(&id), provider) : 0;
}

int gate_sso_provider(struct request *req)
{
	struct http *http = req->http;

	if (find(req, http->captures[0], &http->sso_provider) < 0)
		return fail_server(req, "Database error finding SSO Identity Provider");
	if (!http->sso_provider)
		return fail(req, 404, "sso_provider_not_found", "SSO Identity Provider not found");
	request_log_field(req, log_text("sso_provider_id", uuid_string(req, &http->sso_provider->id)));
	return 0;
}
