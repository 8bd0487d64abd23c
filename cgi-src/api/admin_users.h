/* admin_users.h: what an administrator says about a user (contract 05 sections 10.3 and 10.4). */
#ifndef ADMIN_USERS_H
#define ADMIN_USERS_H

#include "latchkey/account.h"

struct admin_user_params {
	struct text id, aud, role, email, phone, password_hash, ban_duration;
	struct json_opt_text password;
	bool email_confirm, phone_confirm;
	struct json_object *user_metadata, *app_metadata;
};
extern const struct json_shape admin_user_shape;

#endif
