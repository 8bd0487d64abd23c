/* worker.h: process life: manager, lanes, accept loop, shutdown, reload (design; contract 02 sections 4, 5.4, 10). */
#ifndef LATCHKEY_WORKER_H
#define LATCHKEY_WORKER_H

#include "latchkey/settings.h"

/* Serves until told to end; gives the process's exit status. listen NULL: the socket on descriptor 0 (lighttpd, spawn-fcgi, systemd). */
int worker_serve(const struct settings_place *place, const char *listen);

#endif
