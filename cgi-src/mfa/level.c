/* level.c: assurance levels: what a session has, what a user could have (contract 08 section 3). */
#include <string.h>

#include "mfa_int.h"

bool session_is_aal2(const struct request *req)
{
	return req->bearer->session && strcmp(req->bearer->session->aal, "aal2") == 0;
}

bool user_needs_aal2(const struct request *req)
{
	return user_has_verified_factor(req->bearer->user) && !session_is_aal2(req);
}

void mfa_lower_sessions(struct request *req, const struct factor *factor, const char *message)
{
	const struct factor_kind *kind = factor_kind_of(factor);

	db_later(req, message, STMT_SESSIONS_LOSE_FACTOR,
		 DB_ARGS(db_uuid(&factor->user_id), db_uuid(&factor->id), db_string(kind ? kind->method : factor->type)));
}
