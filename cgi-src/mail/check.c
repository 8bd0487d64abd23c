/* check.c: templates are looked at before a mail needs them: at the start, and by `latchkey mail check`. */
#include <json-c/json.h>

#include "cgi-src/mail/source.h"
#include "latchkey/json.h"

#define VARIANTS_MAX 64

/* ---- made-up values ---- */

static void set(struct json_object *variables, const char *name, const char *value)
{
	json_object_object_add(variables, name, json_object_new_string(value));
}

struct json_object *template_samples(struct request *req, enum mail_kind kind)
{
	static const char hash[] = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4";
	struct json_object *variables = json_hold(req, must(json_object_new_object()));
	const char *type = mail_types[kind].link_type;
	struct text link = TEXT_NONE;

	set(variables, "SiteURL", req->settings->site_url);
	set(variables, "Email", "ann@example.com");
	set(variables, "NewEmail", "ann.new@example.com");
	set(variables, "SendingTo", "ann.new@example.com");
	set(variables, "OldEmail", "ann.old@example.com");
	set(variables, "Phone", "15551234567");
	set(variables, "OldPhone", "15557654321");
	set(variables, "Provider", "github");
	set(variables, "FactorType", "totp");
	set(variables, "Token", "123456");
	set(variables, "TokenHash", hash);
	set(variables, "RedirectTo", req->settings->site_url);
	json_object_object_add(variables, "Data", json_object_new_object());
	if (type && mail_link(req, kind, type, TEXT(hash), text_of(req->settings->site_url), &link) == 0)
		set(variables, "ConfirmationURL", text_string(req, link));
	return variables;
}

/* ---- one, in one language ---- */

static int check_one(struct request *req, const struct wanted *wanted)
{
	struct json_object *variables = template_samples(req, wanted->kind);
	int64_t max = req->settings->mailer.template_max_size;
	struct template *subject, *body;
	struct text source, out;
	const char *why;

	if (!template_load(req, wanted, &subject, &body, &source))
		return -1;
	if (wanted->source[0] && (int64_t)source.len >= max) {
		template_complain(req, wanted, "templatemailer_template_too_large",
				  format(req, "it is cut after %lld bytes: see GOTRUE_MAILER_TEMPLATE_MAX_SIZE", (long long)max));
		return -1;
	}
	if (template_execute(req, subject, variables, &out, &why) == 0 && template_execute(req, body, variables, &out, &why) == 0)
		return 0;
	template_complain(req, wanted, "templatemailer_template_execute_error",
			  format(req, "it fails for a user without metadata, and so does the mail: %s", why));
	return -1;
}

int mail_template_check(struct request *req, enum mail_kind kind)
{
	struct wanted variants[VARIANTS_MAX], plain = template_wanted(req, kind, NULL);
	size_t count = template_variants(req, &plain, variants, VARIANTS_MAX);
	int result = check_one(req, &plain);

	for (size_t i = 0; i < count; i++)
		if (check_one(req, &variants[i]) < 0)
			result = -1;
	return result;
}

/* ---- at the start ---- */

static bool has_own(const struct settings *settings, enum mail_kind kind)
{
	const char *subject = settings->mailer.subjects[kind], *source = settings->mailer.templates[kind];

	return (subject && *subject) || (source && *source);
}

void mail_check_templates(struct request *req)
{
	for (enum mail_kind kind = 0; kind < SETTINGS_MAIL_KINDS; kind++) {
		struct wanted wanted = template_wanted(req, kind, NULL);

		if (has_own(req->settings, kind) && (wanted.path || !wanted.source[0]))
			mail_template_check(req, kind);
	}
}
