/* absent.c: stands in for the room where the program is built without it (configure --without-saml): SAML cannot be switched on then. */
#include "latchkey/saml.h"

#define NOT_BUILT_IN "SAML is not built into this program"

bool saml_built_in(void)
{
	return false;
}

const char *saml_init(void)
{
	return NOT_BUILT_IN;
}

const struct saml_sp *saml_sp(const struct settings *settings, const char **why)
{
	(void)settings;
	*why = NOT_BUILT_IN;
	return NULL;
}

struct text saml_sp_metadata(TALLOC_CTX *mem, const struct saml_sp *sp, bool download, moment now)
{
	(void)mem, (void)sp, (void)download, (void)now;
	return TEXT_NONE;
}

struct text saml_certificate(const struct saml_key *key)
{
	(void)key;
	return TEXT_NONE;
}

int saml_idp_read(TALLOC_CTX *mem, struct text xml, struct saml_idp **idp, const char **why)
{
	(void)mem, (void)xml, (void)idp;
	*why = NOT_BUILT_IN;
	return -1;
}

bool saml_certificate_look(TALLOC_CTX *mem, struct text base64, struct saml_certificate_facts *facts)
{
	(void)mem, (void)base64, (void)facts;
	return false;
}

char *saml_new_id(TALLOC_CTX *mem)
{
	return format(mem, "id-");
}

struct text saml_request_url(TALLOC_CTX *mem, const struct saml_sp *sp, const struct saml_idp *idp, const struct saml_asked *asked)
{
	(void)mem, (void)sp, (void)idp, (void)asked;
	return TEXT_NONE;
}

struct text saml_artifact_request(TALLOC_CTX *mem, const struct saml_sp *sp, const char *id, struct text artifact, moment now)
{
	(void)mem, (void)sp, (void)id, (void)artifact, (void)now;
	return TEXT_NONE;
}

int saml_response_read(TALLOC_CTX *mem, struct text xml, struct saml_response **response, const char **why)
{
	(void)mem, (void)xml, (void)response;
	*why = NOT_BUILT_IN;
	return -1;
}

struct text saml_response_issuer(const struct saml_response *response)
{
	(void)response;
	return TEXT_NONE;
}

int saml_response_accept(TALLOC_CTX *mem, const struct saml_response *response, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why)
{
	(void)mem, (void)response, (void)expect, (void)assertion;
	*why = NOT_BUILT_IN;
	return -1;
}

int saml_artifact_accept(TALLOC_CTX *mem, struct text soap, const char *id, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why)
{
	(void)mem, (void)soap, (void)id, (void)expect, (void)assertion;
	*why = NOT_BUILT_IN;
	return -1;
}

int saml_person_of(struct request *req, const struct saml_assertion *assertion, struct json_object *mapping, struct saml_person *person)
{
	(void)assertion, (void)mapping, (void)person;
	return fail_unexpected(req, NOT_BUILT_IN);
}
