/* enqueue.c: a mail on its way out of a flow: into the outbox by the flow's transaction, and offered to the relays before its COMMIT. */
#include <string.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/db.h"
#include "latchkey/shared.h"

#define NOTIFICATION_LIFE (2 * 24 * HOUR) /* what holds no code ends some time, too */
#define TIDY_AFTER (10 * MINUTE)	  /* old rows are deleted by a run */
#define REST_OF_REQUEST (500 * MILLISECOND)

/* A mail between the flow and the end of its transaction. */
struct parcel {
	enum mail_kind kind;
	struct uuid user;
	struct letter letter;
	struct text token_hash; /* of the one-time token in it; TEXT_NONE: it holds none */
	moment expires_at;
	bool never_fatal; /* a notification, or sent in the background */
	bool background;
	bool left;   /* a relay has it, or may have it */
	int64_t due; /* monotonic; when the outbox is to be looked at for it; INT64_MAX: it need not be */
};

static int add_row(struct request *req, const struct parcel *parcel, bool queued, bool *suppressed)
{
	const struct letter *letter = &parcel->letter;
	struct db_rows *rows;

	if (db_fetch(req, STMT_OUTBOX_ADD,
		     DB_ARGS(db_uuid(&letter->id), db_string(letter->type), db_uuid_opt(&parcel->user), db_string(letter->sender),
			     db_text_array(req, &letter->recipients), queued ? db_bytes(letter->wire) : db_null(),
			     db_string(queued ? "waiting" : "sending"), db_moment(moment_now()), db_moment(parcel->expires_at),
			     parcel->token_hash.len ? db_text(parcel->token_hash) : db_null()),
		     &rows) < 0)
		return -1;
	*suppressed = strcmp(db_get_string(rows, 0, 0), "suppressed") == 0;
	return 0;
}

/* What is to be sent later keeps its message. */
static void tell(struct request *req, const struct parcel *parcel, const char *state, const struct relay *relay, const struct outcome *outcome)
{
	bool later = outcome->fate == FATE_PASSING || outcome->fate == FATE_UNSURE;
	moment now = moment_now();

	db_later(req, mail_types[parcel->kind].failure, STMT_OUTBOX_TELL,
		 DB_ARGS(db_uuid(&parcel->letter.id), db_string(state), later ? db_bytes(parcel->letter.wire) : db_null(), db_moment(now),
			 db_moment(outcome->fate == FATE_UNSURE ? moment_add(now, MAIL_LEASE) : MOMENT_NONE), db_string(relay ? relay->name : ""),
			 db_text(without_addresses(req, text_of(outcome->answer))), db_moment(now), db_int4(relay ? 1 : 0)));
}

/* Contract 02 section 8.4. */
static void log_background(struct request *req, enum mail_kind kind, const char *cause)
{
	const char *task = format(req, "mailer.%s", mail_types[kind].message_type),
		   *msg = format(req, "apitask: error running \"%s\": %s", task, cause);

	request_log_to(req, LOG_ERROR, msg, log_text("error", msg), log_text("action", "apitask"), log_text("task_type", task));
}

int mail_fail_in_background(struct request *req, enum mail_kind kind, const struct failure *before)
{
	const struct failure *failure = &req->failure;

	if (!req->settings->mailer.background_sending || failure->final)
		return -1;
	/* the message of an invalid address shows it */
	log_background(req, kind, failure->cause ? failure->cause : failure->code ? failure->code : "it cannot be sent");
	req->failure = *before;
	return 0;
}

static int refuse(struct request *req, struct parcel *parcel, const struct relay *relay, const struct outcome *outcome)
{
	const char *cause = format(req, "relay %s: %s", relay->name, outcome_words(req, outcome));

	if (parcel->background)
		log_background(req, parcel->kind, cause);
	if (parcel->never_fatal) {
		tell(req, parcel, "refused", relay, outcome);
		return 0;
	}
	fail_cause(req, "%s", cause);
	return fail_server(req, "%s", mail_types[parcel->kind].failure);
}

