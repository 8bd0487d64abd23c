/* account.h: users, identities, passwords, one-time tokens, audit entries (contract 05, 03 sections 5 to 7, 10, 11). */
#ifndef LATCHKEY_ACCOUNT_H
#define LATCHKEY_ACCOUNT_H

#include "latchkey/db.h"
#include "latchkey/json.h"

struct identity {
	struct uuid id, user_id;
	const char *provider_id, *provider;
	struct json_object *data; /* identity_data; never NULL */
	moment last_sign_in_at, created_at, updated_at;
	const char *email; /* the generated column; "" for NULL */
};

struct factor { /* contract 05 section 1.3, 08 */
	struct uuid id, user_id;
	const char *friendly_name, *type, *status, *phone; /* "" for NULL */
	const char *secret;				   /* stored form; never shown */
	moment created_at, updated_at, last_challenged_at;
	bool has_aaguid;
	struct uuid aaguid;
	struct json_object *webauthn_credential, *last_webauthn_challenge; /* NULL: none */
};

/* A row of users with what hangs on it. Text columns that are NULL read as "". */
struct user {
	struct uuid id;
	const char *aud, *role, *email, *phone, *encrypted_password;
	bool password_is_null;
	moment email_confirmed_at, invited_at, phone_confirmed_at, confirmation_sent_at, confirmed_at, recovery_sent_at, email_change_sent_at,
		phone_change_sent_at, reauthentication_sent_at, last_sign_in_at, created_at, updated_at, banned_until, deleted_at;
	const char *confirmation_token, *recovery_token, *email_change_token_new, *email_change_token_current, *email_change, *phone_change,
		*phone_change_token, *reauthentication_token;
	int email_change_confirm_status;
	struct json_object *app_metadata, *user_metadata; /* objects; NULL stands for {} unless metadata_is_null */
	bool user_metadata_is_null;			  /* shown as null: contract 05 section 10.3 */
	bool is_sso_user, is_anonymous;
	struct identity *identities; /* an array; valid when loaded */
	size_t identity_count;
	struct factor *factors;
	size_t factor_count;
	bool loaded; /* identities and factors are here; else identities shows null */
};

/* ---- finding (section 1.7). 0 with *user NULL where there is none; -1 on failure -------------------------------------------------------- */

int user_by_id(struct request *req, const struct uuid *id, struct user **user);
int user_by_email(struct request *req, struct text email, struct text aud, struct user **user);
int user_by_phone(struct request *req, struct text phone, struct text aud, struct user **user);
int user_by_phone_change(struct request *req, struct text phone, struct text aud, struct user **user); /* by the pending number */
int user_duplicate_email(struct request *req, struct text email, struct text aud, const struct uuid *except, struct user **user);
int user_duplicate_phone(struct request *req, struct text phone, struct text aud, bool *taken);
/* Reads the row again into *user, identities and factors included; metadata is merged into what is held (contract 03 section 5.1). */
int user_reload(struct request *req, struct user *user);
/* The 35 columns {{user_columns}} of sql/statements/users.sql from first_column on. *user need not be zeroed. */
void user_from_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct user *user);
/* The 33 columns {{user_row}} alone: identities and factors are not loaded. */
void user_from_plain_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct user *user);

bool user_is_banned(const struct user *user, moment at);
bool user_has_password(const struct user *user);
bool user_has_verified_factor(const struct user *user); /* "MFA enabled" */
bool user_email_confirmed(const struct user *user);
bool user_phone_confirmed(const struct user *user);

void user_json(struct json_writer *out, const struct user *user);	  /* contract 05 section 1.1 */
void user_json_members(struct json_writer *out, const struct user *user); /* the members alone, for generate_link */
void identity_json(struct json_writer *out, const struct identity *identity);
void factor_json(struct json_writer *out, const struct factor *factor);

/* What the workers of these settings share of this room (known pwned passwords), empty; before they are forked. */
struct settings;
void account_prepare(const struct settings *settings);

/* ---- checking input (section 1.8, 2.1) ---------------------------------------------------------------------------------------------------- */

