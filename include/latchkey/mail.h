/* mail.h: the mails that flows send (contract 06). */
#ifndef LATCHKEY_MAIL_H
#define LATCHKEY_MAIL_H

#include "latchkey/account.h"
#include "latchkey/settings.h"

/* What a mail of a flow needs. Everything is copied. */
struct mail {
	enum mail_kind kind;
	const struct user *user;
	struct text to;
	struct text token, token_hash; /* the code and its stored form */
	struct text token_new, token_hash_new;
	struct text redirect_to;
	const char *provider, *factor_type; /* notifications */
	struct text old_email, old_phone;
};
/* Sends, or keeps in the outbox within the open transaction. -1 with the flow's failure (contract 06). */
int mail_send(struct request *req, const struct mail *mail);
/* Notifications never fail the request (05 section 1.10). */
void mail_notify(struct request *req, const struct mail *mail);

/* Flows; each writes token columns and one-time tokens, and checks the frequency (05, 06). Within the caller's transaction. */
int mail_confirmation(struct request *req, struct user *user, bool pkce);
int mail_invite(struct request *req, struct user *user);
int mail_recovery(struct request *req, struct user *user, bool pkce);
int mail_magic_link(struct request *req, struct user *user, bool pkce);
int mail_email_change(struct request *req, struct user *user, struct text new_email, bool pkce);
int mail_reauthentication(struct request *req, struct user *user);

#endif
