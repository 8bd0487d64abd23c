/* idp_int.h: what the files of this room share. */
#ifndef IDP_INT_H
#define IDP_INT_H

#include "latchkey/http.h"
#include "latchkey/idp.h"
#include "latchkey/settings.h"

void client_from_row(struct request *req, const struct db_rows *rows, int row, struct oauth_client *client);

struct text texts_joined(TALLOC_CTX *mem, const struct text_list *list, char between);

/* Unpadded base64url of the secret's SHA-256 (section 3.1). */
char *client_secret_hash(TALLOC_CTX *mem, struct text secret);
char *client_secret_new(TALLOC_CTX *mem);

/* NULL, or why the URI is refused (section 5.2). */
const char *redirect_uri_complaint(TALLOC_CTX *mem, struct text uri);
bool shown_uri_valid(TALLOC_CTX *mem, struct text uri); /* client_uri, logo_uri */
/* The checks that registration and update have in common, in the order of section 5.1 rows 2, 3 and 4 to 7: empty, or what is wrong. */
struct text redirect_uris_complaint(TALLOC_CTX *mem, const struct text_list *uris);
struct text client_details_complaint(TALLOC_CTX *mem, const struct oauth_client_fields *fields);
bool is_auth_method(struct text method);

/* Section 11. */
struct text redirect_with_code(struct request *req, const struct oauth_authorization *authorization);
struct text redirect_with_error(struct request *req, struct text uri, const char *error, struct text description, struct text state);

enum { AUTHORIZATION_COLUMNS = 14 };
struct oauth_authorization *authorization_from_row(struct request *req, const struct db_rows *rows);
/* In a transaction: the row, locked and not expired; a pending one that has expired is marked, which is kept (section 9 rows 4 and 5). */
int authorization_lock(struct request *req, struct text authorization_id, struct oauth_authorization **authorization);
int authorization_not_found(struct request *req);
/* Gives it a code; queued. */
void authorization_approve(struct request *req, struct oauth_authorization *authorization, const char *message);

/* What is wrong with a verifier (RFC 7636 section 4.6); NULL: it fits. */
const char *verifier_complaint(TALLOC_CTX *mem, const char *challenge, const char *method, struct text verifier);

/* A code that is not there: where it was spent by this client, and the verifier fits, what it gave is taken back (section 20, point 2). */
int code_replayed(struct request *req, const struct oauth_client *client, const struct oauth_exchange *asked);
void code_mark(struct request *req, const struct oauth_authorization *authorization, const struct session *session);

bool id_token_possible(const struct request *req);
/* Section 13; -1 with its 500. */
int id_token_make(struct request *req, const struct user *user, const struct oauth_authorization *authorization, struct text *token);

/* What the profile scope shows of a user: TEXT_NONE where there is nothing. */
struct text profile_name(const struct user *user);
struct text profile_text(const struct user *user, const char *first, const char *second);

#endif
