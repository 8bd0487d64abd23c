/* reload.c: when the settings are to be read again: the folder's changes, signals, and the quiet time after the last of them. */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager_int.h"

#define CHANGES (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE)

void reloader_log(const struct reloader *reloader, enum log_level level, const char *msg)
{
	const struct settings *settings = reloader->settings;
	TALLOC_CTX *mem = must(talloc_new(NULL));

	log_to(level, msg, log_text("component", "reloader"), log_truth("notify_enabled", settings->reloading.notify_enabled),
	       log_truth("poller_enabled", settings->reloading.poller_enabled),
	       log_text("poller_interval", duration_string(mem, settings->reloading.poller_interval)),
	       log_truth("signal_enabled", settings->reloading.signal_enabled), log_number("signal_number", settings->reloading.signal_number),
	       log_text("grace_period_duration", duration_string(mem, settings->reloading.grace_period)));
	talloc_free(mem);
}

static void changed(struct reloader *reloader)
{
	reloader->pending = true;
	reloader->last_change = monotonic_now();
}

static void complain(struct reloader *reloader, const char *msg, const char *why)
{
	if (!reloader->complained)
		log_to(LOG_ERROR, msg, log_text("error", why));
	reloader->complained = true;
}

static void switch_to_poller(struct reloader *reloader, const char *msg, int wrong)
{
	const char *why;

	log_to(LOG_ERROR, msg, log_text("error", strerror(wrong)));
	if (reloader->inotify >= 0)
		close(reloader->inotify);
	reloader->inotify = -1;
	reloader->polls = true;
	if (!folder_fingerprint(reloader->folder, &reloader->fingerprint, &why))
		reloader->fingerprint = 0;
}

/* The folder may appear later, or be replaced by another: the watch is set again and again, and a new one is a change. */
static void watch_folder(struct reloader *reloader, bool first)
{
	int watch = inotify_add_watch(reloader->inotify, reloader->folder, CHANGES), wrong = errno;
	struct stat facts;

	if (watch < 0 && reloader->settings->reloading.poller_enabled && stat(reloader->folder, &facts) == 0) {
		switch_to_poller(reloader, "reloader: error using fsnotify Watcher, switching to poller", wrong);
		return;
	}
	if (watch < 0)
		complain(reloader, "reloader: error watching config directory", strerror(wrong));
	else if (watch != reloader->watch && !first)
		changed(reloader);
	reloader->watch = watch;
}

static void start_notifier(struct reloader *reloader)
{
	reloader->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (reloader->inotify >= 0)
		watch_folder(reloader, true);
	else if (reloader->settings->reloading.poller_enabled)
		switch_to_poller(reloader, "reloader: error creating fsnotify Watcher, switching to poller", errno);
	else
		log_to(LOG_ERROR, "reloader: error creating fsnotify Watcher", log_text("error", strerror(errno)));
}

void reloader_start(struct reloader *reloader, const struct settings *settings, const char *folder)
{
	bool watches;

	*reloader = (struct reloader){.inotify = -1, .watch = -1, .folder = folder, .settings = settings};
	if (!folder)
		return;
	reloader_log(reloader, LOG_INFO, "starting configuration reloader");
	if (settings->reloading.notify_enabled)
		start_notifier(reloader);
	watches = reloader->inotify >= 0 || reloader->polls;
	reloader->active = watches || settings->reloading.signal_enabled;
	if (!reloader->active)
		reloader_log(reloader, settings->reloading.notify_enabled ? LOG_ERROR : LOG_INFO, "config reloader is exiting");
	reloader->look_at = monotonic_now() + settings->reloading.grace_period;
}

void reloader_read(struct reloader *reloader)
{
	union {
		char bytes[4096];
		struct inotify_event align;
	} events;
	ssize_t got;

	while ((got = read(reloader->inotify, events.bytes, sizeof(events.bytes))) > 0)
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *event = (const void *)(events.bytes + at);

			/* ..data is the link that Kubernetes swaps */
			if ((event->mask & IN_Q_OVERFLOW) || (event->len && (is_settings_name(event->name) || strcmp(event->name, "..data") == 0)))
				changed(reloader);
			if (event->mask & IN_IGNORED)
				reloader->watch = reloader->watch == event->wd ? -1 : reloader->watch;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
}

void reloader_signal(struct reloader *reloader, int number)
{
	if (reloader->active && reloader->settings->reloading.signal_enabled && number == reloader->settings->reloading.signal_number)
		changed(reloader);
}

static void poll_folder(struct reloader *reloader)
{
	uint32_t fingerprint;
	const char *why;

	if (!folder_fingerprint(reloader->folder, &fingerprint, &why)) {
		complain(reloader, "reloader: error polling config directory", why);
	} else if (fingerprint != reloader->fingerprint) {
		reloader->fingerprint = fingerprint;
		changed(reloader);
	}
}

int64_t reloader_look(struct reloader *reloader, bool *reload)
{
	const struct settings *settings = reloader->settings;
	int64_t now = monotonic_now(), due;

	*reload = false;
	if (!reloader->active)
		return INT64_MAX;
	if (reloader->look_at <= now) {
		if (reloader->polls)
			poll_folder(reloader);
		else if (reloader->inotify >= 0)
			watch_folder(reloader, false);
		reloader->look_at = now + (reloader->polls ? settings->reloading.poller_interval : settings->reloading.grace_period);
	}
	due = reloader->inotify >= 0 || reloader->polls ? reloader->look_at : INT64_MAX;
	if (!reloader->pending)
		return due;
	if (reloader->last_change + settings->reloading.grace_period <= now) {
		reloader->pending = false;
		*reload = true;
		return due;
	}
	return reloader->last_change + settings->reloading.grace_period < due ? reloader->last_change + settings->reloading.grace_period : due;
}

void reloader_end(struct reloader *reloader)
{
	if (reloader->active)
		reloader_log(reloader, LOG_INFO, "config reloader is exiting");
	if (reloader->inotify >= 0)
		close(reloader->inotify);
	*reloader = (struct reloader){.inotify = -1};
}
