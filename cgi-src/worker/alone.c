/* alone.c: a process that is the one worker: no manager, no lanes (mod_fcgid starts and ends as many of them as it wants). */
#include "latchkey/mail.h"
#include "worker_int.h"

static void look_at_templates(const struct settings *settings)
{
	struct request *req = request_new(NULL, settings);

	mail_check_templates(req);
	talloc_free(req);
}

int serve_alone(const struct worker_options *options, const struct settings *settings)
{
	struct worker *worker = must(talloc_zero((TALLOC_CTX *)settings, struct worker));
	struct listener listener;
	int status;

	worker->settings = settings;
	worker->lane = LANES;
	worker->lanes = (struct lanes){.send = {-1, -1, -1}, .receive = {-1, -1, -1}};
	worker->shared = start_shared(worker, settings, options);
	if (!worker->shared || !listener_open(worker, options->listen, &listener))
		return 1;
	look_at_templates(settings);
	worker_signals(listener.fd);
	worker->db = db_new(worker, settings->db.url, settings->latchkey.db_prepare, NULL);
	systemd_notify("READY=1");
	status = worker_accept(worker, listener.fd);
	listener_close(&listener);
	return status;
}
