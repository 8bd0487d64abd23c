/* invite.h: users made for an e-mail address by an administrator. */
#ifndef INVITE_H
#define INVITE_H

#include "latchkey/account.h"

/* In memory; data NULL stands for {}. */
struct user *user_without_password(struct request *req, struct text email, struct json_object *data);
/* Its row and its e-mail identity (base data only). */
int user_create_with_email(struct request *req, struct user *user);

#endif
