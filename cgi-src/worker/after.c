/* after.c: work after the response, in the worker that has just answered (design, "Work after the response"). */
#include "worker_int.h"

/* Each does a little, bounded in time, and remembers nothing. */
static void (*const chores[])(struct worker *worker) = {
	NULL,
};

void worker_after_response(struct worker *worker)
{
	for (size_t i = 0; chores[i]; i++)
		chores[i](worker);
}
