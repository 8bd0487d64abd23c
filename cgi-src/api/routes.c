/* routes.c: the one table of method, path, gates, limiter, handler (contract 01 section 2.4). */
#include "cgi-src/api/gates.h"
#include "cgi-src/api/handlers.h"
#include "latchkey/api.h"

#define SLASH .trailing_slash = true

const struct route_group api_groups[] = {
	{"/callback", .gates = GATE_FLOW_STATE},
	{"/signup", .gates = GATE_CAPTCHA},
	{"/verify", .limiter = LIMIT_VERIFY},
	{"/reauthenticate", .gates = GATE_BEARER},
	{"/user", .gates = GATE_BEARER},
	{"/user/identities", .gates = GATE_LINKING},
	{"/user/oauth/grants", .gates = GATE_OAUTH_SERVER},
	{"/factors", .gates = GATE_BEARER | GATE_NOT_ANONYMOUS},
	{"/factors/{factor_id}", .gates = GATE_FACTOR},
	{"/passkeys", .gates = GATE_PASSKEY},
	{"/passkeys/authentication", .gates = 0}, /* not {passkey_id} */
	{"/passkeys/registration", .gates = GATE_BEARER | GATE_NOT_ANONYMOUS},
	{"/passkeys/{passkey_id}", .gates = GATE_BEARER},
	{"/sso", .gates = GATE_SAML},
	{"/admin", .gates = GATE_ADMIN},
	{"/admin/oauth", .gates = GATE_OAUTH_SERVER},
	{"/admin/custom-providers", .gates = GATE_CUSTOM_PROVIDERS},
	{"/admin/users/{user_id}", .gates = GATE_SUBJECT},
	{"/admin/sso/providers/{idp_id}", .gates = GATE_SSO_PROVIDER},
	{"/admin/oauth/clients/{client_id}", .gates = GATE_OAUTH_CLIENT},
	{"/admin/users/{user_id}/factors/{factor_id}", .gates = GATE_FACTOR},
	{"/oauth", .gates = GATE_OAUTH_SERVER},
	{"/scim/v2", .gates = GATE_SCIM, .not_found = api_scim_not_found},
	{NULL},
};

