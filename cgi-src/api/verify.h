/* verify.h: a code or link on its way to a session (contract 06 sections 5.5 to 5.8). */
#ifndef VERIFY_H
#define VERIFY_H

#include "latchkey/session.h"

struct verification;

/* A type of section 5.5. */
struct verify_type {
	const char *name;
	enum one_time_token tokens[2]; /* where its tokens are */
	size_t token_count;
	bool by_phone; /* only as a code to a phone */
	int (*apply)(struct request *req, struct verification *verification);
};

struct verification {
	struct text wanted;		/* type as asked for */
	const struct verify_type *type; /* NULL: there is none of that name. "email" becomes what the token shows */
	struct text token;		/* a code, or by_hash the stored value */
	bool by_hash;
	struct text email, phone; /* normal form; for a code one of them */
	bool gateway_confirmed;	  /* the code was checked by the gateway that had made it */
	struct user *user;
	int matched; /* index into type->tokens of the token that was presented; -1: none of them (test codes, gateways) */
	bool half;   /* one of two addresses has confirmed */
};

/* ---- verify_check.c ---- */

const struct verify_type *verify_type_named(struct text name);
/* Asks the gateway, where it is the one that knows the code; before the transaction. */
int verify_ask_gateway(struct request *req, struct verification *verification);
bool verify_asks_gateway(const struct request *req, const struct verification *verification);
/* Finds the user and judges the token, then again with the row locked: of two at once one comes too late. Within a transaction. */
int verify_check(struct request *req, struct verification *verification);

/* ---- verify_effects.c (section 5.8): within the transaction, the token being good ---- */

int verify_signup(struct request *req, struct verification *verification);
int verify_recovery(struct request *req, struct verification *verification);
int verify_sms(struct request *req, struct verification *verification);
int verify_email_change(struct request *req, struct verification *verification);
int verify_phone_change(struct request *req, struct verification *verification);

/* ---- verify_redirect.c (section 5.6): 303 to where the link says ---- */

#define HALF_CONFIRMED "Confirmation link accepted. Please proceed to confirm link sent to the other email"

int verify_redirect_tokens(struct request *req, const struct tokens *tokens, const char *type);
int verify_redirect_code(struct request *req, struct text code);
int verify_redirect_half(struct request *req, bool pkce);
int verify_redirect_failure(struct request *req, bool pkce); /* of the request, which then has none */

/* ---- verify_page.c, verify_words.c: LATCHKEY_VERIFY_PAGE ---- */

enum verify_purpose { VERIFY_CONFIRM, VERIFY_INVITE, VERIFY_RECOVER, VERIFY_SIGN_IN, VERIFY_CHANGE, VERIFY_PURPOSES };

/* UTF-8, and fit for HTML as they are. */
struct verify_words {
	const char *language; /* as in lang= */
	const char *titles[VERIFY_PURPOSES];
	const char *explanation, *button;
};
/* In the first language that the browser asks for and the table has; else English. */
const struct verify_words *verify_words(const struct request *req);

/* The page of a link: its form posts type, token and target to where the page is. Nothing is looked up. */
int verify_page(struct request *req, const struct verification *verification);
/* The browser or a proxy fetches ahead; nobody has followed the link. */
bool verify_is_prefetch(const struct request *req);

#endif
