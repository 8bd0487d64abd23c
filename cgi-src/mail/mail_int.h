/* mail_int.h: what the files of this room share. */
#ifndef MAIL_INT_H
#define MAIL_INT_H

#include "latchkey/mail.h"

/* Facts of a mail kind (section 8.1), in the order of enum mail_kind. */
struct mail_type {
	const char *key;	    /* cache, SUBJECTS_ and TEMPLATES_ suffix in lower case */
	const char *message_type;   /* $messageType and log */
	const char *action;	    /* email_action_type of hook and metrics */
	const char *link_type;	    /* type= of its link; NULL: no link */
	const char *failure;	    /* what the client reads where it cannot be sent */
	const char *subject, *body; /* built-in templates */
};
extern const struct mail_type mail_types[SETTINGS_MAIL_KINDS];

/* One message to one recipient. */
struct message {
	struct text to;
	struct text token, token_hash, link; /* TEXT_NONE where the kind has none */
};

/* What goes through the pipeline of section 7 as one operation: one unit of the send limit, one call of the hook. */
struct sending_operation {
	enum mail_kind kind;
	const struct user *user;
	struct message messages[2]; /* e-mail change: new address, then the current one */
	size_t count;
	struct text new_email;							      /* e-mail change */
	struct text hook_token, hook_token_hash, hook_token_new, hook_token_hash_new; /* as section 7.3 pairs them */
	const struct notification *notification;				      /* NULL: none */
	moment expires_at;							      /* when the code in it does; MOMENT_NONE: never */
};

/* Section 7: authorized addresses, send limit, then hook or mailer. -1 with the failure of section 7.1. */
int mail_operate(struct request *req, struct sending_operation *operation);

/* Section 10.1; 400 email_address_invalid. */
int mail_validate_address(struct request *req, const struct sending_operation *operation, struct text address);

/* ---- templates (section 9) ---------------------------------------------------------------------------------------------------------------- */

struct rendered {
	struct text subject, html;
};
/* Subject and body of a kind with these variables (a JSON object). -1: executing the template failed; *why is for the log. */
int mail_render(struct request *req, enum mail_kind kind, struct json_object *variables, const struct user *user, struct rendered *rendered,
		const char **why);

/* check.c: loads and executes a kind's templates anew, in every language that there is a file for. -1: what is wrong has been logged. */
int mail_template_check(struct request *req, enum mail_kind kind);
/* Made-up values in all variables of section 8.2. */
struct json_object *template_samples(struct request *req, enum mail_kind kind);

/* ---- delivery (section 10) ---------------------------------------------------------------------------------------------------------------- */

/* With GOTRUE_MAILER_EMAIL_BACKGROUND_SENDING the request's failure goes to the log, and 0 is given; else -1 (section 10.2). before: the failure as it was. */
int mail_fail_in_background(struct request *req, enum mail_kind kind, const struct failure *before);

/* Puts a rendered message into the outbox within the open transaction and has it offered to the relays before the COMMIT. A permanent
 * refusal undoes the transaction with 500 and the kind's text. */
int mail_enqueue(struct request *req, const struct sending_operation *operation, const struct message *message, const struct rendered *rendered);

#endif
