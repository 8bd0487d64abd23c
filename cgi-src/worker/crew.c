/* crew.c: the workers of one set of settings: how many of each lane, forking, forking again, ending. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker_int.h"

#define YOUNG (1 * SECOND) /* who dies before that age is started again later and later */
#define FIRST_PAUSE (10 * MILLISECOND)
#define LAST_PAUSE (500 * MILLISECOND)
#define LOWEST_PRIORITY 19

static const char *const lane_names[] = {"fast", "hash", "outbound"};

static int at_least_one(int64_t number)
{
	return number < 1 ? 1 : (int)number;
}

/* most, 0: no bound, bounds the connections, and so the workers of all lanes, where LATCHKEY_WORKERS does not say how many. */
static void plan(const struct settings *settings, int64_t most, int sizes[LANES])
{
	int cores = at_least_one(sysconf(_SC_NPROCESSORS_ONLN));
	int64_t fast = settings->latchkey.workers, hash = settings->latchkey.hash_workers, outbound = settings->latchkey.outbound_workers;

	sizes[LANE_FAST] = fast > 0 ? (int)fast : 4 * cores;
	sizes[LANE_HASH] = hash > 0 ? (int)hash : cores;
	sizes[LANE_OUTBOUND] = outbound > 0 ? (int)outbound : 4;
	if (fast > 0 || most <= 0 || sizes[LANE_FAST] + sizes[LANE_HASH] + sizes[LANE_OUTBOUND] <= most)
		return;
	/* a quarter for each of the slow lanes at most; fewer than three: no lanes (and hashing waits at the gate) */
	for (int lane = LANE_HASH; lane < LANES; lane++)
		if (sizes[lane] > most / 4)
			sizes[lane] = most < 3 ? 0 : at_least_one(most / 4);
	fast = most - sizes[LANE_HASH] - sizes[LANE_OUTBOUND];
	if (fast < sizes[LANE_FAST])
		sizes[LANE_FAST] = (int)fast;
}

struct crew *crew_new(TALLOC_CTX *mem, const struct settings *settings, int64_t most_connections)
{
	struct crew *crew = must(talloc_zero(mem, struct crew));
	int sizes[LANES];

	crew->settings = settings;
	plan(settings, most_connections, sizes);
	if (lanes_open(&crew->lanes, settings) < 0) {
		talloc_free(crew);
		return NULL;
	}
	crew->members = must(talloc_zero_array(crew, struct member, (size_t)(sizes[LANE_FAST] + sizes[LANE_HASH] + sizes[LANE_OUTBOUND])));
	for (int lane = 0; lane < LANES; lane++)
		for (int i = 0; i < sizes[lane]; i++)
			crew->members[crew->count++].lane = sizes[LANE_HASH] ? (enum lane)lane : LANES;
	return crew;
}

bool crew_fits(const struct crew *crew, int64_t most_connections)
{
	int sizes[LANES];

	plan(crew->settings, most_connections, sizes);
	return crew->count == (size_t)(sizes[LANE_FAST] + sizes[LANE_HASH] + sizes[LANE_OUTBOUND]);
}

static bool accepts(enum lane lane)
{
	return lane == LANE_FAST || lane == LANES;
}

/* A session of its own: priorities reach no further than one, where the kernel groups tasks by session. */
static void enter_hash_lane(void)
{
	struct sched_param none = {0};

	setsid();
	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	sched_setscheduler(0, SCHED_BATCH, &none);
}

static void name_process(enum lane lane)
{
	char name[16] = "latchkey ";

	strncat(name, lane < LANES ? lane_names[lane] : "alone", sizeof(name) - strlen(name) - 1);
	prctl(PR_SET_NAME, name);
}

static void live(struct crew *crew, enum lane lane, struct shared *shared, int listener, pid_t manager)
{
	struct worker *worker = must(talloc_zero(crew, struct worker));
	sigset_t none;

	worker_signals(accepts(lane) ? listener : -1);
	if (accepts(lane)) {
		/* the others end when their queues do */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != manager)
			_exit(0);
	} else {
		close(listener);
	}
	if (lane == LANE_HASH)
		enter_hash_lane();
	name_process(lane);
	*worker = (struct worker){.settings = crew->settings, .shared = shared, .lanes = crew->lanes, .lane = lane};
	lanes_keep_senders(&worker->lanes, lane);
	for (struct crew *older = crew->next; older; older = older->next)
		lanes_close(&older->lanes); /* their queues have to end */
	worker->db = db_new(worker, crew->settings->db.url, crew->settings->latchkey.db_prepare, NULL);
	sigemptyset(&none);
	if (accepts(lane))
		sigaddset(&none, SIGTERM); /* until it accepts */
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(accepts(lane) ? worker_accept(worker, listener) : worker_follow(worker));
}

static void start_member(struct crew *crew, struct member *member, struct shared *shared, int listener, int64_t now)
{
	pid_t manager = getpid(), pid = fork();

	if (pid == 0)
		live(crew, member->lane, shared, listener, manager);
	if (pid < 0) {
		member->start_at = now + LAST_PAUSE;
		return;
	}
	member->pid = pid;
	member->started = now;
	shared_count(shared, COUNT_WORKER_STARTS);
}

int64_t crew_start(struct crew *crew, struct shared *shared, int listener)
{
	int64_t now = monotonic_now(), next = INT64_MAX;

	for (size_t i = 0; i < crew->count && !crew->ending; i++) {
		struct member *member = &crew->members[i];

		if (!member->pid && member->start_at <= now)
			start_member(crew, member, shared, listener, now);
		if (!member->pid && member->start_at < next)
			next = member->start_at;
	}
	return next;
}

static void say_died(const struct member *member, int status)
{
	const char *lane = member->lane < LANES ? lane_names[member->lane] : "alone";

	if (WIFSIGNALED(status))
		log_to(LOG_ERROR, "a worker was ended by a signal", log_text("lane", lane), log_number("pid", member->pid),
		       log_number("signal", WTERMSIG(status)));
	else
		log_to(LOG_ERROR, "a worker ended by itself", log_text("lane", lane), log_number("pid", member->pid),
		       log_number("exit_status", WEXITSTATUS(status)));
}

static void schedule(struct member *member)
{
	int64_t now = monotonic_now();

	if (now - member->started >= YOUNG)
		member->pause = 0;
	else if (member->pause == 0)
		member->pause = FIRST_PAUSE;
	else
		member->pause = member->pause * 2 < LAST_PAUSE ? member->pause * 2 : LAST_PAUSE;
	member->start_at = now + member->pause;
}

bool crew_reap(struct crew *crew, struct shared *shared, pid_t pid, int status)
{
	for (size_t i = 0; i < crew->count; i++) {
		struct member *member = &crew->members[i];

		if (member->pid != pid)
			continue;
		if (!crew->ending || status != 0) {
			shared_count(shared, COUNT_WORKER_DEATHS);
			say_died(member, status);
		}
		schedule(member);
		member->pid = 0;
		return true;
	}
	return false;
}

void crew_end(struct crew *crew, duration grace)
{
	crew->ending = true;
	crew->kill_at = monotonic_now() + grace;
	lanes_close_senders(&crew->lanes);
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].pid && accepts(crew->members[i].lane))
			kill(crew->members[i].pid, SIGTERM);
}

void crew_kill(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].pid)
			kill(crew->members[i].pid, SIGKILL);
	crew->kill_at = INT64_MAX;
}

bool crew_accepts(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].pid && accepts(crew->members[i].lane))
			return true;
	return false;
}

bool crew_gone(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->members[i].pid)
			return false;
	return true;
}
