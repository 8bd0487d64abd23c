/* oauth_int.h: what the files of this room share. */
#ifndef OAUTH_INT_H
#define OAUTH_INT_H

#include "latchkey/json.h"
#include "latchkey/oauth.h"
#include "latchkey/outbound.h"

/* ---- parameters of URLs and forms: a name is there once; written sorted --------------------------------------------------------------------- */

struct params {
	TALLOC_CTX *mem;
	struct text_pair *items;
	size_t count;
};
struct params *params_new(TALLOC_CTX *mem);
void params_set(struct params *params, struct text name, struct text value);
struct text params_get(const struct params *params, const char *name);
struct text params_encode(const struct params *params);
/* The first of values with one name counts. NULL: it is no form (a bad escape, a semicolon). */
struct params *params_parse(TALLOC_CTX *mem, struct text form);

/* ---- reading answers (contract 07 section 16.2) ------------------------------------------------------------------------------------------------ */

/* The first JSON value of text; what follows it is not looked at unless strict. */
struct text answer_first(struct text text); /* the first value alone */
int answer_parse(TALLOC_CTX *mem, struct text text, bool strict, struct json_object **value, const char **why);
/* The member of this name in any letter case, the last that is not null; NULL: none. */
struct json_object *answer_member(struct json_object *object, const char *name);
/* Follows names and positions separated by '>'. -1: something on the way is of the wrong type; *value NULL: not there. */
int answer_at(struct json_object *root, const char *path, struct json_object **value);
/* The text there, empty where there is none; -1: something else is there. */
int answer_text(struct json_object *root, const char *path, struct text *text);
int answer_true(struct json_object *root, const char *path, bool *truth);
int answer_number(struct json_object *root, const char *path, double *number);

/* ---- claims (section 6.1) ------------------------------------------------------------------------------------------------------------------------- */

void claim_text(struct oauth_profile *profile, const char *name, struct text value);	      /* empty: left out */
void claim_texts(struct oauth_profile *profile, const char *names, struct text value);	      /* several names, a blank between */
void claim_value(struct oauth_profile *profile, const char *name, struct json_object *value); /* shares value; NULL: left out */
struct json_object *claim_custom(struct oauth_profile *profile);			      /* custom_claims, made where it is not there */
void custom_text(struct oauth_profile *profile, const char *name, struct text value);	      /* always there, maybe empty */
struct text names_joined(TALLOC_CTX *mem, struct text first, struct text last);		      /* "first last", trimmed */

/* ---- the table of providers (sections 6.2, 6.3) ------------------------------------------------------------------------------------------------------ */

struct endpoint {
	const char *host, *path; /* URL replaces "https://" and host (section 1.4); host NULL: path is the whole URL, or none where NULL too */
	const char *with_url;	 /* stands between URL and path, unless URL ends with the host */
};

enum take { TAKE_TEXT, TAKE_ID, TAKE_NAMES, TAKE_CUSTOM_TEXT, TAKE_CUSTOM_NUMBER };
/* One mapped field: to these claims (a blank between names) from this place of the answer. */
struct claim_rule {
	const char *claims;
	enum take take;
	const char *path, *path2;
};

enum verified { VERIFIED_ALWAYS, VERIFIED_NEVER, VERIFIED_BY_FIELD };

enum provider_flag {
	PROVIDER_PKCE = 1 << 0,
	PROVIDER_IGNORES_SCOPES = 1 << 1,
	PROVIDER_IGNORES_URL = 1 << 2,
	PROVIDER_BODY_ONLY = 1 << 3,   /* one try, credentials in the body */
	PROVIDER_STRICT_JSON = 1 << 4, /* trailing bytes fail */
	PROVIDER_BEARER = 1 << 5,      /* whatever token_type says */
	PROVIDER_NEEDS_URL = 1 << 6,
};

