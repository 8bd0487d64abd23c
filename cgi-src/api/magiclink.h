/* magiclink.h: what POST /otp shares with POST /magiclink. */
#ifndef MAGICLINK_H
#define MAGICLINK_H

#include "latchkey/json.h"

struct magic_link_params {
	struct text email, code_challenge, code_challenge_method;
	struct json_object *data;
};

/* Steps 1 and 2 of contract 06 section 5.2: 422 email_provider_disabled. */
int magic_link_check_open(struct request *req);
/* Steps 4 to 7, and the answer. */
int magic_link_send(struct request *req, const struct magic_link_params *params);

#endif
