/* session_row.c: sessions read from rows of sql/statements/sessions.sql. */
#include <stdlib.h>

#include "session_int.h"

static void read_amr(struct request *req, struct text_list rows, struct session *session)
{
	session->amr = must(talloc_array(req, struct amr_claim, (unsigned)rows.count + 1));
	for (size_t i = 0; i < rows.count; i++) {
		struct text at, method;

		if (text_cut(rows.items[i], ' ', &at, &method))
			session->amr[session->amr_count++] = (struct amr_claim){method.data, strtoll(at.data, NULL, 10)};
	}
}

void session_from_row(struct request *req, const struct db_rows *rows, int row, int first_column, struct session *session)
{
	int at = first_column;

	*session = (struct session){.id = db_get_uuid(rows, row, at)};
	session->user_id = db_get_uuid(rows, row, at + 1);
	session->created_at = db_get_moment(rows, row, at + 2);
	session->updated_at = db_get_moment(rows, row, at + 3);
	session->refreshed_at = db_get_moment(rows, row, at + 4);
	session->not_after = db_get_moment(rows, row, at + 5);
	session->factor_id = db_get_uuid(rows, row, at + 6);
	session->oauth_client_id = db_get_uuid(rows, row, at + 7);
	session->aal = db_get_string(rows, row, at + 8);
	session->tag = db_get_string(rows, row, at + 9);
	session->scopes = db_get_string(rows, row, at + 10);
	session->refresh_hmac_key = db_is_null(rows, row, at + 11) ? NULL : db_get_string(rows, row, at + 11);
	session->refresh_counter = db_get_int(rows, row, at + 12);
	session->has_counter = !db_is_null(rows, row, at + 12);
	read_amr(req, db_get_texts(req, rows, row, at + 13), session);
}

int session_by_id(struct request *req, const struct uuid *id, struct session **session)
{
	struct db_rows *rows;

	*session = NULL;
	if (db_fetch(req, STMT_SESSION_BY_ID, DB_ARGS(db_uuid(id)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*session = must(talloc(req, struct session));
	session_from_row(req, rows, 0, 0, *session);
	return 0;
}

struct db_value session_user_agent(struct request *req)
{
	struct text agent = text_before(req->user_agent, '\0');

	return agent.len ? db_text(utf8_repair(req, agent)) : db_null();
}

struct db_value session_address(struct request *req)
{
	return req->address_valid ? db_text(text_before(req->address, '%')) : db_null();
}
