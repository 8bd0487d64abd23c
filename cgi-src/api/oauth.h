/* oauth.h: what the endpoints of the OAuth server share. */
#ifndef API_OAUTH_H
#define API_OAUTH_H

#include "latchkey/http.h"
#include "latchkey/idp.h"

/* Decodes the first JSON value of the body; -1 where there is none that fits, without a failure: the endpoints word it differently. */
int oauth_json_first(struct request *req, const struct json_shape *shape, void *out);

/* Registration by whomever (contract 10 sections 5.3 and 5.4). */
int oauth_register(struct request *req, const char *registration_type);

/* The credentials that a request to the token endpoint carries (section 7, steps 1 to 3). Only in a header the id may be empty. */
int oauth_credentials_read(struct request *req, struct oauth_credentials *given);

/* Content-Type holds application/json (section 7). */
bool oauth_body_is_json(const struct request *req);
/* False where form or query hold what cannot be decoded, and this is the first look at them. */
bool oauth_form_readable(struct request *req);

/* The consent page's origin (section 9 row 2). */
int oauth_check_origin(struct request *req);

#endif