int email_validate(struct request *req, struct text email, struct text *normal); /* 400 validation_failed */
int phone_validate(struct request *req, struct text phone, struct text *normal);
struct text phone_normal(TALLOC_CTX *mem, struct text phone);		/* one leading + and blanks removed, unchecked */
int password_check_strength(struct request *req, struct text password); /* 400 or 422 weak_password */
/* As above, but says what is weak instead of failing: *weak bits and *message; 0 unless the check itself failed. */
int password_weakness(struct request *req, struct text password, unsigned *weak, const char **message);
const char *weak_reason_name(unsigned bit); /* "length", "characters", "pwned" */
/* *given false: no change. *until MOMENT_NONE: the ban ends. */
int ban_duration_parse(struct request *req, struct text text, moment *until, bool *given);

/* ---- making and changing (section 1.10; contract 03 section 6.2) ----------------------------------------------------------------------------
 * All within the caller's transaction. They change the user in memory and queue their writes (db_later): nothing waits, and a write that
 * fails makes the transaction fail with 500 and the given message (NULL: the generic 500). Each moves updated_at. */

struct user *user_new(struct request *req, struct text email, struct text phone, struct text aud); /* in memory: id, aud, nothing stored */
/* The error texts of creating a user (section 3.2): queued INSERT and role, then the row as triggers left it. */
int user_create(struct request *req, struct user *user);
void user_insert(struct request *req, struct user *user, const char *message);
void user_set_role(struct request *req, struct user *user, struct text role, const char *message);
void user_confirm_email(struct request *req, struct user *user, const char *message);
void user_confirm_phone(struct request *req, struct user *user, const char *message);
void user_confirm_email_change(struct request *req, struct user *user, int status, const char *message);
void user_confirm_phone_change(struct request *req, struct user *user, const char *message);
void user_confirm_reauthentication(struct request *req, struct user *user, const char *message);
void user_consume_recovery(struct request *req, struct user *user, const char *message);
/* hash already made (and sealed), NULL: none; keep NULL: all sessions end. */
void user_store_password(struct request *req, struct user *user, const char *hash, const struct uuid *keep_session, const char *message);
void user_merge_user_metadata(struct request *req, struct user *user, struct json_object *changes, const char *message);
void user_merge_app_metadata(struct request *req, struct user *user, struct json_object *changes, const char *message);
void user_recompute_providers(struct request *req, struct user *user, const char *message);
void user_ban(struct request *req, struct user *user, moment until, const char *message);
void user_set_email(struct request *req, struct user *user, struct text email, const char *message); /* empty: NULL */
void user_set_phone(struct request *req, struct user *user, struct text phone, const char *message);
void user_remove_phone(struct request *req, struct user *user, const char *message); /* and its confirmation */
void user_clear_pending(struct request *req, struct user *user, const char *message);
void user_set_anonymous(struct request *req, struct user *user, bool anonymous, const char *message);
void user_drop_unconfirmed_identities(struct request *req, struct user *user, const struct identity *keep, const char *message);
/* Section 8.4. *conflict: no identity's e-mail is free; nothing was changed. */
int user_rederive_email(struct request *req, struct user *user, bool *conflict, const char *message);
/* Section 6.6: an e-mail identity for the first password, where the setting is on. Call after the password was stored; had_password is
 * what was before. */
void user_first_password(struct request *req, struct user *user, bool had_password, const char *message);
void user_delete(struct request *req, const struct user *user, const char *message);
void user_soft_delete(struct request *req, struct user *user); /* with the texts of section 10.5 */

/* ---- identities ------------------------------------------------------------------------------------------------------------------------------- */

/* The built-in one (email, phone): its provider_id is the user's id. NULL: there is none. */
struct identity *identity_find(const struct user *user, const char *provider);
/* data needs "sub" (a string); appended to user->identities, which moves: pointers to its items become invalid. "Error creating identity"
 * unless a message is given. */
