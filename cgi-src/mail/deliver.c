/* deliver.c: letters and the list of relays: the next relay where one fails in a passing way, and none that is left alone. */
#include <string.h>

#include "cgi-src/mail/delivery.h"
#include "latchkey/metrics.h"
#include "latchkey/shared.h"

struct delivering {
	struct request *req;
	const struct courier *courier;
	const struct letter *letters;
	struct outcome *outcomes;
	const struct relay **used;
	size_t count;
};

const char *outcome_words(TALLOC_CTX *mem, const struct outcome *outcome)
{
	return format(mem, "%s: %s (%s)", stage_name(outcome->stage), without_addresses(mem, text_of(outcome->answer)).data,
		      answer_meaning(outcome->stage, outcome->code, outcome->answer));
}

static void log_failure(struct request *req, const struct relay *relay, const struct letter *letter, const struct outcome *outcome)
{
	static const char *const messages[] = {
		[FATE_PASSING] = "a mail relay did not take a mail for now",
		[FATE_REFUSED] = "a mail relay refused a mail for good",
		[FATE_UNSURE] = "a mail relay has a mail and does not say whether it keeps it",
	};
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&letter->id, id);
	request_log_to(req, outcome->fate == FATE_REFUSED ? LOG_ERROR : LOG_WARNING, messages[outcome->fate], log_text("relay", relay->name),
		       log_number("relay_number", (int64_t)relay->number), log_text("stage", stage_name(outcome->stage)),
		       log_number("code", outcome->code), log_bytes("answer", without_addresses(req, text_of(outcome->answer))),
		       log_text("meaning", answer_meaning(outcome->stage, outcome->code, outcome->answer)), log_text("mail_id", id),
		       log_text("mail_type", letter->type));
}

/* GOTRUE_SMTP_LOGGING_ENABLED: each attempt, whether it worked or not (contract 02 section 3.7). */
static void log_attempt(struct request *req, const struct letter *letter)
{
	if (req->settings->smtp.logging_enabled)
		request_log_to(req, LOG_INFO, "mail.send", log_text("event", "mail.send"), log_text("mail_type", letter->type),
			       log_text("mail_from", letter->sender), log_bytes("mail_to", letter->recipients.items[0]));
}

static bool is_open(const struct outcome *outcome)
{
	return outcome->fate == FATE_PENDING || outcome->fate == FATE_PASSING;
}

static size_t pick_open(const struct delivering *delivering, struct letter *letters, size_t *places)
{
	size_t count = 0;

	for (size_t i = 0; i < delivering->count; i++)
		if (is_open(&delivering->outcomes[i])) {
			places[count] = i;
			letters[count++] = delivering->letters[i];
		}
	return count;
}

static void take_outcomes(struct delivering *delivering, const struct relay *relay, const struct outcome *outcomes, const size_t *places,
			  size_t count)
{
	bool fault = false;

	for (size_t i = 0; i < count; i++) {
		const struct letter *letter = &delivering->letters[places[i]];

		delivering->outcomes[places[i]] = outcomes[i];
		delivering->used[places[i]] = relay;
		log_attempt(delivering->req, letter);
		/* once is enough of what all letters of a session have in common */
		if (outcomes[i].fate != FATE_SENT && !(fault && outcomes[i].relay_fault))
			log_failure(delivering->req, relay, letter, &outcomes[i]);
		fault = fault || outcomes[i].relay_fault;
	}
	if (!delivering->courier->shared)
		return;
	if (fault)
		shared_breaker_failed(delivering->courier->shared, text_of(relay->name));
	else
		shared_breaker_good(delivering->courier->shared, text_of(relay->name));
}

/* Each of the relays that are left gets an equal share of the time that is left. */
static void ask(struct delivering *delivering, const struct relay *relay, size_t relays_left)
{
	struct letter *letters = must(talloc_zero_array(delivering->req, struct letter, (unsigned)delivering->count));
	struct outcome *outcomes = must(talloc_zero_array(delivering->req, struct outcome, (unsigned)delivering->count));
	size_t *places = must(talloc_zero_array(delivering->req, size_t, (unsigned)delivering->count));
	size_t count = pick_open(delivering, letters, places);
	struct courier courier = *delivering->courier;
	int64_t now = monotonic_now();

	if (count == 0 || courier.until <= now)
		return;
	if (courier.shared && !shared_breaker_passes(courier.shared, text_of(relay->name)))
		return;
	courier.until = now + (courier.until - now) / (int64_t)relays_left;
	courier_carry(&courier, relay, letters, count, outcomes);
	take_outcomes(delivering, relay, outcomes, places, count);
}

static void count_outcome(struct shared *shared, enum fate fate)
{
	static const enum mail_outcome counted[] = {
		[FATE_PENDING] = MAIL_OUTCOME_DEFERRED, [FATE_SENT] = MAIL_OUTCOME_SENT,     [FATE_PASSING] = MAIL_OUTCOME_DEFERRED,
		[FATE_REFUSED] = MAIL_OUTCOME_REFUSED,	[FATE_UNSURE] = MAIL_OUTCOME_UNSURE,
	};

	metrics_mail(shared, counted[fate]);
}

void deliver(struct request *req, const struct courier *courier, const struct letter *letters, size_t count, struct outcome *outcomes,
	     const struct relay **used)
{
	struct delivering delivering = {req, courier, letters, outcomes, used, count};
	struct relays *relays = must(talloc_zero(req, struct relays)); /* used points into it */

	memset(outcomes, 0, count * sizeof(*outcomes));
	memset(used, 0, count * sizeof(*used));
	relays_read(relays, req->settings, relays);
	for (size_t i = 0; i < relays->count; i++)
		ask(&delivering, &relays->items[i], relays->count - i);
	for (size_t i = 0; i < count; i++) {
		if (outcomes[i].fate == FATE_PENDING)
			outcomes[i] = outcome_of(FATE_PASSING, STAGE_CONNECT, 0, true, "every relay has failed lately and is left alone for now");
		count_outcome(req->shared, outcomes[i].fate);
	}
}

int64_t relays_ready_at(struct request *req)
{
	struct relays relays;
	int64_t ready = INT64_MAX;

	relays_read(req, req->settings, &relays);
	for (size_t i = 0; i < relays.count; i++) {
		int64_t until = req->shared ? shared_breaker_until(req->shared, text_of(relays.items[i].name)) : 0;

		ready = until < ready ? until : ready;
	}
	return ready;
}
