/* signup.h: what the ways to sign up share. */
#ifndef SIGNUP_H
#define SIGNUP_H

#include "latchkey/json.h"

struct signup_params {
	struct text email, phone, password, channel, code_challenge, code_challenge_method;
	struct json_object *data;
};

int signup_check_open(struct request *req); /* 422 signup_disabled */
int signup_check_password(struct request *req, struct text password);
int signup_anonymous(struct request *req, const struct signup_params *params);

#endif
