/* oauth.h: signing in with somebody else: providers, ID tokens, linking, wallets (contract 07).
 *
 * Everything that asks another service runs in the outbound lane and outside of transactions. */
#ifndef LATCHKEY_OAUTH_H
#define LATCHKEY_OAUTH_H

#include "latchkey/session.h"
#include "latchkey/settings.h"

/* ---- what a provider says of a user (section 6.1) ------------------------------------------------------------------------------------------ */

struct oauth_email {
	struct text address;
	bool verified, primary;
};
struct oauth_profile {
	struct json_object *claims; /* identity_data; no empty values, email_verified and phone_verified always there */
	struct oauth_email *emails;
	size_t email_count;
};
/* Section 4.4 step 2: the claims' email and email_verified follow the list. */
void oauth_profile_settle(struct oauth_profile *profile);

/* An empty one: nothing but email_verified and phone_verified, both false. */
void profile_start(struct request *req, struct oauth_profile *profile);
void profile_email(struct request *req, struct oauth_profile *profile, struct text address, bool verified, bool primary);
/* All standard keys by their types, into the profile; -1: one has another type. email_verified and phone_verified are read too. */
int claims_standard(struct request *req, struct json_object *object, struct oauth_profile *profile);
bool claim_is_standard(const char *name);

/* ---- providers (sections 1, 2, 5, 6, 14) --------------------------------------------------------------------------------------------------------- */

struct oauth_provider; /* a child of the request */

/* Looks the name up, in any case, and checks its settings. -1: *why is the text after "Unsupported provider: ", or NULL where the request
 * has failed. scopes: as the client gave them. */
int oauth_provider_find(struct request *req, struct text name, struct text scopes, struct oauth_provider **provider, const char **why);
bool oauth_provider_waits(const struct oauth_provider *provider); /* opening it, or its authorization URL, asks another service */
int oauth_provider_open(struct request *req, struct oauth_provider *provider, const char **why); /* discovery, where it has one; as above */
bool oauth_provider_has_pkce(const struct oauth_provider *provider);
bool oauth_provider_email_optional(const struct oauth_provider *provider);

/* Where the browser goes (section 2.1); verifier empty: no PKCE towards the provider. Empty where twitter could not be asked. */
struct text oauth_authorization_url(struct request *req, struct oauth_provider *provider, const struct uuid *state, struct text verifier);

/* A provider asked afresh, past the cache, for whoever looks after it. Faults are for people and hold no secret; NULL: none. */
struct oauth_examined {
	struct text redirect_uri;
	struct text discovery; /* where its document is; empty: it has none */
	bool discovery_needed; /* for more than ID tokens from apps */
	const char *discovery_fault, *keys_fault;
	size_t keys; /* that can be used */
	struct text token_url;
	int token_status; /* of an empty GET */
	const char *token_fault;
};
void oauth_provider_examine(struct request *req, struct oauth_provider *provider, struct oauth_examined *found);

/* What came back with the browser, and what has become of it. */
struct oauth_answer {
	struct text code, verifier;
	struct text oauth_token, oauth_verifier; /* twitter */
	bool oauth1;				 /* the flow was started under the name "twitter", exactly */
	struct text user;			 /* apple's form field */
	struct text access_token, refresh_token; /* of the provider */
	struct oauth_profile profile;
};
/* Sections 4.2 steps 6 to 8, 4.3: the failure is set. */
int oauth_ask(struct request *req, struct oauth_provider *provider, struct oauth_answer *answer);

/* ---- states of PKCE towards a provider (section 3) ----------------------------------------------------------------------------------------------- */

struct oauth_client_state {
	struct uuid id;
	const char *provider_type, *code_verifier;
	moment created_at;
};
int oauth_client_state_create(struct request *req, struct text provider, struct oauth_client_state *state);
/* Takes the row away; *found false: there was none. */
int oauth_client_state_take(struct request *req, const struct uuid *id, struct oauth_client_state *state, bool *found);

/* ---- accounts (section 8). All but the first within the caller's transaction ---------------------------------------------------------------------- */

