/* doctor_providers.c: whether each provider that is on can be used: settings, discovery, keys, token endpoint, redirect URL (contract 07). */
#include <ctype.h>
#include <string.h>

#include "doctor.h"
#include "latchkey/db.h"
#include "latchkey/http.h"
#include "latchkey/jose.h"
#include "latchkey/oauth.h"
#include "latchkey/outbound.h"

#define PATIENCE (10 * SECOND)
#define REACH "see whether this host reaches the provider: DNS, firewall, HTTPS_PROXY"
#define APPLE_WARNING 14 /* days */
#define SECOND_OF_MOMENT 1000000

/* GOTRUE_EXTERNAL_<P>_<suffix> of a built-in provider, what to look at of a custom one. */
static const char *variable(struct request *req, const char *name, const char *suffix)
{
	char *line = format(req, "GOTRUE_EXTERNAL_%s_%s", name, suffix);

	if (strncmp(name, "custom:", 7) == 0)
		return format(req, "PUT /admin/custom-providers/%s", name);
	for (char *at = line; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return line;
}

/* ---- the redirect URL ------------------------------------------------------------------------------------------------------------------------- */

static const char *own_callback(struct request *req)
{
	struct text base = text_of(req->settings->api.external_url);

	while (base.len && base.data[base.len - 1] == '/')
		base.len--;
	return format(req, "%.*s/callback", (int)base.len, base.data);
}

/* A request without a state is sent to the site, with this error, by this server alone. */
static bool leads_here(const struct outbound_answer *answer)
{
	static const char sign[] = "error_code=bad_oauth_callback";

	return answer->status == 303 && answer->location.len && memmem(answer->location.data, answer->location.len, sign, sizeof(sign) - 1);
}

static void ask_redirect(struct doctor *doctor, const char *name, struct text redirect, const char *cure)
{
	struct request *req = doctor_request(doctor);
	struct outbound_call call = {.method = "GET", .url = redirect, .timeout = PATIENCE};
	struct outbound_answer answer;

	if (outbound_call(req, &call, &answer) < 0)
		doctor_tell(doctor, VERDICT_DOUBTFUL, name, format(req, "the redirect URL cannot be reached from this host: %s", answer.why), NULL);
	else if (leads_here(&answer))
		doctor_tell(doctor, VERDICT_GOOD, name, format(req, "the redirect URL %s leads to this server", outbound_shown(req, redirect).data),
			    NULL);
	else
		doctor_tell(
			doctor, VERDICT_BAD, name,
			format(req, "the redirect URL %s answers %d, and not as this server does", outbound_shown(req, redirect).data, answer.status),
			cure);
}

static void check_redirect(struct doctor *doctor, const char *name, struct text redirect)
{
	struct request *req = doctor_request(doctor);
	const char *own = own_callback(req), *why;
	const char *cure =
		strncmp(name, "custom:", 7) == 0
			? format(req, "API_EXTERNAL_URL or GOTRUE_CUSTOM_OAUTH_EXTERNAL_URL: the address that browsers reach this server at")
			: format(req, "%s=%s", variable(req, name, "REDIRECT_URI"), own);
	struct url url;

	if (url_parse(req, redirect, &url, &why) < 0 || !url.host.len || !(text_is(url.scheme, "https") || text_is(url.scheme, "http"))) {
		doctor_tell(doctor, VERDICT_BAD, name, "the redirect URL is no address that a browser could come back to", cure);
		return;
	}
	if (text_is(url.scheme, "http") && !host_is_this_machine(req, url.host))
		doctor_tell(doctor, VERDICT_DOUBTFUL, name, "the redirect URL is not https: codes travel in clear", cure);
	if (!text_is(redirect, own))
		doctor_tell(doctor, VERDICT_DOUBTFUL, name, format(req, "the redirect URL is not %s", own), cure);
	ask_redirect(doctor, name, redirect, cure);
}

/* ---- what the provider publishes ---------------------------------------------------------------------------------------------------------------- */

static void check_discovery(struct doctor *doctor, const char *name, const struct oauth_examined *found)
{
	struct request *req = doctor_request(doctor);
	const char *place = outbound_shown(req, found->discovery).data;
	/* a provider whose endpoints are known without it needs it for ID tokens from apps alone */
	enum verdict fault = found->discovery_needed ? VERDICT_BAD : VERDICT_DOUBTFUL;

	if (found->discovery_fault) {
		doctor_tell(doctor, fault, name, found->discovery_fault,
			    fault == VERDICT_BAD ? REACH : "it is needed for ID tokens from apps (grant_type=id_token) alone");
		return;
	}
	doctor_tell(doctor, VERDICT_GOOD, name, format(req, "the discovery document %s can be read", place), NULL);
	if (found->keys_fault)
		doctor_tell(doctor, fault, name, format(req, "the keys cannot be used: %s", found->keys_fault), NULL);
	else
		doctor_tell(doctor, VERDICT_GOOD, name, format(req, "keys that can be used: %zu", found->keys), NULL);
}

static void check_endpoint(struct doctor *doctor, const char *name, const struct oauth_examined *found)
{
	struct request *req = doctor_request(doctor);
	const char *place = outbound_shown(req, found->token_url).data;

	if (found->token_fault)
		doctor_tell(doctor, VERDICT_BAD, name, format(req, "the token endpoint cannot be reached: %s", found->token_fault), REACH);
	else if (found->token_status >= 500 || found->token_status == 404)
		doctor_tell(doctor, VERDICT_DOUBTFUL, name, format(req, "the token endpoint %s answers %d", place, found->token_status),
			    variable(req, name, "URL"));
	else
		doctor_tell(doctor, VERDICT_GOOD, name, format(req, "the token endpoint %s answers", place), NULL);
}

/* ---- settings ------------------------------------------------------------------------------------------------------------------------------------ */

static const char *settings_cure(struct request *req, const char *name, const char *why)
{
	static const char *const cures[][2] = {
		{"missing OAuth client ID", "CLIENT_ID=…"},
		{"missing OAuth secret", "SECRET=…"},
		{"unable to find URL for the Keycloak provider", "URL=https://…/realms/…"},
	};

	if (strcmp(why, "missing redirect URI") == 0)
		return format(req, "%s=%s", variable(req, name, "REDIRECT_URI"), own_callback(req));
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++)
		if (strcmp(cures[i][0], why) == 0)
			return variable(req, name, cures[i][1]);
	return strstr(why, "decrypting") ? "GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS: the key that it was encrypted with"
					 : variable(req, name, "…");
}

