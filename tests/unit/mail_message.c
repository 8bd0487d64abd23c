/* mail_message.c: what leaves: encodings, folding, the text part, and that no value makes a header (contract 06 section 10.4; RFC 2045, 2047, 5322). */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/crypto.h"

static TALLOC_CTX *mem;

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

static const char *line(const char *name, const char *value)
{
	struct buffer *out = buffer_new(mem, 64);

	header_put(mem, out, name, text_of(value));
	return out->data;
}

static const char *quoted(const char *body)
{
	struct buffer *out = buffer_new(mem, 64);

	quoted_printable(out, text_of(body));
	return out->data;
}

static const char *plain(const char *html)
{
	return plain_from_html(mem, text_of(html)).data;
}

static const char *mailbox(const char *name)
{
	return header_mailbox(mem, text_of(name), TEXT("a@b.example")).data;
}

/* ---- header values ---- */

static void ascii_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(line("Subject", "Confirm = your_address?"), "Subject: Confirm = your_address?\r\n");
	assert_string_equal(line("X-Empty", ""), "X-Empty: \r\n");
	assert_string_equal(line("X-Tab", "a\tb"), "X-Tab: a\tb\r\n");
}

static void other_bytes_become_encoded_words(void **state)
{
	(void)state;
	assert_string_equal(line("Subject", "Grüße für dich"), "Subject: =?UTF-8?q?Gr=C3=BC=C3=9Fe_f=C3=BCr_dich?=\r\n");
	assert_string_equal(line("Subject", "é=?_"), "Subject: =?UTF-8?q?=C3=A9=3D=3F=5F?=\r\n");
	assert_string_equal(line("Subject", "\xff"), "Subject: =?UTF-8?q?=EF=BF=BD?=\r\n");
}

static void no_value_makes_a_line_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(line("Subject", "Hi\r\nBcc: x@evil.example"), "Subject: =?UTF-8?q?Hi=0D=0ABcc:_x@evil.example?=\r\n");
	assert_string_equal(line("Subject", "a\nb"), "Subject: =?UTF-8?q?a=0Ab?=\r\n");
	assert_false(header_name_valid(TEXT("X\r\nBcc")));
	assert_false(header_name_valid(TEXT("X Y")));
	assert_false(header_name_valid(TEXT("X:")));
	assert_false(header_name_valid(TEXT("")));
	assert_false(header_name_valid(TEXT("Xü")));
	assert_true(header_name_valid(TEXT("X-Kind")));
}

/* RFC 2047 section 2: at most 75 characters a word, none cut within a character. */
static void encoded_words_are_short_and_whole(void **state)
{
	const char *out = line("Subject", "ääääääääääääääääääääääääääääääääääääääääääääääääääääää");

	(void)state;
	for (const char *at = strstr(out, "=?UTF-8?q?"); at; at = strstr(at, "=?UTF-8?q?")) {
		const char *end = strstr(at + 10, "?=");

		assert_non_null(end);
		assert_true(end + 2 - at <= 75);
		assert_int_equal((end - at - 10) % 6, 0); /* whole ä */
		at = end;
	}
}

/* No line beyond 998 (RFC 5322 section 2.1.1); short ones where there are blanks. */
static void long_values_are_folded_at_blanks(void **state)
{
	char words[1000] = "", endless[3000];
	const char *out;

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(words, "fourteen-bytes ");
	words[strlen(words) - 1] = '\0';
	out = line("X-Long", words);
	for (const char *at = out, *end; *at; at = end + 2) {
		end = strstr(at, "\r\n");
		assert_true(end - at <= 78);
		assert_true(at == out || *at == ' ');
	}
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	out = line("X-Endless", endless);
	for (const char *at = out, *end; *at; at = end + 2) {
		end = strstr(at, "\r\n");
		assert_true(end - at <= 998);
	}
}

/* ---- From ---- */

static void a_senders_name_stands_in_quotes_or_words(void **state)
{
	(void)state;
	assert_string_equal(mailbox(""), "a@b.example");
	assert_string_equal(mailbox("Example"), "\"Example\" <a@b.example>");
	assert_string_equal(mailbox("Ex \"A\" \\ample"), "\"Ex \\\"A\\\" \\\\ample\" <a@b.example>");
	assert_string_equal(mailbox("Jörg"), "=?UTF-8?q?J=C3=B6rg?= <a@b.example>");
	/* with a special character in base64: "Jörg, Shop" */
	assert_string_equal(mailbox("Jörg, Shop"), "=?UTF-8?b?SsO2cmcsIFNob3A=?= <a@b.example>");
}

/* ---- addresses ---- */

