/* open.c: the consent page asks what it is about, for the signed-in user, whose request it becomes (contract 10 section 9). */
#include <string.h>

#include "idp_int.h"

struct opening {
	struct text authorization_id;
	struct oauth_authorization *authorization;
	bool approved;
};

/* Whether an earlier consent covers everything that is asked for now. */
static int is_covered(struct request *req, const struct oauth_authorization *authorization, bool *covered)
{
	struct text_list wanted = oauth_scopes(req, authorization->scope), granted;
	struct db_rows *rows;

	*covered = false;
	if (db_fetch(req, STMT_OAUTH_CONSENT_ACTIVE, DB_ARGS(db_uuid(&authorization->user_id), db_uuid(&authorization->client_id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	granted = oauth_scopes(req, db_get_text(rows, 0, 0));
	for (size_t i = 0; i < wanted.count; i++)
		if (!text_list_has(&granted, wanted.items[i]))
			return 0;
	*covered = true;
	return 0;
}

/* Only the request that claims the row may approve it without asking. */
static int claim(struct request *req, struct opening *opening)
{
	struct oauth_authorization *authorization = opening->authorization;

	authorization->user_id = req->bearer->user->id;
	db_later(req, NULL, STMT_OAUTH_AUTHORIZATION_CLAIM, DB_ARGS(db_uuid(&authorization->id), db_uuid(&authorization->user_id)));
	if (is_covered(req, authorization, &opening->approved) < 0)
		return -1;
	if (opening->approved)
		authorization_approve(req, authorization, "Error auto-approving authorization");
	return 0;
}

static int open_locked(struct request *req, void *arg)
{
	struct opening *opening = arg;

	if (authorization_lock(req, opening->authorization_id, &opening->authorization) < 0)
		return -1;
	if (strcmp(opening->authorization->status, "pending") != 0)
		return fail(req, 400, "validation_failed", "authorization request cannot be processed");
	if (uuid_is_nil(&opening->authorization->user_id))
		return claim(req, opening);
	if (uuid_equal(&opening->authorization->user_id, &req->bearer->user->id))
		return 0;
	request_log_to(req, LOG_WARNING, "authorization belongs to different user", log_bytes("authorization_id", opening->authorization_id));
	return authorization_not_found(req);
}

int oauth_open(struct request *req, struct text authorization_id, struct oauth_authorization **authorization, struct oauth_client **client,
	       struct text *redirect)
{
	struct opening opening = {.authorization_id = authorization_id};

	*redirect = TEXT_NONE;
	if (db_transaction(req, open_locked, &opening) < 0)
		return -1;
	*authorization = opening.authorization;
	if (opening.approved) {
		*redirect = redirect_with_code(req, opening.authorization);
		return 0;
	}
	if (oauth_client_by_id(req, &opening.authorization->client_id, client) < 0)
		return fail_server(req, "error finding client");
	return *client ? 0 : authorization_not_found(req);
}
