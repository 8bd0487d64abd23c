/* migrate.c: `latchkey migrate` (contract 02 section 5.2; 03 section 3). */
#include "command.h"
#include "latchkey/db.h"

static int save(struct request *req, const char *namespace_, const char *path)
{
	int missing;

	if (db_migrations_missing(req, namespace_, &missing) < 0)
		return -1;
	if (missing == 0)
		return 0;
	if (db_save_schemas(req, namespace_, path) < 0)
		return -1;
	log_to(LOG_INFO, "the schema has been saved", log_text("file", path));
	return 0;
}

int command_migrate(TALLOC_CTX *mem, const struct command_line *line)
{
	struct settings *settings = command_settings(mem, line);
	struct request *req;
	int applied = 0;

	if (!settings)
		return 1;
	req = request_new(mem, settings);
	req->db = db_new(req, settings->db.url, false, "auth_migrations");
	if ((line->save && !line->check && save(req, settings->db.namespace_, line->save) < 0) ||
	    db_migrate(req, settings->db.namespace_, line->check, &applied) < 0) {
		log_plain(LOG_FATAL, format(mem, "running db migrations: %s", req->failure.cause ? req->failure.cause : req->failure.message));
		return 1;
	}
	if (!line->check)
		log_to(LOG_INFO, "GoTrue migrations applied successfully", log_number("count", applied));
	return 0;
}
