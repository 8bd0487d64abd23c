/* webauthn.h: what authenticators say: options for them, reading their answers, and whether an answer is right (contract 08 section 10).
 *
 * Both profiles, second factors and passkeys, go through here; tables and error texts are their rooms'. A build without libcbor has the
 * functions all the same: webauthn_built() is false then, and nothing can be read. */
#ifndef LATCHKEY_WEBAUTHN_H
#define LATCHKEY_WEBAUTHN_H

#include "latchkey/json.h"
#include "latchkey/request.h"

struct settings;

bool webauthn_built(void);

enum webauthn_profile { WEBAUTHN_FACTOR, WEBAUTHN_PASSKEY };

/* The relying party can be set up at all: origins, and an RP id of an acceptable form (section 1). */
bool webauthn_ready(const struct settings *settings);
/* RP id and (for registrations) display name are there; the room that asks has its own error text. */
bool webauthn_named(const struct settings *settings, bool registration);

/* ---- options and what is stored of them (sections 10.1, 10.2) ------------------------------------------------------------------------------- */

struct webauthn_credential {
	struct text id;		/* bytes */
	struct text public_key; /* COSE */
	struct text_list transports;
	uint32_t sign_count;
	bool backup_eligible;
};

struct webauthn_options {
	enum webauthn_profile profile;
	struct text user_id; /* 36 characters; empty for a passkey sign-in */
	const char *user_name, *user_display_name;
	const struct webauthn_credential *credentials; /* to be excluded, or allowed */
	size_t credential_count;
	char challenge[44]; /* base64url of 32 random bytes; set by webauthn_challenge */
};
void webauthn_challenge(struct webauthn_options *options);
void webauthn_creation_json(struct json_writer *out, const struct settings *settings, const struct webauthn_options *options);
void webauthn_request_json(struct json_writer *out, const struct settings *settings, const struct webauthn_options *options);
/* The column session_data, web_authn_session_data. */
struct text webauthn_session_json(TALLOC_CTX *mem, const struct settings *settings, const struct webauthn_options *options, bool registration);

struct webauthn_session { /* as read back */
	struct text challenge;
	struct text user_id; /* bytes; empty: any */
	struct text *allowed;
	size_t allowed_count;
	int64_t *algorithms;
	size_t algorithm_count;
	bool expired, uv_required;
};
bool webauthn_session_read(TALLOC_CTX *mem, struct text json, struct webauthn_session *session);

/* ---- what the client sends (section 10.3) ----------------------------------------------------------------------------------------------------- */

struct client_data {
	struct text type, challenge, origin, top_origin;
	bool cross_origin;
	struct text token_binding; /* JSON; empty: none */
	struct text binding_status, binding_id;
	struct text hint; /* new_keys_may_be_added_here */
};

struct authenticator_data {
	struct text bytes, rp_id_hash;
	unsigned flags;
	uint32_t counter;
	bool attested;
	unsigned char aaguid[16];
	struct text credential_id, public_key; /* the key in canonical CBOR */
	struct text extensions;
};
enum { AUTH_UP = 0x01, AUTH_UV = 0x04, AUTH_BE = 0x08, AUTH_BS = 0x10, AUTH_AT = 0x40, AUTH_ED = 0x80 };

struct cbor_node;

struct webauthn_answer {
	struct text id;		       /* base64url, as sent */
	struct text raw_id;	       /* bytes */
	struct text extension_results; /* JSON object; empty: none */
	struct text attachment;	       /* as sent */
	struct text client_data_json;  /* bytes as received */
	struct client_data client;
	struct authenticator_data auth;

	struct text attestation_object; /* registration */
	struct text format;
	const struct cbor_node *statement;
	struct text_list transports;
	struct text claimed_auth_data, claimed_public_key; /* unverified members of the response; data NULL: absent */
	int64_t claimed_algorithm;

	struct text signature, user_handle; /* authentication; user_handle.data NULL: absent */
};
/* Of the credential's JSON. false: *why is for the log. */
bool webauthn_read_registration(TALLOC_CTX *mem, struct text json, struct webauthn_answer *answer, const char **why);
bool webauthn_read_assertion(TALLOC_CTX *mem, struct text json, struct webauthn_answer *answer, const char **why);

/* ---- rules (sections 10.4, 10.5) --------------------------------------------------------------------------------------------------------------- */

/* user_id: the acting user's 36 characters. */
bool webauthn_check_registration(TALLOC_CTX *mem, const struct settings *settings, const struct webauthn_session *session, struct text user_id,
				 const struct webauthn_answer *answer, const char **why);
/* *used: which of the user's credentials it was. Passkeys: the session names no user, and the answer must have a user handle. */
bool webauthn_check_assertion(TALLOC_CTX *mem, const struct settings *settings, enum webauthn_profile profile, const struct webauthn_session *session,
			      struct text user_id, const struct webauthn_credential *credentials, size_t count, const struct webauthn_answer *answer,
			      const struct webauthn_credential **used, const char **why);
/* The counter to store: the received one, or the old one where it did not go up. */
uint32_t webauthn_counter(const struct webauthn_credential *credential, const struct webauthn_answer *answer);

/* Rules 10.4.1 and of section 1, for whoever asks. */
bool webauthn_origin_allowed(TALLOC_CTX *mem, const struct text_list *origins, struct text origin);
bool webauthn_rp_id_acceptable(TALLOC_CTX *mem, struct text rp_id);

/* ---- what second factors keep (section 6.7) ------------------------------------------------------------------------------------------------------ */

struct text webauthn_credential_json(TALLOC_CTX *mem, const struct webauthn_answer *answer);
/* NULL: the stored form has no usable id or key. */
bool webauthn_credential_read(TALLOC_CTX *mem, struct json_object *stored, struct webauthn_credential *credential);
/* Member credential_response of last_webauthn_challenge_data. false: the statement cannot be written as JSON. */
bool webauthn_response_json(struct json_writer *out, const struct webauthn_answer *answer, bool registration);

#endif
