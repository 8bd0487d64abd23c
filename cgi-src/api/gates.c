/* gates.c: feature and identity gates, and the order in which gates run (contract 01 section 2.5). */
#include "cgi-src/api/gates.h"
#include "latchkey/api.h"
#include "latchkey/session.h"
#include "latchkey/settings.h"

/* ---- features ---- */

static int disabled(struct request *req, bool enabled, int status, const char *code, const char *what)
{
	return enabled ? 0 : fail(req, status, code, "%s disabled", what);
}

static int gate_oauth_server(struct request *req)
{
	return disabled(req, req->settings->oauth_server.enabled, 404, "feature_disabled", "OAuth server is");
}

static int gate_custom_providers(struct request *req)
{
	return disabled(req, req->settings->custom_oauth.enabled, 404, "feature_disabled", "Custom OAuth providers are");
}

static int gate_scim(struct request *req)
{
	return disabled(req, req->settings->experimental.scim_enabled, 404, "feature_disabled", "SCIM server is");
}

static int gate_passkey(struct request *req)
{
	return disabled(req, req->settings->passkey.enabled, 404, "passkey_disabled", "Passkeys are");
}

static int gate_saml(struct request *req)
{
	return disabled(req, req->settings->saml.enabled, 404, "saml_provider_disabled", "SAML 2.0 is");
}

static int gate_linking(struct request *req)
{
	return disabled(req, req->settings->security.manual_linking_enabled, 404, "manual_linking_disabled", "Manual linking is");
}

static int gate_email(struct request *req)
{
	return disabled(req, req->settings->external.email_enabled, 400, "email_provider_disabled", "Email logins are");
}

/* ---- what the path names ---- */

static void log_id(struct request *req, const char *name, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	request_log_field(req, log_text(name, text));
}

static int gate_subject(struct request *req)
{
	struct http *http = req->http;
	struct uuid id;

	if (http_uuid_capture(req, 0, "user_id", &id) < 0)
		return -1;
	log_id(req, "user_id", &id);
	if (user_by_id(req, &id, &http->subject) < 0)
		return fail_server(req, "Database error loading user");
	return http->subject ? 0 : fail(req, 404, "user_not_found", "User not found");
}

static int gate_factor(struct request *req)
{
	struct http *http = req->http;
	struct user *user = http->subject ? http->subject : req->bearer->user;
	struct uuid id;

	if (http_uuid_capture(req, http->subject ? 1 : 0, "factor_id", &id) < 0)
		return -1;
	log_id(req, "factor_id", &id);
	for (size_t i = 0; i < user->factor_count; i++)
		if (uuid_equal(&user->factors[i].id, &id))
			http->subject_factor = &user->factors[i];
	return http->subject_factor ? 0 : fail(req, 404, "mfa_factor_not_found", "Factor not found");
}

/* ---- the order ---- */

static const struct {
	enum gate_bit bit;
	int (*pass)(struct request *req);
} gates[] = {
	{GATE_FLOW_STATE, gate_flow_state},
	{GATE_OAUTH_SERVER, gate_oauth_server},
	{GATE_CUSTOM_PROVIDERS, gate_custom_providers},
	{GATE_SCIM, gate_scim},
	{GATE_PASSKEY, gate_passkey},
	{GATE_SAML, gate_saml},
	{GATE_BEARER, gate_bearer},
	{GATE_ADMIN, gate_admin},
	{GATE_LINKING, gate_linking},
	{GATE_NOT_ANONYMOUS, gate_not_anonymous},
	{GATE_SUBJECT, gate_subject},
	{GATE_FACTOR, gate_factor},
	{GATE_SSO_PROVIDER, gate_sso_provider},
	{GATE_OAUTH_CLIENT, gate_oauth_client},
	{GATE_LIMIT, NULL},
	{GATE_CAPTCHA, gate_captcha},
	{GATE_EMAIL, gate_email},
	{GATE_CLIENT_AUTH, gate_client_auth},
};

int gates_pass(struct request *req, unsigned wanted, enum limiter limiter)
{
	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		int passed = 0;

		if (gates[i].bit == GATE_LIMIT)
			passed = http_limit(req, limiter);
		else if (wanted & (unsigned)gates[i].bit)
			passed = gates[i].pass(req);
		if (passed != 0)
			return passed;
	}
	return 0;
}
