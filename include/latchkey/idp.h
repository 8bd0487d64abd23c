/* idp.h: other applications sign their users in through us: clients, authorization requests, consents, codes (contract 10; RFC 6749, 7636,
 * OpenID Connect Core). */
#ifndef LATCHKEY_IDP_H
#define LATCHKEY_IDP_H

#include "latchkey/session.h"

/* ---- clients (sections 3.1, 4) --------------------------------------------------------------------------------------------------------- */

struct oauth_client {
	struct uuid id;
	const char *type, *auth_method, *registration_type; /* as the columns hold them */
	const char *secret_hash, *name, *uri, *logo_uri;    /* "" for NULL */
	struct text_list redirect_uris, grant_types;
	moment created_at, updated_at;
};

bool oauth_client_is_public(const struct oauth_client *client);
/* 0 with *client NULL where there is none or it is deleted; -1 on failure. */
int oauth_client_by_id(struct request *req, const struct uuid *id, struct oauth_client **client);
int oauth_clients_all(struct request *req, struct oauth_client **clients, size_t *count); /* newest first */
/* secret NULL: it is not shown. */
void oauth_client_json(struct json_writer *out, const struct oauth_client *client, const char *secret);

/* What a registration or an update sends (sections 5.1, 6.3). */
struct oauth_client_fields {
	struct text_list redirect_uris, grant_types;
	struct json_opt_text name, uri, logo_uri, type, auth_method;
};
extern const struct json_shape oauth_client_shape;

/* *secret NULL for a public client. prefixed as the two registration endpoints say it: "400: …". */
int oauth_client_register(struct request *req, const struct oauth_client_fields *fields, const char *registration_type, struct oauth_client **client,
			  char **secret);
int oauth_client_update(struct request *req, const struct oauth_client_fields *fields, struct oauth_client *client);
int oauth_client_delete(struct request *req, const struct oauth_client *client);
int oauth_client_new_secret(struct request *req, struct oauth_client *client, char **secret);

/* Who calls the token endpoint (section 7, steps 4 to 7): 400 invalid_credentials. */
struct oauth_credentials {
	struct text client_id, secret;
	bool basic; /* they came in the header */
};
int oauth_client_authenticate(struct request *req, const struct oauth_credentials *given, struct oauth_client **client);

/* ---- scopes (section 3.4) --------------------------------------------------------------------------------------------------------------- */

struct text_list oauth_scopes(TALLOC_CTX *mem, struct text scope);
bool oauth_scope_has(TALLOC_CTX *mem, struct text scope, const char *name);

/* ---- authorization requests (sections 8 to 11) -------------------------------------------------------------------------------------------- */

/* The query of an authorize request; empty: not given. */
struct oauth_authorize {
	struct text client_id, redirect_uri, response_type, scope, state, resource, challenge, challenge_method, nonce;
};
/* *target is where the browser goes next, with an error in it or without. -1 with the JSON answers of section 8.1. */
int oauth_authorize(struct request *req, struct oauth_authorize *asked, struct text *target);

struct oauth_authorization {
	struct uuid id, client_id, user_id; /* user_id nil: nobody has opened it yet */
	struct text authorization_id, redirect_uri, scope, state, resource, nonce, code;
	const char *challenge, *challenge_method; /* NULL: none */
	const char *status;
	moment expires_at;
};

/* The signed-in user opens it (section 9). *redirect is set where an earlier consent answers for the user; else *client is. */
int oauth_open(struct request *req, struct text authorization_id, struct oauth_authorization **authorization, struct oauth_client **client,
	       struct text *redirect);
/* The user's decision (section 10); *redirect is where the browser goes. */
int oauth_decide(struct request *req, struct text authorization_id, bool approve, struct text *redirect);

/* ---- the token endpoint (section 12) -------------------------------------------------------------------------------------------------------- */

struct oauth_exchange {
	struct text code, redirect_uri, verifier, resource;
};
/* *id_token is empty without scope openid. */
int oauth_exchange(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked, struct tokens *tokens,
		   struct text *id_token);

/* Members of userinfo in the order of their names (section 15). */
void oauth_userinfo(struct json_writer *out, struct request *req, const struct user *user, struct text scope);

/* ---- what a user has granted (section 16) -------------------------------------------------------------------------------------------------- */

int oauth_grants_json(struct request *req, const struct user *user, struct json_writer *out);
int oauth_grant_revoke(struct request *req, const struct user *user, const struct uuid *client_id);

#endif
