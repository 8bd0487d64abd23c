/* sso.c: `latchkey sso …`: identity providers of single sign-on, past the API (docs/sso.md). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgi-src/api/sso.h"
#include "command.h"
#include "latchkey/outbound.h"

/* ---- add ------------------------------------------------------------------------------------------------------------------------------------------ */

static bool read_file(struct request *req, const char *path, struct text *content)
{
	FILE *file = fopen(path, "r");
	char *data = must(talloc_size(req, SAML_METADATA_MAX));

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	*content = (struct text){data, fread(data, 1, SAML_METADATA_MAX, file)};
	fclose(file);
	return true;
}

/* The body of the API's request: one implementation says what a provider may be. */
static bool make_body(struct request *req, const struct command_line *line, struct buffer *body)
{
	const char *source = line->words[2];
	struct json_writer out = json_writer(body);
	struct text xml;

	json_open_object(&out);
	json_member_string(&out, "type", "saml");
	if (strncmp(source, "https://", 8) == 0) {
		json_member_string(&out, "metadata_url", source);
	} else {
		if (!read_file(req, source, &xml))
			return false;
		json_member_text(&out, "metadata_xml", xml);
	}
	json_name(&out, "domains");
	json_open_array(&out);
	for (int i = 3; i < line->word_count; i++)
		json_string(&out, line->words[i]);
	json_close_array(&out);
	json_close_object(&out);
	return true;
}

static int run_add(struct request *req, const struct command_line *line)
{
	static char method[] = "REQUEST_METHOD=POST";
	static char *params[] = {method, NULL};
	struct buffer *body = buffer_new(req, 4096);

	if (!make_body(req, line, body))
		return 1;
	http_receive(req, params, buffer_as_text(body), body->len > HTTP_BODY_MAX);
	if (api_sso_provider_create(req) < 0)
		return command_failed(req);
	printf("%s\n", req->http->out->data);
	return 0;
}

/* ---- list, show, test --------------------------------------------------------------------------------------------------------------------------------- */

static void print_domains(const struct sso_provider *provider)
{
	for (size_t i = 0; i < provider->domains.count; i++)
		printf("%s%s", i ? " " : "", provider->domains.items[i].data);
}

static int run_list(struct request *req, const struct command_line *line)
{
	struct db_rows *rows;

	(void)line;
	if (db_fetch(req, STMT_SSO_PROVIDER_LIST, DB_ARGS(db_null(), db_null()), &rows) < 0)
		return command_failed(req);
	for (int row = 0; row < db_row_count(rows); row++) {
		const struct sso_provider *provider = sso_provider_from_row(req, rows, row);

		printf("%s  %s  %s  ", uuid_string(req, &provider->id), provider->disabled ? "off" : "on ", provider->entity_id);
		print_domains(provider);
		putchar('\n');
	}
	return 0;
}

/* By id, "resource_…" or domain. */
static int find(struct request *req, const char *name, struct sso_provider **provider)
{
	struct uuid id;
	int found;

	if (uuid_parse(text_of(name), &id))
		found = sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_ID, db_uuid(&id), provider);
	else if (strncmp(name, "resource_", 9) == 0)
		found = sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_RESOURCE_ID, db_string(name + 9), provider);
	else
		found = sso_provider_fetch(req, STMT_SSO_PROVIDER_BY_DOMAIN, db_string(name), provider);
	if (found < 0)
		return command_failed(req);
	if (!*provider)
		fprintf(stderr, "there is no provider %s\n", name);
	return *provider ? 0 : 1;
}

static int run_show(struct request *req, const struct command_line *line)
{
	struct buffer *shown = buffer_new(req, 4096);
	struct json_writer out = json_writer(shown);
	struct sso_provider *provider;

	if (find(req, line->words[2], &provider) != 0)
		return 1;
	sso_provider_json(&out, provider, true);
	printf("%s\n", shown->data);
	return 0;
}

/* One line of a test; a problem makes the command fail. */
static void tell(int *problems, bool good, const char *what)
{
	printf("%s %s\n", good ? "ok   " : "WRONG", what);
	*problems += !good;
}

