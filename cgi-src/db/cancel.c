/* cancel.c: asks the server to stop what a connection runs, without waiting for it. */
#include <pthread.h>

#include "db_int.h"

/* PQcancel connects and waits for the server to hang up, for as long as that takes: a thread of its own does it. */
static void *cancel(void *handle)
{
	char words[256];

	PQcancel(handle, words, sizeof(words));
	PQfreeCancel(handle);
	return NULL;
}

void db_cancel(struct db *db)
{
	PGcancel *handle = db->conn ? PQgetCancel(db->conn) : NULL;
	pthread_attr_t detached;
	pthread_t thread;

	if (!handle)
		return;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &detached, cancel, handle) != 0)
		PQfreeCancel(handle);
	pthread_attr_destroy(&detached);
}
