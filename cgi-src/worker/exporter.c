/* exporter.c: the manager's child that answers Prometheus: when it starts, what becomes of it (contract 02 sections 7.4, 7.8). */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exporter.h"

#define PAUSE (1 * SECOND) /* before the next where one was killed */

static bool wanted(const struct settings *settings)
{
	return settings->metrics.enabled && strcmp(settings->metrics.exporter, "prometheus") == 0;
}

static void live(struct manager *manager, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "latchkey metrics");
	if (getppid() != parent)
		_exit(0);
	worker_signals(-1);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(manager->listener.fd);
	for (struct crew *crew = manager->crews; crew; crew = crew->next)
		lanes_close(&crew->lanes); /* their queues have to end */
	_exit(exporter_serve(manager->first, manager->shared, parent));
}

int64_t exporter_start(struct manager *manager)
{
	pid_t parent = getpid(), pid;

	if (manager->ending || manager->exporter || !wanted(manager->first))
		return INT64_MAX;
	if (manager->exporter_at > monotonic_now())
		return manager->exporter_at;
	pid = fork();
	if (pid == 0)
		live(manager, parent);
	if (pid > 0)
		manager->exporter = pid;
	manager->exporter_at = monotonic_now() + PAUSE;
	return pid > 0 ? INT64_MAX : manager->exporter_at;
}

/* Who ends by itself has said why and would again: the server goes on without (section 7.4). */
bool exporter_reap(struct manager *manager, pid_t pid, int status)
{
	if (!manager->exporter || pid != manager->exporter)
		return false;
	manager->exporter = 0;
	manager->exporter_at = WIFSIGNALED(status) ? monotonic_now() + PAUSE : INT64_MAX;
	return true;
}

void exporter_end(struct manager *manager)
{
	if (!manager->exporter)
		return;
	kill(manager->exporter, SIGTERM);
	log_plain(LOG_INFO, "prometheus metric exporter shut down");
}
