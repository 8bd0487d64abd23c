/* logout.c: sessions end (contract 04 section 11). */
#include "session_int.h"

#define FAILED "Error logging out user"

struct logout {
	const struct bearer *bearer;
	enum logout_scope scope;
};

static int end_sessions(struct request *req, void *arg)
{
	const struct logout *logout = arg;
	const struct user *user = logout->bearer->user;
	const struct session *session = logout->bearer->session;

	audit_or(req, AUDIT_LOGOUT, user, NULL, false, FAILED);
	if (!session || logout->scope == LOGOUT_GLOBAL)
		db_later(req, FAILED, STMT_SESSIONS_DELETE_ALL, DB_ARGS(db_uuid(&user->id)));
	else if (logout->scope == LOGOUT_LOCAL)
		db_later(req, FAILED, STMT_SESSION_DELETE, DB_ARGS(db_uuid(&session->id)));
	else
		db_later(req, FAILED, STMT_SESSIONS_DELETE_OTHERS, DB_ARGS(db_uuid(&user->id), db_uuid(&session->id)));
	return 0;
}

int session_logout(struct request *req, const struct bearer *bearer, enum logout_scope scope)
{
	struct logout logout = {bearer, scope};

	return db_transaction(req, end_sessions, &logout);
}

int session_delete_all(struct request *req, const struct uuid *user_id, const struct uuid *except)
{
	if (except)
		return db_execute(req, STMT_SESSIONS_DELETE_OTHERS, DB_ARGS(db_uuid(user_id), db_uuid(except)));
	return db_execute(req, STMT_SESSIONS_DELETE_ALL, DB_ARGS(db_uuid(user_id)));
}
