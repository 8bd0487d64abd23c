/* manager.c: the process that forks the workers, forks them again when they die, and ends them. It handles no request. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "latchkey/account.h"
#include "latchkey/mail.h"
#include "manager_int.h"

#define GRACE (60 * SECOND)
#define HANDOVER (200 * MILLISECOND)

static int watch_signals(const struct settings *settings)
{
	static const int watched[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		sigaddset(&set, watched[i]);
	if (settings->reloading.signal_enabled)
		sigaddset(&set, (int)settings->reloading.signal_number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void write_pid(const char *path)
{
	FILE *file = path ? fopen(path, "we") : NULL;

	if (file) {
		fprintf(file, "%ld\n", (long)getpid());
		fclose(file);
	} else if (path) {
		log_to(LOG_ERROR, "the pid file cannot be written", log_text("error", strerror(errno)), log_text("file", path));
	}
}

static void reap(struct manager *manager)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (exporter_reap(manager, pid, status))
			continue;
		for (struct crew *crew = manager->crews; crew && !crew_reap(crew, manager->shared, pid, status); crew = crew->next)
			;
	}
}

static void end(struct manager *manager)
{
	if (manager->ending)
		return; /* a second signal does not speed it up (contract 02 section 5.4) */
	log_plain(LOG_INFO, "received graceful shutdown signal");
	systemd_notify("STOPPING=1");
	manager->ending = true;
	listener_close(&manager->listener);
	reloader_end(&manager->reloader);
	for (struct crew *crew = manager->crews; crew; crew = crew->next)
		crew_end(crew, GRACE);
	log_to(LOG_INFO, "http server closed", log_text("component", "api"));
}

static void take_signals(struct manager *manager)
{
	struct signalfd_siginfo signal_info;

	while (read(manager->signals, &signal_info, sizeof(signal_info)) == (ssize_t)sizeof(signal_info)) {
		int number = (int)signal_info.ssi_signo;

		if (number == SIGTERM || number == SIGINT || number == SIGHUP)
			end(manager);
		else
			reloader_signal(&manager->reloader, number);
	}
}

/* What only a start can change (contract 02 section 4.3). */
static void keep_first(struct settings *settings, const struct settings *first)
{
	settings->db.url = first->db.url;
	settings->db.driver = first->db.driver;
	settings->db.namespace_ = first->db.namespace_;
	settings->log = first->log;
	settings->reloading = first->reloading;
	settings->internal_http_timeout = first->internal_http_timeout;
}

static struct settings *read_again(struct manager *manager)
{
	struct text_list problems = {0}, notes = {0};
	const char *problem = NULL;
	struct settings *settings;

	if (settings_reread(manager->source, manager->reloader.folder, &problem) < 0) {
		settings_log_refused_reload(problem, NULL);
		return NULL;
	}
	settings = settings_make(manager, manager->source, &problems, &notes);
	if (!settings) {
		settings_log_refused_reload(NULL, &problems);
		return NULL;
	}
	settings_log_notes(&notes);
	keep_first(settings, manager->first);
	return settings;
}

/* Until the old workers that were idle have ended, so that who reads of the new settings in the log meets them; a moment at most. */
static void wait_for_idle(struct manager *manager, const struct crew *old)
{
	int64_t until = monotonic_now() + HANDOVER;

	while (crew_accepts(old) && monotonic_now() < until) {
		poll(NULL, 0, 1);
		reap(manager);
	}
}

/* What the workers of these settings share; before they are forked. */
static void prepare(const struct settings *settings)
{
	account_prepare(settings);
	mail_prepare(settings);
}

/* Requests that run finish with the settings that they began with: the new crew takes over, the old one ends. */
static void take_over(struct manager *manager, struct crew *fresh)
{
	struct crew *old = manager->crews;

	fresh->next = old;
	manager->crews = fresh;
	crew_start(fresh, manager->shared, manager->listener.fd);
	crew_end(old, GRACE);
	wait_for_idle(manager, old);
}

static void reload(struct manager *manager)
{
	struct crew *old = manager->crews, *fresh;
	struct settings *settings = read_again(manager);

	if (!settings)
		return;
	prepare(settings);
	fresh = crew_new(manager, settings, connection_limit(settings, manager->server_connections));
	if (!fresh) {
		log_to(LOG_ERROR, "reloader: error loading config", log_text("error", strerror(errno)));
		talloc_free(settings);
		return;
	}
	talloc_steal(fresh, settings);
	reload_limiters(manager->shared, old->settings, settings);
	shared_count(manager->shared, COUNT_RELOADS);
	shared_count_reset(manager->shared, COUNT_CLEANUP_TURN);
	take_over(manager, fresh);
	reloader_log(&manager->reloader, LOG_INFO, "reloading api with new configuration");
	housekeeper_start(manager, settings);
}

