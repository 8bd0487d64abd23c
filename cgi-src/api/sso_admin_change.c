/* sso_admin_change.c: POST and PUT /admin/sso/providers (contract 09 sections 9.3 and 9.5). */
#include <string.h>

#include "cgi-src/api/sso.h"

struct body {
	struct text type, metadata_url, metadata_xml, name_id_format;
	struct text_list domains;
	struct json_object *attribute_mapping;
	struct json_opt_text resource_id;
	struct json_opt_bool disabled;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, type, "type", JSON_TEXT),
	JSON_FIELD(struct body, metadata_url, "metadata_url", JSON_TEXT),
	JSON_FIELD(struct body, metadata_xml, "metadata_xml", JSON_TEXT),
	JSON_FIELD(struct body, domains, "domains", JSON_TEXTS),
	JSON_FIELD(struct body, attribute_mapping, "attribute_mapping", JSON_ANY),
	JSON_FIELD(struct body, name_id_format, "name_id_format", JSON_TEXT),
	JSON_FIELD(struct body, resource_id, "resource_id", JSON_TEXT_OPT),
	JSON_FIELD(struct body, disabled, "disabled", JSON_BOOL_OPT),
};
static const struct json_shape shape = JSON_SHAPE("CreateSSOProviderParams", fields);

/* A body with what has been made of it. */
struct change {
	struct body body;
	bool has_mapping;
	struct json_object *mapping; /* as it is stored */
	struct text xml;	     /* given or fetched; empty: none */
	struct saml_idp *idp;
	struct sso_provider *provider; /* PUT: as it was; POST: as it becomes */
};

/* ---- reading and checking ------------------------------------------------------------------------------------------------------------------------ */

static const char *const name_id_formats[] = {
	"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
	"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	"urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
	"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
};
#define FORMATS (sizeof(name_id_formats) / sizeof(name_id_formats[0]))

static int check_name_id_format(struct request *req, struct text format)
{
	struct buffer *names = buffer_new(req, 256);

	for (size_t i = 0; i < FORMATS; i++) {
		if (text_is(format, name_id_formats[i]))
			return 0;
		buffer_format(names, "%s%s", i ? ", " : "", name_id_formats[i]);
	}
	if (format.len == 0)
		return 0;
	return fail(req, 400, "validation_failed", "name_id_format must be unspecified or one of %s", names->data);
}

/* An absolute URL or an absolute path, and of those only https. */
static int check_url(struct request *req, struct text address)
{
	struct url url;
	const char *why;

	if (address.len == 0)
		return 0;
	if (url_parse(req, address, &url, &why) < 0 || (url.scheme.len == 0 && address.data[0] != '/'))
		return fail(req, 400, "validation_failed", "metadata_url is not a valid URL");
	if (!text_is(url.scheme, "https"))
		return fail(req, 400, "validation_failed", "metadata_url is not a HTTPS URL");
	return 0;
}

static int check_one_metadata(struct request *req, const struct body *body)
{
	if (body->metadata_url.len && body->metadata_xml.len)
		return fail(req, 400, "validation_failed", "Only one of metadata_xml or metadata_url needs to be set");
	return 0;
}

static int read_body(struct request *req, struct change *change)
{
	if (http_json(req, &shape, &change->body) < 0)
		return -1;
	return sso_mapping_decode(req, change->body.attribute_mapping, &change->has_mapping, &change->mapping);
}

/* Metadata as given, or fetched in the outbound lane; what REQUEST_MOVED means, too. */
static int load_metadata(struct request *req, struct change *change)
{
	int moved;

	change->xml = change->body.metadata_xml;
	if (change->body.metadata_url.len) {
		moved = lane_require(req, LANE_OUTBOUND);
		if (moved)
			return moved;
		if (sso_metadata_fetch(req, text_string(req, change->body.metadata_url), &change->xml) < 0)
			return -1;
	}
	return sso_metadata_check(req, change->xml, &change->idp);
}

