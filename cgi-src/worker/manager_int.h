/* manager_int.h: what the manager's files share. */
#ifndef LATCHKEY_MANAGER_INT_H
#define LATCHKEY_MANAGER_INT_H

#include "worker_int.h"

/* Notices changes of the settings' folder (contract 02 section 4). Its own settings are those of the start. */
struct reloader {
	bool active;
	const char *folder;
	const struct settings *settings;
	int inotify; /* -1: none */
	int watch;   /* the folder's; -1: it is not watched now */
	bool polls;  /* in place of inotify */
	bool complained;
	uint32_t fingerprint; /* of the folder's files, where it polls */
	int64_t look_at;      /* monotonic; the next look at the folder itself */
	bool pending;
	int64_t last_change;
};

struct manager {
	struct settings_source *source;
	const struct settings *first; /* what the process was started with */
	struct listener listener;
	struct shared *shared;
	struct crew *crews; /* the newest first; older ones are ending */
	struct reloader reloader;
	int signals;
	int keeper;		    /* the newest housekeeper's word comes here; -1: none is awaited */
	int64_t server_connections; /* what the database server takes; 0: not known yet */
	pid_t exporter;		    /* 0: none runs */
	int64_t exporter_at;	    /* monotonic; when one is to be started; INT64_MAX: never */
	bool ending;
};

/* Looks after the database in a process of its own: connections, access, indexes. It tells how many connections the server takes (an int64_t)
 * through manager->keeper. */
void housekeeper_start(struct manager *manager, const struct settings *settings);

/* Answers Prometheus in a process of its own (contract 02 section 7.8). Gives the moment at which it wants to be asked again. */
int64_t exporter_start(struct manager *manager);
bool exporter_reap(struct manager *manager, pid_t pid, int status); /* false: another's child */
void exporter_end(struct manager *manager);

/* How many connections there may be (contract 02 section 6.2), 0: any number. server_connections: what the database server takes; 0: it has not
 * said yet. */
int64_t connection_limit(const struct settings *settings, int64_t server_connections);
void connections_log(const struct settings *settings, int64_t server_connections);

/* The entries by which readers of logs know the reference's background workers (section 7.4). */
void background_log(bool started);

void reloader_start(struct reloader *reloader, const struct settings *settings, const char *folder);
void reloader_read(struct reloader *reloader);			/* inotify has something */
void reloader_signal(struct reloader *reloader, int number);	/* a signal has come */
int64_t reloader_look(struct reloader *reloader, bool *reload); /* gives the moment of the next look; *reload: it is time */
void reloader_end(struct reloader *reloader);
void reloader_log(const struct reloader *reloader, enum log_level level, const char *msg);

/* A number for names and facts of the folder's files of settings; false: *why. */
bool folder_fingerprint(const char *folder, uint32_t *fingerprint, const char **why);
bool is_settings_name(const char *name);

/* Limiters whose setting has changed start full (section 4.3). */
void reload_limiters(struct shared *shared, const struct settings *old, const struct settings *fresh);

#endif
