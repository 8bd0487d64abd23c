/* custom_providers.h: what the endpoints of /admin/custom-providers share (contract 07 section 12). */
#ifndef API_CUSTOM_PROVIDERS_H
#define API_CUSTOM_PROVIDERS_H

#include "cgi-src/api/handlers.h"
#include "latchkey/oauth.h"

/* The body of POST and PUT. */
struct custom_body {
	struct text provider_type, identifier, name, client_id, client_secret;
	struct text_list acceptable_client_ids, scopes, custom_claims_allowlist;
	struct json_opt_bool pkce_enabled, enabled, email_optional, skip_nonce_check;
	struct json_object *attribute_mapping, *authorization_params; /* NULL: not given */
	struct text issuer, authorization_url, token_url, userinfo_url;
	struct json_opt_text discovery_url, jwks_uri;
};
extern const struct json_shape custom_body_shape;

int reply_custom_provider(struct request *req, int status, const struct custom_provider *custom);
/* The provider that the path names: 400, 404. */
int custom_provider_of_path(struct request *req, struct custom_provider **custom);
int custom_path_check(struct request *req);
/* Checks 9 to 11 of section 12.4, of what is given. */
int custom_body_check(struct request *req, const struct custom_body *body);
/* scopes with "openid" in front where it is missing. */
struct text_list custom_oidc_scopes(struct request *req, struct text_list scopes);

#endif