const struct route api_routes[] = {
	{METHOD_GET, "/health", .bare = true, .handler = api_health},
	{METHOD_GET, "/health/ready", .bare = true, .handler = api_ready},
	{METHOD_GET, "/.well-known/jwks.json", .bare = true, .handler = api_jwks},
	{METHOD_GET, "/.well-known/openid-configuration", .bare = true, .handler = api_discovery},
	{METHOD_GET, "/.well-known/oauth-authorization-server", .bare = true, .gates = GATE_OAUTH_SERVER, .handler = api_discovery},
	{METHOD_GET, "/settings", .handler = api_settings},

	{METHOD_POST, "/token", .gates = GATE_CAPTCHA, .handler = api_token}, /* limiter: in the handler (section 9.4) */
	{METHOD_GET, "/user", SLASH, .handler = api_user_get},
	{METHOD_PUT, "/user", SLASH, .limiter = LIMIT_USER, .handler = api_user_update},
	{METHOD_POST, "/signup", SLASH, .handler = api_signup}, /* limiter: in the handler */
	{METHOD_POST, "/logout", .gates = GATE_BEARER, .handler = api_logout},
	{METHOD_GET, "/reauthenticate", SLASH, .handler = api_reauthenticate},
	{METHOD_POST, "/invite", .gates = GATE_ADMIN, .handler = api_invite},

	{METHOD_GET, "/callback", SLASH, .handler = api_callback},
	{METHOD_POST, "/callback", SLASH, .handler = api_callback},
	{METHOD_GET, "/authorize", .handler = api_authorize},
	{METHOD_POST, "/recover", .limiter = LIMIT_RECOVER, .gates = GATE_CAPTCHA | GATE_EMAIL, .handler = api_recover},
	{METHOD_POST, "/resend", .limiter = LIMIT_RESEND, .gates = GATE_CAPTCHA, .handler = api_resend},
	{METHOD_POST, "/magiclink", .limiter = LIMIT_MAGIC_LINK, .gates = GATE_CAPTCHA, .handler = api_magiclink},
	{METHOD_POST, "/otp", .limiter = LIMIT_OTP, .gates = GATE_CAPTCHA, .handler = api_otp},
	{METHOD_GET, "/verify", SLASH, .handler = api_verify_link},
	{METHOD_POST, "/verify", SLASH, .handler = api_verify_code},

	{METHOD_GET, "/user/identities/authorize", .handler = api_identity_authorize},
	{METHOD_DELETE, "/user/identities/{identity_id}", .handler = api_identity_delete},
	{METHOD_GET, "/user/oauth/grants", SLASH, .handler = api_user_grants_list},
	{METHOD_DELETE, "/user/oauth/grants", SLASH, .handler = api_user_grant_revoke},

	{METHOD_POST, "/factors", SLASH, .handler = api_factor_enroll},
	{METHOD_POST, "/factors/{factor_id}/verify", .limiter = LIMIT_FACTOR_VERIFY, .handler = api_factor_verify},
	{METHOD_POST, "/factors/{factor_id}/challenge", .limiter = LIMIT_FACTOR_CHALLENGE, .handler = api_factor_challenge},
	{METHOD_DELETE, "/factors/{factor_id}", SLASH, .handler = api_factor_delete},

	{METHOD_POST, "/passkeys/authentication/options", .limiter = LIMIT_PASSKEY, .gates = GATE_CAPTCHA, .handler = api_passkey_sign_in_options},
	{METHOD_POST, "/passkeys/authentication/verify", .handler = api_passkey_sign_in_verify},
	{METHOD_POST, "/passkeys/registration/options", .handler = api_passkey_registration_options},
	{METHOD_POST, "/passkeys/registration/verify", .handler = api_passkey_registration_verify},
	{METHOD_GET, "/passkeys", SLASH, .gates = GATE_BEARER, .handler = api_passkeys_list},
	{METHOD_PATCH, "/passkeys/{passkey_id}", SLASH, .handler = api_passkey_rename},
	{METHOD_DELETE, "/passkeys/{passkey_id}", SLASH, .handler = api_passkey_delete},

	{METHOD_POST, "/sso", SLASH, .limiter = LIMIT_SSO, .gates = GATE_CAPTCHA, .handler = api_sso},
	{METHOD_GET, "/sso/saml/metadata", .handler = api_saml_metadata},
	{METHOD_POST, "/sso/saml/acs", .limiter = LIMIT_SAML_ASSERTION, .handler = api_saml_acs},

	{METHOD_GET, "/admin/audit", SLASH, .handler = api_admin_audit},
	{METHOD_GET, "/admin/users", SLASH, .handler = api_admin_users_list},
	{METHOD_POST, "/admin/users", SLASH, .handler = api_admin_user_create},
	{METHOD_GET, "/admin/users/{user_id}", SLASH, .handler = api_admin_user_get},
	{METHOD_PUT, "/admin/users/{user_id}", SLASH, .handler = api_admin_user_update},
	{METHOD_DELETE, "/admin/users/{user_id}", SLASH, .handler = api_admin_user_delete},
	{METHOD_GET, "/admin/users/{user_id}/factors", SLASH, .handler = api_admin_factors_list},
	{METHOD_PUT, "/admin/users/{user_id}/factors/{factor_id}", SLASH, .handler = api_admin_factor_update},
	{METHOD_DELETE, "/admin/users/{user_id}/factors/{factor_id}", SLASH, .handler = api_admin_factor_delete},
	{METHOD_GET, "/admin/users/{user_id}/passkeys", SLASH, .handler = api_admin_passkeys_list},
	{METHOD_DELETE, "/admin/users/{user_id}/passkeys/{passkey_id}", SLASH, .handler = api_admin_passkey_delete},
	{METHOD_POST, "/admin/generate_link", .handler = api_generate_link},
	{METHOD_GET, "/admin/sso/providers", SLASH, .handler = api_sso_providers_list},
	{METHOD_POST, "/admin/sso/providers", SLASH, .handler = api_sso_provider_create},
	{METHOD_GET, "/admin/sso/providers/{idp_id}", SLASH, .handler = api_sso_provider_get},
	{METHOD_PUT, "/admin/sso/providers/{idp_id}", SLASH, .handler = api_sso_provider_update},
	{METHOD_DELETE, "/admin/sso/providers/{idp_id}", SLASH, .handler = api_sso_provider_delete},
	{METHOD_GET, "/admin/oauth/clients", SLASH, .handler = api_admin_oauth_clients_list},
	{METHOD_POST, "/admin/oauth/clients", SLASH, .handler = api_admin_oauth_client_create},
	{METHOD_GET, "/admin/oauth/clients/{client_id}", SLASH, .handler = api_admin_oauth_client_get},
	{METHOD_PUT, "/admin/oauth/clients/{client_id}", SLASH, .handler = api_admin_oauth_client_update},
	{METHOD_DELETE, "/admin/oauth/clients/{client_id}", SLASH, .handler = api_admin_oauth_client_delete},
	{METHOD_POST, "/admin/oauth/clients/{client_id}/regenerate_secret", .handler = api_admin_oauth_client_new_secret},
	{METHOD_GET, "/admin/custom-providers", SLASH, .handler = api_custom_providers_list},
	{METHOD_POST, "/admin/custom-providers", SLASH, .handler = api_custom_provider_create},
	{METHOD_GET, "/admin/custom-providers/{identifier}", SLASH, .handler = api_custom_provider_get},
	{METHOD_PUT, "/admin/custom-providers/{identifier}", SLASH, .handler = api_custom_provider_update},
	{METHOD_DELETE, "/admin/custom-providers/{identifier}", SLASH, .handler = api_custom_provider_delete},

	{METHOD_POST, "/oauth/clients/register", .limiter = LIMIT_OAUTH_REGISTER, .handler = api_oauth_register},
	{METHOD_POST, "/oauth/token", .gates = GATE_CLIENT_AUTH, .handler = api_oauth_token},
	{METHOD_GET, "/oauth/userinfo", .gates = GATE_BEARER, .handler = api_oauth_userinfo},
	{METHOD_GET, "/oauth/authorize", .handler = api_oauth_authorize},
	{METHOD_GET, "/oauth/authorizations/{authorization_id}", .gates = GATE_BEARER, .handler = api_oauth_authorization_get},
	{METHOD_POST, "/oauth/authorizations/{authorization_id}/consent", .gates = GATE_BEARER, .handler = api_oauth_consent},

	{METHOD_GET, "/scim/v2/ServiceProviderConfig", .handler = api_scim_config},
	{METHOD_GET, "/scim/v2/ResourceTypes", .handler = api_scim_list},
	{METHOD_GET, "/scim/v2/Schemas", .handler = api_scim_list},

	{.pattern = NULL},
};
