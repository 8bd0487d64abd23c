/* one_time_token.c: the look-up table of outstanding codes and links (contract 03 section 6.4). */
#include "account_int.h"

static const char *const token_types[OTTS] = {
	[OTT_CONFIRMATION] = "confirmation_token",
	[OTT_REAUTHENTICATION] = "reauthentication_token",
	[OTT_RECOVERY] = "recovery_token",
	[OTT_EMAIL_CHANGE_NEW] = "email_change_token_new",
	[OTT_EMAIL_CHANGE_CURRENT] = "email_change_token_current",
	[OTT_PHONE_CHANGE] = "phone_change_token",
};

void ott_create(struct request *req, const struct user *user, enum one_time_token type, struct text relates_to, struct text hash, const char *message)
{
	struct uuid id = uuid_v4();

	db_later(req, message, STMT_ONE_TIME_TOKEN_CREATE,
		 DB_ARGS(db_uuid(&id), db_uuid(&user->id), db_string(token_types[type]), db_text(hash), db_text(text_lower(req, relates_to)),
			 db_moment(moment_now())));
}

void ott_delete(struct request *req, const struct user *user, enum one_time_token type, const char *message)
{
	db_later(req, message, STMT_ONE_TIME_TOKEN_DELETE, DB_ARGS(db_uuid(&user->id), db_string(token_types[type])));
}

void ott_delete_all(struct request *req, const struct user *user, const char *message)
{
	db_later(req, message, STMT_ONE_TIME_TOKENS_DELETE, DB_ARGS(db_uuid(&user->id)));
}

int ott_find_mail_user(struct request *req, struct text hash, const enum one_time_token *types, size_t count, struct user **user)
{
	struct text names[OTTS];
	struct text_list list = {names, 0, true};
	struct db_rows *rows;

	for (size_t i = 0; i < count && i < OTTS; i++)
		names[list.count++] = text_of(token_types[types[i]]);
	*user = NULL;
	if (db_fetch(req, STMT_USER_BY_MAIL_TOKEN, DB_ARGS(db_text(hash), db_text_array(req, &list)), &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0)
		return 0;
	*user = must(talloc(req, struct user));
	user_from_row(req, rows, 0, 0, *user);
	return 0;
}
