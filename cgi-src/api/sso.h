/* sso.h: what the endpoints of single sign-on share (contract 09). */
#ifndef API_SSO_H
#define API_SSO_H

#include "cgi-src/api/handlers.h"
#include "latchkey/db.h"
#include "latchkey/http.h"
#include "latchkey/saml.h"

struct sso_provider {
	struct uuid id;
	const char *resource_id; /* NULL: none */
	bool disabled, disabled_is_null;
	moment created_at, updated_at;
	struct uuid saml_id;
	const char *entity_id;
	struct text metadata_xml;
	const char *metadata_url; /* NULL: none */
	struct json_object *mapping;
	const char *name_id_format; /* NULL: none */
	moment saml_updated_at;
	struct text_list domains;
};

/* ---- rows (sso_provider.c). 0 with *provider NULL where there is none ------------------------------------------------------------------ */

int sso_provider_fetch(struct request *req, enum statement statement, struct db_value key, struct sso_provider **provider);
struct sso_provider *sso_provider_from_row(struct request *req, const struct db_rows *rows, int row);
void sso_provider_json(struct json_writer *out, const struct sso_provider *provider, bool with_metadata); /* section 9.1 */

/* ---- attribute mappings (sso_mapping.c) --------------------------------------------------------------------------------------------------- */

/* The form that is stored and shown: {} or {"keys":{…}}, keys sorted, nothing that says nothing. */
struct text sso_mapping_text(TALLOC_CTX *mem, struct json_object *mapping);
/* *given false: absent or without keys. 400 bad_json where a member has the wrong type; *mapping in the stored form. */
int sso_mapping_decode(struct request *req, struct json_object *value, bool *given, struct json_object **mapping);

/* ---- metadata of identity providers (sso_metadata.c) ----------------------------------------------------------------------------------------- */

/* Section 8.3. -1: 400 saml_metadata_fetch_failed. Waits: outbound lane. */
int sso_metadata_fetch(struct request *req, const char *url, struct text *xml);
/* 9.3 checks 9 to 13. */
int sso_metadata_check(struct request *req, struct text xml, struct saml_idp **idp);

/* ---- this server (sso_start.c) -------------------------------------------------------------------------------------------------------------------- */

/* 500 where its key does not serve. */
int sso_sp(struct request *req, const struct saml_sp **sp);

/* ---- signing in (sso_account.c) ---------------------------------------------------------------------------------------------------------------------- */

struct sso_login {
	const struct sso_provider *provider;
	const struct saml_assertion *assertion;
	struct uuid flow_state; /* nil: the implicit flow */
	struct oauth_profile *profile;
	struct tokens *tokens;
	struct user *user;
};
bool sso_login_waits(const struct request *req);
int sso_read_profile(struct request *req, struct sso_login *login, const struct saml_person *person); /* section 6.9 from identity_data on */
int sso_sign_in(struct request *req, struct sso_login *login);					      /* section 6.10 from step 2 on */

/* ---- what becomes of a failure (sso_redirect.c) ------------------------------------------------------------------------------------------------------- */

/* Section 6.12: the request's failure travels to the site URL; 0, or -1 where that cannot be parsed. */
int sso_redirect_failure(struct request *req);

#endif
