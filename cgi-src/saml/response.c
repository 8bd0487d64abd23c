/* response.c: whether a response is to be believed (contract 09 sections 6.5 and 6.8). Each check reads what the signature covers, where there
 * is one; the first that passes counts, and the reason of a refusal goes to the log alone. */
#include <stdlib.h>
#include <string.h>

#include "saml_int.h"

#define AGE_MAX (90 * SECOND)
#define SKEW (180 * SECOND)

struct saml_response {
	xmlNode *root;
};

struct judging {
	TALLOC_CTX *mem;
	const struct saml_expect *expect;
	const struct saml_key *key; /* for decryption */
	struct saml_trust trust;
	const char **why;
};

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------------- */

static bool confirmation_times_read(TALLOC_CTX *mem, const xmlNode *subject)
{
	moment at;

	for (const xmlNode *node = saml_first(subject); node; node = saml_next(node)) {
		const xmlNode *data = saml_is(node, NS_SAML, "SubjectConfirmation") ? saml_child(node, NS_SAML, "SubjectConfirmationData") : NULL;
		struct text from = saml_attr(mem, data, "NotBefore");

		if (!saml_time_of(mem, data, "NotOnOrAfter", &at) || (from.data && !moment_parse(from, &at)))
			return false;
	}
	return true;
}

static bool statement_times_read(TALLOC_CTX *mem, const xmlNode *assertion)
{
	moment at;

	for (const xmlNode *node = saml_first(assertion); node; node = saml_next(node))
		if (saml_is(node, NS_SAML, "AuthnStatement") &&
		    (!saml_time_of(mem, node, "AuthnInstant", &at) || !saml_time_of(mem, node, "SessionNotOnOrAfter", &at)))
			return false;
	return true;
}

static bool assertion_times_read(TALLOC_CTX *mem, const xmlNode *assertion)
{
	const xmlNode *conditions = saml_child(assertion, NS_SAML, "Conditions");
	moment at;

	return saml_time_of(mem, assertion, "IssueInstant", &at) && saml_time_of(mem, conditions, "NotBefore", &at) &&
	       saml_time_of(mem, conditions, "NotOnOrAfter", &at) && confirmation_times_read(mem, saml_child(assertion, NS_SAML, "Subject")) &&
	       statement_times_read(mem, assertion);
}

