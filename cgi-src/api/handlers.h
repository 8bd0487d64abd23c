/* handlers.h: one function for each endpoint; 0 with the reply made, -1 with the failure set, or REQUEST_MOVED. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "latchkey/http.h"

int api_health(struct request *req);
int api_ready(struct request *req);
int api_settings(struct request *req);
int api_jwks(struct request *req);
int api_discovery(struct request *req);

int api_token(struct request *req);
int api_logout(struct request *req);

int api_signup(struct request *req);
int api_user_get(struct request *req);
int api_user_update(struct request *req);
int api_recover(struct request *req);
int api_magiclink(struct request *req);
int api_otp(struct request *req);
int api_resend(struct request *req);
int api_verify_link(struct request *req);
int api_verify_code(struct request *req);
int api_reauthenticate(struct request *req);
int api_identity_delete(struct request *req);
int api_invite(struct request *req);
int api_generate_link(struct request *req);
int api_admin_audit(struct request *req);
int api_admin_users_list(struct request *req);
int api_admin_user_create(struct request *req);
int api_admin_user_get(struct request *req);
int api_admin_user_update(struct request *req);
int api_admin_user_delete(struct request *req);
int api_admin_factors_list(struct request *req);
int api_admin_factor_update(struct request *req);
int api_admin_factor_delete(struct request *req);

int api_factor_enroll(struct request *req);
int api_factor_challenge(struct request *req);
int api_factor_verify(struct request *req);
int api_factor_delete(struct request *req);
int api_passkey_registration_options(struct request *req);
int api_passkey_registration_verify(struct request *req);
int api_passkey_sign_in_options(struct request *req);
int api_passkey_sign_in_verify(struct request *req);
int api_passkeys_list(struct request *req);
int api_passkey_rename(struct request *req);
int api_passkey_delete(struct request *req);
int api_admin_passkeys_list(struct request *req);
int api_admin_passkey_delete(struct request *req);

int api_oauth_register(struct request *req);
int api_oauth_authorize(struct request *req);
int api_oauth_authorization_get(struct request *req);
int api_oauth_consent(struct request *req);
int api_oauth_token(struct request *req);
int api_oauth_userinfo(struct request *req);
int api_user_grants_list(struct request *req);
int api_user_grant_revoke(struct request *req);
int api_admin_oauth_clients_list(struct request *req);
int api_admin_oauth_client_create(struct request *req);
int api_admin_oauth_client_get(struct request *req);
int api_admin_oauth_client_update(struct request *req);
int api_admin_oauth_client_delete(struct request *req);
int api_admin_oauth_client_new_secret(struct request *req);

int api_sso(struct request *req);
int api_saml_metadata(struct request *req);
int api_saml_acs(struct request *req);
int api_sso_providers_list(struct request *req);
int api_sso_provider_create(struct request *req);
int api_sso_provider_get(struct request *req);
int api_sso_provider_update(struct request *req);
int api_sso_provider_delete(struct request *req);
int api_scim_config(struct request *req);
int api_scim_list(struct request *req);

int api_authorize(struct request *req);
int api_callback(struct request *req);
int api_identity_authorize(struct request *req);
int api_custom_providers_list(struct request *req);
int api_custom_provider_create(struct request *req);
int api_custom_provider_get(struct request *req);
int api_custom_provider_update(struct request *req);
int api_custom_provider_delete(struct request *req);

/* Answers unknown paths below /scim/v2 (contract 09 section 11). */
int api_scim_not_found(struct request *req);

int api_unbuilt(struct request *req); /* 500: the endpoint is not part of this build yet */

#endif
