/* dialogue.c: follows a conversation with a relay: where it stands, what the relay offers and said last; secrets are not repeated. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cgi-src/mail/delivery.h"

#define LINE_MOST 1000

static const struct {
	const char *verb;
	enum stage stage;
} commands[] = {
	{"EHLO", STAGE_HELLO},	{"HELO", STAGE_HELLO},	   {"STARTTLS", STAGE_TLS}, {"AUTH", STAGE_LOGIN},
	{"MAIL", STAGE_SENDER}, {"RCPT", STAGE_RECIPIENT}, {"DATA", STAGE_DATA},    {"BDAT", STAGE_DATA},
};

struct dialogue *dialogue_new(struct talk *talk)
{
	struct dialogue *dialogue = must(talloc_zero(talk->mem, struct dialogue));

	dialogue->talk = talk;
	dialogue->heard = buffer_new(dialogue, 256);
	dialogue->said = buffer_new(dialogue, 256);
	return dialogue;
}

static void repeat(struct dialogue *dialogue, char who, struct text line)
{
	char words[LINE_MOST + 2];

	if (!dialogue->talk->overheard)
		return;
	words[0] = who;
	if (line.len > LINE_MOST)
		line.len = LINE_MOST;
	memcpy(words + 1, line.data, line.len);
	words[1 + line.len] = '\0';
	dialogue_remark(dialogue->talk, words);
}

static const struct {
	const char *name;
	enum login login;
} logins[] = {{"CRAM-MD5", LOGIN_CRAM_MD5}, {"PLAIN", LOGIN_PLAIN}, {"LOGIN", LOGIN_LOGIN}, {"NTLM", LOGIN_NTLM}};

static bool offers(const struct dialogue *dialogue, enum login login)
{
	for (size_t i = 0; i < dialogue->login_count; i++)
		if (dialogue->logins[i] == login)
			return true;
	return false;
}

static void take_logins(struct dialogue *dialogue, struct text ways)
{
	while (ways.len) {
		struct text way = text_before(ways, ' ');

		for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++)
			if (text_equal_nocase(way, text_of(logins[i].name)) && !offers(dialogue, logins[i].login) && dialogue->login_count < 8)
				dialogue->logins[dialogue->login_count++] = logins[i].login;
		ways.data += way.len;
		ways.len -= way.len;
		ways = text_trim(ways, " ");
	}
}

enum login dialogue_login(const struct dialogue *dialogue)
{
	static const enum login order[] = {LOGIN_CRAM_MD5, LOGIN_PLAIN, LOGIN_LOGIN};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (offers(dialogue, order[i]))
			return order[i];
	return LOGIN_NONE;
}

/* A line of the answer to EHLO, without its code. */
static void take_offer(struct dialogue *dialogue, struct text offer)
{
	dialogue->offers_tls = dialogue->offers_tls || (offer.len == 8 && strncasecmp(offer.data, "STARTTLS", 8) == 0);
	if (offer.len > 5 && strncasecmp(offer.data, "AUTH", 4) == 0 && strchr(" =", offer.data[4]))
		take_logins(dialogue, (struct text){offer.data + 5, offer.len - 5});
}

static void keep_answer(struct dialogue *dialogue, struct text line)
{
	size_t len = line.len < sizeof(dialogue->answer) - 1 ? line.len : sizeof(dialogue->answer) - 1;

	memcpy(dialogue->answer, line.data, len);
	dialogue->answer[len] = '\0';
	dialogue->code = atoi(dialogue->answer);
}

static void hear_line(struct dialogue *dialogue, struct text line)
{
	bool last = line.len <= 3 || line.data[3] != '-';

	line = text_trim(line, "\r\n");
	if (line.len > LINE_MOST)
		line.len = LINE_MOST;
	repeat(dialogue, '<', line);
	if (dialogue->quitting) /* the answer to QUIT says nothing about what went before */
		return;
	keep_answer(dialogue, line);
	if (dialogue->stage == STAGE_HELLO && dialogue->code == 250 && line.len > 4)
		take_offer(dialogue, (struct text){line.data + 4, line.len - 4});
	if (dialogue->stage == STAGE_HELLO && last)
		dialogue->hello_answered = true;
	if (dialogue->stage == STAGE_TLS && dialogue->code == 220)
		dialogue->in_tls = true;
	dialogue->signed_in = dialogue->signed_in || (dialogue->stage == STAGE_LOGIN && dialogue->code == 235);
	if (dialogue->stage == STAGE_LOGIN && last)
		dialogue->login_refused = dialogue->code >= 400;
	if (dialogue->stage == STAGE_CONNECT)
		dialogue->stage = STAGE_GREETING;
}

