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
/* The whole procedure of contract 05 section 3 but for limiter and captcha, with a password that nobody is told; the answer is thrown away, an
 * error is the caller's. */
int signup_unseen(struct request *req, const struct signup_params *params);
int signup_anonymous(struct request *req, const struct signup_params *params);

#endif
