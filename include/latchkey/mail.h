/* mail.h: the mails that flows send (contract 06).
 *
 * A flow writes its token columns and one-time tokens, and hands the mail on within its open transaction. The mail is put into the outbox
 * by the same transaction and offered to the relays as the last thing before COMMIT: it is kept exactly if the flow happened. */
#ifndef LATCHKEY_MAIL_H
#define LATCHKEY_MAIL_H

#include "latchkey/account.h"
#include "latchkey/settings.h"

/* True where sending may wait for others (a relay, a hook): the handler wants lane_require(req, LANE_OUTBOUND) before its first write. */
bool mail_waits(const struct request *req);

/* ---- flows: frequency limit, code, columns, one-time token, mail (sections 2, 3, 5, 6). Within the caller's transaction --------------------- */

int mail_confirmation(struct request *req, struct user *user, bool pkce);
int mail_invite(struct request *req, struct user *user);
int mail_recovery(struct request *req, struct user *user, bool pkce);
int mail_magic_link(struct request *req, struct user *user, bool pkce);
int mail_email_change(struct request *req, struct user *user, struct text new_email, bool pkce);
int mail_reauthentication(struct request *req, struct user *user);

/* ---- notifications (section 11): never fail the request; sent only where their switch is on -------------------------------------------------- */

struct notification {
	enum mail_kind kind;
	const struct user *user;
	struct text to;		 /* TEXT_NONE: the user's e-mail */
	const char *provider;	 /* identity linked, unlinked */
	const char *factor_type; /* factor enrolled, unenrolled */
	const char *old_email, *old_phone;
};
void mail_notify(struct request *req, const struct notification *notification);

/* ---- links (section 8.3) ------------------------------------------------------------------------------------------------------------------------ */

/* The link of a mail kind: its configured path on the external URL, with token, type and redirect. -1: the path is no URL. */
int mail_link(struct request *req, enum mail_kind kind, const char *type, struct text token, struct text redirect, struct text *link);

/* ---- relays and the outbox ------------------------------------------------------------------------------------------------------------------- */

/* What is wrong with a relay's URL (LATCHKEY_SMTP_RELAYS), without its password; NULL: nothing. */
const char *mail_relay_check(TALLOC_CTX *mem, struct text url);

/* Says at the start where mails go to nobody (contract 06 section 10.3). */
void mail_say_start(const struct settings *settings);

struct mail_run {
	int64_t until;		 /* monotonic; the run's end */
	bool (*stop)(void *arg); /* asked between batches; NULL: until nothing is due */
	void *arg;
	bool alone;	       /* other processes may hold leases that we cannot look behind: only those that are over for long are taken again */
	int sent, left, ended; /* letters: taken by a relay; to be tried again; refused, expired or superseded */
};
/* Sends what is due in the outbox, oldest first. Tells the shared segment when the next is due. -1: the database could not be asked. */
int mail_outbox_run(struct request *req, struct mail_run *run);

/* RFC 3464 reports (latchkey mail bounce): a permanent one ends mails to the address it names. Gives how many addresses; *mail: ours that it
 * is about, nil where it is unknown. -1: no report, or the database failed. */
int mail_bounce(struct request *req, struct text report, struct uuid *mail);

/* ---- for the operator (latchkey mail …): each prints to standard output; an exit status ------------------------------------------------------- */

int mail_try(struct request *req, struct text address, int relay); /* relay 0: all of them in order */
int mail_preview(struct request *req, struct text type, struct text locale);
int mail_check(struct request *req);

/* ---- templates (section 9) --------------------------------------------------------------------------------------------------------------------- */

/* Makes what the workers of these settings, and of later ones, share of fetched templates; before they are forked. */
void mail_prepare(const struct settings *settings);
/* Logs what is wrong with subjects and files that the settings name; nothing is fetched. */
void mail_check_templates(struct request *req);
/* Fetches templates that are about to be too old, where that is switched on (GOTRUE_MAILER_TEMPLATE_RELOADING_ENABLED). stop is asked between
 * two of them. Gives when to come again (monotonic; INT64_MAX: never). */
int64_t mail_refresh_templates(struct request *req, bool (*stop)(void *arg), void *arg);

/* "pkce_" + hash where pkce, else the hash (section 2.1). */
struct text token_value(struct request *req, struct text address, struct text otp, bool pkce);

#endif
