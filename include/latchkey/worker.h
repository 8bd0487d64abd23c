/* worker.h: process life: manager, lanes, accept loop, shutdown, reload (design; contract 02 sections 4, 5.4, 10).
 *
 * The manager reads the settings, makes the shared segment and forks a crew: workers of each lane (http.h), all of the fast lane accepting on
 * the one inherited socket. A worker that dies is forked again. A reload forks a new crew and lets the old one finish. */
#ifndef LATCHKEY_WORKER_H
#define LATCHKEY_WORKER_H

#include "latchkey/settings.h"

struct worker_options {
	struct settings_place place;
	const char *listen; /* "unix:/path", "tcp:address:port"; NULL: systemd's (LISTEN_FDS), else that on descriptor 0 (web servers, spawn-fcgi) */
	const char *pid_file; /* NULL: none */
	bool check;	      /* only tells whether the settings are fit to serve */
	bool alone;	      /* this process is the one worker, without manager and lanes (mod_fcgid) */
};

/* Serves until told to end; gives the process's exit status. */
int worker_serve(const struct worker_options *options);

#endif
