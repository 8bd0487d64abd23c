/* service.c: what a server says of itself: health, settings, keys, discovery (contract 01 section 16). */
#include "cgi-src/api/handlers.h"
#include "latchkey/jose.h"
#include "latchkey/settings.h"
#include "latchkey/sms.h"

/* The release whose interface this is; clients compare it. */
#define INTERFACE_VERSION "v2.196.0"

int api_health(struct request *req)
{
	return reply_raw_json(req, 200,
			      TEXT("{\"version\":\"" INTERFACE_VERSION "\",\"name\":\"GoTrue\","
				   "\"description\":\"GoTrue is a user registration and authentication API\"}"));
}

/* ---- settings ---- */

static void provider_member(struct json_writer *out, const struct settings *settings, const char *name)
{
	const struct settings_provider *provider = settings_provider(settings, text_of(name));

	json_member_truth(out, name, provider && provider->enabled);
}

static void external_member(struct json_writer *out, const struct settings *settings)
{
	static const char *const providers[] = {"apple",   "azure",  "bitbucket",  "discord",  "facebook", "snapchat", "figma",		"fly",
						"github",  "gitlab", "google",	   "keycloak", "kakao",	   "linkedin", "linkedin_oidc", "notion",
						"spotify", "slack",  "slack_oidc", "workos",   "twitch",   "twitter"};

	json_name(out, "external");
	json_open_object(out);
	json_member_truth(out, "anonymous_users", settings->external.anonymous_users_enabled);
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
		provider_member(out, settings, providers[i]);
	json_member_truth(out, "email", settings->external.email_enabled);
	json_member_truth(out, "phone", settings->external.phone_enabled);
	provider_member(out, settings, "zoom");
	json_close_object(out);
}

int api_settings(struct request *req)
{
	const struct settings *settings = req->settings;
	struct json_writer out = http_reply(req, 200);
	bool second_key = text_of(settings->saml.private_key_next).len > 0;

	json_open_object(&out);
	external_member(&out, settings);
	json_member_truth(&out, "disable_signup", settings->disable_signup);
	json_member_truth(&out, "mailer_autoconfirm", settings->mailer.autoconfirm);
	json_member_truth(&out, "phone_autoconfirm", settings->sms.autoconfirm);
	json_member_text(&out, "sms_provider", sms_provider(settings));
	json_member_truth(&out, "saml_enabled", settings->saml.enabled);
	json_member_truth(&out, "saml_private_key_next_configured", !settings->saml.enabled || second_key);
	json_member_truth(&out, "passkeys_enabled", settings->passkey.enabled);
	json_close_object(&out);
	return 0;
}

/* ---- keys and discovery ---- */

static void cache_for_minutes(struct request *req)
{
	http_set_header(req, "Cache-Control", TEXT("public, max-age=600"));
}

int api_jwks(struct request *req)
{
	reply_raw_json(req, 200, jose_jwks(req, req->settings->jwt.keys));
	cache_for_minutes(req);
	return 0;
}

static void list_member(struct json_writer *out, const char *name, const char *const *items)
{
	json_name(out, name);
	json_open_array(out);
	for (; *items; items++)
		json_string(out, *items);
	json_close_array(out);
}

static void endpoint_member(struct request *req, struct json_writer *out, const char *name, const char *path)
{
	struct text issuer = text_of(req->settings->jwt.issuer);

	while (issuer.len && issuer.data[issuer.len - 1] == '/')
		issuer.len--;
	json_member_string(out, name, format(req, "%s%s", text_string(req, issuer), path));
}

static void capability_members(struct json_writer *out)
{
	static const char *const scopes[] = {"openid", "profile", "email", "phone", "offline_access", NULL};
	static const char *const code[] = {"code", NULL}, *const query[] = {"query", NULL}, *const subjects[] = {"public", NULL};
	static const char *const grants[] = {"authorization_code", "refresh_token", NULL};
	static const char *const algorithms[] = {"RS256", "HS256", "ES256", NULL};
	static const char *const methods[] = {"client_secret_basic", "client_secret_post", "none", NULL};
	static const char *const claims[] = {"sub",
					     "aud",
					     "iss",
					     "exp",
					     "iat",
					     "auth_time",
					     "nonce",
					     "email",
					     "email_verified",
					     "phone_number",
					     "phone_number_verified",
					     "name",
					     "picture",
					     "preferred_username",
					     "updated_at",
					     NULL};
	static const char *const challenges[] = {"S256", "plain", NULL};

	list_member(out, "scopes_supported", scopes);
	list_member(out, "response_types_supported", code);
	list_member(out, "response_modes_supported", query);
	list_member(out, "grant_types_supported", grants);
	list_member(out, "subject_types_supported", subjects);
	list_member(out, "id_token_signing_alg_values_supported", algorithms);
	list_member(out, "token_endpoint_auth_methods_supported", methods);
	list_member(out, "claims_supported", claims);
	list_member(out, "code_challenge_methods_supported", challenges);
}

int api_discovery(struct request *req)
{
	const struct settings *settings = req->settings;
	struct json_writer out = http_reply(req, 200);

	cache_for_minutes(req);
	json_open_object(&out);
	json_member_string(&out, "issuer", settings->jwt.issuer ? settings->jwt.issuer : "");
	endpoint_member(req, &out, "authorization_endpoint", "/oauth/authorize");
	endpoint_member(req, &out, "token_endpoint", "/oauth/token");
	endpoint_member(req, &out, "jwks_uri", "/.well-known/jwks.json");
	endpoint_member(req, &out, "userinfo_endpoint", "/oauth/userinfo");
	if (settings->oauth_server.enabled && settings->oauth_server.allow_dynamic_registration)
		endpoint_member(req, &out, "registration_endpoint", "/oauth/clients/register");
	capability_members(&out);
	json_close_object(&out);
	return 0;
}
