/* sso_acs.c: POST /sso/saml/acs: an identity provider's answer becomes a session (contract 09 section 6). */
#include <string.h>

#include "cgi-src/api/sso.h"
#include "latchkey/outbound.h"
#include "latchkey/session.h"

#define NOT_VALID "SAML Assertion is not valid " /* the response itself stays out of the address (section 13.2) */
#define DISABLED "SSO Provider assigned for this domain is currently disabled"

struct acs {
	const struct saml_sp *sp;
	struct text relay_state, posted, artifact;
	struct uuid relay_state_id; /* nil: the identity provider began */
	struct sso_provider *provider;
	struct saml_idp *idp;	/* NULL: its metadata cannot be read */
	struct text request_id; /* data NULL: nothing was asked */
	struct text redirect_to;
	struct uuid flow_state; /* nil: the implicit flow */
	const char *auth_code;
	struct saml_response *response; /* IdP-initiated: read to find the provider */
	struct text fresh_metadata;
	struct saml_assertion *assertion;
};

/* ---- input (section 6.1) ----------------------------------------------------------------------------------------------------------------------- */

static struct text body_value(const struct request *req, const char *name)
{
	const struct query *form = &req->http->form;

	for (size_t i = 0; i < form->count; i++)
		if (text_is(form->items[i].name, name))
			return form->items[i].value;
	return TEXT_NONE;
}

/* Standard base64; line ends within are skipped, blanks are not. */
static bool decode(struct request *req, struct text text, struct text *bytes)
{
	char *packed = must(talloc_size(req, text.len + 1));
	unsigned char *data;
	size_t kept = 0, len = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '\r' && text.data[i] != '\n')
			packed[kept++] = text.data[i];
	data = base64_decode(req, BASE64_STD, (struct text){packed, kept}, &len, NULL);
	*bytes = (struct text){(const char *)data, len};
	return data != NULL;
}

static bool is_uri(struct request *req, struct text text)
{
	struct url url;
	const char *why;

	return text.len && url_parse(req, text, &url, &why) == 0 && (url.scheme.len || text.data[0] == '/');
}

/* ---- the flow that began here (section 6.2) -------------------------------------------------------------------------------------------------------- */

static int drop_relay_state(struct request *req, void *arg)
{
	const struct acs *acs = arg;

	return db_execute(req, STMT_SAML_RELAY_STATE_TAKE, DB_ARGS(db_uuid(&acs->relay_state_id)));
}

