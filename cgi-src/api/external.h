/* external.h: what the endpoints of signing in with somebody else share (contract 07). */
#ifndef API_EXTERNAL_H
#define API_EXTERNAL_H

#include "cgi-src/api/accounts.h"
#include "latchkey/oauth.h"

/* What a browser is told of a failure (section 4.7). */
struct shown {
	const char *error;
	struct text description;
	const char *code; /* NULL: not set */
};
struct shown shown_failure(const struct failure *failure); /* one of this interface, or of OAuth 2.0 */
/* The database's own words, where they are for clients; otherwise description as given. */
struct shown shown_database(const struct db_error *db, const char *otherwise);

/* 302 to the flow's destination with the request's failure in query and fragment; clears it (section 4.7). */
int callback_redirect_failure(struct request *req, struct text destination);
/* 303 to the site with the failure in the query alone (section 4.1). */
int callback_redirect_state_failure(struct request *req);
/* Section 10.1 step 12: whatever is no error of the interface becomes server_error. */
int external_failure_json(struct request *req);

#endif
