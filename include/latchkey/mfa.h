/* mfa.h: second factors: enrolling, challenging, verifying, leaving (contract 08 sections 3 to 8).
 *
 * Each kind is a file with a row in table.c. The kinds do what differs; what all have in common is around them. */
#ifndef LATCHKEY_MFA_H
#define LATCHKEY_MFA_H

#include "latchkey/session.h"

struct settings;

/* ---- enrolling (section 5) -------------------------------------------------------------------------------------------------------------------- */

struct enrollment {
	struct text friendly_name, issuer, phone; /* as the client sent them */

	struct uuid id;				  /* set by the kind, with what the answer shows */
	const char *stored_secret, *stored_phone; /* NULL: none */
	const char *secret, *uri;
	struct text qr_code;
};

/* ---- challenges (sections 6.1 to 6.3) ----------------------------------------------------------------------------------------------------------- */

struct challenge {
	struct uuid id;
	moment created_at;
	struct text otp_code;	  /* stored form */
	struct text session_data; /* JSON; empty: none */
	struct text address;	  /* canonical */
	moment verified_at;
	int64_t last_step; /* TOTP: the last time step whose code was accepted; -1: none */

	struct text options; /* webauthn: JSON for the client, member "webauthn" */
};

/* ---- verifying (sections 6.4 to 6.7) -------------------------------------------------------------------------------------------------------------- */

struct verification {
	struct uuid challenge_id;
	struct text code;
	bool webauthn_given;
	struct text webauthn_type, credential_response; /* the latter is JSON; empty: absent */

	const struct factor_kind *kind;
	struct factor *factor;
	struct challenge *challenge;
	bool became_verified; /* set where the factor was unverified before */
	struct tokens tokens;
	void *private; /* of the kind */
};

/* A kind of second factor. Functions return 0, or -1 with the failure. */
struct factor_kind {
	const char *type, *method;				/* of the AMR */
	const char *name;					/* in error texts */
	const char *library;					/* what it is built over; NULL: nothing of its own */
	const char *enroll_code, *challenge_code, *verify_code; /* error codes where it is switched off */
	const char *lowering_failed, *removal_failed;		/* error texts of ending low sessions, of removing the unverified ones */
	size_t enroll_switch, verify_switch;			/* offsets of the bool in struct settings */
	bool (*built)(void);
	bool challenge_has_body, needs_code;
	bool enrolling_tells_type, challenge_in_audit; /* in the audit log */
	/* Before and within the admission's transaction; NULL: nothing to do. */
	int (*prepare)(struct request *req, struct enrollment *enrollment);
	int (*make)(struct request *req, struct enrollment *enrollment);
	bool (*challenge_waits)(const struct request *req); /* NULL: never */
	/* NULL: nothing to do. Fills otp_code or session_data and options, and sends what is to be sent; id is set. */
	int (*challenge)(struct request *req, struct factor *factor, struct text channel, struct challenge *challenge);
	/* Checking may wait for others. NULL: never. */
	bool (*waits)(const struct request *req);
	int (*verify)(struct request *req, struct verification *verification);
	/* Within the transaction that raises the session, the factor's row locked. */
	int (*accept)(struct request *req, struct verification *verification);
};

const struct factor_kind *factor_kind_named(struct text type); /* NULL: none */
const struct factor_kind *factor_kind_of(const struct factor *factor);
bool factor_may_enroll(const struct settings *settings, const struct factor_kind *kind);
bool factor_may_verify(const struct settings *settings, const struct factor_kind *kind);

/* It is switched on, but this build was made without its library. */
bool factor_is_missing(const struct settings *settings, const struct factor_kind *kind);
/* What is switched on and not part of this build, passkeys included, with the libraries that are missing; NULL: nothing. */
const char *mfa_missing(TALLOC_CTX *mem, const struct settings *settings);

/* True where the bearer's session is at the second level (section 3.2: the row's column). */
bool session_is_aal2(const struct request *req);
bool user_needs_aal2(const struct request *req); /* a verified factor, and the session is not at the second level */

/* Functions that give REQUEST_MOVED have asked for another lane: the caller returns it. */
int mfa_enroll(struct request *req, const struct factor_kind *kind, struct enrollment *enrollment);
int mfa_challenge(struct request *req, const struct factor_kind *kind, struct factor *factor, struct text channel, struct challenge *challenge);
int64_t challenge_expires_at(const struct settings *settings, const struct challenge *challenge); /* unix seconds */
int mfa_verify(struct request *req, struct verification *verification);
int mfa_unenroll(struct request *req, struct factor *factor);
/* Queued: sessions that this factor raised are at the first level again (section 7.3). */
void mfa_lower_sessions(struct request *req, const struct factor *factor, const char *message);

/* ---- parts with a test of their own --------------------------------------------------------------------------------------------------------------- */

/* Section 5.5: parameters in the order of the contract. */
char *otpauth_uri(TALLOC_CTX *mem, struct text issuer, struct text account, const char *secret);
bool qr_built(void);
/* The QR code as SVG. false: too long, or this build cannot draw. */
bool qr_svg(TALLOC_CTX *mem, struct text content, struct text *svg);
/* RFC 6238 with SHA-1, 30 seconds and 6 digits. false: the secret is no base32. */
bool totp_code(const char *secret, int64_t step, char code[7]);
/* The time step of the code, of those around now that are later than after; -1: none. */
int64_t totp_match(const char *secret, struct text code, int64_t unix_now, int64_t after);

#endif