/* The database server says how many connections it takes: where that makes another number of workers, such a crew takes over. */
static void take_server_connections(struct manager *manager)
{
	struct crew *old = manager->crews, *fresh;
	int64_t most;
	bool said = read(manager->keeper, &most, sizeof(most)) == (ssize_t)sizeof(most);

	close(manager->keeper);
	manager->keeper = -1;
	if (!said)
		return;
	manager->server_connections = most;
	most = connection_limit(old->settings, most);
	if (manager->ending || crew_fits(old, most))
		return;
	fresh = crew_new(manager, old->settings, most);
	if (!fresh)
		return; /* the old one serves, too */
	talloc_reference(fresh, old->settings);
	take_over(manager, fresh);
}

/* Kills what has outlived its time, forgets crews that are gone; gives the moment at which there is something to do. */
static int64_t look_after_crews(struct manager *manager)
{
	int64_t now = monotonic_now(), next = INT64_MAX;

	for (struct crew **at = &manager->crews; *at;) {
		struct crew *crew = *at;
		int64_t due = crew_start(crew, manager->shared, manager->listener.fd);

		if (crew->ending && crew->kill_at <= now) {
			log_to(LOG_ERROR, "shutdown failed", log_text("error", "context deadline exceeded"));
			crew_kill(crew);
		}
		if (crew->ending && crew->kill_at < due)
			due = crew->kill_at;
		if (due < next)
			next = due;
		if (crew->ending && crew_gone(crew)) {
			*at = crew->next;
			lanes_close(&crew->lanes);
			talloc_free(crew);
		} else {
			at = &crew->next;
		}
	}
	return next;
}

static int milliseconds_until(int64_t at)
{
	int64_t left = at == INT64_MAX ? MINUTE : at - monotonic_now();

	if (left < 0)
		return 0;
	return (int)(left / MILLISECOND > 60000 ? 60000 : left / MILLISECOND + 1);
}

static void run(struct manager *manager)
{
	while (manager->crews) {
		int64_t due = look_after_crews(manager), export_at = exporter_start(manager), look;
		bool time_to_reload;

		if (!manager->crews)
			break;
		due = export_at < due ? export_at : due;
		look = reloader_look(&manager->reloader, &time_to_reload);
		if (time_to_reload) {
			reload(manager);
			continue;
		}
		struct pollfd waits[] = {{.fd = manager->signals, .events = POLLIN},
					 {.fd = manager->reloader.inotify, .events = POLLIN},
					 {.fd = manager->keeper, .events = POLLIN}};

		poll(waits, 3, milliseconds_until(look < due ? look : due));
		take_signals(manager);
		if (waits[1].revents && manager->reloader.inotify >= 0)
			reloader_read(&manager->reloader);
		if (waits[2].revents && manager->keeper >= 0)
			take_server_connections(manager);
		reap(manager);
	}
	exporter_end(manager);
	background_log(false);
	log_plain(LOG_INFO, "background apiworker is exiting");
}

int manage(const struct worker_options *options, struct settings_source *source, const struct settings *settings)
{
	struct manager *manager = must(talloc_zero(source, struct manager));

	manager->source = source;
	manager->first = settings;
	if (!listener_open(manager, options->listen, &manager->listener))
		return 1;
	manager->shared = start_shared(manager, settings, options);
	if (!manager->shared)
		return 1;
	manager->signals = watch_signals(settings);
	manager->keeper = -1;
	prepare(settings);
	manager->crews = crew_new(manager, settings, connection_limit(settings, 0));
	if (manager->signals < 0 || !manager->crews) {
		log_to(LOG_FATAL, "the manager cannot start", log_text("error", strerror(errno)));
		return 1;
	}
	write_pid(options->pid_file);
	reloader_start(&manager->reloader, settings, options->place.config_dir);
	malloc_trim(0);
	crew_start(manager->crews, manager->shared, manager->listener.fd);
	background_log(true);
	housekeeper_start(manager, settings);
	systemd_notify("READY=1");
	run(manager);
	if (options->pid_file)
		unlink(options->pid_file);
	return 0;
}