/* ---- POST -------------------------------------------------------------------------------------------------------------------------------------------- */

static int check_entity_id_free(struct request *req, const struct change *change)
{
	struct sso_provider *taken;

	if (sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ENTITY_ID, db_text(change->idp->entity_id), &taken) < 0)
		return -1;
	if (!taken)
		return 0;
	return fail(req, 422, "saml_idp_already_exists", "SAML Identity Provider with this EntityID (%s) already exists", taken->entity_id);
}

static bool comes_again(const struct text_list *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (text_equal_nocase(list->items[i], list->items[at]))
			return true;
	return false;
}

/* Chapter 12: also in another case, twice, or empty. */
static int check_domain_free(struct request *req, const struct text_list *domains, size_t at)
{
	struct text domain = domains->items[at];
	struct db_rows *rows;
	struct uuid owner;

	if (domain.len == 0)
		return fail(req, 400, "validation_failed", "SSO Domain must not be empty");
	if (text_has_nul(domain))
		return fail(req, 400, "validation_failed", "SSO Domain must not hold a NUL character");
	if (comes_again(domains, at))
		return fail(req, 400, "sso_domain_already_exists", "SSO Domain '%s' comes twice", text_string(req, domain));
	if (db_fetch(req, STMT_SSO_DOMAIN_OWNER, DB_ARGS(db_text(domain)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	owner = db_get_uuid(rows, 0, 0);
	return fail(req, 400, "sso_domain_already_exists", "SSO Domain '%s' is already assigned to an SSO identity provider (%s)",
		    text_string(req, domain), uuid_string(req, &owner));
}

#define CONFLICT "SSO provider conflicts with another one: its resource_id, its EntityID or a domain is taken"

static int check_resource_id_free(struct request *req, const struct json_opt_text *resource_id)
{
	struct db_rows *rows;

	if (!resource_id->set)
		return 0;
	if (db_fetch(req, STMT_SSO_RESOURCE_ID_TAKEN, DB_ARGS(db_text(resource_id->text)), &rows) < 0)
		return -1;
	return db_row_count(rows) == 0 ? 0 : fail(req, 422, "conflict", CONFLICT);
}

static struct db_value mapping_value(struct request *req, struct json_object *mapping)
{
	return db_text(sso_mapping_text(req, mapping));
}

static int insert_domain(struct request *req, const struct uuid *provider, struct text domain)
{
	struct uuid id = uuid_v4();

	return db_execute(req, STMT_SSO_DOMAIN_INSERT, DB_ARGS(db_uuid(&id), db_uuid(provider), db_text(domain), db_moment(moment_now())));
}

static int insert_all(struct request *req, void *arg)
{
	const struct change *change = arg;
	const struct body *body = &change->body;
	struct uuid saml_id = uuid_v4();
	const struct uuid *id = &change->provider->id;
	moment now = moment_now();

	if (db_execute(req, STMT_SSO_PROVIDER_INSERT,
		       DB_ARGS(db_uuid(id), body->resource_id.set ? db_text(body->resource_id.text) : db_null(),
			       body->disabled.set ? db_bool(body->disabled.value) : db_null(), db_moment(now))) < 0)
		return -1;
	if (db_execute(req, STMT_SAML_PROVIDER_INSERT,
		       DB_ARGS(db_uuid(&saml_id), db_uuid(id), db_text(change->idp->entity_id), db_text(change->xml),
			       body->metadata_url.len ? db_text(body->metadata_url) : db_null(), mapping_value(req, change->mapping),
			       body->name_id_format.len ? db_text(body->name_id_format) : db_null(), db_moment(now))) < 0)
		return -1;
	for (size_t i = 0; i < body->domains.count; i++)
		if (insert_domain(req, id, body->domains.items[i]) < 0)
			return -1;
	return 0;
}

static int reply_provider(struct request *req, int status, const struct uuid *id)
{
	struct sso_provider *provider;
	struct json_writer out;

	if (sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ID, db_uuid(id), &provider) < 0)
		return -1;
	if (!provider)
		return fail_unexpected(req, "the SSO provider is gone already");
	out = http_reply(req, status);
	sso_provider_json(&out, provider, true);
	return 0;
}

static int check_create(struct request *req, const struct body *body)
{
	if (!text_is(body->type, "saml"))
		return fail(req, 400, "validation_failed", "Only 'saml' supported for SSO provider type");
	if (check_one_metadata(req, body) < 0)
		return -1;
	if (!body->metadata_url.len && !body->metadata_xml.len)
		return fail(req, 400, "validation_failed", "Either metadata_xml or metadata_url must be set");
	return check_url(req, body->metadata_url) < 0 ? -1 : check_name_id_format(req, body->name_id_format);
}

int api_sso_provider_create(struct request *req)
{
	struct sso_provider created = {.id = uuid_v4()};
	struct change change = {.provider = &created};
	int loaded;

	if (read_body(req, &change) < 0 || check_create(req, &change.body) < 0)
		return -1;
	loaded = load_metadata(req, &change);
	if (loaded)
		return loaded;
	if (check_entity_id_free(req, &change) < 0)
		return -1;
	for (size_t i = 0; i < change.body.domains.count; i++)
		if (check_domain_free(req, &change.body.domains, i) < 0)
			return -1;
	if (check_resource_id_free(req, &change.body.resource_id) < 0)
		return -1;
	if (db_transaction(req, insert_all, &change) < 0) {
		bool conflict = failure_is_sqlstate(req, "23505"); /* somebody else was quicker */

		if (conflict)
			fail(req, 422, "conflict", CONFLICT);
		req->failure.db = conflict ? NULL : req->failure.db;
		return -1;
	}
	return reply_provider(req, 201, &created.id);
}

/* ---- PUT ----------------------------------------------------------------------------------------------------------------------------------------------- */

/* What is to be written. */
struct update {
	struct change *change;
	bool saml, differs;
	struct text_list added;
	const char *resource_id; /* NULL: none */
	struct db_value disabled;
};

static int check_entity_id_same(struct request *req, const struct change *change)
{
	struct text given = change->idp->entity_id;

	if (text_is(given, change->provider->entity_id))
		return 0;
	return fail(req, 400, "saml_entity_id_mismatch",
		    "SAML Metadata can be updated only if the EntityID matches for the provider; expected '%s' but got '%.*s'",
		    change->provider->entity_id, (int)given.len, given.data);
}

/* The domains that the provider does not have yet; 400 where another one has one. */
static int plan_domains(struct request *req, struct update *update)
{
	const struct text_list *wanted = &update->change->body.domains, *had = &update->change->provider->domains;
	size_t kept = 0;

	update->added.items = must(talloc_array(req, struct text, (unsigned)wanted->count + 1));
	for (size_t i = 0; i < wanted->count; i++) {
		struct sso_provider *owner;

		if (text_list_has(had, wanted->items[i])) {
			kept += !text_list_has(&(struct text_list){wanted->items, i, true}, wanted->items[i]);
			continue;
		}
		if (sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_DOMAIN, db_text(wanted->items[i]), &owner) < 0)
			return -1;
		if (owner)
			return fail(req, 400, "sso_domain_already_exists", "SSO domain '%s' already assigned to another provider (%s)",
				    text_string(req, wanted->items[i]), uuid_string(req, &owner->id));
		update->added.items[update->added.count++] = wanted->items[i];
	}
	if (wanted->set && (update->added.count || kept != had->count))
		update->differs = true;
	return 0;
}

static bool text_changes(const char *stored, struct text given)
{
	return !text_equal(text_of(stored ? stored : ""), given);
}

static void plan_mapping(struct request *req, struct update *update)
{
	struct change *change = update->change;

	if (change->has_mapping && !text_equal(sso_mapping_text(req, change->mapping), sso_mapping_text(req, change->provider->mapping)))
		update->saml = update->differs = true;
	else
		change->mapping = change->provider->mapping;
}

static void plan_provider(struct request *req, struct update *update)
{
	const struct body *body = &update->change->body;
	const struct sso_provider *provider = update->change->provider;

	update->resource_id = provider->resource_id;
	if (body->resource_id.set) {
		update->resource_id = body->resource_id.text.len ? text_string(req, body->resource_id.text) : NULL;
		update->differs = update->differs || !update->resource_id != !provider->resource_id ||
				  text_changes(provider->resource_id, body->resource_id.text);
	}
	update->disabled = provider->disabled_is_null ? db_null() : db_bool(provider->disabled);
	if (body->disabled.set) {
		update->differs = update->differs || provider->disabled_is_null || provider->disabled != body->disabled.value;
		update->disabled = db_bool(body->disabled.value);
	}
}

/* The name id format is stored only where the row is written for another reason (section 9.5). */
static int plan(struct request *req, struct update *update)
{
	struct change *change = update->change;

	if (change->xml.len)
		update->saml = update->differs = true;
	if (plan_domains(req, update) < 0)
		return -1;
	plan_mapping(req, update);
	if (text_changes(change->provider->name_id_format, change->body.name_id_format))
		update->differs = true;
	plan_provider(req, update);
	return 0;
}

static int write_saml(struct request *req, const struct update *update, moment now)
{
	const struct change *change = update->change;
	const struct body *body = &change->body;
	const struct sso_provider *provider = change->provider;
	struct db_value address = body->metadata_url.len ? db_text(body->metadata_url) : db_string(provider->metadata_url);

	return db_execute(req, STMT_SAML_PROVIDER_UPDATE,
			  DB_ARGS(db_uuid(&provider->saml_id), db_text(change->xml.len ? change->xml : provider->metadata_xml), address,
				  mapping_value(req, change->mapping), body->name_id_format.len ? db_text(body->name_id_format) : db_null(),
				  db_moment(now)));
}

static int write_update(struct request *req, void *arg)
{
	const struct update *update = arg;
	const struct uuid *id = &update->change->provider->id;
	const struct text_list *domains = &update->change->body.domains;
	moment now = moment_now();

	if (db_execute(req, STMT_SSO_PROVIDER_UPDATE, DB_ARGS(db_uuid(id), db_string(update->resource_id), update->disabled, db_moment(now))) < 0)
		return -1;
	if (domains->set && db_execute(req, STMT_SSO_DOMAINS_DELETE_BUT, DB_ARGS(db_uuid(id), db_text_array(req, domains))) < 0)
		return -1;
	for (size_t i = 0; i < update->added.count; i++)
		if (insert_domain(req, id, update->added.items[i]) < 0)
			return -1;
	return update->saml ? write_saml(req, update, now) : 0;
}

static int check_update(struct request *req, const struct body *body)
{
	if (check_one_metadata(req, body) < 0 || check_url(req, body->metadata_url) < 0)
		return -1;
	return check_name_id_format(req, body->name_id_format);
}

int api_sso_provider_update(struct request *req)
{
	struct change change = {.provider = req->http->sso_provider};
	struct update update = {.change = &change};
	int loaded;

	if (read_body(req, &change) < 0 || check_update(req, &change.body) < 0)
		return -1;
	if (change.body.metadata_url.len || change.body.metadata_xml.len) {
		loaded = load_metadata(req, &change);
		if (loaded)
			return loaded;
		if (check_entity_id_same(req, &change) < 0)
			return -1;
	}
	if (plan(req, &update) < 0)
		return -1;
	if (update.differs && db_transaction(req, write_update, &update) < 0)
		return fail(req, 422, "conflict", "Updating SSO provider failed, likely due to a conflict. Try again?");
	return reply_provider(req, 200, &change.provider->id);
}