struct identity *identity_create(struct request *req, struct user *user, const char *provider, struct json_object *data, const char *message);
int identity_by_provider(struct request *req, const char *provider, struct text provider_id, struct identity **identity);
/* Shallow merge; updated_at stays. */
void identity_update_data(struct request *req, struct identity *identity, struct json_object *changes, const char *message);
/* What a provider says now takes the place of what it said; updated_at moves. */
void identity_replace_data(struct request *req, struct identity *identity, struct json_object *data, const char *message);
void identity_delete(struct request *req, struct user *user, const struct identity *identity, const char *message);
/* The base data of section 1.2, owned by req. */
struct json_object *identity_base_data(struct request *req, const struct user *user, const char *provider, bool with_phone);
bool provider_in_default_domain(const struct request *req, const char *provider);

/* Manual linking (section 8.3) up to its mails. */
enum link_result {
	LINK_DONE,
	LINK_UNVERIFIED, /* the caller sends the confirmation mail and answers 422 email_not_confirmed, keeping the transaction */
};
/* verified: the provider vouches for the e-mail. 422 identity_already_exists, 400 email_exists. */
int identity_link(struct request *req, struct user *user, const char *provider, struct json_object *claims, bool verified, enum link_result *result);

/* ---- one-time tokens (contract 03 section 6.4) ------------------------------------------------------------------------------------------------ */

enum one_time_token { OTT_CONFIRMATION, OTT_REAUTHENTICATION, OTT_RECOVERY, OTT_EMAIL_CHANGE_NEW, OTT_EMAIL_CHANGE_CURRENT, OTT_PHONE_CHANGE, OTTS };
/* Queued, as the changes above. */
void ott_create(struct request *req, const struct user *user, enum one_time_token type, struct text relates_to, struct text hash,
		const char *message);
void ott_delete(struct request *req, const struct user *user, enum one_time_token type, const char *message);
void ott_delete_all(struct request *req, const struct user *user, const char *message);
/* The user of a mail's token, where it is about the address that the user has now (contract 06 section 14). */
int ott_find_mail_user(struct request *req, struct text hash, const enum one_time_token *types, size_t count, struct user **user);

/* ---- the audit log (section 12) ------------------------------------------------------------------------------------------------------------------ */

enum audit_action {
	AUDIT_LOGIN,
	AUDIT_LOGOUT,
	AUDIT_INVITE_ACCEPTED,
	AUDIT_USER_SIGNEDUP,
	AUDIT_USER_INVITED,
	AUDIT_USER_DELETED,
	AUDIT_USER_MODIFIED,
	AUDIT_USER_RECOVERY_REQUESTED,
	AUDIT_USER_REAUTHENTICATE_REQUESTED,
	AUDIT_USER_CONFIRMATION_REQUESTED,
	AUDIT_USER_REPEATED_SIGNUP,
	AUDIT_USER_UPDATED_PASSWORD,
	AUDIT_IDENTITY_LINKED,
	AUDIT_IDENTITY_UNLINKED,
	AUDIT_TOKEN_REVOKED,
	AUDIT_TOKEN_REFRESHED,
	AUDIT_FACTOR_IN_PROGRESS,
	AUDIT_FACTOR_UNENROLLED,
	AUDIT_CHALLENGE_CREATED,
	AUDIT_VERIFICATION_ATTEMPTED,
	AUDIT_FACTOR_DELETED,
	AUDIT_FACTOR_UPDATED,
	AUDIT_PASSKEY_CREATED,
	AUDIT_PASSKEY_UPDATED,
	AUDIT_PASSKEY_DELETED,
};
/* actor NULL: the admin of the bearer token. traits: an object or NULL. with_address: ip_address is recorded. Writes the log line, and the
 * row in the open transaction (queued). */
void audit(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits, bool with_address);
/* The same; where the row cannot be written the transaction fails with this message. */
void audit_or(struct request *req, enum audit_action action, const struct user *actor, struct json_object *traits, bool with_address,
	      const char *message);
/* Traits of texts: name and value alternating, NULL-terminated; owned by req. A NULL value is "". */
struct json_object *audit_traits(struct request *req, const char *name, const char *value, ...) __attribute__((sentinel));
/* The log entry alone, for an event whose row a statement has written with this id and time: no traits, no address. */
void audit_written(struct request *req, enum audit_action action, const struct user *actor, const struct uuid *id, moment at);

#endif