enum link_decision { DECIDED_CREATE, DECIDED_EXISTS, DECIDED_LINK, DECIDED_MULTIPLE };
struct external_login {
	const char *provider; /* as it is written to identities */
	const struct oauth_profile *profile;
	bool email_optional;
	enum link_decision decision; /* set by external_sign_in */
	struct user *user;	     /* set by all of them */
};
/* Section 4.4 step 3: the before-user-created hook, where it is on and the account would be new. */
int external_ask_hook(struct request *req, struct external_login *login, int (*hook)(struct request *req, const struct user *user));
int external_sign_in(struct request *req, struct external_login *login);			  /* 8.2 to 8.4 */
int external_accept_invite(struct request *req, struct external_login *login, struct text token); /* 8.5 */
int external_link(struct request *req, struct external_login *login);				  /* 8.6; login->user given */
/* Whom an invite token is for; *user NULL: nobody. */
int external_invited_user(struct request *req, struct text token, struct user **user);

/* ---- ID tokens (sections 7, 10) ------------------------------------------------------------------------------------------------------------------------ */

struct id_token_request {
	struct text id_token, access_token, nonce, provider, client_id, issuer;
	bool link_identity;
};
struct id_token_login {
	const char *provider; /* for identities */
	bool email_optional;
	struct oauth_profile profile;
};
/* Steps 6 to 10 of section 10.1. */
int id_token_check(struct request *req, const struct id_token_request *asked, struct id_token_login *login);

/* ---- custom providers (section 12) -------------------------------------------------------------------------------------------------------------------- */

struct custom_provider {
	struct uuid id;
	const char *provider_type, *identifier, *name, *client_id, *client_secret; /* the secret as stored */
	struct text_list acceptable_client_ids, scopes, custom_claims_allowlist;
	bool pkce_enabled, enabled, email_optional, skip_nonce_check;
	struct json_object *attribute_mapping, *authorization_params; /* objects */
	const char *issuer, *discovery_url;			      /* NULL: none */
	struct json_object *discovery;				      /* NULL: none */
	const char *authorization_url, *token_url, *userinfo_url, *jwks_uri;
	moment created_at, updated_at;
};
bool custom_provider_is_oidc(const struct custom_provider *custom);
/* *custom NULL: there is none. */
int custom_provider_by_identifier(struct request *req, struct text identifier, struct custom_provider **custom);
int custom_providers_list(struct request *req, struct text type, struct custom_provider **list, size_t *count);
int custom_providers_count(struct request *req, int64_t *count);
int custom_provider_insert(struct request *req, struct custom_provider *custom); /* sets id and times */
int custom_provider_update(struct request *req, struct custom_provider *custom);
int custom_provider_delete(struct request *req, const struct custom_provider *custom);
/* Section 13.2, and the fields that must be there: fills discovery; 400 validation_failed. */
int custom_provider_discover(struct request *req, struct custom_provider *custom);
/* Forgets the cached discovery of this issuer and of this discovery document (either may be NULL). */
int oidc_forget(struct request *req, const char *issuer, const char *discovery_url);

/* ---- wallets (section 11) ------------------------------------------------------------------------------------------------------------------------------------ */

enum wallet_chain { WALLET_SOLANA, WALLET_ETHEREUM };
struct wallet_message {
	enum wallet_chain chain;
	struct text domain, address, statement, uri, version, chain_id, nonce, request_id;
	bool has_statement;
	moment issued_at, expires_at, not_before; /* MOMENT_NONE: not given */
};
/* The grammar of section 11.1; -1: *why is the whole error text. */
int wallet_message_parse(TALLOC_CTX *mem, enum wallet_chain chain, struct text message, struct wallet_message *parsed, const char **why);
struct text wallet_uri_text(TALLOC_CTX *mem, struct text uri);		    /* as a URL is compared: "#" belongs to the path */
struct json_object *wallet_uri_parts(struct request *req, struct text uri); /* for the audit log (section 11 step 14); NULL: no URL */
/* signature: base64 (Solana, 64 bytes, already decoded) or "0x" and hex (Ethereum). */
bool wallet_solana_verify(TALLOC_CTX *mem, const struct wallet_message *parsed, struct text message, const unsigned char signature[64]);
bool wallet_ethereum_verify(TALLOC_CTX *mem, const struct wallet_message *parsed, struct text message, struct text signature);
bool wallet_ethereum_built_in(void);				       /* --without-secp256k1 leaves it out */
bool base58_decode(struct text text, unsigned char *out, size_t *len); /* *len: room in, bytes out */
void keccak256(const void *data, size_t len, unsigned char out[32]);
/* Within the caller's transaction: true the first time; until: when it cannot be accepted any more in any case. point: the first half of its
 * signature, which nobody but the signer can make anew, while of the second half anybody can write another form. */
int wallet_message_spend(struct request *req, enum wallet_chain chain, struct text message, const unsigned char point[32], moment until, bool *first);

#endif
