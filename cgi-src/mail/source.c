/* source.c: where the templates of a mail come from: built in, an address, a file, and which language (contract 06 section 9.1). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-src/mail/source.h"
#include "latchkey/http.h"
#include "latchkey/outbound.h"

#define LOCALES_MAX 8

/* ---- where a template comes from ---- */

void template_complain(struct request *req, const struct wanted *wanted, const char *event, const char *why)
{
	const char *msg = format(req, "templatemailer: template type \"%s\"%s%s: %s", mail_types[wanted->kind].key, wanted->locale[0] ? " in " : "",
				 wanted->locale, why);

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

/* Its subject may stand beside it: confirm.de.html.subject. */
static void take_variant(struct request *req, struct wanted *wanted, const char *locale, const char *path)
{
	struct text line;
	const char *why;

	wanted->locale = locale;
	wanted->path = path;
	if (read_file(req, format(req, "%s.subject", path), 1000, &line, &why) == 0)
		wanted->subject = text_string(req, text_trim(text_before(line, '\n'), "\r "));
}

struct wanted template_wanted(struct request *req, enum mail_kind kind, const struct user *user)
{
	const char *subject = req->settings->mailer.subjects[kind], *source = req->settings->mailer.templates[kind];
	struct wanted wanted = {kind, "", subject && *subject ? subject : mail_types[kind].subject, source ? source : "", NULL};
	const char *locales[LOCALES_MAX];
	size_t count;

	if (!text_starts(text_of(wanted.source), "file:"))
		return wanted;
	wanted.path = wanted.source + (text_starts(text_of(wanted.source), "file://") ? 7 : 5);
	count = find_locales(req, user, locales);
	for (size_t i = 0; i < count; i++) {
		const char *path = localised(req, wanted.path, locales[i]);

		if (access(path, R_OK) != 0)
			continue;
		take_variant(req, &wanted, locales[i], path);
		return wanted;
	}
	return wanted;
}

/* The locale of a file's name, where it is that of the plain file with one in it; NULL: it is another file. */
static const char *locale_of(struct request *req, struct text plain, const char *name)
{
	const char *dot = memrchr(plain.data, '.', plain.len);
	size_t stem = dot ? (size_t)(dot - plain.data) : plain.len, tail = plain.len - stem, len = strlen(name);
	struct text locale;

	if (len < plain.len + 3 || memcmp(name, plain.data, stem) != 0 || name[stem] != '.' ||
	    memcmp(name + len - tail, plain.data + stem, tail) != 0)
		return NULL;
	locale = (struct text){name + stem + 1, len - tail - stem - 1};
	return fits_locale(locale) ? text_string(req, locale) : NULL;
}

size_t template_variants(struct request *req, const struct wanted *plain, struct wanted *variants, size_t max)
{
	const char *slash = plain->path ? strrchr(plain->path, '/') : NULL;
	const char *folder = slash ? format(req, "%.*s", (int)(slash - plain->path + 1), plain->path) : "./";
	DIR *entries = plain->path ? opendir(folder) : NULL;
	struct dirent *entry;
	size_t count = 0;

	while (entries && count < max && (entry = readdir(entries))) {
		const char *locale = locale_of(req, text_of(slash ? slash + 1 : plain->path), entry->d_name);

		if (!locale)
			continue;
		variants[count] = *plain;
		take_variant(req, &variants[count++], locale, format(req, "%s%s", slash ? folder : "", entry->d_name));
	}
	if (entries)
		closedir(entries);
	return count;
}

bool template_load(struct request *req, const struct wanted *wanted, struct template **subject, struct template **body, struct text *source)
{
	const char *why;

	*subject = template_parse(req, text_of(wanted->subject), TEMPLATE_HTML, &why);
	if (!*subject) {
		template_complain(req, wanted, "templatemailer_template_subject_parse_error", why);
		return false;
	}
	if (read_source(req, wanted, source, &why) < 0) {
		template_complain(req, wanted, "templatemailer_template_body_http_error", why);
		return false;
	}
	*body = template_parse(req, *source, TEMPLATE_HTML, &why);
	if (!*body)
		template_complain(req, wanted, "templatemailer_template_body_parse_error", why);
	return *body != NULL;
}