static bool times_read(TALLOC_CTX *mem, const xmlNode *response)
{
	moment at;

	if (!saml_time_of(mem, response, "IssueInstant", &at))
		return false;
	for (const xmlNode *node = saml_first(response); node; node = saml_next(node))
		if (saml_is(node, NS_SAML, "Assertion") && !assertion_times_read(mem, node))
			return false;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Nothing here looks an element up by its ID; a document that has one twice is made to deceive somebody all the same. */
static bool ids_differ(TALLOC_CTX *mem, const xmlNode *root)
{
	const char **ids = NULL;
	size_t count = 0, room = 0;

	for (const xmlNode *node = root; node; node = saml_following(node, root)) {
		struct text id = saml_attr(mem, node, "ID");

		if (!id.data)
			continue;
		if (count == room)
			ids = must(talloc_realloc(mem, ids, const char *, (unsigned)(room = room ? 2 * room : 8)));
		ids[count++] = id.data;
	}
	if (count > 1)
		qsort(ids, count, sizeof(ids[0]), by_text);
	for (size_t i = 1; i < count; i++)
		if (strcmp(ids[i - 1], ids[i]) == 0)
			return false;
	return true;
}

int saml_response_read(TALLOC_CTX *mem, struct text xml, struct saml_response **response, const char **why)
{
	xmlNode *root = saml_parse(mem, xml, SAML_DOCUMENT_MAX, why);

	if (!root)
		return -1;
	if (!saml_is(root, NS_SAMLP, "Response"))
		return saml_no(why, "it is not a response");
	if (!times_read(mem, root))
		return saml_no(why, "it has a time that is none");
	*response = must(talloc(mem, struct saml_response));
	(*response)->root = root;
	return 0;
}

struct text saml_response_issuer(const struct saml_response *response)
{
	const xmlNode *issuer = saml_child(response->root, NS_SAML, "Issuer");

	return issuer ? saml_content((TALLOC_CTX *)(uintptr_t)response, issuer) : TEXT_NONE;
}

/* ---- checks of both elements ----------------------------------------------------------------------------------------------------------------------- */

static bool recent(const struct judging *judging, const xmlNode *node)
{
	moment issued;

	return saml_time_of(judging->mem, node, "IssueInstant", &issued) && issued != MOMENT_NONE &&
	       moment_add(issued, AGE_MAX) >= judging->expect->now;
}

static bool issuer_right(const struct judging *judging, const xmlNode *node, bool required)
{
	const xmlNode *issuer = saml_child(node, NS_SAML, "Issuer");

	return issuer ? text_equal(saml_content(judging->mem, issuer), judging->expect->idp->entity_id) : !required;
}

static bool answers_request(const struct judging *judging, const xmlNode *node)
{
	struct text wanted = judging->expect->request_id;

	return !wanted.data || text_equal(saml_attr(judging->mem, node, "InResponseTo"), wanted);
}

static bool succeeded(const struct judging *judging, const xmlNode *node)
{
	const xmlNode *code = saml_child(saml_child(node, NS_SAMLP, "Status"), NS_SAMLP, "StatusCode");

	return text_is(saml_attr(judging->mem, code, "Value"), STATUS_SUCCESS);
}

/* ---- an assertion (checks 12 to 19) ------------------------------------------------------------------------------------------------------------------ */

static int check_confirmation(const struct judging *judging, const xmlNode *confirmation)
{
	const xmlNode *data = saml_child(confirmation, NS_SAML, "SubjectConfirmationData");
	moment until;

	if (!data)
		return saml_no(judging->why, "a confirmation of the subject has no data");
	if (!answers_request(judging, data))
		return saml_no(judging->why, "a confirmation of the subject answers another request");
	if (!text_is(saml_attr(judging->mem, data, "Recipient"), judging->expect->sp->acs_url))
		return saml_no(judging->why, "a confirmation of the subject is for another recipient");
	if (!saml_time_of(judging->mem, data, "NotOnOrAfter", &until) || until == MOMENT_NONE || moment_add(until, SKEW) < judging->expect->now)
		return saml_no(judging->why, "a confirmation of the subject is over");
	return 0;
}

static int check_subject(const struct judging *judging, const xmlNode *assertion)
{
	const xmlNode *subject = saml_child(assertion, NS_SAML, "Subject");

	if (!subject)
		return saml_no(judging->why, "the assertion has no subject");
	for (const xmlNode *node = saml_first(subject); node; node = saml_next(node))
		if (saml_is(node, NS_SAML, "SubjectConfirmation") && check_confirmation(judging, node) < 0)
			return -1;
	return 0;
}

static bool names_us(const struct judging *judging, const xmlNode *restriction)
{
	for (const xmlNode *node = saml_first(restriction); node; node = saml_next(node))
		if (saml_is(node, NS_SAML, "Audience") && text_is(saml_content(judging->mem, node), judging->expect->sp->metadata_url))
			return true;
	return false;
}

static bool audience_right(const struct judging *judging, const xmlNode *conditions)
{
	bool restricted = false;

	for (const xmlNode *node = saml_first(conditions); node; node = saml_next(node)) {
		if (!saml_is(node, NS_SAML, "AudienceRestriction"))
			continue;
		if (names_us(judging, node))
			return true;
		restricted = true;
	}
	return !restricted;
}

static int check_conditions(const struct judging *judging, const xmlNode *assertion, moment *until)
{
	const xmlNode *conditions = saml_child(assertion, NS_SAML, "Conditions");
	moment now = judging->expect->now, from;

	if (!conditions)
		return saml_no(judging->why, "the assertion has no conditions");
	if (!saml_time_of(judging->mem, conditions, "NotBefore", &from) || (from != MOMENT_NONE && moment_add(from, -SKEW) > now))
		return saml_no(judging->why, "the assertion is not valid yet");
	if (!saml_time_of(judging->mem, conditions, "NotOnOrAfter", until) || *until == MOMENT_NONE || moment_add(*until, SKEW) < now)
		return saml_no(judging->why, "the assertion is not valid any more");
	if (!audience_right(judging, conditions))
		return saml_no(judging->why, "the assertion is for another audience");
	return 0;
}

static int check_assertion(const struct judging *judging, const xmlNode *assertion, moment *until)
{
	if (!assertion_times_read(judging->mem, assertion))
		return saml_no(judging->why, "the assertion has a time that is none");
	if (saml_attr(judging->mem, assertion, "ID").len == 0)
		return saml_no(judging->why, "the assertion has no ID");
	if (!recent(judging, assertion))
		return saml_no(judging->why, "the assertion is too old");
	if (!issuer_right(judging, assertion, true))
		return saml_no(judging->why, "the assertion has another issuer");
	return check_subject(judging, assertion) < 0 ? -1 : check_conditions(judging, assertion, until);
}

/* ---- assertions (checks 10 and 11) --------------------------------------------------------------------------------------------------------------------- */

/* trusted: a signature around it has been checked, and the node is of what that covers. */
static int judge_assertion(const struct judging *judging, xmlNode *node, bool trusted, struct saml_assertion **assertion)
{
	moment until;

	if (!trusted) {
		switch (saml_verify(judging->mem, node, &judging->trust, &node, judging->why)) {
		case SAML_GOOD:
			break;
		case SAML_UNSIGNED:
			return saml_no(judging->why, "neither the response nor the assertion is signed");
		case SAML_BAD:
			return -1;
		}
	}
	if (!saml_is(node, NS_SAML, "Assertion"))
		return saml_no(judging->why, "what was signed is no assertion");
	if (check_assertion(judging, node, &until) < 0)
		return -1;
	*assertion = saml_assertion_of(judging->mem, node);
	(*assertion)->expires = moment_add(until, SKEW);
	return 0;
}

static int judge_encrypted(const struct judging *judging, xmlNode *node, bool trusted, struct saml_assertion **assertion)
{
	struct text plain;
	xmlNode *root;

	if (saml_decrypt(judging->mem, node, judging->expect->sp, judging->key, &plain, judging->why) < 0)
		return -1;
	root = saml_parse(judging->mem, plain, SAML_DOCUMENT_MAX, judging->why);
	return root ? judge_assertion(judging, root, trusted, assertion) : -1;
}

#define ASSERTIONS_MAX 16 /* each costs a signature's check */

static int judge_assertions(struct judging *judging, const xmlNode *response, bool trusted, struct saml_assertion **assertion)
{
	static const struct kind {
		const char *name;
		int (*judge)(const struct judging *judging, xmlNode *node, bool trusted, struct saml_assertion **assertion);
	} kinds[] = {{"EncryptedAssertion", judge_encrypted}, {"Assertion", judge_assertion}};
	const char *first = NULL, **why = judging->why;
	size_t tried = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (xmlNode *node = saml_first(response); node && tried < ASSERTIONS_MAX; node = saml_next(node)) {
			if (!saml_is(node, NS_SAML, kinds[i].name))
				continue;
			tried++;
			if (kinds[i].judge(judging, node, trusted, assertion) == 0)
				return 0;
			first = first ? first : *why;
		}
	}
	return saml_no(why, first ? first : "the response has no assertion");
}

