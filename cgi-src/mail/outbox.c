/* outbox.c: a run of the outbox: leases what is due, offers it to the relays, notes what became of it. */
#include <string.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/db.h"
#include "latchkey/metrics.h"
#include "latchkey/shared.h"

#define BATCH 20
#define BATCH_TIME (5 * SECOND)
#define PAUSE_FIRST (30 * SECOND)
#define PAUSE_MOST (15 * MINUTE)
#define RETRY_AWAY (10 * SECOND) /* the database is away */
#define RETRY_WRONG (5 * MINUTE) /* it has no outbox, or does not let us */
#define ABANDONED HOUR		 /* after its lease has ended */

/* A leased letter. */
struct claim {
	int attempts;
	moment expires_at, next_at;
	bool doubt;  /* its lease was somebody's before */
	bool of_use; /* the token in it is good, or it has none */
};

struct batch {
	struct request *req;
	struct mail_run *run;
	struct letter letters[BATCH];
	struct claim claims[BATCH];
	size_t count;
};

duration mail_pause(int attempts)
{
	return attempts < 6 ? PAUSE_FIRST << (attempts > 0 ? attempts - 1 : 0) : PAUSE_MOST;
}

static const char *id_of(struct batch *batch, size_t i)
{
	return uuid_string(batch->req, &batch->letters[i].id);
}

/* ---- what became of a letter ---- */

static void end_letter(struct batch *batch, size_t i, const char *state, const struct relay *relay, const char *answer)
{
	db_later(batch->req, NULL, STMT_OUTBOX_END,
		 DB_ARGS(db_uuid(&batch->letters[i].id), db_string(state), db_string(relay ? relay->name : ""), db_string(answer),
			 db_moment(moment_now())));
}

static void keep_letter(struct batch *batch, size_t i, const char *state, moment next_at, moment lease, const struct relay *relay, const char *answer)
{
	batch->run->left++;
	db_later(batch->req, NULL, STMT_OUTBOX_KEEP,
		 DB_ARGS(db_uuid(&batch->letters[i].id), db_string(state), db_moment(next_at), db_moment(lease), db_string(relay ? relay->name : ""),
			 db_string(answer), db_moment(moment_now())));
}

/* What the relay itself fails in is no reason to put the letter back in its order. */
static void note(struct batch *batch, size_t i, const struct outcome *outcome, const struct relay *relay)
{
	const char *answer = without_addresses(batch->req, text_of(outcome->answer)).data;
	const struct claim *claim = &batch->claims[i];
	moment now = moment_now();

	switch (outcome->fate) {
	case FATE_SENT:
		batch->run->sent++;
		end_letter(batch, i, "sent", relay, answer);
		break;
	case FATE_REFUSED:
		batch->run->ended++;
		end_letter(batch, i, "refused", relay, answer);
		break;
	case FATE_UNSURE:
		keep_letter(batch, i, "sending", claim->next_at, moment_add(now, MAIL_LEASE), relay, answer);
		break;
	case FATE_PENDING:
	case FATE_PASSING:
		keep_letter(batch, i, "waiting", outcome->relay_fault ? claim->next_at : moment_add(now, mail_pause(claim->attempts)), MOMENT_NONE,
			    relay, answer);
		break;
	}
}

/* ---- before they are offered ---- */

static bool has_expired(struct batch *batch, size_t i)
{
	if (batch->claims[i].expires_at > moment_now())
		return false;
	request_log_to(batch->req, LOG_ERROR, "a mail could not be sent before its code expired", log_text("mail_id", id_of(batch, i)),
		       log_text("mail_type", batch->letters[i].type), log_number("attempts", batch->claims[i].attempts - 1));
	shared_count(batch->req->shared, COUNT_MAIL_EXPIRED);
	metrics_mail(batch->req->shared, MAIL_OUTCOME_EXPIRED);
	batch->run->ended++;
	end_letter(batch, i, "expired", NULL, "no relay took it before its code expired");
	return true;
}

/* Whoever waits for a mail asks for another, and would find the older one first. */
static bool is_superseded(struct batch *batch, size_t i)
{
	if (batch->claims[i].of_use)
		return false;
	request_log_to(batch->req, LOG_INFO, "a mail is not sent any more: a later one has taken its place, or its code was used",
		       log_text("mail_id", id_of(batch, i)), log_text("mail_type", batch->letters[i].type));
	batch->run->ended++;
	end_letter(batch, i, "superseded", NULL, "a later mail has taken its place, or its code was used");
	return true;
}

/* Who carried it has died. What a relay took is in the shared segment; without that mark it is sent again, under the same Message-ID. */
static bool was_sent(struct batch *batch, size_t i)
{
	if (!batch->claims[i].doubt)
		return false;
	if (mail_was_sent(batch->req->shared, &batch->letters[i].id)) {
		batch->run->sent++;
		end_letter(batch, i, "sent", NULL, "taken by the relay; the process that carried it ended before it could note that");
		return true;
	}
	request_log_to(batch->req, LOG_WARNING,
		       "doubtful: the process that carried a mail has ended, or its relay did not answer; it is sent again under the same Message-ID",
		       log_text("mail_id", id_of(batch, i)), log_text("mail_type", batch->letters[i].type));
	return false;
}

