/* try.c: what an operator may try: a test mail with its conversation, a look at a mail, a check of all templates. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/json.h"

#define PATIENCE (30 * SECOND)

/* ---- a test mail ---- */

static void print_line(void *arg, char who, struct text line)
{
	(void)arg;
	printf("  %c %.*s\n", who, (int)line.len, line.data);
}

static void print_outcome(TALLOC_CTX *mem, const struct letter *letter, const struct outcome *outcome)
{
	if (outcome->fate == FATE_SENT)
		printf("sent: %s\nits Message-ID begins with %s\n", outcome->answer, uuid_string(mem, &letter->id));
	else
		printf("%s: %s: %s\n  which means: %s\n",
		       outcome->fate == FATE_REFUSED  ? "refused for good"
		       : outcome->fate == FATE_UNSURE ? "unsure"
						      : "not taken for now",
		       stage_name(outcome->stage), outcome->answer, answer_meaning(outcome->stage, outcome->code, outcome->answer));
}

static int try_relays(struct request *req, const struct relays *relays, const struct letter *letter, int number)
{
	struct courier courier = {.settings = req->settings, .overhear = print_line};
	struct outcome outcome = {0};

	for (size_t i = 0; i < relays->count; i++) {
		if (number && (size_t)number != relays->items[i].number)
			continue;
		printf("relay %zu, %s\n", relays->items[i].number, relays->items[i].name);
		courier.until = monotonic_now() + PATIENCE;
		courier_carry(&courier, &relays->items[i], letter, 1, &outcome);
		print_outcome(req, letter, &outcome);
		if (outcome.fate != FATE_PASSING)
			break;
	}
	return outcome.fate == FATE_SENT ? 0 : 1;
}

int mail_try(struct request *req, struct text address, int relay)
{
	struct rendered rendered = {.subject = TEXT("A test mail of Latchkey"),
				    .html = TEXT("<h2>A test mail of Latchkey</h2><p>It came through the relays that your users' mails take.</p>")};
	struct relays relays;
	struct letter letter;
	const char *why;

	relays_read(req, req->settings, &relays);
	if (relays.count == 0 || (relay && (size_t)relay > relays.count)) {
		fprintf(stderr, relays.count ? "there is no relay %d\n" : "there is no relay: set GOTRUE_SMTP_HOST or LATCHKEY_SMTP_RELAYS\n", relay);
		return 1;
	}
	if (message_compose(req, "test", address, &rendered, &letter, &why) < 0) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	return try_relays(req, &relays, &letter, relay);
}

/* ---- a look ---- */

static bool find_kind(struct text type, enum mail_kind *kind)
{
	for (size_t i = 0; i < SETTINGS_MAIL_KINDS; i++)
		if (text_equal_nocase(type, text_of(mail_types[i].key)) || text_is(type, mail_types[i].action)) {
			*kind = (enum mail_kind)i;
			return true;
		}
	fprintf(stderr, "\"%.*s\" is no kind of mail. There are:\n", (int)type.len, type.data);
	for (size_t i = 0; i < SETTINGS_MAIL_KINDS; i++)
		fprintf(stderr, "  %s\n", mail_types[i].key);
	return false;
}

int mail_preview(struct request *req, struct text type, struct text locale)
{
	struct user user = {0};
	struct rendered rendered;
	enum mail_kind kind;
	const char *why;

	if (!find_kind(type, &kind))
		return 1;
	user.user_metadata = json_hold(req, must(json_object_new_object()));
	if (locale.len)
		json_object_object_add(user.user_metadata, "locale", json_object_new_string_len(locale.data, (int)locale.len));
	if (mail_render(req, kind, template_samples(req, kind), &user, &rendered, &why) < 0) {
		fprintf(stderr, "the template fails: %s\n", why);
		return 1;
	}
	printf("Subject: %.*s\n\n%.*s\n\n-- as text --\n", (int)rendered.subject.len, rendered.subject.data, (int)rendered.html.len,
	       rendered.html.data);
	fputs(plain_from_html(req, rendered.html).data, stdout);
	return 0;
}

/* ---- a check ---- */

static int check_relays(struct request *req)
{
	struct relays relays;
	struct text address;

	relays_read(req, req->settings, &relays);
	for (size_t i = 0; i < relays.count; i++)
		printf("relay %zu: %s%s\n", relays.items[i].number, relays.items[i].name, relays.items[i].user ? ", signs in" : "");
	if (relays.count == 0)
		puts("no relay: no mail leaves");
	if (relays.count == 0 || header_address(req, text_of(req->settings->smtp.admin_email), &address))
		return 0;
	puts("GOTRUE_SMTP_ADMIN_EMAIL is no mail address: no mail can leave");
	return 1;
}

int mail_check(struct request *req)
{
	int status = check_relays(req);

	for (size_t i = 0; i < SETTINGS_MAIL_KINDS; i++) {
		bool good = mail_template_check(req, (enum mail_kind)i) == 0;

		printf("%s: %s\n", mail_types[i].key, good ? "good" : "broken, see above");
		status = good ? status : 1;
	}
	return status;
}
