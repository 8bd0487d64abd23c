/* link.c: identities linked to an account, and the e-mail that an account has because of them (contract 05 sections 8.3 and 8.4). */
#include <stdlib.h>
#include <string.h>

#include "account_int.h"

/* ---- re-deriving the e-mail (8.4) ----------------------------------------------------------------------------------------------- */

enum rank { RANK_VERIFIED, RANK_UNVERIFIED, RANK_NO_EMAIL };

static enum rank rank_of(const struct identity *identity)
{
	if (identity->email[0] == '\0')
		return RANK_NO_EMAIL;
	return json_get_true(identity->data, "email_verified") ? RANK_VERIFIED : RANK_UNVERIFIED;
}

static int by_rank(const void *left, const void *right)
{
	const struct identity *a = left, *b = right;
	int ranks = (int)rank_of(a) - (int)rank_of(b);

	if (ranks)
		return ranks;
	if (a->created_at != b->created_at)
		return a->created_at < b->created_at ? -1 : 1;
	return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes)); /* the order of the ids' text, too */
}

static bool identity_names_email(const struct user *user)
{
	for (size_t i = 0; i < user->identity_count; i++)
		if (strcmp(user->identities[i].email, user->email) == 0)
			return true;
	return false;
}

static int email_is_free(struct request *req, const struct user *user, const char *email, bool *free)
{
	struct db_rows *rows;

	*free = email[0] == '\0';
	if (*free)
		return 0;
	if (db_fetch(req, STMT_USER_EMAIL_TAKEN, DB_ARGS(db_text(text_lower(req, text_of(email))), db_string(user->aud)), &rows) < 0)
		return -1;
	*free = db_row_count(rows) == 0;
	return 0;
}

static int first_free(struct request *req, const struct user *user, struct identity *ranked, const struct identity **chosen)
{
	bool free;

	*chosen = NULL;
	for (size_t i = 0; i < user->identity_count && !*chosen; i++) {
		if (email_is_free(req, user, ranked[i].email, &free) < 0)
			return -1;
		if (free)
			*chosen = &ranked[i];
	}
	return 0;
}

static void take_email(struct request *req, struct user *user, const struct identity *from, const char *message)
{
	bool verified = rank_of(from) == RANK_VERIFIED || (from->email[0] && req->settings->mailer.autoconfirm);

	user_set_email(req, user, text_of(from->email), message);
	user_clear_pending(req, user, message);
	if (verified)
		return;
	user->updated_at = moment_now();
	user->email_confirmed_at = MOMENT_NONE;
	user->user_metadata = json_with_truth(req, user->user_metadata, "email_verified", false);
	db_later(req, message, STMT_USER_UNCONFIRM_EMAIL,
		 DB_ARGS(db_uuid(&user->id), db_moment(user->updated_at), db_json(req, user->user_metadata)));
}

int user_rederive_email(struct request *req, struct user *user, bool *conflict, const char *message)
{
	struct identity *ranked = must(talloc_memdup(req, user->identities, (user->identity_count + 1) * sizeof(*ranked)));
	const struct identity *chosen;

	*conflict = false;
	if (identity_names_email(user))
		return 0;
	qsort(ranked, user->identity_count, sizeof(*ranked), by_rank);
	if (first_free(req, user, ranked, &chosen) < 0)
		return -1;
	*conflict = !chosen;
	if (chosen)
		take_email(req, user, chosen, message);
	return 0;
}

/* ---- linking (8.3) ----------------------------------------------------------------------------------------------------------------- */

static int refuse_linked(struct request *req, const struct user *user, const char *provider, struct json_object *claims)
{
	struct identity *there;

	if (identity_by_provider(req, provider, json_get_text(claims, "sub"), &there) < 0)
		return -1;
	if (!there)
		return 0;
	if (uuid_equal(&there->user_id, &user->id))
		return fail(req, 422, "identity_already_exists", "Identity is already linked");
	return fail(req, 422, "identity_already_exists", "Identity is already linked to another user");
}

static void audit_linked(struct request *req, const struct user *user, const struct identity *identity)
{
	audit(req, AUDIT_IDENTITY_LINKED, user,
	      audit_traits(req, "identity_id", uuid_string(req, &identity->id), "provider", identity->provider, "provider_id", identity->provider_id,
			   NULL),
	      true);
}

/* The user had no e-mail: the identity's becomes it. */
static int first_email(struct request *req, struct user *user, bool verified, enum link_result *result)
{
	bool conflict;

	if (user_rederive_email(req, user, &conflict, NULL) < 0)
		return -1;
	if (conflict)
		return fail(req, 400, "email_exists", "A user with this email address has already been registered");
	if (!verified) {
		*result = LINK_UNVERIFIED;
		return 0;
	}
	user_confirm_email(req, user, NULL);
	if (user->is_anonymous)
		user_set_anonymous(req, user, false, NULL);
	return 0;
}

int identity_link(struct request *req, struct user *user, const char *provider, struct json_object *claims, bool verified, enum link_result *result)
{
	*result = LINK_DONE;
	if (refuse_linked(req, user, provider, claims) < 0)
		return -1;
	audit_linked(req, user, identity_create(req, user, provider, claims, NULL));
	if (user->email[0] == '\0' && first_email(req, user, verified, result) < 0)
		return -1;
	if (*result == LINK_DONE)
		user_recompute_providers(req, user, NULL);
	return 0;
}
