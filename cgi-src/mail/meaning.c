/* meaning.c: what a relay's answer means, and what to do about it (RFC 3463, RFC 5321 section 4.2.3, RFC 5248). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/mail/delivery.h"

struct meaning {
	const char *code;
	const char *words;
};

/* The second and third number of an enhanced status code; a subject alone where nothing is known of the detail. */
static const struct meaning enhanced[] = {
	{"1.1", "there is no such mailbox: the address is mistyped or was closed"},
	{"1.2", "the address's domain does not exist or takes no mail"},
	{"1.3", "the relay cannot read the address"},
	{"1.6", "the mailbox has moved and takes no mail any more"},
	{"1.7", "the relay does not accept the sender's address: see GOTRUE_SMTP_ADMIN_EMAIL"},
	{"1.8", "the sender's domain does not exist in the DNS: see GOTRUE_SMTP_ADMIN_EMAIL"},
	{"1.10", "the recipient's domain says that it takes no mail"},
	{"1", "the relay does not accept an address"},
	{"2.0", "the mailbox takes no mail now"},
	{"2.1", "the mailbox is switched off"},
	{"2.2", "the mailbox is full"},
	{"2.3", "the message is too large for the mailbox: make the template smaller"},
	{"2", "the mailbox takes no mail"},
	{"3.1", "the relay's disk is full"},
	{"3.2", "the relay takes no mail now"},
	{"3.4", "the message is too large for the relay: make the template smaller"},
	{"3", "the relay's mail system is in trouble"},
	{"4.1", "the next host does not answer the relay"},
	{"4.2", "the relay's connection broke"},
	{"4.4", "the relay cannot find the way to the recipient's domain"},
	{"4.5", "the relay is overloaded"},
	{"4.7", "the relay could not deliver in time"},
	{"4", "the relay's network is in trouble"},
	{"5.1", "the relay does not know a command: is it a mail server?"},
	{"5.3", "there are too many recipients"},
	{"5", "the relay and we do not understand each other"},
	{"6", "the relay cannot handle the message's form"},
	{"7.0", "the relay asks for a sign-in, or refuses for its own reasons"},
	{"7.1", "the relay refuses by its rules: the sender may not send to this recipient, or from this host"},
	{"7.8", "user name or password is wrong"},
	{"7.9", "the relay does not allow this way to sign in"},
	{"7.11", "the relay wants TLS before a sign-in: use tls=required"},
	{"7.20", "the message has no valid DKIM signature: see the relay's settings for the sender's domain"},
	{"7.23", "SPF does not allow this host for the sender's domain: add the relay to its SPF record"},
	{"7.24", "SPF of the sender's domain could not be checked: mend its record"},
	{"7.25", "the sending host has no reverse DNS name"},
	{"7.26", "neither SPF nor DKIM of the sender's domain passes: see its DNS records"},
	{"7.27", "the sender's domain takes no mail itself"},
	{"7.28", "the relay sees a flood from this sender"},
	{"7", "the relay refuses by its rules"},
};

static const struct meaning basic[] = {
	{"421", "the relay takes no mail now"},
	{"432", "the password has to be changed"},
	{"450", "the mailbox is busy, or the relay wants to see the mail a second time (greylisting)"},
	{"451", "the relay has an error of its own"},
	{"452", "the relay has no room"},
	{"454", "the relay cannot do TLS or check a password now"},
	{"455", "the relay cannot do what was asked now"},
	{"500", "the relay does not know a command: is it a mail server?"},
	{"501", "the relay cannot read an address"},
	{"502", "the relay does not know a command: is it a mail server?"},
	{"503", "the relay wants another order of commands, or a sign-in first"},
	{"504", "the relay does not know this way to sign in"},
	{"521", "the host takes no mail"},
	{"523", "the message is too large"},
	{"530", "the relay wants a sign-in, or TLS first: see user and tls of the relay"},
	{"534", "the relay wants a stronger way to sign in: an app password, or TLS"},
	{"535", "user name or password is wrong"},
	{"538", "the relay wants TLS before a sign-in: use tls=required"},
	{"550", "there is no such mailbox, or the relay refuses by its rules"},
	{"551", "the mailbox is elsewhere"},
	{"552", "the mailbox is full, or the message is too large"},
	{"553", "the relay does not accept an address"},
	{"554", "the relay refuses the message or the sender"},
	{"555", "the relay does not know an option"},
	{"556", "the recipient's domain takes no mail"},
};

