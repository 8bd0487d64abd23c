/* housekeeper.c: a child of the manager that looks after the database once, at the start and after a reload, and ends (contract 02 section 8). */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "manager_int.h"

static bool wants_indexes(const struct settings *settings)
{
	return settings->index_worker.ensure_user_search_indexes || settings->index_worker.max_users_threshold > 0;
}

static void look_after(const struct settings *settings)
{
	struct request *req = request_new(NULL, settings);

	req->db = db_new(req, settings->db.url, settings->latchkey.db_prepare, "auth_indexworker");
	if (db_check_access(req) < 0 && req->failure.final)
		log_to(LOG_ERROR, "the database cannot be looked after",
		       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
	else if (wants_indexes(settings)) {
		failure_clear(req);
		db_ensure_user_indexes(req, settings->db.namespace_, settings->index_worker.ensure_user_search_indexes,
				       settings->index_worker.max_users_threshold);
	}
	talloc_free(req);
}

void housekeeper_start(struct manager *manager, const struct settings *settings)
{
	pid_t keeper = getpid(), pid = fork();

	if (pid != 0)
		return; /* without one the server runs all the same */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "latchkey keeper");
	if (getppid() != keeper)
		_exit(0);
	worker_signals(-1);
	close(manager->listener.fd);
	for (struct crew *crew = manager->crews; crew; crew = crew->next)
		lanes_close(&crew->lanes); /* their queues have to end */
	look_after(settings);
	_exit(0);
}
