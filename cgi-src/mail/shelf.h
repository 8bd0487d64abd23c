/* shelf.h: fetched templates that all workers share, those of later settings too (contract 06 section 9.2). */
#ifndef MAIL_SHELF_H
#define MAIL_SHELF_H

#include "cgi-src/mail/mail_int.h"

/* What is kept of a mail kind. Reading and changing it takes shelf_open. */
struct shelved {
	uint64_t edition;	  /* 0: nothing yet; another number for every pair of texts */
	int64_t created, checked; /* monotonic */
	bool stands_in;		  /* the built-in pair in place of one that could not be had */
	struct text subject, body;
};

/* Waits for whoever holds this kind, a load included, until the request's deadline. false: there is no shelf, or it was not to be had in time. */
bool shelf_open(struct request *req, enum mail_kind kind, struct shelved *shelved);
/* Puts a pair in place of the one before; false: it is too large. shelved is as shelf_open gives it then. */
bool shelf_put(enum mail_kind kind, struct text subject, struct text body, bool stands_in, struct shelved *shelved);
void shelf_checked(enum mail_kind kind); /* looked for it again, in vain */
void shelf_close(enum mail_kind kind);

int64_t shelf_used(bool now); /* when a mail was last made (monotonic; 0: never); now: one is being made */
bool shelf_filled(bool now);  /* whether all kinds have been loaded once; now: they have */

#endif
