/* sso_start.c: POST /sso, where a sign-in starts at this server, and its own metadata (contract 09 sections 2 and 4). */
#include "cgi-src/api/sso.h"
#include "latchkey/session.h"

int sso_sp(struct request *req, const struct saml_sp **sp)
{
	const char *why = NULL;

	*sp = saml_sp(req->settings, &why);
	return *sp ? 0 : fail_unexpected(req, "SAML: %s", why);
}

/* ---- GET /sso/saml/metadata ------------------------------------------------------------------------------------------------------------------ */

int api_saml_metadata(struct request *req)
{
	bool download = text_is(http_query(req, "download"), "true");
	const struct saml_sp *sp;

	if (sso_sp(req, &sp) < 0)
		return -1;
	reply_raw_json(req, 200, saml_sp_metadata(req, sp, download, moment_now()));
	http_set_header(req, "Content-Type", TEXT("application/xml"));
	http_set_header(req, "Cache-Control", sp->next ? TEXT("public, max-age=60") : TEXT("public, max-age=600"));
	if (download)
		http_set_header(req, "Content-Disposition", TEXT("attachment; filename=\"metadata.xml\""));
	return 0;
}

/* ---- POST /sso ---------------------------------------------------------------------------------------------------------------------------------- */

struct body {
	struct json_opt_text provider_id;
	struct text domain, redirect_to, code_challenge, code_challenge_method;
	bool skip_http_redirect;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct body, provider_id, "provider_id", JSON_TEXT_OPT),
	JSON_FIELD(struct body, domain, "domain", JSON_TEXT),
	JSON_FIELD(struct body, redirect_to, "redirect_to", JSON_TEXT),
	JSON_FIELD(struct body, skip_http_redirect, "skip_http_redirect", JSON_BOOL),
	JSON_FIELD(struct body, code_challenge, "code_challenge", JSON_TEXT),
	JSON_FIELD(struct body, code_challenge_method, "code_challenge_method", JSON_TEXT),
};
static const struct json_shape shape = JSON_SHAPE("SingleSignOnParams", fields);

static int find_provider(struct request *req, const struct body *body, struct sso_provider **provider)
{
	bool by_domain = body->domain.len > 0;
	struct uuid id;

	if (http_json_uuid(req, &body->provider_id, &id) < 0)
		return -1;
	if (by_domain && !uuid_is_nil(&id))
		return fail(req, 400, "validation_failed", "Only one of provider_id or domain supported");
	if (!by_domain && uuid_is_nil(&id))
		return fail(req, 400, "validation_failed", "A provider_id or domain needs to be provided");
	if (by_domain && sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_DOMAIN, db_text(body->domain), provider) < 0)
		return fail_server(req, "Unable to find SSO provider by domain");
	if (!by_domain && sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ID, db_uuid(&id), provider) < 0)
		return fail_server(req, "Unable to find SSO provider by ID");
	if (!*provider)
		return fail(req, 404, "sso_provider_not_found", by_domain ? "No SSO provider assigned for this domain" : "No such SSO provider");
	if ((*provider)->disabled)
		return fail(req, 404, "sso_provider_disabled", "SSO Provider is currently disabled");
	return 0;
}

static int check_pkce(struct request *req, const struct body *body)
{
	struct text method = body->code_challenge_method;

	if (pkce_validate(req, body->code_challenge, method) < 0)
		return -1;
	if (method.len && !text_equal_nocase(method, TEXT("s256")) && !text_equal_nocase(method, TEXT("plain")))
		return fail(req, 400, "validation_failed", "Invalid code_challenge_method");
	return 0;
}

struct relay_state {
	const struct sso_provider *provider;
	struct uuid id, flow_state;
	struct text redirect_to;
	const char *request_id;
};

static int insert_relay_state(struct request *req, void *arg)
{
	const struct relay_state *state = arg;

	return db_execute(req, STMT_SAML_RELAY_STATE_INSERT,
			  DB_ARGS(db_uuid(&state->id), db_uuid(&state->provider->id), db_string(state->request_id),
				  db_text(state->redirect_to.len ? state->redirect_to : TEXT("")), db_uuid(&state->flow_state),
				  db_moment(moment_now())));
}

/* Steps 8 to 10: a flow state stays where a later step fails. */
static int remember(struct request *req, const struct body *body, struct relay_state *state, struct saml_idp **idp)
{
	struct flow_state flow = {
		.provider_type = "sso/saml",
		.authentication_method = "sso/saml",
		.referrer = body->redirect_to.len ? text_string(req, body->redirect_to) : NULL,
	};
	const char *why;

	if (text_has_nul(body->redirect_to) || flow_state_create(req, &flow, body->code_challenge, body->code_challenge_method) < 0)
		return fail_server(req, "Error creating flow state");
	if (saml_idp_read(req, state->provider->metadata_xml, idp, &why) < 0) {
		fail_server(req, "Error parsing SAML Metadata for SAML provider");
		return fail_cause(req, "metadata of SSO provider %s: %s", uuid_string(req, &state->provider->id), why);
	}
	state->flow_state = flow.id;
	if (db_transaction(req, insert_relay_state, state) < 0)
		return fail_server(req, "Error creating SAML relay state from sign up");
	return 0;
}

static int reply_url(struct request *req, const struct body *body, struct text url)
{
	struct json_writer out;

	if (!body->skip_http_redirect)
		return reply_redirect(req, 303, url);
	out = http_reply(req, 200);
	json_open_object(&out);
	json_member_text(&out, "url", url);
	json_close_object(&out);
	return 0;
}

int api_sso(struct request *req)
{
	struct body body = {0};
	struct relay_state state = {.id = uuid_v4(), .request_id = saml_new_id(req)};
	struct sso_provider *provider = NULL;
	const struct saml_sp *sp;
	struct saml_idp *idp;
	struct text url;

	if (http_json(req, &shape, &body) < 0 || find_provider(req, &body, &provider) < 0 || check_pkce(req, &body) < 0 || sso_sp(req, &sp) < 0)
		return -1;
	state.provider = provider;
	state.redirect_to = body.redirect_to;
	if (remember(req, &body, &state, &idp) < 0)
		return -1;
	url = saml_request_url(req, sp, idp,
			       &(struct saml_asked){.id = state.request_id,
						    .relay_state = uuid_string(req, &state.id),
						    .name_id_format = provider->name_id_format,
						    .now = moment_now()});
	return url.data ? reply_url(req, &body, url) : fail_server(req, "Error creating SAML authentication request redirect URL");
}