/* ---- the response (checks 2 to 9) -------------------------------------------------------------------------------------------------------------------------- */

static int check_response(const struct judging *judging, const xmlNode *response, bool has_signature)
{
	struct text destination = saml_attr(judging->mem, response, "Destination");

	if ((has_signature || destination.len) && !text_is(destination, judging->expect->sp->acs_url))
		return saml_no(judging->why, "the response is for another destination");
	if (!answers_request(judging, response))
		return saml_no(judging->why, "the response answers another request");
	if (!recent(judging, response))
		return saml_no(judging->why, "the response is too old");
	if (!issuer_right(judging, response, false))
		return saml_no(judging->why, "the response has another issuer");
	if (!succeeded(judging, response))
		return saml_no(judging->why, "the identity provider refused");
	return 0;
}

static int judge_response(struct judging *judging, xmlNode *response, bool trusted, struct saml_assertion **assertion)
{
	bool has_signature = saml_child(response, NS_DS, "Signature") != NULL;
	xmlNode *content = response;
	enum saml_signed state = trusted ? SAML_UNSIGNED : saml_verify(judging->mem, response, &judging->trust, &content, judging->why);

	if (state == SAML_BAD)
		return -1;
	if (state == SAML_UNSIGNED)
		content = response;
	if (!saml_is(content, NS_SAMLP, "Response"))
		return saml_no(judging->why, "what was signed is no response");
	if (check_response(judging, content, has_signature) < 0)
		return -1;
	return judge_assertions(judging, content, trusted || state == SAML_GOOD, assertion);
}

