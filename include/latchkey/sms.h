/* sms.h: codes sent to phones (contract 06 section 12). */
#ifndef LATCHKEY_SMS_H
#define LATCHKEY_SMS_H

#include "latchkey/account.h"

/* True where sending or checking a code may wait for others (the hook over HTTP, a gateway): the handler wants
 * lane_require(req, LANE_OUTBOUND) before its first write. */
bool sms_waits(const struct request *req);

/* 400 validation_failed for a channel that is none (05 section 3.1). */
int sms_channel_valid(struct request *req, struct text channel);

/* ---- flows (section 12.2) ----------------------------------------------------------------------------------------------------------------- */

enum sms_purpose { SMS_CONFIRMATION, SMS_PHONE_CHANGE, SMS_REAUTHENTICATION };
/* Frequency, test code, send limit, code, hook or gateway; then token column, sent_at and one-time token are written within the caller's
 * transaction. phone in normal form. *message_id "" where there is none. */
int sms_send_code(struct request *req, struct user *user, struct text phone, enum sms_purpose purpose, struct text channel, const char **message_id);

/* The code that an operator has fixed for this number (section 12.3), now; TEXT_NONE: none. */
struct text sms_test_code(const struct request *req, struct text phone);

/* ---- second factors (08 sections 6 and 7) --------------------------------------------------------------------------------------------------- */

/* Renders text_template (empty: the built-in one) with the code and sends it, outside of any transaction: no send limit, no test codes.
 * 500 with the texts of contract 08. */
int sms_send_factor_code(struct request *req, const struct user *user, struct text phone, struct text code, const char *text_template,
			 struct text channel);

/* ---- settings ------------------------------------------------------------------------------------------------------------------------------ */

/* The first of LATCHKEY_SMS_PROVIDERS, else GOTRUE_SMS_PROVIDER; empty where there is none. */
struct text sms_provider(const struct settings *settings);
/* What is wrong with LATCHKEY_SMS_PROVIDERS; NULL: nothing. */
const char *sms_providers_check(TALLOC_CTX *mem, const struct settings *settings);

/* ---- gateways that check their own codes (section 12.5) ------------------------------------------------------------------------------------- */

/* The configured gateway makes and checks the codes itself (Twilio Verify). */
bool sms_gateway_checks(const struct request *req);
enum sms_check {
	SMS_CHECK_RIGHT,
	SMS_CHECK_WRONG,      /* or it could not be asked; the log has the reason */
	SMS_CHECK_NO_GATEWAY, /* credentials are missing: the caller says 500 in its own words */
};
enum sms_check sms_check_code(struct request *req, struct text phone, struct text code);

#endif
