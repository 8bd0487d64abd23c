/* render.c: subject and body of a mail from its templates, which are kept (contract 06 sections 9.1, 9.2). */
#include <string.h>

#include "cgi-src/mail/shelf.h"
#include "cgi-src/mail/source.h"

#define KEPT_MAX 200

/* A kind's parsed pair, in one language. */
struct kept {
	enum mail_kind kind;
	const char *locale; /* "": the one without */
	struct template *subject, *body;
	uint64_t edition;	  /* of the shelf; 0: this process's own */
	int64_t created, checked; /* monotonic */
	bool stands_in;		  /* the built-in pair in place of one that could not be had */
	struct kept *next;
};

/* Parsed: lives as long as the process, over reloads (section 9.2). */
static struct kept *kept_pairs;

/* ---- keeping ---- */

static struct kept *find_kept(const struct wanted *wanted)
{
	for (struct kept *at = kept_pairs; at; at = at->next)
		if (at->kind == wanted->kind && strcmp(at->locale, wanted->locale) == 0)
			return at;
	return NULL;
}

static struct kept *new_kept(const struct wanted *wanted)
{
	struct kept *pair;
	size_t count = 0;

	for (pair = kept_pairs; pair; pair = pair->next)
		count++;
	if (count >= KEPT_MAX) /* more languages than anybody has: begin anew */
		talloc_free(kept_pairs), kept_pairs = NULL;
	pair = must(talloc_zero(NULL, struct kept));
	pair->kind = wanted->kind;
	pair->locale = must(talloc_strdup(pair, wanted->locale));
	pair->next = kept_pairs;
	if (kept_pairs)
		talloc_steal(pair, kept_pairs);
	kept_pairs = pair;
	return pair;
}

static void replace(struct kept *pair, struct template *subject, struct template *body, bool stands_in)
{
	talloc_free(pair->subject);
	talloc_free(pair->body);
	pair->subject = talloc_steal(pair, subject);
	pair->body = talloc_steal(pair, body);
	pair->created = pair->checked = monotonic_now();
	pair->stands_in = stands_in;
}

static void stand_in(struct request *req, struct kept *pair)
{
	const char *why;

	replace(pair, template_parse(req, text_of(mail_types[pair->kind].subject), TEMPLATE_HTML, &why),
		template_parse(req, text_of(mail_types[pair->kind].body), TEMPLATE_HTML, &why), true);
}

/* What could not be had is tried again after the retry interval, and the last good one stays (chapter 12). */
static bool is_fresh(const struct request *req, int64_t created, int64_t checked, bool stands_in)
{
	int64_t now = monotonic_now();

	if (!stands_in && now - created < req->settings->mailer.template_max_age)
		return true;
	return now - checked < req->settings->mailer.template_retry_interval;
}

/* ---- shared: what comes from addresses ---- */

/* The texts of the shelf, parsed once for each edition; they could be parsed when they were put there. */
static struct kept *parsed(struct request *req, const struct wanted *wanted, const struct shelved *shelved)
{
	struct kept *pair = find_kept(wanted);
	struct template *subject, *body;
	const char *why;

	if (pair && pair->edition == shelved->edition)
		return pair;
	subject = template_parse(req, shelved->subject, TEMPLATE_HTML, &why);
	body = template_parse(req, shelved->body, TEMPLATE_HTML, &why);
	if (!subject || !body)
		return NULL;
	pair = pair ? pair : new_kept(wanted);
	replace(pair, subject, body, shelved->stands_in);
	pair->edition = shelved->edition;
	return pair;
}

/* The shelf is open. false: the pair does not fit into it. */
static bool refill(struct request *req, const struct wanted *wanted, struct shelved *shelved)
{
	struct template *subject, *body;
	struct text source;

	if (template_load(req, wanted, &subject, &body, &source))
		return shelf_put(wanted->kind, text_of(wanted->subject), source, false, shelved);
	if (!shelved->edition)
		return shelf_put(wanted->kind, text_of(mail_types[wanted->kind].subject), text_of(mail_types[wanted->kind].body), true, shelved);
	shelf_checked(wanted->kind);
	return true;
}

static struct kept *get_shared(struct request *req, const struct wanted *wanted)
{
	struct kept *pair = NULL;
	struct shelved shelved;

	if (!shelf_open(req, wanted->kind, &shelved))
		return NULL;
	if ((shelved.edition && is_fresh(req, shelved.created, shelved.checked, shelved.stands_in)) || refill(req, wanted, &shelved))
		pair = parsed(req, wanted, &shelved);
	shelf_close(wanted->kind);
	return pair;
}

/* ---- this process's own: files, which cost nothing, and what the shelf has no room for ---- */

static struct kept *get_own(struct request *req, const struct wanted *wanted)
{
	struct kept *pair = find_kept(wanted);
	struct template *subject, *body;
	struct text source;

	if (pair && is_fresh(req, pair->created, pair->checked, pair->stands_in))
		return pair;
	if (template_load(req, wanted, &subject, &body, &source)) {
		pair = pair ? pair : new_kept(wanted);
		replace(pair, subject, body, false);
	} else if (pair) {
		pair->checked = monotonic_now();
	} else {
		pair = new_kept(wanted);
		stand_in(req, pair);
	}
	return pair;
}

int mail_render(struct request *req, enum mail_kind kind, struct json_object *variables, const struct user *user, struct rendered *rendered,
		const char **why)
{
	struct wanted wanted = template_wanted(req, kind, user);
	const struct kept *pair = wanted.path ? NULL : get_shared(req, &wanted);

	shelf_used(true);
	if (!pair)
		pair = get_own(req, &wanted);
	if (template_execute(req, pair->subject, variables, &rendered->subject, why) < 0)
		return -1;
	return template_execute(req, pair->body, variables, &rendered->html, why);
}

/* ---- in the background (section 9.2) ---- */

#define REFRESH_MIN SECOND

/* Before it is too old, so that no mail has to wait. */
static bool wants_refresh(const struct request *req, const struct shelved *shelved)
{
	int64_t now = monotonic_now();

	if (!shelved->edition)
		return true;
	if (!shelved->stands_in && now - shelved->created <= req->settings->mailer.template_max_age / 10 * 9)
		return false;
	return now - shelved->checked > req->settings->mailer.template_retry_interval;
}

static void refresh(struct request *req, enum mail_kind kind)
{
	struct wanted wanted = template_wanted(req, kind, NULL);
	struct shelved shelved;

	if (wanted.path || !shelf_open(req, kind, &shelved))
		return;
	if (wants_refresh(req, &shelved))
		refill(req, &wanted, &shelved);
	shelf_close(kind);
}

/* On a server that nobody has used yet once, and not while nobody uses it. */
static bool is_called_for(const struct request *req)
{
	int64_t used = shelf_used(false);

	return used ? monotonic_now() - used <= req->settings->mailer.template_reloading_max_idle : !shelf_filled(false);
}

int64_t mail_refresh_templates(struct request *req, bool (*stop)(void *arg), void *arg)
{
	int64_t pause = req->settings->mailer.template_retry_interval / 4;

	if (!req->settings->mailer.template_reloading_enabled)
		return INT64_MAX;
	mail_prepare(req->settings);
	if (is_called_for(req)) {
		for (enum mail_kind kind = 0; kind < SETTINGS_MAIL_KINDS; kind++) {
			if (stop(arg))
				return monotonic_now(); /* as soon as it is done */
			refresh(req, kind);
		}
		shelf_filled(true);
	}
	return monotonic_now() + (pause > REFRESH_MIN ? pause : REFRESH_MIN);
}
