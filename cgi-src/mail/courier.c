/* courier.c: a process of its own carries letters to a relay, so that neither silence nor hostile bytes nor a library's waiting can hold the
 * worker: whatever happens there, the worker goes on at its deadline. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/mail/delivery.h"
#include "cgi-src/mail/trust.h"
#include "latchkey/shared.h"

#define FINAL_PATIENCE 60 /* seconds that a relay may take for the last answer, when the worker does not wait any more */
#define PIPE_FD 3
#define MEMORY_MOST ((rlim_t)512 * 1048576)
#define LOST_MOST 16

enum note_kind { NOTE_STAGE, NOTE_OUTCOME, NOTE_REMARK };

/* Smaller than PIPE_BUF: written whole or not at all. */
struct note {
	enum note_kind kind;
	size_t index;
	enum stage stage;
	struct outcome outcome;
	char words[1008];
};

/* Those that the worker no longer waits for. */
static pid_t lost[LOST_MOST];

/* ---- the courier ---- */

/* Where nobody listens any more it ends: nothing has happened yet, or what had to be kept is in the shared segment. One that outlives its worker
 * ends with the letter under way: a message that has left without its answer would be sent again. A worker that lives has given up and offers
 * the others elsewhere. */
static void send_note(struct talk *talk, const struct note *note)
{
	int before = errno; /* libesmtp looks at it after it has asked for the message */
	ssize_t sent;

	do
		sent = write(talk->out, note, sizeof(*note));
	while (sent < 0 && errno == EINTR);
	if (sent != (ssize_t)sizeof(*note) && (!talk->outlives || note->kind == NOTE_OUTCOME || getppid() == talk->worker))
		_exit(1);
	errno = before;
}

void talk_stage(struct talk *talk, enum stage stage)
{
	struct note note = {.kind = NOTE_STAGE, .index = talk->current, .stage = stage};

	if (stage == STAGE_FINAL) { /* it cannot be taken back: the answer is worth waiting for */
		prctl(PR_SET_PDEATHSIG, 0);
		alarm(FINAL_PATIENCE);
	}
	send_note(talk, &note);
}

void talk_tell(struct talk *talk, size_t index, struct outcome outcome)
{
	struct note note = {.kind = NOTE_OUTCOME, .index = index, .outcome = outcome};

	if (index >= talk->count || talk->outcomes[index].fate != FATE_PENDING)
		return;
	talk->outcomes[index] = outcome;
	if (outcome.fate == FATE_SENT && talk->shared)
		mail_mark_sent(talk->shared, &talk->letters[index].id);
	send_note(talk, &note);
}

void talk_tell_rest(struct talk *talk, struct outcome outcome)
{
	for (size_t i = 0; i < talk->count; i++)
		talk_tell(talk, i, outcome);
}

void talk_give_up(struct talk *talk, struct outcome outcome)
{
	talk_tell_rest(talk, outcome);
	_exit(0);
}

void dialogue_remark(struct talk *talk, const char *words)
{
	struct note note = {.kind = NOTE_REMARK};

	if (!talk->overheard)
		return;
	strncpy(note.words, words, sizeof(note.words) - 1);
	send_note(talk, &note);
}