static void say_line(struct dialogue *dialogue, struct text line)
{
	bool secret = dialogue->stage == STAGE_LOGIN && dialogue->code == 334;

	line = text_trim(line, "\r\n");
	dialogue->quitting = text_equal_nocase(line, TEXT("QUIT"));
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t len = strlen(commands[i].verb);

		if (secret || line.len < len || strncasecmp(line.data, commands[i].verb, len) != 0)
			continue;
		dialogue->stage = commands[i].stage;
		talk_stage(dialogue->talk, commands[i].stage);
		if (commands[i].stage == STAGE_HELLO) {
			dialogue->offers_tls = dialogue->hello_answered = false;
			dialogue->login_count = 0;
		}
		if (commands[i].stage == STAGE_LOGIN) { /* the way may be told, what follows it is the secret */
			struct text way = text_before((struct text){line.data + len, line.len - len}, '\0');
			struct text name = text_before(text_trim(way, " "), ' ');

			repeat(dialogue, '>', text_of(format(dialogue, "AUTH %.*s …", (int)name.len, name.data)));
			return;
		}
	}
	repeat(dialogue, '>', secret ? TEXT("…") : line);
}

/* Endless lines are cut: what is beyond says nothing more. */
static void gather(struct dialogue *dialogue, struct buffer *buffer, const char *data, size_t len,
		   void (*take)(struct dialogue *dialogue, struct text line))
{
	for (size_t i = 0; i < len; i++) {
		if (buffer->len < LINE_MOST + 8)
			buffer_char(buffer, data[i]);
		if (data[i] == '\n') {
			take(dialogue, buffer_as_text(buffer));
			buffer_clear(buffer);
		}
	}
}

bool dialogue_tls_follows(const struct dialogue *dialogue)
{
	return dialogue->offers_tls && !dialogue->in_tls && dialogue->talk->relay->tls != RELAY_TLS_NONE;
}

/* A relay that has offered STARTTLS before and does not now: somebody may stand between. */
static void check_tls(struct dialogue *dialogue)
{
	struct talk *talk = dialogue->talk;

	if (dialogue->in_tls || talk->relay->scheme == RELAY_SMTPS || talk->relay->tls == RELAY_TLS_NONE)
		return;
	if (dialogue->offers_tls)
		mail_tls_seen(talk->shared, talk->relay->name);
	else if (talk->relay->tls == RELAY_TLS_REQUIRED)
		talk_give_up(talk,
			     outcome_of(FATE_PASSING, STAGE_TLS, 0, true, "the relay offers no STARTTLS, and tls=required: did somebody strip it?"));
	else if (mail_tls_was_seen(talk->shared, talk->relay->name))
		talk_give_up(
			talk,
			outcome_of(FATE_PASSING, STAGE_TLS, 0, true,
				   "the relay offered STARTTLS before and does not now: did somebody strip it? tls=none in its URL, if it is meant"));
}

/* PLAIN goes through TLS or to this host (section 10.4). */
static void check_login(struct dialogue *dialogue)
{
	const struct relay *relay = dialogue->talk->relay;

	if (!relay->user || dialogue->in_tls || relay->scheme == RELAY_SMTPS || dialogue_tls_follows(dialogue) || relay_is_local(relay))
		return;
	if (dialogue_login(dialogue) == LOGIN_PLAIN)
		talk_give_up(dialogue->talk,
			     outcome_of(FATE_PASSING, STAGE_LOGIN, 0, true, "the password is not sent over a connection without TLS"));
}

bool dialogue_heard(struct dialogue *dialogue, const char *data, size_t len)
{
	bool answered = dialogue->hello_answered;

	gather(dialogue, dialogue->heard, data, len, hear_line);
	if (answered || !dialogue->hello_answered)
		return false;
	check_tls(dialogue);
	check_login(dialogue);
	return true;
}

void dialogue_said(struct dialogue *dialogue, const char *data, size_t len)
{
	gather(dialogue, dialogue->said, data, len, say_line);
}
