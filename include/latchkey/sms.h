/* sms.h: codes sent to phones (contract 06). */
#ifndef LATCHKEY_SMS_H
#define LATCHKEY_SMS_H

#include "latchkey/account.h"

enum sms_purpose { SMS_CONFIRMATION, SMS_PHONE_CHANGE, SMS_REAUTHENTICATION };
/* 400 validation_failed for a channel that is none (05 section 3.1). */
int sms_channel_valid(struct request *req, struct text channel);
/* Sends a code and writes token column, sent_at and one-time token. message_id "" where there is none. */
int sms_send_code(struct request *req, struct user *user, struct text phone, enum sms_purpose purpose, struct text channel, const char **message_id);

#endif