static void drop_ended(struct batch *batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->count; i++) {
		if (was_sent(batch, i) || has_expired(batch, i) || is_superseded(batch, i))
			continue;
		batch->letters[kept] = batch->letters[i];
		batch->claims[kept++] = batch->claims[i];
	}
	batch->count = kept;
}

static void read_claim(struct batch *batch, const struct db_rows *rows, int row)
{
	struct letter *letter = &batch->letters[row];

	*letter = (struct letter){
		.id = db_get_uuid(rows, row, 0),
		.type = db_get_string(rows, row, 1),
		.sender = db_get_string(rows, row, 2),
		.recipients = db_get_texts(batch->req, rows, row, 3),
		.wire = db_get_text(rows, row, 4),
	};
	batch->claims[row] = (struct claim){
		.attempts = (int)db_get_int(rows, row, 5),
		.expires_at = db_get_moment(rows, row, 6),
		.next_at = db_get_moment(rows, row, 7),
		.doubt = db_get_bool(rows, row, 8),
		.of_use = db_get_bool(rows, row, 9),
	};
}

static int claim(struct batch *batch)
{
	moment now = moment_now();
	struct db_rows *rows;

	if (db_fetch(batch->req, STMT_OUTBOX_CLAIM,
		     DB_ARGS(db_int8(BATCH), db_moment(moment_add(now, BATCH_TIME + MAIL_LEASE)), db_moment(now),
			     db_moment(batch->run->alone ? moment_add(now, -ABANDONED) : now)),
		     &rows) < 0)
		return -1;
	batch->count = (size_t)db_row_count(rows);
	for (int row = 0; row < db_row_count(rows); row++)
		read_claim(batch, rows, row);
	return 0;
}

/* What became of a batch. */
struct result {
	struct batch *batch;
	struct outcome outcomes[BATCH];
	const struct relay *used[BATCH];
};

/* In one transaction: a commit for each would take longer than the mails. */
static int note_all(struct request *req, void *arg)
{
	struct result *result = arg;

	(void)req;
	for (size_t i = 0; i < result->batch->count; i++)
		note(result->batch, i, &result->outcomes[i], result->used[i]);
	return 0;
}

/* False: the relays themselves take nothing. */
static bool carry(struct batch *batch, const struct courier *courier)
{
	struct result result = {.batch = batch};

	if (batch->count == 0)
		return true;
	deliver(batch->req, courier, batch->letters, batch->count, result.outcomes, result.used);
	db_transaction(batch->req, note_all, &result); /* where it fails the leases end, and the marks tell */
	for (size_t i = 0; i < batch->count; i++)
		if (result.outcomes[i].fate == FATE_PASSING && result.outcomes[i].relay_fault)
			return false;
	return true;
}

/* 1: there may be more; 0: nothing was due, or the relays take nothing; -1: the database could not be asked. */
static int run_batch(struct request *parent, struct mail_run *run)
{
	struct batch *batch = must(talloc_zero(NULL, struct batch));
	struct courier courier = {.settings = parent->settings, .shared = parent->shared, .until = monotonic_now() + BATCH_TIME, .outlives = true};
	size_t claimed;
	bool carried;

	batch->req = request_new(batch, parent->settings);
	batch->req->db = parent->db;
	batch->req->shared = parent->shared;
	batch->run = run;
	if (claim(batch) < 0) {
		parent->failure = (struct failure){.kind = FAILURE_UNEXPECTED,
						   .final = batch->req->failure.final,
						   .cause = talloc_strdup(parent, batch->req->failure.cause ? batch->req->failure.cause : "")};
		talloc_free(batch);
		return -1;
	}
	claimed = batch->count;
	drop_ended(batch);
	carried = carry(batch, &courier);
	talloc_free(batch);
	return claimed == BATCH || (claimed > 0 && carried);
}

/* The next run's moment, for whoever looks after it. */
static int tell_next(struct request *req)
{
	int64_t now = monotonic_now(), ready = relays_ready_at(req), next;
	struct db_rows *rows;

	if (db_fetch(req, STMT_OUTBOX_NEXT, DB_NO_ARGS, &rows) < 0)
		return -1;
	if (db_row_count(rows) == 0 || db_is_null(rows, 0, 0))
		return 0;
	next = now + (db_get_moment(rows, 0, 0) - moment_now()) * MICROSECOND;
	shared_due_by(req->shared, CHORE_MAIL, next > ready ? next : ready);
	return 0;
}

static int purge(struct request *req)
{
	return db_execute(req, STMT_OUTBOX_PURGE, DB_ARGS(db_moment(moment_add(moment_now(), -req->settings->latchkey.mail_keep))));
}

int mail_outbox_run(struct request *req, struct mail_run *run)
{
	bool away;
	int more = 1;

	if (relays_ready_at(req) == INT64_MAX) /* no mail leaves here */
		return 0;
	while (more > 0 && relays_ready_at(req) <= monotonic_now() && monotonic_now() < run->until && !(run->stop && run->stop(run->arg)))
		more = run_batch(req, run);
	if (more < 0 || purge(req) < 0 || tell_next(req) < 0) {
		away = req->failure.final;
		shared_due_by(req->shared, CHORE_MAIL, monotonic_now() + (away ? RETRY_AWAY : RETRY_WRONG));
		return -1;
	}
	return 0;
}