/* No descriptor of the worker's lives on here: neither the client's connection, nor the database's. */
static void leave_behind(int out)
{
	int nothing = open("/dev/null", O_RDWR);

	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	if (out != PIPE_FD)
		dup2(out, PIPE_FD);
#ifdef HAVE_CLOSE_RANGE
	if (close_range(PIPE_FD + 1, ~0U, 0) == 0)
		return;
#endif
	for (int fd = PIPE_FD + 1; fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
		close(fd);
}

static void become_courier(bool outlives, pid_t parent)
{
	static const int usual[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD};
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_NAME, "latchkey post");
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		signal(usual[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
#ifndef WITH_SANITIZERS
	setrlimit(RLIMIT_DATA, &(struct rlimit){MEMORY_MOST, MEMORY_MOST});
#endif
	if (outlives)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static bool is_ascii(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] > 0x7e)
			return false;
	return true;
}

/* libesmtp knows neither SMTPUTF8 nor hosts with colons. */
static void carry_smtp(struct talk *talk)
{
	bool plain = !strchr(talk->relay->host, ':');

	for (size_t i = 0; i < talk->count; i++) {
		plain = plain && is_ascii(text_of(talk->letters[i].sender));
		for (size_t r = 0; r < talk->letters[i].recipients.count; r++)
			plain = plain && is_ascii(talk->letters[i].recipients.items[r]);
	}
#ifdef HAVE_ESMTP
	if (plain) {
		carry_esmtp(talk);
		return;
	}
#endif
	carry_curl(talk);
}

static void carry(struct talk *talk)
{
	static void (*const ways[])(struct talk * talk) = {
		[RELAY_SMTP] = carry_smtp,
		[RELAY_SMTPS] = carry_curl,
		[RELAY_SENDMAIL] = carry_sendmail,
	};

	talk->dialogue = dialogue_new(talk);
	ways[talk->relay->scheme](talk);
	talk_tell_rest(talk, outcome_of(FATE_PASSING, talk->dialogue->stage, 0, true, "the session ended without an answer"));
}

static void run_courier(const struct courier *courier, const struct relay *relay, const struct letter *letters, size_t count, int out, pid_t parent)
{
	struct talk *talk;

	become_courier(courier->outlives, parent);
	alarm((unsigned)((courier->until - monotonic_now()) / SECOND) + FINAL_PATIENCE);
	leave_behind(out);
	talk = must(talloc_zero(NULL, struct talk));
	*talk = (struct talk){
		.settings = courier->settings,
		.shared = courier->shared,
		.relay = relay,
		.letters = letters,
		.outlives = courier->outlives,
		.worker = parent,
		.count = count,
		.outcomes = must(talloc_zero_array(talk, struct outcome, (unsigned)count)),
		.mem = talk,
		.out = PIPE_FD,
		.overheard = courier->overhear != NULL,
	};
	carry(talk);
	_exit(0);
}

/* ---- the worker ---- */

struct waiting {
	const struct courier *courier;
	struct outcome *outcomes;
	size_t count, current;
	enum stage stage; /* of letter current */
	pid_t pid;
	int in;
};

static void bury_lost(void)
{
	for (size_t i = 0; i < LOST_MOST; i++)
		if (lost[i] && waitpid(lost[i], NULL, WNOHANG) != 0)
			lost[i] = 0;
}

/* It goes on alone, by its own alarm. */
static void lose(pid_t pid)
{
	for (size_t i = 0; i < LOST_MOST; i++)
		if (!lost[i]) {
			lost[i] = pid;
			return;
		}
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void take_note(struct waiting *waiting, const struct note *note)
{
	if (note->kind == NOTE_REMARK && waiting->courier->overhear)
		waiting->courier->overhear(waiting->courier->arg, note->words[0], text_of(note->words + 1));
	if (note->index >= waiting->count)
		return;
	if (note->kind == NOTE_STAGE) {
		waiting->current = note->index;
		waiting->stage = note->stage;
	} else if (note->kind == NOTE_OUTCOME) {
		waiting->outcomes[note->index] = note->outcome;
	}
}

/* 1: a note; 0: the time is over; -1: the courier has ended. */
static int next_note(const struct waiting *waiting, struct note *note)
{
	struct pollfd fd = {.fd = waiting->in, .events = POLLIN};

	for (;;) {
		int64_t left = waiting->courier->until - monotonic_now();
		int ready = poll(&fd, 1, left > 0 ? (int)(left / MILLISECOND) + 1 : 0);
		ssize_t got;

		if (ready == 0 && left <= 0)
			return 0;
		if (ready <= 0)
			continue;
		got = read(waiting->in, note, sizeof(*note));
		if (got < 0 && errno == EINTR)
			continue;
		return got == (ssize_t)sizeof(*note) ? 1 : -1;
	}
}

static void settle_rest(struct waiting *waiting, const char *words)
{
	bool began = false;

	for (size_t i = 0; i < waiting->count; i++) {
		struct outcome *outcome = &waiting->outcomes[i];

		if (outcome->fate != FATE_PENDING)
			continue;
		if (i == waiting->current && waiting->stage == STAGE_FINAL)
			*outcome = outcome_of(FATE_UNSURE, STAGE_FINAL, 0, false, words);
		else /* in a long session the time may simply be over */
			*outcome = outcome_of(FATE_PASSING, waiting->stage, 0, !began && i == 0, words);
		began = true;
	}
}

static bool all_settled(const struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->count; i++)
		if (waiting->outcomes[i].fate == FATE_PENDING)
			return false;
	return true;
}

/* 1: all that matters is known, it says good-bye by itself. */
static void finish(struct waiting *waiting, int last)
{
	bool final = waiting->stage == STAGE_FINAL && waiting->outcomes[waiting->current].fate == FATE_PENDING;

	close(waiting->in);
	if (last > 0 || (last == 0 && final)) {
		lose(waiting->pid);
	} else {
		if (last == 0)
			kill(-waiting->pid, SIGKILL);
		while (waitpid(waiting->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	settle_rest(waiting, last == 0 ? "no answer in time" : "the delivering process ended before its time");
}

static void give_up(struct outcome *outcomes, size_t count)
{
	const char *why = strerror(errno);

	for (size_t i = 0; i < count; i++)
		outcomes[i] = outcome_of(FATE_PASSING, STAGE_CONNECT, 0, false, why);
}

void courier_carry(const struct courier *courier, const struct relay *relay, const struct letter *letters, size_t count, struct outcome *outcomes)
{
	struct waiting waiting = {.courier = courier, .outcomes = outcomes, .count = count};
	pid_t parent = getpid();
	struct note note;
	int ends[2], last;

	memset(outcomes, 0, count * sizeof(*outcomes));
	bury_lost();
	trust_prepare(courier->settings, courier->shared, relay);
	if (pipe2(ends, O_CLOEXEC) < 0) {
		give_up(outcomes, count);
		return;
	}
	waiting.pid = fork();
	if (waiting.pid < 0) {
		give_up(outcomes, count);
		close(ends[0]);
		close(ends[1]);
		return;
	}
	if (waiting.pid == 0) {
		close(ends[0]);
		run_courier(courier, relay, letters, count, ends[1], parent);
	}
	setpgid(waiting.pid, waiting.pid);
	close(ends[1]);
	waiting.in = ends[0];
	while ((last = next_note(&waiting, &note)) > 0) {
		take_note(&waiting, &note);
		if (!courier->overhear && all_settled(&waiting))
			break;
	}
	finish(&waiting, last);
}
