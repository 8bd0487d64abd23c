/* after.c: work after the response, in the worker that has just answered (design, "Work after the response"). */
#include <poll.h>

#include "latchkey/mail.h"
#include "worker_int.h"

#define MAIL_TIME (5 * SECOND)
#define MAIL_TIME_ALONE (2 * SECOND)
#define LONGEST_SLEEP (30 * SECOND)

/* A request waits for this lane. */
static bool is_wanted(void *arg)
{
	const struct worker *worker = arg;
	struct pollfd waiting = {.fd = worker->lane < LANES ? worker->lanes.receive[worker->lane] : -1, .events = POLLIN};

	return poll(&waiting, 1, 0) > 0;
}

/* The outbox, by those who wait for relays anyway. */
static void send_mails(struct worker *worker)
{
	struct mail_run run = {.stop = is_wanted, .arg = worker};
	struct request *req;

	if ((worker->lane != LANE_OUTBOUND && worker->lane != LANES) || !shared_due_take(worker->shared, CHORE_MAIL))
		return;
	run.until = monotonic_now() + (worker->lane == LANES ? MAIL_TIME_ALONE : MAIL_TIME);
	req = request_new(worker, worker->settings);
	req->db = worker->db;
	req->shared = worker->shared;
	if (mail_outbox_run(req, &run) < 0)
		log_to(LOG_WARNING, "the outbox of mails could not be looked at",
		       log_text("error", req->failure.cause ? req->failure.cause : req->failure.message));
	talloc_free(req);
}

/* The same workers: they wait for others anyway. */
static void refresh_templates(struct worker *worker)
{
	struct request *req;

	if ((worker->lane != LANE_OUTBOUND && worker->lane != LANES) || !shared_due_take(worker->shared, CHORE_TEMPLATES))
		return;
	req = request_new(worker, worker->settings);
	req->shared = worker->shared;
	shared_due_by(worker->shared, CHORE_TEMPLATES, mail_refresh_templates(req, is_wanted, worker));
	talloc_free(req);
}

/* Each does a little, bounded in time, and remembers nothing. */
static void (*const chores[])(struct worker *worker) = {
	send_mails,
	refresh_templates,
	NULL,
};

void worker_after_response(struct worker *worker)
{
	for (size_t i = 0; chores[i]; i++)
		chores[i](worker);
}

/* Who has left a letter in the outbox is awake then; the longest sleep is for letters of workers that have died. */
void worker_idle(struct worker *worker)
{
	struct pollfd waiting = {.fd = worker->lanes.receive[worker->lane], .events = POLLIN};

	for (;;) {
		int64_t mail = shared_due(worker->shared, CHORE_MAIL), templates = shared_due(worker->shared, CHORE_TEMPLATES);
		int64_t left = (mail < templates ? mail : templates) - monotonic_now();

		left = left < 0 ? 0 : left > LONGEST_SLEEP ? LONGEST_SLEEP : left;
		if (worker->lane != LANE_OUTBOUND || poll(&waiting, 1, (int)((left + MILLISECOND - 1) / MILLISECOND)) != 0)
			return;
		worker_after_response(worker);
	}
}
