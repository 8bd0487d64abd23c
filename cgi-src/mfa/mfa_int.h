/* mfa_int.h: what the files of this room share. */
#ifndef MFA_INT_H
#define MFA_INT_H

#include "config.h"
#include "latchkey/crypto.h"
#include "latchkey/http.h"
#include "latchkey/mfa.h"
#include "latchkey/settings.h"

extern const struct factor_kind factor_totp, factor_phone, factor_webauthn;

/* Within a transaction: status and secret as they are now, and stay until its end. 404 where it is gone. */
int factor_lock(struct request *req, struct factor *factor);

/* Section 6.4, "challenge validation"; fills verification->challenge. */
int challenge_load(struct request *req, struct verification *verification);
/* Within the transaction: 422 where another request has spent the challenge meanwhile. */
int challenge_spend(struct request *req, struct verification *verification);
/* The answer for a challenge that is used up, or asked for from elsewhere. */
int challenge_refuse(struct request *req);

/* The operator's hook (section 6.4): may refuse and end all sessions; a wrong code stays wrong. */
int verification_hook(struct request *req, const struct verification *verification, bool valid);
bool verification_hook_waits(const struct request *req);

#endif
