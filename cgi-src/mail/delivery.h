/* delivery.h: what the files that deliver mail share: relays, letters, and what becomes of a letter. */
#ifndef LATCHKEY_MAIL_DELIVERY_H
#define LATCHKEY_MAIL_DELIVERY_H

#include <sys/types.h>

#include "cgi-src/mail/mail_int.h"

/* ---- relays (relay.c) ----------------------------------------------------------------------------------------------------------------------- */

enum relay_scheme { RELAY_SMTP, RELAY_SMTPS, RELAY_SENDMAIL };
enum relay_tls { RELAY_TLS_OFFERED, RELAY_TLS_NONE, RELAY_TLS_REQUIRED };

struct relay {
	enum relay_scheme scheme;
	enum relay_tls tls;
	const char *host, *port; /* host without brackets */
	const char *user, *pass; /* user NULL: nobody signs in */
	const char *ca_file;	 /* NULL: as all outgoing calls */
	const char *pin;	 /* base64 of the SHA-256 of the public key; it takes the place of the chain. NULL: none */
	const char *program;	 /* sendmail */
	const char *name;	 /* "smtp://host:587", for logs */
	size_t number;		 /* place in the list, from 1 */
};

struct relays {
	struct relay *items;
	size_t count;
};

int relay_parse(TALLOC_CTX *mem, struct text url, struct relay *relay, const char **why);
/* Those of the settings; none where no mail is to leave. */
void relays_read(TALLOC_CTX *mem, const struct settings *settings, struct relays *relays);
bool relay_is_local(const struct relay *relay); /* localhost, 127.0.0.1, ::1 */

/* ---- letters (message.c) -------------------------------------------------------------------------------------------------------------------- */

struct letter {
	struct uuid id; /* also of its Message-ID */
	const char *type;
	const char *sender; /* envelope */
	struct text_list recipients;
	struct text wire; /* lines end with CRLF; dots are not doubled */
};

/* -1: *why says what is no address. */
int message_compose(struct request *req, const char *type, struct text to, const struct rendered *rendered, struct letter *letter, const char **why);

/* header.c: RFC 5322 and RFC 2047, by the rules of section 10.4 */
void header_put(TALLOC_CTX *mem, struct buffer *out, const char *name, struct text value); /* encodes and folds */
bool header_name_valid(struct text name);
struct text header_mailbox(TALLOC_CTX *mem, struct text name, struct text address); /* value of From */
bool address_valid(struct text address);					    /* fit for MAIL and RCPT */
bool header_address(TALLOC_CTX *mem, struct text value, struct text *address);	    /* the address part of one mailbox; false: none */

void quoted_printable(struct buffer *out, struct text body); /* quoted.c; RFC 2045 section 6.7 */
struct text plain_from_html(TALLOC_CTX *mem, struct text html);

/* ---- carrying (courier.c) ---------------------------------------------------------------------------------------------------------------------- */

enum stage {
	STAGE_CONNECT,
	STAGE_GREETING,
	STAGE_HELLO,
	STAGE_TLS,
	STAGE_LOGIN,
	STAGE_SENDER,
	STAGE_RECIPIENT,
	STAGE_DATA,
	STAGE_FINAL, /* all of the message has left, its answer has not come */
	STAGES
};

enum fate {
	FATE_PENDING, /* nothing is known yet */
	FATE_SENT,
	FATE_PASSING, /* may go well another time, or with another relay */
	FATE_REFUSED, /* for good */
	FATE_UNSURE,  /* it has left, and no answer came: RFC 1047's gap */
};

struct outcome {
	enum fate fate;
	enum stage stage;
	int code;
	bool relay_fault; /* the relay itself is of no use for now */
	char answer[400]; /* what it said or what happened, one line */
};

/* What the process that speaks to a relay has (the child's side). */
struct talk {
	const struct settings *settings;
	struct shared *shared;
	const struct relay *relay;
	const struct letter *letters;
	size_t count, current;
	struct outcome *outcomes;
	struct dialogue *dialogue;
	TALLOC_CTX *mem;
	int out;	/* pipe to the worker */
	bool outlives;	/* as of the courier */
	pid_t worker;	/* whose courier it is */
	bool overheard; /* lines of the conversation are wanted */
};

void talk_stage(struct talk *talk, enum stage stage);
void talk_tell(struct talk *talk, size_t index, struct outcome outcome);
/* One outcome for all that have none. */
void talk_tell_rest(struct talk *talk, struct outcome outcome);
_Noreturn void talk_give_up(struct talk *talk, struct outcome outcome); /* tells it to the rest, and ends the process */
struct outcome outcome_of(enum fate fate, enum stage stage, int code, bool relay_fault, const char *answer);