struct provider_row {
	const char *name;
	struct endpoint authorize, token, user, issuer; /* issuer: the value of iss */
	const char *scopes;
	unsigned flags;
	const char *discovery; /* issuer whose discovery document names the endpoints; NULL: none */
	const struct claim_rule *rules;
	size_t rule_count;
	const char *email; /* path of the one address; NULL: none, or read by also */
	enum verified verified;
	const char *verified_field;
	/* What the rules cannot say; runs after them. -1: the answer is not as it should be. */
	int (*also)(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
	/* Another way to the profile altogether: from the tokens. */
	int (*profile)(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
	void (*authorize_params)(struct oauth_provider *provider, struct params *params);
	void (*user_headers)(struct oauth_provider *provider, struct outbound_header *headers, size_t *count);
};
const struct provider_row *provider_row(struct text name);

/* What single providers do beyond their row. */
int discord_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int github_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int gitlab_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int bitbucket_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int fly_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int google_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int kakao_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int linkedin_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int spotify_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int twitch_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int x_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int zoom_also(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct oauth_profile *profile);
int keycloak_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int workos_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int facebook_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int azure_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
struct text azure_expected(struct request *req, const struct oauth_provider *provider); /* the one tenant that is welcome; empty: any */
int apple_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int google_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int linkedin_oidc_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int vercel_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
int custom_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
void custom_attributes(struct request *req, const struct custom_provider *custom, struct oauth_profile *profile); /* the mapping of section 14.2 */
void apple_authorize(struct oauth_provider *provider, struct params *params);
/* Section 4.2 step 8. */
int apple_user_field(struct request *req, struct text user, struct oauth_profile *profile);
void notion_headers(struct oauth_provider *provider, struct outbound_header *headers, size_t *count);
void twitch_headers(struct oauth_provider *provider, struct outbound_header *headers, size_t *count);

/* ---- a provider as this request uses it -------------------------------------------------------------------------------------------------------------- */

struct oidc;
struct oidc_place;
struct provider_tokens {
	struct text access_token, refresh_token, token_type;
	double expires_in;
	struct json_object *all; /* the answer as an object; a form's fields as texts */
};

struct oauth_provider {
	const struct provider_row *row; /* NULL: custom */
	const struct settings_provider *settings;
	struct custom_provider *custom;
	const char *name; /* lower case */
	struct text client_id, secret, redirect_uri;
	struct text_list scopes; /* as they are sent */
	struct text authorize_url, token_url, user_url, issuer;
	bool pkce, email_optional;
	struct oidc *oidc;
	struct provider_tokens tokens;
};
/* Where its discovery document is; false: it needs none. */
bool oauth_provider_place(struct request *req, const struct oauth_provider *provider, struct oidc_place *place);
bool provider_is_guarded(const struct oauth_provider *provider); /* its URLs were chosen over the API: public addresses only */
struct text provider_url(TALLOC_CTX *mem, const struct oauth_provider *provider, struct endpoint endpoint);

int provider_exchange(struct request *req, struct oauth_provider *provider, struct text code, struct text verifier); /* section 5.1; logged */
/* Section 5.2: GET with the access token; -1 (logged) unless 2xx with JSON. */
int provider_get(struct request *req, struct oauth_provider *provider, struct text url, struct json_object **answer, struct text *body);
int provider_profile(struct request *req, struct oauth_provider *provider, struct oauth_profile *profile);
/* The rules of the row over an answer. body: the same as text, NULL where there is no id rule. */
int provider_map(struct request *req, struct oauth_provider *provider, struct json_object *answer, struct text body, struct oauth_profile *profile);
/* Why a provider could not be used, for the log; returns -1. */
int provider_complain(struct request *req, const char *why);

struct text twitter_authorization_url(struct request *req, struct oauth_provider *provider, const struct uuid *state);
int twitter_ask(struct request *req, struct oauth_provider *provider, struct oauth_answer *answer);
/* The signature of section 5.4; params: oauth_… and those of the query, without oauth_signature. */
struct text oauth1_signature(TALLOC_CTX *mem, struct text url, const struct params *params, struct text consumer_secret, struct text token_secret);

/* ---- OpenID Connect (section 7) -------------------------------------------------------------------------------------------------------------------- */

struct oidc {
	struct text location; /* of the discovery document; the key of the cache */
	struct text issuer, authorize_url, token_url, user_url, jwks_uri;
	struct text_list algs;
	struct json_object *document;
	struct text keys;  /* JWKS as cached; empty: not loaded */
	moment unknown_at; /* when an unknown key id last made it fetched again */
	bool guarded;
};
struct oidc_place {
	struct text issuer;   /* the document must name this one */
	struct text location; /* empty: the standard place */
	bool guarded;	      /* public addresses only */
	bool any_issuer;      /* a document that names another is taken */
	bool announced;	      /* asked for as custom providers are: with User-Agent and Accept of section 13.2 */
	bool cached_only;     /* *oidc NULL where it is not in the cache */
};
/* -1: *why for the client's text. */
int oidc_open(struct request *req, const struct oidc_place *place, struct oidc **oidc, const char **why);
struct text oidc_location(TALLOC_CTX *mem, struct text issuer);
struct text oidc_location_custom(TALLOC_CTX *mem, const struct custom_provider *custom);
/* Fetches and checks a document, past the cache (section 13.2). -1: *why. */
int oidc_fetch(struct request *req, const struct oidc_place *place, struct oidc **oidc, const char **why);

struct token_check {
	struct text issuer;		   /* empty: not checked */
	const struct text_list *audiences; /* one of these; NULL: not checked */
	struct text access_token;	   /* at_hash; empty: not checked */
};
/* Section 7.1: verified payload. -1: *why for the log. */
int id_token_verify(struct request *req, struct oidc *oidc, struct text token, const struct token_check *check, struct json_object **payload,
		    const char **why);
/* The payload before anything is verified; -1: it is not readable, or its issuer is no text. */
int id_token_peek(struct request *req, struct text token, struct json_object **payload);
bool audience_has(struct json_object *payload, struct text client_id);
struct text_list audience_list(struct request *req, struct json_object *payload);
/* Section 6.4. */
int id_token_profile(struct request *req, struct json_object *payload, struct oauth_profile *profile, const char **why);
/* One of the keys of a JWKS verifies; *known: it has keys that could (of that kid, or any where the token names none). */
bool jwks_verify(struct request *req, struct text jwks, struct text kid, const char *alg, struct text input, struct text signature, bool *known);
int jwks_fetch(struct request *req, struct oidc *oidc, const char **why);
int jwks_ask(struct request *req, const struct oidc *oidc, struct text *keys, const char **why); /* a GET alone; the cache is not touched */

#define ISSUER_GOOGLE "https://accounts.google.com"
#define ISSUER_APPLE "https://appleid.apple.com"
#define ISSUER_APPLE_ACCOUNT "https://account.apple.com"
#define ISSUER_LINKEDIN "https://www.linkedin.com/oauth"
#define ISSUER_KAKAO "https://kauth.kakao.com"
#define ISSUER_VERCEL "https://marketplace.vercel.com"
#define ISSUER_FACEBOOK "https://www.facebook.com"
#define ISSUER_SNAPCHAT "https://accounts.snapchat.com/accounts/oauth2/token"
bool issuer_is_apple(struct text issuer);
bool issuer_is_azure(struct text issuer); /* section 7.3 */
bool issuer_is_ciam(struct text issuer);

#endif
