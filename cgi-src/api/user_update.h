/* user_update.h: a change of the bearer's own account on its way. */
#ifndef USER_UPDATE_H
#define USER_UPDATE_H

#include "latchkey/account.h"

struct update_params {
	struct text email, phone, channel, nonce, code_challenge, code_challenge_method;
	struct json_opt_text password, current_password;
	struct json_object *data, *app_metadata;
};

struct update {
	struct update_params params;
	struct user *user;
	struct text email, phone; /* normal form; empty: not asked for */
	bool email_differs, phone_differs;
	const char *stored_password; /* NULL: stays */
};

/* The rules of section 6.2; makes the stored form. */
int update_check_password(struct request *req, struct update *update);
/* The transaction of section 6.3. */
int update_write(struct request *req, void *update);
/* The nonce check of section 7.2; a right one is consumed and committed at once. */
/* It asks a gateway, and so waits for it. */
bool reauthentication_waits(const struct request *req, const struct user *user);
int reauthentication_verify(struct request *req, struct user *user, struct text nonce);

#endif
