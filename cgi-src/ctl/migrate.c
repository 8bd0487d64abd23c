/* migrate.c: `latchkey migrate` (contract 02 section 5.2; 03 section 3). */
#include "command.h"
#include "latchkey/db.h"

int command_migrate(TALLOC_CTX *mem, const struct command_line *line)
{
	struct settings *settings = command_settings(mem, line);
	struct request *req;
	int applied = 0;

	if (!settings)
		return 1;
	req = request_new(mem, settings);
	req->db = db_new(req, settings->db.url, false, "auth_migrations");
	if (db_migrate(req, settings->db.namespace_, line->check, &applied) < 0) {
		log_plain(LOG_FATAL, format(mem, "running db migrations: %s", req->failure.cause ? req->failure.cause : req->failure.message));
		return 1;
	}
	if (!line->check)
		log_to(LOG_INFO, "GoTrue migrations applied successfully", log_number("count", applied));
	return 0;
}