/* With the next key once more where encryption is on; the first reason counts (section 6.5). */
static int with_either_key(TALLOC_CTX *mem, xmlNode *root, const struct saml_expect *expect,
			   int (*judge)(struct judging *judging, xmlNode *root, struct saml_assertion **assertion), struct saml_assertion **assertion,
			   const char **why)
{
	const struct saml_sp *sp = expect->sp;
	struct judging judging = {mem, expect, sp->primary, {expect->idp, expect->now, sp->modern_only}, why};
	const char *ignored;

	if (!ids_differ(mem, root))
		return saml_no(why, "it has the same ID twice");
	if (judge(&judging, root, assertion) == 0)
		return 0;
	if (!sp->encryption_allowed || !sp->next)
		return -1;
	judging.key = sp->next;
	judging.why = &ignored;
	return judge(&judging, root, assertion);
}

static int judge_posted(struct judging *judging, xmlNode *root, struct saml_assertion **assertion)
{
	return judge_response(judging, root, false, assertion);
}

int saml_response_accept(TALLOC_CTX *mem, const struct saml_response *response, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why)
{
	return with_either_key(mem, response->root, expect, judge_posted, assertion, why);
}

/* ---- the answer to an artifact (section 6.8) --------------------------------------------------------------------------------------------------------------------- */

static xmlNode *only_child(const xmlNode *parent, const char *ns, const char *name)
{
	return saml_count(parent, ns, name) == 1 ? saml_child(parent, ns, name) : NULL;
}

static int judge_artifact(struct judging *judging, xmlNode *answer, struct saml_assertion **assertion)
{
	xmlNode *content = answer, *response;
	enum saml_signed state = saml_verify(judging->mem, answer, &judging->trust, &content, judging->why);

	if (state == SAML_BAD)
		return -1;
	if (state == SAML_UNSIGNED)
		content = answer;
	if (!saml_is(content, NS_SAMLP, "ArtifactResponse") || !recent(judging, content) || !issuer_right(judging, content, false) ||
	    !succeeded(judging, content))
		return saml_no(judging->why, "the answer to the artifact is no good");
	response = only_child(content, NS_SAMLP, "Response");
	if (!response || !times_read(judging->mem, response))
		return saml_no(judging->why, "the answer to the artifact holds no response");
	return judge_response(judging, response, state == SAML_GOOD, assertion);
}

int saml_artifact_accept(TALLOC_CTX *mem, struct text soap, const char *id, const struct saml_expect *expect, struct saml_assertion **assertion,
			 const char **why)
{
	xmlNode *root = saml_parse(mem, soap, SAML_DOCUMENT_MAX, why), *answer;

	if (!root)
		return -1;
	answer = saml_is(root, NS_SOAP, "Envelope") ? only_child(only_child(root, NS_SOAP, "Body"), NS_SAMLP, "ArtifactResponse") : NULL;
	if (!answer || !text_is(saml_attr(mem, answer, "InResponseTo"), id))
		return saml_no(why, "it is no answer to this artifact");
	return with_either_key(mem, answer, expect, judge_artifact, assertion, why);
}