static bool address(const char *value, const char *wanted)
{
	struct text found;

	if (!header_address(mem, text_of(value), &found))
		return false;
	assert_string_equal(found.data, wanted);
	return true;
}

static void the_envelope_takes_an_address_and_nothing_else(void **state)
{
	char longest[340];

	(void)state;
	assert_true(address("ann@example.com", "ann@example.com"));
	assert_true(address("Ann <ann@example.com>", "ann@example.com"));
	assert_true(address("\"A <b@c>\" <ann@example.com>", "ann@example.com"));
	assert_true(address("\"a b\"@example.com", "\"a b\"@example.com"));
	assert_true(address("ü@exämple.org", "ü@exämple.org"));
	assert_false(address("ann", ""));
	assert_false(address("@example.com", ""));
	assert_false(address("ann@", ""));
	assert_false(address("ann@example.com>\r\nRCPT TO:<eve@example.com", ""));
	assert_false(address("ann@example.com\r\nDATA", ""));
	assert_false(address("ann@exa mple.com", ""));
	assert_false(address("ann<b@example.com", ""));
	assert_false(address("ann@example.com\xff", ""));
	assert_false(address("\"a\"\r\n\"@example.com", ""));
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 321 - 12, "@example.com");
	assert_false(address(longest, ""));
	assert_true(address(longest + 1, longest + 1));
}

/* ---- bodies ---- */

static void quoted_printable_as_the_rfc_has_it(void **state)
{
	(void)state;
	assert_string_equal(quoted("a=b"), "a=3Db\r\n");
	assert_string_equal(quoted("ü"), "=C3=BC\r\n");
	assert_string_equal(quoted("one\ntwo\r\nthree\rfour"), "one\r\ntwo\r\nthree\r\nfour\r\n");
	/* blanks at the end of a line */
	assert_string_equal(quoted("a \nb\t\nc d"), "a=20\r\nb=09\r\nc d\r\n");
	assert_string_equal(quoted(""), "");
}

static void quoted_lines_have_76_characters_at_most(void **state)
{
	char body[4000];
	const char *out;

	(void)state;
	for (size_t i = 0; i < sizeof(body) - 1; i++)
		body[i] = "abc =ü"[i % 7];
	body[sizeof(body) - 1] = '\0';
	out = quoted(body);
	for (const char *at = out, *end; *at; at = end + 2) {
		end = strstr(at, "\r\n");
		assert_non_null(end);
		assert_true(end - at <= 76);
	}
}

static void html_reads_as_text(void **state)
{
	(void)state;
	assert_string_equal(plain("<h2>Hello</h2><p>One  two\nthree.</p><p>Four<br>five</p>"), "Hello\n\nOne two three.\n\nFour\nfive\n");
	assert_string_equal(plain("<p><a href=\"https://x.example/?a=1&amp;b=2\">Go</a></p>"), "Go:\nhttps://x.example/?a=1&b=2\n");
	assert_string_equal(plain("<a href='https://x.example'>https://x.example</a>"), "https://x.example\n");
	assert_string_equal(plain("<ul><li>a</li><li>b</li></ul>"), "- a\n- b\n");
	assert_string_equal(plain("<style>p{}</style><script>x<y</script>a<!-- b -->c"), "ac\n");
	assert_string_equal(plain("1 &lt; 2 &#38; &#x41; &uuml; &nosuch;"), "1 < 2 & A &uuml; &nosuch;\n");
	assert_string_equal(plain("a < b and <"), "a < b and <\n");
	assert_string_equal(plain("<p title=\"a>b\">c</p>"), "c\n");
	assert_string_equal(plain("<p"), "\n");
}

/* ---- the whole ---- */

static struct settings settings;

static struct request *request(const char *headers)
{
	struct request *req = request_new(mem, &settings);

	settings = (struct settings){0};
	settings.smtp.admin_email = "auth@example.org";
	settings.smtp.sender_name = "Example";
	settings.smtp.headers = headers;
	return req;
}

static struct letter compose(const char *headers, const char *to, const char *subject, const char *html)
{
	struct rendered rendered = {.subject = text_of(subject), .html = text_of(html)};
	struct letter letter;
	const char *why = NULL;

	if (message_compose(request(headers), "recovery", text_of(to), &rendered, &letter, &why) < 0)
		letter = (struct letter){.sender = why};
	return letter;
}

static bool has(const struct letter *letter, const char *piece)
{
	return strstr(letter->wire.data, piece) != NULL;
}