static const struct {
	const char *name, *silent; /* what it means where no answer came */
} stages[STAGES] = {
	[STAGE_CONNECT] = {"connection", "the relay cannot be reached: is it running, are host and port right, is there a firewall?"},
	[STAGE_GREETING] = {"greeting", "something else than a mail server answers, or TLS is wanted from the start (smtps://)"},
	[STAGE_HELLO] = {"EHLO", "the relay does not go on after the greeting"},
	[STAGE_TLS] = {"STARTTLS", "TLS could not be set up: see the certificate's name and authority, cafile and pin of the relay"},
	[STAGE_LOGIN] = {"AUTH", "the sign-in did not end"},
	[STAGE_SENDER] = {"MAIL FROM", "the relay does not go on after the sender's address"},
	[STAGE_RECIPIENT] = {"RCPT TO", "the relay does not go on after the recipient's address"},
	[STAGE_DATA] = {"DATA", "the relay does not take the message"},
	[STAGE_FINAL] = {"end of DATA", "the relay has the whole message and does not say whether it keeps it"},
};

const char *stage_name(enum stage stage)
{
	return stages[stage].name;
}

static const char *look_up(const struct meaning *table, size_t count, const char *code)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].code, code) == 0)
			return table[i].words;
	return NULL;
}

/* The x.y.z after the code. */
static bool find_enhanced(const char *answer, char detail[8], char subject[4])
{
	for (const char *at = answer; *at; at++) {
		char *end;
		long second, third;

		if ((at != answer && at[-1] != ' ' && at[-1] != '-' && at[-1] != '#') || (*at != '2' && *at != '4' && *at != '5') || at[1] != '.')
			continue;
		second = strtol(at + 2, &end, 10);
		if (end == at + 2 || *end != '.' || second < 0 || second > 99)
			continue;
		third = strtol(end + 1, &end, 10);
		if (third < 0 || third > 999)
			continue;
		snprintf(detail, 8, "%ld.%ld", second, third);
		snprintf(subject, 4, "%ld", second);
		return true;
	}
	return false;
}

const char *answer_meaning(enum stage stage, int code, const char *answer)
{
	char detail[8], subject[4], plain[8];
	const char *words = NULL;

	if (code <= 0)
		return stages[stage].silent;
	if (find_enhanced(answer, detail, subject)) {
		words = look_up(enhanced, sizeof(enhanced) / sizeof(enhanced[0]), detail);
		if (!words)
			words = look_up(enhanced, sizeof(enhanced) / sizeof(enhanced[0]), subject);
	}
	snprintf(plain, sizeof(plain), "%d", code % 1000);
	if (!words)
		words = look_up(basic, sizeof(basic) / sizeof(basic[0]), plain);
	return words ? words : code >= 500 ? "the relay refuses for good" : "the relay refuses for now";
}

struct text without_addresses(TALLOC_CTX *mem, struct text answer)
{
	struct buffer *out = buffer_new(mem, answer.len + 16);
	static const char ends[] = " \t<>()[]\"',;:";

	answer = utf8_repair(mem, answer); /* it goes into the database */
	for (size_t at = 0; at < answer.len;) {
		size_t len = 0;
		bool address = false;

		while (at + len < answer.len && !(answer.data[at + len] && strchr(ends, answer.data[at + len])))
			address |= answer.data[at + len++] == '@';
		if (address)
			buffer_string(out, "(address)");
		else
			buffer_add(out, answer.data + at, len);
		at += len;
		if (at < answer.len)
			buffer_char(out, answer.data[at++]);
	}
	return buffer_as_text(out);
}

/* Chapter 12, row 06 §7.1: passing is what another time or another relay may mend. */
struct outcome classify(enum stage stage, int code, const char *answer)
{
	bool about_the_mail = stage == STAGE_RECIPIENT || stage == STAGE_DATA || stage == STAGE_FINAL;
	bool leaves = code == 0 || code == 421 || !about_the_mail;

	if (stage == STAGE_FINAL && code == 0)
		return outcome_of(FATE_UNSURE, stage, 0, false, answer);
	if (about_the_mail && code >= 500)
		return outcome_of(FATE_REFUSED, stage, code, false, answer);
	return outcome_of(FATE_PASSING, stage, code, leaves, answer);
}

struct outcome outcome_of(enum fate fate, enum stage stage, int code, bool relay_fault, const char *answer)
{
	struct outcome outcome = {.fate = fate, .stage = stage, .code = code, .relay_fault = relay_fault};
	size_t len = strlen(answer);

	if (len >= sizeof(outcome.answer))
		len = sizeof(outcome.answer) - 1;
	while (len > 0 && (unsigned char)answer[len - 1] <= ' ')
		len--;
	for (size_t i = 0; i < len; i++)
		outcome.answer[i] = (unsigned char)answer[i] < 0x20 || answer[i] == 0x7f ? ' ' : answer[i];
	return outcome;
}