static int find_relay_state(struct request *req, struct acs *acs)
{
	struct db_rows *rows;
	struct uuid provider;

	if (db_fetch(req, STMT_SAML_RELAY_STATE_BY_ID, DB_ARGS(db_uuid(&acs->relay_state_id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail(req, 404, "saml_relay_state_not_found", "SAML RelayState does not exist, try logging in again?");
	if (req->started >= moment_add(db_get_moment(rows, 0, 3), req->settings->saml.relay_state_validity)) {
		if (db_transaction(req, drop_relay_state, acs) < 0)
			return fail_server(req, "SAML RelayState has expired and destroying it failed. Try logging in again?");
		return fail(req, 422, "saml_relay_state_expired", "SAML RelayState has expired. Try logging in again?");
	}
	provider = db_get_uuid(rows, 0, 0);
	acs->request_id = db_get_text(rows, 0, 1);
	acs->redirect_to = db_get_text(rows, 0, 2);
	acs->auth_code = db_is_null(rows, 0, 5) ? NULL : db_get_string(rows, 0, 5);
	acs->flow_state = acs->auth_code ? db_get_uuid(rows, 0, 4) : (struct uuid){0};
	if (sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ID, db_uuid(&provider), &acs->provider) < 0 || !acs->provider)
		return fail_server(req, "Unable to find SSO Provider from SAML RelayState");
	return acs->provider->disabled ? fail(req, 404, "sso_provider_disabled", DISABLED) : 0;
}

/* One request spends it, and from then on it is spent, whatever comes (section 13.2). */
static int spend_relay_state(struct request *req, void *arg)
{
	const struct acs *acs = arg;
	struct db_rows *rows;

	if (db_fetch(req, STMT_SAML_RELAY_STATE_TAKE, DB_ARGS(db_uuid(&acs->relay_state_id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return fail(req, 404, "saml_relay_state_not_found", "SAML RelayState does not exist, try logging in again?");
	return 0;
}

/* ---- the flow that began there (section 6.3) -------------------------------------------------------------------------------------------------------- */

static int read_unasked(struct request *req, struct acs *acs, struct text *issuer)
{
	struct text posted = http_form(req, "SAMLResponse"), xml;
	const char *why;

	if (acs->artifact.len)
		return fail(req, 400, "validation_failed", "SAML Artifact response can only be used with SP initiated flow");
	if (!posted.len)
		return fail(req, 400, "validation_failed", "SAMLResponse is missing");
	if (!decode(req, posted, &xml))
		return fail(req, 400, "validation_failed", "SAMLResponse is not a valid Base64 string");
	if (saml_response_read(req, xml, &acs->response, &why) == 0)
		*issuer = saml_response_issuer(acs->response);
	if (acs->response && issuer->data)
		return 0;
	fail(req, 400, "validation_failed", "SAMLResponse is not a valid XML SAML assertion");
	return fail_cause(req, "the response cannot be read: %s", acs->response ? "it has no issuer" : why);
}

static int find_unasked(struct request *req, struct acs *acs)
{
	struct text issuer = TEXT_NONE;

	if (acs->relay_state.len && !is_uri(req, acs->relay_state))
		return fail(req, 400, "validation_failed", "SAML RelayState is not a valid UUID or URL");
	if (read_unasked(req, acs, &issuer) < 0)
		return -1;
	acs->redirect_to = acs->relay_state;
	if (sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ENTITY_ID, db_text(issuer), &acs->provider) < 0)
		return -1;
	if (!acs->provider)
		return fail(req, 404, "saml_idp_not_found", "A SAML connection has not been established with this Identity Provider");
	return acs->provider->disabled ? fail(req, 404, "sso_provider_disabled", DISABLED) : 0;
}

/* ---- metadata (section 6.4) ---------------------------------------------------------------------------------------------------------------------------- */

#define AGE_MAX (24 * HOUR)
#define WARN_BEFORE (12 * HOUR)

static bool is_stale(const struct acs *acs, moment now)
{
	const struct saml_idp *idp = acs->idp;
	moment updated = acs->provider->saml_updated_at;

	if (!acs->provider->metadata_url || !acs->provider->metadata_url[0])
		return false;
	if (idp->valid_until != MOMENT_NONE && now > idp->valid_until)
		return true;
	if (idp->cache_duration)
		return now > moment_add(updated, idp->cache_duration);
	return idp->valid_until == MOMENT_NONE && now > moment_add(updated, AGE_MAX);
}

static void warn(struct request *req, const struct acs *acs, const char *what, const char *why)
{
	request_log_to(req, LOG_WARNING, what, log_text("sso_provider_id", uuid_string(req, &acs->provider->id)), log_text("reason", why));
}

/* For later logins; this one goes by what is stored. What is of no use is not stored (section 13.2). */
static void refresh_metadata(struct request *req, struct acs *acs)
{
	struct text xml = TEXT_NONE;
	struct saml_idp *fresh;

	if (sso_metadata_fetch(req, acs->provider->metadata_url, &xml) < 0 || sso_metadata_check(req, xml, &fresh) < 0)
		warn(req, acs, "metadata of an identity provider could not be refreshed",
		     req->failure.cause ? req->failure.cause : req->failure.message);
	else if (!text_is(fresh->entity_id, acs->provider->entity_id))
		warn(req, acs, "metadata of an identity provider could not be refreshed", "it is of another entity");
	else
		acs->fresh_metadata = xml;
	failure_clear(req);
}

static void look_at_validity(struct request *req, const struct acs *acs)
{
	if (!acs->provider->metadata_url && acs->idp->valid_until != MOMENT_NONE && acs->idp->valid_until <= moment_add(req->started, WARN_BEFORE))
		warn(req, acs, "metadata of an identity provider is about to expire, or has", "update it with PUT /admin/sso/providers");
}

static int store_metadata(struct request *req, const struct acs *acs)
{
	if (!acs->fresh_metadata.len)
		return 0;
	return db_execute(req, STMT_SAML_PROVIDER_REFRESH,
			  DB_ARGS(db_uuid(&acs->provider->saml_id), db_text(acs->fresh_metadata), db_moment(moment_now())));
}

/* ---- the assertion (sections 6.5 to 6.8) ------------------------------------------------------------------------------------------------------------------ */

static int ask_artifact(struct request *req, const struct acs *acs, const char *id, struct text *soap, const char **why)
{
	struct outbound_answer answer;
	struct outbound_call call = {
		.method = "POST",
		.url = acs->idp->artifact_service,
		.content_type = "text/xml",
		.timeout = MINUTE,
		.redirects = 10,
	};

	*why = "the identity provider resolves no artifacts over SOAP";
	if (!call.url.len)
		return -1;
	call.body = saml_artifact_request(req, acs->sp, id, acs->artifact, moment_now());
	*why = "the artifact request cannot be made";
	if (!call.body.data)
		return -1;
	if (outbound_call(req, &call, &answer) < 0) {
		*why = answer.why;
		return -1;
	}
	*why = "the artifact was not answered with 200";
	*soap = answer.body;
	return answer.status == 200 ? 0 : -1;
}

static int accept_artifact(struct request *req, struct acs *acs, const struct saml_expect *expect, const char **why)
{
	const char *id = saml_new_id(req);
	struct text soap;

	if (ask_artifact(req, acs, id, &soap, why) < 0)
		return -1;
	return saml_artifact_accept(req, soap, id, expect, &acs->assertion, why);
}

static int accept_posted(struct request *req, struct acs *acs, const struct saml_expect *expect, const char **why)
{
	struct text xml;

	*why = "the response is missing or no base64";
	if (!acs->posted.len || !decode(req, acs->posted, &xml))
		return -1;
	if (saml_response_read(req, xml, &acs->response, why) < 0)
		return -1;
	return saml_response_accept(req, acs->response, expect, &acs->assertion, why);
}

static int accept_assertion(struct request *req, struct acs *acs)
{
	struct saml_expect expect = {acs->sp, acs->idp, acs->request_id, moment_now()};
	const char *why = NULL;
	int accepted = acs->artifact.len ? accept_artifact(req, acs, &expect, &why) : accept_posted(req, acs, &expect, &why);

	if (accepted == 0)
		return 0;
	fail(req, 400, "validation_failed", NOT_VALID);
	return fail_cause(req, "SAML: %s", why);
}

/* ---- the answer (section 6.11) -------------------------------------------------------------------------------------------------------------------------------- */

static int reply_signed_in(struct request *req, const struct acs *acs, const struct tokens *tokens, const struct user *user)
{
	bool allowed = acs->redirect_to.len && redirect_allowed(req->settings, acs->redirect_to);
	struct text target = allowed ? acs->redirect_to : text_of(req->settings->site_url);
	struct url_param code = {"code", text_of(acs->auth_code)};

	if (acs->auth_code)
		return reply_redirect(req, 302, url_edited(req, target, &(struct url_edit){.new_query = true, .params = &code, .count = 1}));
	log_login(req, "sso", &user->id, "saml", false);
	return reply_redirect(req, 302, tokens_fragment(req, target, tokens, NULL));
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------------------------------ */

static int find_flow(struct request *req, struct acs *acs)
{
	const char *why;

	if (uuid_is_nil(&acs->relay_state_id) ? find_unasked(req, acs) : find_relay_state(req, acs))
		return -1;
	if (saml_idp_read(req, acs->provider->metadata_xml, &acs->idp, &why) < 0)
		acs->idp = NULL;
	request_log_field(req, log_text("sso_provider_id", uuid_string(req, &acs->provider->id)));
	return 0;
}

static int sign_in(struct request *req, struct acs *acs)
{
	struct saml_person person;
	struct tokens tokens = {0};
	struct sso_login login = {.provider = acs->provider, .flow_state = acs->flow_state, .tokens = &tokens};

	if (accept_assertion(req, acs) < 0 || saml_person_of(req, acs->assertion, acs->provider->mapping, &person) < 0)
		return -1;
	login.assertion = acs->assertion;
	if (sso_read_profile(req, &login, &person) < 0 || store_metadata(req, acs) < 0 || sso_sign_in(req, &login) < 0)
		return -1;
	return reply_signed_in(req, acs, &tokens, login.user);
}

static int consume(struct request *req)
{
	struct acs acs = {.relay_state = http_form(req, "RelayState"), .artifact = http_form(req, "SAMLart")};
	bool stale;
	int moved;

	acs.posted = body_value(req, "SAMLResponse");
	if (!uuid_parse(acs.relay_state, &acs.relay_state_id))
		acs.relay_state_id = (struct uuid){0};
	if (sso_sp(req, &acs.sp) < 0 || find_flow(req, &acs) < 0)
		return -1;
	stale = acs.idp && is_stale(&acs, req->started);
	moved = stale || acs.artifact.len || sso_login_waits(req) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (!uuid_is_nil(&acs.relay_state_id) && db_transaction(req, spend_relay_state, &acs) < 0)
		return -1;
	if (!acs.idp)
		return fail_oauth(req, "server_error", "the metadata of the identity provider cannot be read");
	look_at_validity(req, &acs);
	if (stale)
		refresh_metadata(req, &acs);
	return sign_in(req, &acs);
}

int api_saml_acs(struct request *req)
{
	int result = consume(req);

	return result < 0 ? sso_redirect_failure(req) : result;
}
