/* serve.c: what a worker does: accept, read, answer or hand over, and what comes after the answer. */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "latchkey/metrics.h"
#include "worker_int.h"

#define READ_TIME 15 /* seconds that a web server may pause within a request */
#define WRITE_TIME 30
#define KEPT_TIME 60 /* seconds that a kept connection may idle */

/* The process's own: SIGTERM has come; and what the handler needs to make a pending accept fail. */
static struct {
	volatile sig_atomic_t told;
	int listener, no_listener;
} ending;

/* accept on what is no socket fails at once: no gap between the look at told and the wait */
static void on_term(int number)
{
	int kept = errno;

	(void)number;
	ending.told = 1;
	if (ending.listener >= 0)
		dup2(ending.no_listener, ending.listener);
	errno = kept;
}

/* SIGTERM stays blocked but while nothing is being done, so that it interrupts no request. */
static void term_mask(int how, sigset_t *before)
{
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(how, &term, before);
}

void worker_signals(int listener)
{
	struct sigaction end = {.sa_handler = on_term}, ignore = {.sa_handler = SIG_IGN};
	static const int ignored[] = {SIGPIPE, SIGINT, SIGHUP, SIGUSR1};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
	ending.listener = listener;
	ending.no_listener = listener >= 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
	sigaction(SIGTERM, listener >= 0 ? &end : &ignore, NULL);
}

static void prepare_request(struct worker *worker, struct request *req)
{
	req->db = worker->db;
	req->shared = worker->shared;
	req->lane = (int)worker->lane;
}

/* The reply is in req->http, or the request has gone to another lane (true). */
static bool handle(struct worker *worker, const struct exchange *exchange, struct request *req)
{
	enum lane lane = LANE_FAST;

	shared_count(worker->shared, COUNT_REQUESTS);
	if (http_handle(req, &lane) == REQUEST_MOVED) {
		if (lane_send(&worker->lanes, lane, exchange, req) == 0) {
			shared_count(worker->shared, COUNT_HANDED_OVER);
			metrics_lane_in(worker->shared, lane);
			return true;
		}
		shared_count(worker->shared, COUNT_LANE_FULL);
		http_reply_busy(req);
	}
	if (req->http->status >= 500)
		shared_count(worker->shared, COUNT_ERRORS);
	return false;
}

static void rest(struct worker *worker)
{
	db_between_requests(worker->db);
	worker_after_response(worker);
}

/* One request of a connection. True: the web server may send another on it. */
static bool serve_request(struct worker *worker, struct exchange *exchange)
{
	FCGX_Request library;
	struct request *req;
	bool again = false;

	if (!exchange_read_params(exchange, &library)) {
		if (library.ipcFd < 0) /* closed by the library */
			exchange->fd = -1;
		FCGX_Free(&library, 0);
		return false;
	}
	req = request_new(worker, worker->settings);
	prepare_request(worker, req);
	if (exchange_read_body(exchange, &library, req)) {
		http_receive(req, exchange->params, exchange->body, exchange->body_too_large);
		again = !handle(worker, exchange, req) && exchange_write(exchange, req) && exchange->keep;
	}
	if (!again) { /* before the clean-up: who waits for the end of the connection has it now */
		close(exchange->fd);
		exchange->fd = -1;
	}
	talloc_free(req);
	FCGX_Free(&library, 0);
	rest(worker);
	return again;
}

static bool wait_for_next(int fd, const sigset_t *unblocked)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	struct timespec most = {.tv_sec = KEPT_TIME};

	while (!ending.told) {
		int ready = ppoll(&readable, 1, &most, unblocked);

		if (ready >= 0)
			return ready > 0;
		if (errno != EINTR)
			return false;
	}
	return false;
}

static void serve_connection(struct worker *worker, int fd, const sigset_t *unblocked)
{
	const struct timeval read_time = {.tv_sec = READ_TIME}, write_time = {.tv_sec = WRITE_TIME};
	struct exchange exchange = {.fd = fd};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &read_time, sizeof(read_time));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &write_time, sizeof(write_time));
	while (serve_request(worker, &exchange) && wait_for_next(exchange.fd, unblocked))
		;
	if (exchange.fd >= 0)
		close(exchange.fd);
}

/* Out of descriptors or memory for now: others may finish meanwhile. */
static bool passing(int wrong)
{
	static const struct timespec moment_of_rest = {.tv_nsec = 20000000};

	if (wrong == EMFILE || wrong == ENFILE || wrong == ENOMEM || wrong == ENOBUFS) {
		nanosleep(&moment_of_rest, NULL);
		return true;
	}
	return wrong == EINTR || wrong == ECONNABORTED || wrong == EAGAIN || wrong == EPROTO;
}

int worker_accept(struct worker *worker, int listener)
{
	sigset_t unblocked;

	term_mask(SIG_BLOCK, &unblocked);
	sigdelset(&unblocked, SIGTERM);
	while (!ending.told) {
		int fd, wrong;

		term_mask(SIG_UNBLOCK, NULL);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		wrong = errno;
		term_mask(SIG_BLOCK, NULL);
		if (fd >= 0)
			serve_connection(worker, fd, &unblocked);
		else if (!ending.told && !passing(wrong)) {
			log_to(LOG_ERROR, "the worker cannot accept connections", log_text("error", strerror(wrong)));
			return 1;
		}
	}
	return 0;
}

static void follow_one(struct worker *worker, struct request *req, struct parcel *parcel)
{
	struct exchange *exchange = &parcel->exchange;

	prepare_request(worker, req);
	req->resumed = true;
	req->started = parcel->started;
	req->deadline = parcel->deadline;
	http_receive(req, exchange->params, exchange->body, exchange->body_too_large);
	req->id = parcel->id;
	req->carried = parcel->carried;
	req->http->began = parcel->began;
	if (!handle(worker, exchange, req))
		exchange_write(exchange, req);
}

int worker_follow(struct worker *worker)
{
	for (;;) {
		struct request *req = request_new(worker, worker->settings);
		struct parcel parcel;
		bool more;

		worker_idle(worker);
		more = lane_receive(&worker->lanes, worker->lane, req, &parcel);

		if (more)
			metrics_lane_out(worker->shared, worker->lane);
		if (more && !exchange_peer_gone(&parcel.exchange))
			follow_one(worker, req, &parcel);
		if (more)
			close(parcel.exchange.fd);
		talloc_free(req);
		if (!more)
			return 0;
		rest(worker);
	}
}