static int offer(struct request *req, struct parcel *parcel)
{
	struct courier courier = {.settings = req->settings, .shared = req->shared, .until = monotonic_now() + req->settings->latchkey.mail_budget};
	const struct relay *relay;
	struct outcome outcome;

	if (req->deadline && courier.until > req->deadline - REST_OF_REQUEST)
		courier.until = req->deadline - REST_OF_REQUEST;
	deliver(req, &courier, &parcel->letter, 1, &outcome, &relay);
	parcel->left = outcome.fate == FATE_SENT || outcome.fate == FATE_UNSURE;
	if (outcome.fate == FATE_REFUSED)
		return refuse(req, parcel, relay, &outcome);
	if (outcome.fate == FATE_UNSURE)
		parcel->due = monotonic_now() + MAIL_LEASE;
	else if (outcome.fate == FATE_PASSING)
		parcel->due = monotonic_now() + (outcome.relay_fault ? 0 : mail_pause(1));
	tell(req, parcel, outcome.fate == FATE_SENT ? "sent" : outcome.fate == FATE_UNSURE ? "sending" : "waiting", relay, &outcome);
	return 0;
}

/* The last thing before COMMIT. */
static int before_commit(struct request *req, void *arg)
{
	bool queued = strcmp(req->settings->latchkey.mail_delivery, "queue") == 0, suppressed;
	struct parcel *parcel = arg;

	if (add_row(req, parcel, queued, &suppressed) < 0)
		return fail_server(req, "%s", mail_types[parcel->kind].failure);
	if (suppressed) {
		request_log_to(req, LOG_WARNING, "a mail was not sent: mails to its address have come back (latchkey mail unsuppress ADDRESS)",
			       log_text("mail_type", parcel->letter.type), log_text("mail_id", uuid_string(req, &parcel->letter.id)));
		return 0;
	}
	if (queued) {
		parcel->due = 0;
		return 0;
	}
	return offer(req, parcel);
}

static void after_commit(struct request *req, bool committed, void *arg)
{
	const struct parcel *parcel = arg;

	if (committed)
		shared_due_by(req->shared, CHORE_MAIL, parcel->due != INT64_MAX ? parcel->due : monotonic_now() + TIDY_AFTER);
	/* the relay's 250 cannot be taken back */
	if (!committed && parcel->left)
		request_log_to(req, LOG_WARNING, "doubtful: a mail has left, and the work that it tells of was undone",
			       log_text("mail_type", parcel->letter.type), log_text("mail_id", uuid_string(req, &parcel->letter.id)));
}

static int post(struct request *req, void *arg)
{
	db_before_commit(req, before_commit, after_commit, arg);
	return 0;
}

/* GOTRUE_SMTP_HOST and LATCHKEY_SMTP_RELAYS are empty (section 10.3). */
static int post_nothing(struct request *req, const struct sending_operation *operation, const struct message *message)
{
	if (message->to.len)
		return 0;
	fail_cause(req, "the mail has no recipient");
	return fail_server(req, "%s", mail_types[operation->kind].failure);
}

int mail_enqueue(struct request *req, const struct sending_operation *operation, const struct message *message, const struct rendered *rendered)
{
	struct parcel *parcel = must(talloc_zero(req, struct parcel));
	struct failure before = req->failure;
	struct relays relays;
	const char *why;

	relays_read(req, req->settings, &relays);
	if (relays.count == 0)
		return post_nothing(req, operation, message);
	if (message_compose(req, mail_types[operation->kind].message_type, message->to, rendered, &parcel->letter, &why) < 0) {
		fail_cause(req, "the mail cannot be composed: %s", why);
		fail_server(req, "%s", mail_types[operation->kind].failure);
		return mail_fail_in_background(req, operation->kind, &before);
	}
	parcel->kind = operation->kind;
	parcel->user = operation->user->id;
	parcel->token_hash = message->token_hash;
	parcel->expires_at = operation->expires_at != MOMENT_NONE ? operation->expires_at : moment_add(moment_now(), NOTIFICATION_LIFE);
	parcel->background = req->settings->mailer.background_sending;
	parcel->never_fatal = operation->notification || parcel->background;
	parcel->due = INT64_MAX;
	return db_in_transaction(req->db) ? post(req, parcel) : db_transaction(req, post, parcel);
}
