/* headers.c: the sb-auth-… headers of answers that issue or refuse tokens (contract 04 section 4). */
#include "session_int.h"

void header_uuid(struct request *req, const char *name, const struct uuid *uuid)
{
	http_set_header(req, name, text_of(uuid_string(req, uuid)));
}

void header_counter(struct request *req, int64_t counter)
{
	http_set_header(req, HEADER_COUNTER, text_of(format(req, "%lld", (long long)counter)));
}

void header_prefix(struct request *req, struct text refresh_token)
{
	http_set_header(req, HEADER_PREFIX, text_copy(req, (struct text){refresh_token.data, 5}));
}

/* The writes travel together, after all headers are set: a write that fails takes those back that come after it. */
static const struct undone {
	enum statement statement;
	const char *headers[4];
} undone_issue[] =
	{
		{STMT_AUDIT_INSERT, {HEADER_USER, HEADER_SESSION, HEADER_PREFIX, HEADER_COUNTER}},
		{STMT_SESSION_INSERT, {HEADER_SESSION, HEADER_PREFIX, HEADER_COUNTER}},
		{STMT_REFRESH_V1_INSERT, {HEADER_PREFIX}},
},
  undone_refresh[] = {
	  {STMT_AUDIT_INSERT, {HEADER_PREFIX, HEADER_REUSE}},
	  {STMT_REFRESH_V1_REVOKE, {HEADER_PREFIX, HEADER_REUSE, HEADER_COUNTER}},
	  {STMT_REFRESH_V1_INSERT, {HEADER_PREFIX, HEADER_REUSE, HEADER_COUNTER}},
	  {STMT_USER_TOUCH, {HEADER_PREFIX, HEADER_REUSE, HEADER_COUNTER}},
	  {STMT_SESSION_SET_KEY_COUNTER, {HEADER_PREFIX, HEADER_REUSE, HEADER_COUNTER}},
	  {STMT_SESSION_SET_COUNTER, {HEADER_COUNTER}},
};

static void take_back(struct request *req, const struct undone *undone, size_t count)
{
	const struct db_error *error = req->failure.db;

	for (size_t i = 0; error && i < count; i++)
		for (size_t j = 0; error->statement == (int)undone[i].statement && j < 4 && undone[i].headers[j]; j++)
			http_drop_header(req, undone[i].headers[j]);
}

void session_issue_failed(struct request *req)
{
	take_back(req, undone_issue, sizeof(undone_issue) / sizeof(undone_issue[0]));
}

void session_refresh_failed(struct request *req, bool is_v2)
{
	if (!is_v2 || !req->failure.db || req->failure.db->statement != STMT_AUDIT_INSERT)
		take_back(req, undone_refresh, sizeof(undone_refresh) / sizeof(undone_refresh[0]));
}