static void a_message_has_its_headers_and_both_parts(void **state)
{
	struct letter letter = compose("", "ann@example.com", "Hello", "<p>Hi</p>");
	char id[UUID_TEXT_LEN + 1];

	(void)state;
	uuid_format(&letter.id, id);
	assert_true(has(&letter, "\r\nFrom: \"Example\" <auth@example.org>\r\nTo: ann@example.com\r\nSubject: Hello\r\n"));
	assert_true(has(&letter, format(mem, "\r\nMessage-ID: <%s@example.org>\r\n", id)));
	assert_true(has(&letter, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_true(has(&letter, "\r\nMime-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"=_"));
	assert_true(strstr(letter.wire.data, "text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHi\r\n") <
		    strstr(letter.wire.data, "text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Hi</p>\r\n"));
	assert_string_equal(letter.sender, "auth@example.org");
	assert_int_equal(letter.recipients.count, 1);
	/* no bare line end */
	for (size_t i = 0; i < letter.wire.len; i++)
		assert_true(letter.wire.data[i] != '\n' || (i && letter.wire.data[i - 1] == '\r'));
}

static void the_operators_headers(void **state)
{
	struct letter letter = compose("{\"X-Kind\":[\"a-$messageType\",\"$messageType/$messageType\"],\"X-Empty\":[\"\"],\"\":[\"x\"],"
				       "\"Bcc\":[\"audit@corp.io\"],\"Cc\":[\"C <c@corp.io>\"],\"Sender\":[\"S <bounces@corp.io>\"]}",
				       "ann@example.com", "Hello", "x");

	(void)state;
	assert_true(has(&letter, "\r\nX-Kind: a-recovery, recovery/recovery\r\n"));
	assert_true(has(&letter, "\r\nX-Empty: \r\n"));
	assert_true(has(&letter, "\r\nCc: C <c@corp.io>\r\n"));
	assert_false(has(&letter, "audit@corp.io"));
	assert_string_equal(letter.sender, "bounces@corp.io");
	assert_int_equal(letter.recipients.count, 3);
	assert_string_equal(letter.recipients.items[1].data, "c@corp.io");
	assert_string_equal(letter.recipients.items[2].data, "audit@corp.io");
	assert_true(has(&letter, "@corp.io>\r\n")); /* the Message-ID is on the sender's domain */
}

static void from_to_and_subject_can_be_replaced(void **state)
{
	struct letter letter = compose("{\"From\":[\"Other <o@corp.io>\"],\"To\":[\"all@corp.io\"],\"Subject\":[\"$messageType\"]}",
				       "ann@example.com", "Hello", "x");

	(void)state;
	assert_true(has(&letter, "\r\nFrom: Other <o@corp.io>\r\nTo: all@corp.io\r\nSubject: recovery\r\n"));
	assert_false(has(&letter, "Hello"));
	assert_string_equal(letter.sender, "o@corp.io");
	assert_int_equal(letter.recipients.count, 1);
	assert_string_equal(letter.recipients.items[0].data, "all@corp.io");
}

static void operators_headers_inject_nothing(void **state)
{
	struct letter letter = compose("{\"X-A\\r\\nBcc\":[\"x\"],\"X-B\":[\"1\\r\\nBcc: eve@evil.example\"],\"Content-Type\":[\"text/html\"]}",
				       "ann@example.com", "S\r\nX-C: y", "x");

	(void)state;
	assert_false(has(&letter, "\nBcc"));
	assert_false(has(&letter, "\nX-C"));
	assert_null(strstr(strstr(letter.wire.data, "multipart") + 9, "multipart"));
	assert_false(has(&letter, "Content-Type: text/html\r\n"));
}

static void what_is_no_address_is_not_sent(void **state)
{
	(void)state;
	assert_null(compose("", "ann@example.com\r\nRCPT TO:<eve@example.com>", "x", "x").wire.data);
	assert_null(compose("", "", "x", "x").wire.data);
	assert_null(compose("{\"To\":[\"\"]}", "ann@example.com", "x", "x").wire.data);
	assert_null(compose("{\"Sender\":[\"nobody\"]}", "ann@example.com", "x", "x").wire.data);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ascii_stays_as_it_is),
		CASE(other_bytes_become_encoded_words),
		CASE(no_value_makes_a_line_of_its_own),
		CASE(encoded_words_are_short_and_whole),
		CASE(long_values_are_folded_at_blanks),
		CASE(a_senders_name_stands_in_quotes_or_words),
		CASE(the_envelope_takes_an_address_and_nothing_else),
		CASE(quoted_printable_as_the_rfc_has_it),
		CASE(quoted_lines_have_76_characters_at_most),
		CASE(html_reads_as_text),
		CASE(a_message_has_its_headers_and_both_parts),
		CASE(the_operators_headers),
		CASE(from_to_and_subject_can_be_replaced),
		CASE(operators_headers_inject_nothing),
		CASE(what_is_no_address_is_not_sent),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
