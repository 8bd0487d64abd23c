/* decide.c: the user approves or denies (contract 10 section 10). */
#include <string.h>

#include "idp_int.h"

struct decision {
	struct text authorization_id;
	bool approve;
	struct oauth_authorization *authorization;
};

/* The new list replaces what was granted before (section 3.3). */
static void store_consent(struct request *req, const struct oauth_authorization *authorization)
{
	struct text_list scopes = oauth_scopes(req, authorization->scope);
	struct uuid id = uuid_v4();

	db_later(req, "error storing consent", STMT_OAUTH_CONSENT_STORE,
		 DB_ARGS(db_uuid(&id), db_uuid(&authorization->user_id), db_uuid(&authorization->client_id), db_text(texts_joined(req, &scopes, ' ')),
			 db_moment(moment_now())));
}

static int decide_locked(struct request *req, void *arg)
{
	struct decision *decision = arg;
	struct oauth_authorization *authorization;

	if (authorization_lock(req, decision->authorization_id, &authorization) < 0)
		return -1;
	if (strcmp(authorization->status, "pending") != 0)
		return fail(req, 400, "validation_failed", "authorization request is no longer pending");
	if (!uuid_equal(&authorization->user_id, &req->bearer->user->id))
		return authorization_not_found(req);
	decision->authorization = authorization;
	if (decision->approve) {
		authorization_approve(req, authorization, "error approving authorization");
		store_consent(req, authorization);
	} else {
		db_later(req, "error denying authorization", STMT_OAUTH_AUTHORIZATION_DENY, DB_ARGS(db_uuid(&authorization->id)));
	}
	return 0;
}

int oauth_decide(struct request *req, struct text authorization_id, bool approve, struct text *redirect)
{
	struct decision decision = {authorization_id, approve, NULL};
	const struct oauth_authorization *made;

	if (db_transaction(req, decide_locked, &decision) < 0)
		return -1;
	made = decision.authorization;
	*redirect = approve ? redirect_with_code(req, made)
			    : redirect_with_error(req, made->redirect_uri, "access_denied", TEXT("User denied the request"), made->state);
	return 0;
}