/* Apple's secret is a token that the operator signs, for six months at most. */
static void check_apple_secret(struct doctor *doctor, const char *name)
{
	struct request *req = doctor_request(doctor);
	const struct settings_provider *settings = settings_provider(req->settings, text_of(name));
	const char *cure = "GOTRUE_EXTERNAL_APPLE_SECRET: sign a new one with the key of your developer account", *why;
	struct json_object *payload;
	double days;

	if (strcmp(name, "apple") != 0 || !settings)
		return;
	if (jose_payload(req, text_of(settings->secret), &payload, &why) < 0 || !json_get(payload, "exp")) {
		doctor_tell(doctor, VERDICT_BAD, name, "the secret is not the signed token that Apple wants", cure);
		return;
	}
	days = (json_object_get_double(json_get(payload, "exp")) - (double)(moment_now() / SECOND_OF_MOMENT)) / 86400;
	if (days <= 0)
		doctor_tell(doctor, VERDICT_BAD, name, "the secret has expired", cure);
	else
		doctor_tell(doctor, days < APPLE_WARNING ? VERDICT_DOUBTFUL : VERDICT_GOOD, name,
			    format(req, "the secret is good for %.0f days", days), days < APPLE_WARNING ? cure : NULL);
}

/* ---- each -------------------------------------------------------------------------------------------------------------------------------------------- */

static void check_provider(struct doctor *doctor, const char *name)
{
	struct request *req = doctor_request(doctor);
	struct oauth_provider *provider;
	struct oauth_examined found;
	const char *why = NULL;

	if (oauth_provider_find(req, text_of(name), TEXT_NONE, &provider, &why) < 0) {
		doctor_tell(doctor, VERDICT_BAD, name, why ? why : "it cannot be loaded", settings_cure(req, name, why ? why : ""));
		failure_clear(req);
		return;
	}
	check_apple_secret(doctor, name);
	oauth_provider_examine(req, provider, &found);
	if (found.discovery.len)
		check_discovery(doctor, name, &found);
	if (found.token_url.len)
		check_endpoint(doctor, name, &found);
	check_redirect(doctor, name, found.redirect_uri);
}

static size_t check_custom(struct doctor *doctor)
{
	struct request *req = doctor_request(doctor);
	struct custom_provider *list;
	size_t count, on = 0;

	if (custom_providers_list(req, TEXT_NONE, &list, &count) < 0) {
		doctor_tell(doctor, VERDICT_BAD, "custom providers", "the database does not give them", "latchkey migrate --check");
		failure_clear(req);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		if (list[i].enabled && ++on)
			check_provider(doctor, list[i].identifier);
	return on;
}

void doctor_providers(struct doctor *doctor)
{
	const struct settings *settings = doctor_request(doctor)->settings;
	size_t on = 0;

	for (size_t i = 0; i < SETTINGS_PROVIDERS; i++)
		if (settings->external.providers[i].enabled && ++on)
			check_provider(doctor, settings->external.providers[i].name);
	if (settings->custom_oauth.enabled)
		on += check_custom(doctor);
	if (!on)
		doctor_tell(doctor, VERDICT_GOOD, "providers", "none is on", NULL);
}
