/* linking.h: the decision about a sign-in from outside, for the files that make and carry it out (contract 07 section 8). */
#ifndef OAUTH_LINKING_H
#define OAUTH_LINKING_H

#include "latchkey/http.h"
#include "oauth_int.h"

struct linking {
	enum link_decision decision;
	struct text domain;
	struct text candidate; /* address, in lower case; empty: none */
	bool verified;	       /* the provider vouches for it */
	struct user *user;     /* exists, link */
	struct uuid identity;  /* exists */
	struct json_object *claims;
};
int linking_decide(struct request *req, const struct external_login *login, struct linking *linking);
struct json_object *claims_with_lower_email(struct request *req, struct json_object *claims);

#endif