/* By what a relay has said: code 0 is no answer at all. */
struct outcome classify(enum stage stage, int code, const char *answer);

struct courier {
	const struct settings *settings;
	struct shared *shared;
	int64_t until;						 /* monotonic; the letter that is under way then stays unsure, or is given up */
	bool outlives;						 /* what has begun ends though the worker dies: the outbox knows of the letter */
	void (*overhear)(void *arg, char who, struct text line); /* NULL: nobody. who: '<' the relay, '>' we, '*' a remark */
	void *arg;
};

/* Carries letters to one relay in one session. outcomes: one a letter, all set afterwards. */
void courier_carry(const struct courier *courier, const struct relay *relay, const struct letter *letters, size_t count, struct outcome *outcomes);

/* The ways to speak to a relay. Each tells the fate of every letter. */
void carry_esmtp(struct talk *talk);
void carry_curl(struct talk *talk);
void carry_sendmail(struct talk *talk);

/* ---- the conversation (dialogue.c) --------------------------------------------------------------------------------------------------------- */

enum login { LOGIN_NONE, LOGIN_CRAM_MD5, LOGIN_PLAIN, LOGIN_LOGIN, LOGIN_NTLM };

/* Follows what goes over the wire: where it stands, the last answer, what the relay offers. */
struct dialogue {
	struct talk *talk;
	enum stage stage;
	int code; /* of the last answer; 0: none yet */
	char answer[400];
	bool in_tls, offers_tls;
	enum login logins[8]; /* what the relay offers, in its order */
	size_t login_count;
	bool hello_answered; /* the answer to EHLO is complete */
	bool login_refused, signed_in, quitting;
	struct buffer *heard, *said;
};
/* The way to sign in that section 10.4 takes of those. */
enum login dialogue_login(const struct dialogue *dialogue);
struct dialogue *dialogue_new(struct talk *talk);
/* True where an answer to EHLO is complete now. What must not go on then is given up: without TLS that has to be, or a password in clear. */
bool dialogue_heard(struct dialogue *dialogue, const char *data, size_t len);
bool dialogue_tls_follows(const struct dialogue *dialogue); /* STARTTLS comes next, and EHLO anew */
void dialogue_said(struct dialogue *dialogue, const char *data, size_t len);
void dialogue_remark(struct talk *talk, const char *words);

/* ---- what all workers remember (remember.c) --------------------------------------------------------------------------------------------------- */

void mail_mark_sent(struct shared *shared, const struct uuid *letter);
bool mail_was_sent(struct shared *shared, const struct uuid *letter);
void mail_tls_seen(struct shared *shared, const char *relay); /* it has offered STARTTLS */
bool mail_tls_was_seen(struct shared *shared, const char *relay);
/* The host of API_EXTERNAL_URL. */
const char *mail_hello_name(TALLOC_CTX *mem, const struct settings *settings);

/* ---- meaning (meaning.c) ------------------------------------------------------------------------------------------------------------------------ */

/* What a relay's answer means and what to do: by its enhanced status code (RFC 3463), else by its code, else by where it failed. */
const char *answer_meaning(enum stage stage, int code, const char *answer);
const char *stage_name(enum stage stage);
/* Addresses in an answer are nobody's business in a log. */
struct text without_addresses(TALLOC_CTX *mem, struct text answer);

/* ---- relays in their order (deliver.c) ---------------------------------------------------------------------------------------------------------- */

/* Offers letters to the relays until each is sent, refused or unsure, or the time is over. Logs what failed. used: the relay of each outcome,
 * NULL: none was asked. */
void deliver(struct request *req, const struct courier *courier, const struct letter *letters, size_t count, struct outcome *outcomes,
	     const struct relay **used);
const char *outcome_words(TALLOC_CTX *mem, const struct outcome *outcome); /* for logs: stage, answer, meaning */
/* When the first of the relays is worth asking (monotonic); INT64_MAX: there is none. */
int64_t relays_ready_at(struct request *req);

/* bounce.c: addresses that a report calls failed for good; -1: it is no report */
int bounce_parse(TALLOC_CTX *mem, struct text text, struct text_list *failed, const char **reason, struct uuid *mail);

/* Before a letter is tried again that has failed so often by itself. */
duration mail_pause(int attempts);
#define MAIL_LEASE (90 * SECOND) /* a courier that nobody waits for ends before that */

#endif
