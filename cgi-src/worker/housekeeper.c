/* housekeeper.c: a child of the manager that looks after templates and the database once, at the start and after a reload, and ends (contract 02 section 8). */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "latchkey/mail.h"
#include "manager_int.h"

static const char *cause(const struct request *req)
{
	return req->failure.cause ? req->failure.cause : req->failure.message;
}

/* Section 6.2. False: the database is away. */
static bool look_at_connections(struct request *req, int teller)
{
	struct db_rows *rows = NULL;
	int64_t most = db_fetch(req, STMT_MAX_CONNECTIONS, DB_NO_ARGS, &rows) == 0 ? db_get_int(rows, 0, 0) : 0;
	const char *why = rows ? "db reported a maximum of 0 connections" : cause(req);

	if (most > 0) {
		connections_log(req->settings, most);
		(void)!write(teller, &most, sizeof(most));
		return true;
	}
	log_to(LOG_ERROR, "failure applying config connection limits to db", log_text("component", "apiworker"),
	       log_text("worker_type", "apiworker_db_worker"), log_text("error", format(req, "storage: ApplyConfig: %s", why)));
	if (req->failure.final)
		return false;
	failure_clear(req);
	return true;
}

static bool wants_indexes(const struct settings *settings)
{
	return settings->index_worker.ensure_user_search_indexes || settings->index_worker.max_users_threshold > 0;
}

static void look_after(const struct settings *settings, int teller)
{
	struct request *req = request_new(NULL, settings);

	mail_check_templates(req);
	req->db = db_new(req, settings->db.url, settings->latchkey.db_prepare, "auth_indexworker");
	if (look_at_connections(req, teller) && db_check_access(req) < 0 && req->failure.final)
		log_to(LOG_ERROR, "the database cannot be looked after", log_text("error", cause(req)));
	else if (!req->failure.final && wants_indexes(settings)) {
		failure_clear(req);
		db_ensure_user_indexes(req, settings->db.namespace_, settings->index_worker.ensure_user_search_indexes,
				       settings->index_worker.max_users_threshold);
	}
	talloc_free(req);
}

void housekeeper_start(struct manager *manager, const struct settings *settings)
{
	int ends[2] = {-1, -1};
	pid_t keeper = getpid(), pid = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;

	if (pid != 0) { /* without one the server runs all the same */
		if (manager->keeper >= 0)
			close(manager->keeper);
		manager->keeper = ends[0];
		if (ends[1] >= 0)
			close(ends[1]);
		return;
	}
	close(ends[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "latchkey keeper");
	if (getppid() != keeper)
		_exit(0);
	worker_signals(-1);
	close(manager->listener.fd);
	for (struct crew *crew = manager->crews; crew; crew = crew->next)
		lanes_close(&crew->lanes); /* their queues have to end */
	look_after(settings, ends[1]);
	_exit(0);
}
