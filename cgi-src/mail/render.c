/* render.c: subject and body of a mail from its templates: loading, keeping, language (contract 06 sections 9.1, 9.2). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-src/mail/shelf.h"
#include "latchkey/http.h"
#include "latchkey/outbound.h"
#include "latchkey/template.h"

#define LOCALES_MAX 8
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

struct wanted {
	enum mail_kind kind;
	const char *locale;
	const char *subject, *source; /* source "": built-in body */
	const char *path;	      /* of a local file; NULL: an address */
};

/* ---- where a template comes from ---- */

static void complain(struct request *req, const struct wanted *wanted, const char *event, const char *why)
{
	const char *msg = format(req, "templatemailer: template type \"%s\": %s", mail_types[wanted->kind].key, why);

	request_log_to(req, LOG_ERROR, msg, log_text("mail_type", mail_types[wanted->kind].key), log_text("event", event), log_text("error", msg));
}

/* At most max bytes of a file that stands where the operator says. */
static int read_file(struct request *req, const char *path, size_t max, struct text *text, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct buffer *out = buffer_new(req, 4096);
	struct stat info;
	char piece[8192];
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
		*why = format(req, "%s: %s", path, fd < 0 ? strerror(errno) : "not a plain file");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (out->len < max && (got = read(fd, piece, sizeof(piece))) > 0)
		buffer_add(out, piece, (size_t)got < max - out->len ? (size_t)got : max - out->len);
	close(fd);
	*text = buffer_as_text(out);
	return 0;
}

static int fetch(struct request *req, const char *source, size_t max, struct text *text, const char **why)
{
	struct text url = text_of(text_starts(text_of(source), "http") ? source : format(req, "%s%s", req->settings->site_url, source));
	struct outbound_call call = {.method = "GET", .url = url, .timeout = 10 * SECOND, .answer_max = max, .cut_answer = true, .redirects = 10};
	struct outbound_answer answer;

	if (outbound_call(req, &call, &answer) < 0) {
		*why = answer.why;
		return -1;
	}
	if (answer.status != 200) {
		*why = format(req, "%s answered with status %d", outbound_shown(req, url).data, answer.status);
		return -1;
	}
	*text = answer.body;
	return 0;
}

static int read_source(struct request *req, const struct wanted *wanted, struct text *text, const char **why)
{
	size_t max = (size_t)req->settings->mailer.template_max_size;

	if (wanted->path)
		return read_file(req, wanted->path, max, text, why);
	if (wanted->source[0])
		return fetch(req, wanted->source, max, text, why);
	*text = text_of(mail_types[wanted->kind].body);
	return 0;
}

/* ---- language ---- */

static bool fits_locale(struct text locale)
{
	for (size_t i = 0; i < locale.len; i++) {
		char c = locale.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return locale.len >= 2 && locale.len <= 16;
}

static void add_locale(struct request *req, struct text locale, const char *locales[LOCALES_MAX], size_t *count)
{
	struct text language = text_before(text_before(locale, '-'), '_');

	if (!fits_locale(locale))
		return;
	if (*count < LOCALES_MAX)
		locales[(*count)++] = text_string(req, locale);
	if (language.len < locale.len && *count < LOCALES_MAX)
		locales[(*count)++] = text_string(req, language);
}

/* The user's own, then what the browser says, in its order. */
static size_t find_locales(struct request *req, const struct user *user, const char *locales[LOCALES_MAX])
{
	struct text languages[LOCALES_MAX];
	size_t count = 0, asked = http_languages(req, languages, LOCALES_MAX);

	if (user && user->user_metadata)
		add_locale(req, json_get_text(user->user_metadata, "locale"), locales, &count);
	for (size_t i = 0; i < asked; i++)
		add_locale(req, languages[i], locales, &count);
	return count;
}

/* confirm.html has confirm.de.html beside it. */
static const char *localised(struct request *req, const char *path, const char *locale)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path, *dot = strrchr(name, '.');
	int stem = (int)(dot ? dot - path : (ptrdiff_t)strlen(path));

	return format(req, "%.*s.%s%s", stem, path, locale, dot ? dot : "");
}

static struct wanted choose(struct request *req, enum mail_kind kind, const struct user *user)
{
	const char *subject = req->settings->mailer.subjects[kind], *source = req->settings->mailer.templates[kind];
	struct wanted wanted = {kind, "", subject && *subject ? subject : mail_types[kind].subject, source ? source : "", NULL};
	const char *locales[LOCALES_MAX];
	struct text line;
	const char *why;
	size_t count;

	if (!text_starts(text_of(wanted.source), "file:"))
		return wanted;
	wanted.path = wanted.source + (text_starts(text_of(wanted.source), "file://") ? 7 : 5);
	count = find_locales(req, user, locales);
	for (size_t i = 0; i < count; i++) {
		const char *path = localised(req, wanted.path, locales[i]);

		if (access(path, R_OK) != 0)
			continue;
		wanted.locale = locales[i];
		wanted.path = path;
		/* its subject may stand beside it: confirm.de.html.subject */
		if (read_file(req, format(req, "%s.subject", path), 1000, &line, &why) == 0)
			wanted.subject = text_string(req, text_trim(text_before(line, '\n'), "\r "));
		return wanted;
	}
	return wanted;
}

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

/* Both from source, which is given too; false with the failure logged. */
static bool load(struct request *req, const struct wanted *wanted, struct template **subject, struct template **body, struct text *source)
{
	const char *why;

	*subject = template_parse(req, text_of(wanted->subject), TEMPLATE_HTML, &why);
	if (!*subject) {
		complain(req, wanted, "templatemailer_template_subject_parse_error", why);
		return false;
	}
	if (read_source(req, wanted, source, &why) < 0) {
		complain(req, wanted, "templatemailer_template_body_http_error", why);
		return false;
	}
	*body = template_parse(req, *source, TEMPLATE_HTML, &why);
	if (!*body)
		complain(req, wanted, "templatemailer_template_body_parse_error", why);
	return *body != NULL;
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

	if (load(req, wanted, &subject, &body, &source))
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
	if (load(req, wanted, &subject, &body, &source)) {
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
	struct wanted wanted = choose(req, kind, user);
	const struct kept *pair = wanted.path ? NULL : get_shared(req, &wanted);

	shelf_used(true);
	if (!pair)
		pair = get_own(req, &wanted);
	if (template_execute(req, pair->subject, variables, &rendered->subject, why) < 0)
		return -1;
	return template_execute(req, pair->body, variables, &rendered->html, why);
}

int mail_template_check(struct request *req, enum mail_kind kind, struct json_object *variables)
{
	struct wanted wanted = choose(req, kind, NULL);
	struct template *subject, *body;
	struct text source, out;
	const char *why;

	if (!load(req, &wanted, &subject, &body, &source))
		return -1;
	if (template_execute(req, subject, variables, &out, &why) == 0 && template_execute(req, body, variables, &out, &why) == 0)
		return 0;
	complain(req, &wanted, "templatemailer_template_execute_error", why);
	return -1;
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
	struct wanted wanted = choose(req, kind, NULL);
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
