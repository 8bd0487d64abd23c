/* postgres.c: asking a PostgreSQL function (contract 11 section 8). */
#include "cgi-src/hook/hook_int.h"
#include "latchkey/db.h"

struct question {
	const struct settings_hook *hook;
	struct text input;
	struct hook_output *output;
};

/* The function's name is the one text that is put into SQL; settings have checked and quoted it (section 12). */
static int ask(struct request *req, void *arg)
{
	struct question *question = arg;
	const char *sql = format(req, "select %s($1)", question->hook->function);
	struct db_plans own;
	struct db_rows *rows;

	db_later(req, NULL, STMT_HOOK_BEGIN, DB_NO_ARGS);
	if (db_fetch_text(req, sql, DB_ARGS(db_text(question->input)), &rows) < 0)
		return hook_failed_to_run(req, question->hook);
	own = db_own_plans(req->db);
	db_later(req, NULL, STMT_HOOK_END, DB_ARGS(db_string_opt(own.plan_cache_mode), db_string_opt(own.enable_seqscan), db_string_opt(own.jit)));
	if (db_row_count(rows) == 0) {
		fail_cause(req, "the function returned no row");
		return hook_failed_to_run(req, question->hook);
	}
	question->output->given = !db_is_null(rows, 0, 0);
	question->output->body = db_get_text(rows, 0, 0);
	return 0;
}

int hook_in_postgres(struct request *req, const struct settings_hook *hook, struct text input, struct hook_output *output)
{
	struct question question = {hook, input, output};

	if (db_in_transaction(req->db))
		return ask(req, &question);
	if (db_transaction(req, ask, &question) < 0)
		return failure_is(req, "unexpected_failure") || req->failure.final ? -1 : hook_failed_to_run(req, hook);
	return 0;
}
