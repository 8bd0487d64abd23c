/* manager_int.h: what the manager's files share. */
#ifndef LATCHKEY_MANAGER_INT_H
#define LATCHKEY_MANAGER_INT_H

#include "worker_int.h"

struct manager {
	struct settings_source *source;
	struct listener listener;
	struct shared *shared;
	struct crew *crews; /* the newest first; older ones are ending */
	int signals;
	bool ending;
};

#endif
