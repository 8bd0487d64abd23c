/* mail_relay.c: URLs of relays, what their answers mean, what is passing and what is not; reports of mails that came back. */
#include "tests/unit/test.h"

#include "cgi-src/mail/delivery.h"
#include "latchkey/crypto.h"

static TALLOC_CTX *mem;
static struct relay relay;

static int setup(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static bool parse(const char *url)
{
	const char *why = NULL;

	if (relay_parse(mem, text_of(url), &relay, &why) == 0)
		return true;
	assert_non_null(why);
	assert_null(strstr(why, "secret"));
	return false;
}

/* ---- URLs ---- */

static void a_relay_with_all_it_can_have(void **state)
{
	(void)state;
	assert_true(parse("smtp://us%40er:p%3A%2Fss@mail.example.com:2525?tls=required&cafile=/etc/ca%20s.pem"));
	assert_int_equal(relay.scheme, RELAY_SMTP);
	assert_int_equal(relay.tls, RELAY_TLS_REQUIRED);
	assert_string_equal(relay.host, "mail.example.com");
	assert_string_equal(relay.port, "2525");
	assert_string_equal(relay.user, "us@er");
	assert_string_equal(relay.pass, "p:/ss");
	assert_string_equal(relay.ca_file, "/etc/ca s.pem");
	assert_string_equal(relay.name, "smtp://mail.example.com:2525");
}

static void what_is_not_said_is_the_usual(void **state)
{
	(void)state;
	assert_true(parse("smtp://mail.example.com"));
	assert_string_equal(relay.port, "587");
	assert_int_equal(relay.tls, RELAY_TLS_OFFERED);
	assert_null(relay.user);
	assert_true(parse("smtps://mail.example.com"));
	assert_string_equal(relay.port, "465");
	assert_int_equal(relay.tls, RELAY_TLS_REQUIRED);
	assert_true(parse("smtp://[::1]:25?tls=none"));
	assert_string_equal(relay.host, "::1");
	assert_string_equal(relay.name, "smtp://[::1]:25");
	assert_true(relay_is_local(&relay));
	assert_true(parse("sendmail:///usr/sbin/sendmail"));
	assert_string_equal(relay.program, "/usr/sbin/sendmail");
	assert_true(parse("smtp://h?pin=sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE="));
	assert_string_equal(relay.pin, "YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=");
}

static void what_is_no_relay_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"mail.example.com:25",
		"http://mail.example.com",
		"smtp:mail.example.com",
		"smtp://",
		"smtp://user:secret@",
		"smtp://user:secret@host/path",
		"smtp://user:secret@host:x",
		"smtp://user:secret@ho st",
		"smtp://user:secret@-oQ",
		"smtp://user:secret%zz@host",
		"smtp://user:secret%00@host",
		"smtp://host?tls=maybe",
		"smtps://host?tls=none",
		"smtp://host?cafile=relative",
		"smtp://host?pin=short",
		"smtp://host?tls=none&pin=sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=",
		"smtp://host?colour=red",
		"sendmail://host/usr/sbin/sendmail",
		"sendmail:relative",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static struct relays of_settings(struct settings *settings, const char *host, int64_t port, struct text *list, size_t count)
{
	struct relays relays;

	*settings = (struct settings){0};
	settings->smtp.host = host;
	settings->smtp.port = port;
	settings->smtp.user = "";
	settings->latchkey.smtp_relays = (struct text_list){list, count, count > 0};
	relays_read(mem, settings, &relays);
	return relays;
}

static void the_list_or_else_gotrues_relay(void **state)
{
	struct text list[] = {TEXT("smtp://one"), TEXT("smtps://two")};
	struct settings settings;
	struct relays relays;

	(void)state;
	assert_int_equal(of_settings(&settings, "", 587, NULL, 0).count, 0);
	relays = of_settings(&settings, "gotrue.example", 587, list, 2);
	assert_int_equal(relays.count, 2);
	assert_string_equal(relays.items[1].host, "two");
	assert_int_equal(relays.items[1].number, 2);
	relays = of_settings(&settings, "gotrue.example", 25, NULL, 0);
	assert_int_equal(relays.count, 1);
	assert_int_equal(relays.items[0].scheme, RELAY_SMTP);
	assert_int_equal(relays.items[0].tls, RELAY_TLS_OFFERED);
	/* 465 is TLS from the start */
	relays = of_settings(&settings, "gotrue.example", 465, NULL, 0);
	assert_int_equal(relays.items[0].scheme, RELAY_SMTPS);
}

/* ---- passing or not (chapter 12, row 06 section 7.1) ---- */

static void what_passes_and_what_does_not(void **state)
{
	static const struct {
		enum stage stage;
		int code;
		enum fate fate;
		bool relay_fault;
	} cases[] = {
		{STAGE_CONNECT, 0, FATE_PASSING, true},	    {STAGE_GREETING, 554, FATE_PASSING, true},	 {STAGE_HELLO, 550, FATE_PASSING, true},
		{STAGE_TLS, 454, FATE_PASSING, true},	    {STAGE_LOGIN, 535, FATE_PASSING, true},	 {STAGE_SENDER, 550, FATE_PASSING, true},
		{STAGE_SENDER, 451, FATE_PASSING, true},    {STAGE_RECIPIENT, 550, FATE_REFUSED, false}, {STAGE_RECIPIENT, 450, FATE_PASSING, false},
		{STAGE_RECIPIENT, 421, FATE_PASSING, true}, {STAGE_RECIPIENT, 0, FATE_PASSING, true},	 {STAGE_DATA, 554, FATE_REFUSED, false},
		{STAGE_FINAL, 554, FATE_REFUSED, false},    {STAGE_FINAL, 452, FATE_PASSING, false},	 {STAGE_FINAL, 0, FATE_UNSURE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome outcome = classify(cases[i].stage, cases[i].code, "x");

		if (outcome.fate != cases[i].fate || outcome.relay_fault != cases[i].relay_fault)
			fail_msg("case %zu: %d %d", i, outcome.fate, outcome.relay_fault);
	}
}

static void answers_are_told_in_plain_words(void **state)
{
	(void)state;
	assert_non_null(strstr(answer_meaning(STAGE_RECIPIENT, 550, "550 5.1.1 unknown"), "no such mailbox"));
	assert_non_null(strstr(answer_meaning(STAGE_RECIPIENT, 550, "550-5.7.1 no"), "by its rules"));
	assert_non_null(strstr(answer_meaning(STAGE_FINAL, 550, "550 5.7.26 unauthenticated"), "SPF"));
	assert_non_null(strstr(answer_meaning(STAGE_RECIPIENT, 452, "452 4.2.2 full"), "full"));
	assert_non_null(strstr(answer_meaning(STAGE_LOGIN, 535, "535 Authentication failed"), "password"));
	assert_non_null(strstr(answer_meaning(STAGE_FINAL, 554, "554 5.6.9 odd"), "form"));
	assert_non_null(strstr(answer_meaning(STAGE_FINAL, 599, "599 what"), "for good"));
	assert_non_null(strstr(answer_meaning(STAGE_FINAL, 499, "499 what"), "for now"));
	assert_non_null(strstr(answer_meaning(STAGE_CONNECT, 0, "Connection refused"), "cannot be reached"));
	/* a version is no status code */
	assert_non_null(strstr(answer_meaning(STAGE_RECIPIENT, 550, "550 v5.1.1"), "no such mailbox, or"));
}

static void no_address_of_an_answer_reaches_the_log(void **state)
{
	(void)state;
	assert_string_equal(without_addresses(mem, TEXT("550 5.1.1 <ann@example.com>: no ann@example.com here")).data,
			    "550 5.1.1 <(address)>: no (address) here");
	assert_string_equal(without_addresses(mem, TEXT("250 ok")).data, "250 ok");
	assert_string_equal(without_addresses(mem, TEXT("550 supprim\xe9")).data, "550 supprim\xef\xbf\xbd"); /* it goes into the database */
}

static void an_answer_is_one_line_and_fits(void **state)
{
	char endless[2000];
	struct outcome outcome;

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	endless[3] = '\n';
	outcome = outcome_of(FATE_PASSING, STAGE_HELLO, 0, true, endless);
	assert_int_equal(strlen(outcome.answer), sizeof(outcome.answer) - 1);
	assert_null(strchr(outcome.answer, '\n'));
}

/* ---- reports (RFC 3464 section 2) ---- */

static const char report[] = "From: mailer-daemon@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
			     "Message-ID: <11111111-1111-4111-8111-111111111111@mx.example>\r\n\r\n"
			     "--b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n"
			     "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
			     "Reporting-MTA: dns; mx.example\r\n\r\n"
			     "Original-Recipient: rfc822;Ann@example.com\r\nFinal-Recipient: rfc822; ann@example.net\r\nAction: failed\r\n"
			     "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n <ann@example.net>: unknown\r\n\r\n"
			     "Final-Recipient: rfc822; bob@example.com\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n"
			     "Final-Recipient: rfc822; cy@example.com\r\nAction: failed\r\nStatus: 4.4.7\r\n\r\n"
			     "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
			     "Message-ID: <5ecadbc9-ea17-406a-8586-e34d13276e7c@example.org>\r\nSubject: x\r\n\r\n--b--\r\n";

static void a_report_names_who_gets_no_more_and_which_mail(void **state)
{
	struct text_list failed;
	const char *reason;
	struct uuid mail;

	(void)state;
	assert_int_equal(bounce_parse(mem, text_of(report), &failed, &reason, &mail), 0);
	assert_int_equal(failed.count, 1);
	assert_string_equal(failed.items[0].data, "Ann@example.com");
	assert_string_equal(reason, "5.1.1 550 5.1.1 <(address)>: unknown");
	assert_string_equal(uuid_string(mem, &mail), "5ecadbc9-ea17-406a-8586-e34d13276e7c");
}

static void what_is_no_report_changes_nothing(void **state)
{
	struct text_list failed;
	const char *reason;
	struct uuid mail;

	(void)state;
	assert_int_equal(bounce_parse(mem, TEXT("Subject: hi\r\n\r\nFinal-Recipient: rfc822; ann@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
				      &failed, &reason, &mail),
			 -1);
	assert_int_equal(bounce_parse(mem, TEXT(""), &failed, &reason, &mail), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_relay_with_all_it_can_have),
		CASE(what_is_not_said_is_the_usual),
		CASE(what_is_no_relay_is_refused),
		CASE(the_list_or_else_gotrues_relay),
		CASE(what_passes_and_what_does_not),
		CASE(answers_are_told_in_plain_words),
		CASE(no_address_of_an_answer_reaches_the_log),
		CASE(an_answer_is_one_line_and_fits),
		CASE(a_report_names_who_gets_no_more_and_which_mail),
		CASE(what_is_no_report_changes_nothing),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
