/* saml.h: SAML 2.0 from the side of the service provider (contract 09): its keys and metadata, requests, responses, what they say.
 *
 * Nothing here asks the database or another service. Documents from outside are bounded before a library sees them (scan.c), and what
 * a response says is read from the very bytes whose signature was checked (signature.c). Built without libxml2 the functions of this
 * header are there all the same and say so. */
#ifndef LATCHKEY_SAML_H
#define LATCHKEY_SAML_H

#include "latchkey/json.h"
#include "latchkey/settings.h"

bool saml_built_in(void);
/* Once before workers are forked: prepares the library and asks it, with harmless documents, for the faults that this program relies on
 * not to be there. NULL: all is well; else what is wrong. */
const char *saml_init(void);

/* ---- what this server is (sections 1 and 2) ----------------------------------------------------------------------------------------------- */

struct saml_sp {
	const char *metadata_url; /* also the entity id */
	const char *acs_url, *slo_url;
	const char *made_for;		 /* API_EXTERNAL_URL */
	struct saml_key *primary, *next; /* next NULL: none */
	bool encryption_allowed, modern_only;
};
/* Of these settings; made once in each process. NULL: *why, without key material. */
const struct saml_sp *saml_sp(const struct settings *settings, const char **why);
struct text saml_sp_metadata(TALLOC_CTX *mem, const struct saml_sp *sp, bool download, moment now);
struct text saml_certificate(const struct saml_key *key); /* DER */

/* ---- an identity provider's metadata (section 8) ----------------------------------------------------------------------------------------- */

#define SAML_METADATA_MAX ((size_t)4 * 1048576)

struct saml_idp {
	struct text entity_id;
	moment valid_until;	      /* MOMENT_NONE: not given */
	duration cache_duration;      /* 0: not given */
	size_t roles;		      /* IDPSSODescriptors of the descriptor taken */
	struct text sso_redirect;     /* Location of the first redirect service; empty: none */
	struct text artifact_service; /* of the first artifact resolution service over SOAP; empty: none */
	struct text *certificates;    /* base64 of the signing certificates, as written */
	size_t certificate_count;
};
int saml_idp_read(TALLOC_CTX *mem, struct text xml, struct saml_idp **idp, const char **why);

/* What an operator wants to know of a certificate. */
struct saml_certificate_facts {
	const char *subject, *kind; /* kind: "RSA 2048", … */
	moment from, until;
	char sha256[65]; /* of the DER, in hex */
};
/* base64 as metadata has it; false: it cannot be read. */
bool saml_certificate_look(TALLOC_CTX *mem, struct text base64, struct saml_certificate_facts *facts);

/* ---- asking (sections 5 and 6.8) ------------------------------------------------------------------------------------------------------------ */

char *saml_new_id(TALLOC_CTX *mem);
struct saml_asked {
	const char *id; /* of the request, saml_new_id */
	const char *relay_state;
	const char *name_id_format; /* NULL: persistent */
	moment now;
};
/* The address that the browser is sent to; TEXT_NONE where signing fails. */
struct text saml_request_url(TALLOC_CTX *mem, const struct saml_sp *sp, const struct saml_idp *idp, const struct saml_asked *asked);
/* The SOAP envelope that asks for the response behind an artifact. */
struct text saml_artifact_request(TALLOC_CTX *mem, const struct saml_sp *sp, const char *id, struct text artifact, moment now);

/* ---- answers (sections 6.5 to 6.8) --------------------------------------------------------------------------------------------------------------- */

struct saml_response; /* read, and nothing of it believed */
int saml_response_read(TALLOC_CTX *mem, struct text xml, struct saml_response **response, const char **why);
/* The text of Response/Issuer, unverified; data NULL where there is none. */
struct text saml_response_issuer(const struct saml_response *response);

struct saml_expect {
	const struct saml_sp *sp;
	const struct saml_idp *idp;
	struct text request_id; /* data NULL: nothing was asked, any InResponseTo will do */
	moment now;
};

struct saml_attribute {
	struct text name, friendly_name;
	struct text *values;
	size_t value_count;
};
/* All of it from the signed bytes. */
struct saml_assertion {
	struct text id;
	moment expires; /* it is of no use from then on */
	bool has_name_id;
	struct text name_id, name_id_format;
	moment session_not_after; /* MOMENT_NONE: not given */
	struct saml_attribute *attributes;
	size_t attribute_count;
};
/* 0 with the assertion that passed every check, or -1 with the reason for the log. */
int saml_response_accept(TALLOC_CTX *mem, const struct saml_response *response, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why);
/* The same with the answer to an artifact request of that id. */
int saml_artifact_accept(TALLOC_CTX *mem, struct text soap, const char *id, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why);

/* ---- who it is (section 6.9) ------------------------------------------------------------------------------------------------------------------------ */

struct saml_person {
	struct text user_id, email; /* as the provider wrote them */
	struct json_object *claims; /* what attribute_mapping makes of the attributes; keys sorted */
};
/* mapping: {} or {"keys":{…}}. -1 with the failure of section 6.9: 400 saml_assertion_no_user_id, saml_assertion_no_email. */
int saml_person_of(struct request *req, const struct saml_assertion *assertion, struct json_object *mapping, struct saml_person *person);

#endif