static void test_certificates(struct request *req, const struct saml_idp *idp, int *problems)
{
	struct saml_certificate_facts facts;
	char until[MOMENT_TEXT_MAX];

	tell(problems, idp->certificate_count > 0, "the metadata names certificates for signatures");
	for (size_t i = 0; i < idp->certificate_count; i++) {
		if (!saml_certificate_look(req, idp->certificates[i], &facts)) {
			tell(problems, false, "a certificate cannot be read: no signature will be accepted");
			continue;
		}
		moment_format(facts.until, until);
		tell(problems, facts.from <= moment_now() && facts.until >= moment_now(),
		     format(req, "certificate %s, %s, valid until %s", facts.subject, facts.kind, until));
	}
}

static void test_idp(struct request *req, const struct sso_provider *provider, const struct saml_idp *idp, int *problems)
{
	tell(problems, !provider->disabled, "it is switched on");
	tell(problems, text_is(idp->entity_id, provider->entity_id), format(req, "entity id %s", provider->entity_id));
	tell(problems, idp->sso_redirect.len > 0,
	     idp->sso_redirect.len ? format(req, "sign-in at %s", idp->sso_redirect.data) : "it has no sign-in service with HTTP-Redirect");
	tell(problems, idp->valid_until == MOMENT_NONE || idp->valid_until > moment_now(), "the metadata has not expired");
	test_certificates(req, idp, problems);
}

static void test_address(struct request *req, const struct sso_provider *provider, int *problems)
{
	struct text xml;
	struct saml_idp *fresh;
	bool good;

	if (!provider->metadata_url)
		return;
	good = sso_metadata_fetch(req, provider->metadata_url, &xml) == 0 && sso_metadata_check(req, xml, &fresh) == 0;
	tell(problems, good, format(req, "metadata at %s%s%s", provider->metadata_url, good ? "" : ": ", good ? "" : req->failure.message));
	if (good)
		tell(problems, text_is(fresh->entity_id, provider->entity_id), "it is still that of the same entity");
}

static int run_test(struct request *req, const struct command_line *line)
{
	struct sso_provider *provider;
	const struct saml_sp *sp;
	struct saml_idp *idp;
	const char *why;
	int problems = 0;

	if (find(req, line->words[2], &provider) != 0)
		return 1;
	sp = req->settings->saml.enabled ? saml_sp(req->settings, &why) : NULL;
	tell(&problems, sp != NULL, "GOTRUE_SAML_ENABLED is set and the key serves");
	if (sp)
		printf("      entity id of this server  %s\n      assertion consumer        %s\n", sp->metadata_url, sp->acs_url);
	if (saml_idp_read(req, provider->metadata_xml, &idp, &why) < 0)
		tell(&problems, false, format(req, "the stored metadata cannot be read: %s", why));
	else
		test_idp(req, provider, idp, &problems);
	test_address(req, provider, &problems);
	return problems ? 1 : 0;
}

/* ---- the command ------------------------------------------------------------------------------------------------------------------------------------------ */

static const struct subcommand commands[] = {
	{"add", "FILE|URL [DOMAIN…]", "register an identity provider by its metadata", 1, 1000, true, run_add},
	{"list", "", "all of them: id, on or off, entity id, domains", 0, 0, true, run_list},
	{"show", "ID|DOMAIN", "one of them as JSON", 1, 1, true, run_show},
	{"test", "ID|DOMAIN", "look at addresses, certificates and validity, and what to enter there", 1, 1, true, run_test},
};

static bool probe_library(struct request *req)
{
	const char *fault = saml_init();

	(void)req;
	if (fault)
		fprintf(stderr, "%s\n", fault);
	return !fault;
}

int command_sso(TALLOC_CTX *mem, const struct command_line *line)
{
	static const struct subcommands set = {"sso", commands, sizeof(commands) / sizeof(commands[0]), probe_library};

	return subcommand_run(mem, &set, line);
}
