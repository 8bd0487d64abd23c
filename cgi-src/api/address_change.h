/* address_change.h: a change of address that takes effect (contract 06 sections 5.8 and 6.2; 05 sections 6.4 and 6.5). */
#ifndef ADDRESS_CHANGE_H
#define ADDRESS_CHANGE_H

#include "latchkey/account.h"

/* user->email_change, or user->phone_change, becomes the address: audit entry, identity, columns, notifications. Within the caller's
 * transaction; message as for the changes of account.h. */
void email_change_complete(struct request *req, struct user *user, const char *message);
void phone_change_complete(struct request *req, struct user *user, const char *message);
/* They may send a notification, and so wait for a relay or a hook. */
bool email_change_waits(const struct request *req);
bool phone_change_waits(const struct request *req);

#endif
