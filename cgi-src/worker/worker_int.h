/* worker_int.h: what the files of the worker room share. */
#ifndef LATCHKEY_WORKER_INT_H
#define LATCHKEY_WORKER_INT_H

#include "latchkey/db.h"
#include "latchkey/http.h"
#include "latchkey/settings.h"
#include "latchkey/worker.h"

/* ---- lanes (lane.c): how a request goes on in another process ----------------------------------------------------------------- */

/* Each lane but the fast one has a socket pair: who hands a request over writes to one end, the lane's workers read from the other, and
 * what waits lies in the kernel, so that a death loses no count. A request moves towards higher lanes only (hashed, then waiting for a
 * relay): a lane sees the end of its queue when all workers that may fill it have ended. */
struct lanes {
	int send[LANES], receive[LANES]; /* -1: none */
	int bound[LANES];		 /* waiting requests before 503 */
};

int lanes_open(struct lanes *lanes, const struct settings *settings); /* -1 with errno */
void lanes_keep_senders(struct lanes *lanes, enum lane lane);	      /* only those that a worker of this lane uses */
void lanes_close_senders(struct lanes *lanes);
void lanes_close(struct lanes *lanes);

/* ---- one request's FastCGI side (exchange.c) ---------------------------------------------------------------------------------------- */

struct exchange {
	int fd;
	int id;	   /* FastCGI request id */
	bool keep; /* the web server wants to use the connection again */
	char **params;
	struct text body;
	bool body_too_large;
};

/* Reads parameters and body of the next request on a connection. library is what params lie in: FCGX_Free it afterwards. */
struct FCGX_Request;
bool exchange_read_params(struct exchange *exchange, struct FCGX_Request *library);
bool exchange_read_body(struct exchange *exchange, struct FCGX_Request *library, TALLOC_CTX *mem);
bool exchange_write(const struct exchange *exchange, const struct request *req); /* false: the peer went away */
bool exchange_peer_gone(const struct exchange *exchange);

/* A request as it came out of another lane's process. */
struct parcel {
	struct exchange exchange;
	moment started;
	int64_t deadline, began;
	struct text id, carried;
};
/* -1: the lane is full or gone; the request is still the caller's. On 0 the caller closes its copy of the connection. */
int lane_send(const struct lanes *lanes, enum lane lane, const struct exchange *exchange, const struct request *req);
/* Waits for the next; all of it hangs off mem. False: the end of the queue. */
bool lane_receive(const struct lanes *lanes, enum lane lane, TALLOC_CTX *mem, struct parcel *parcel);

/* ---- a worker (serve.c) --------------------------------------------------------------------------------------------------------------- */

struct worker {
	const struct settings *settings;
	struct db *db;
	struct shared *shared;
	struct lanes lanes;
	enum lane lane; /* LANES: a process without lanes */
};

void worker_signals(int listener); /* SIGTERM ends the accept loop; blocked but there */
int worker_accept(struct worker *worker, int listener);
int worker_follow(struct worker *worker); /* a lane's worker: until the queue ends */
void worker_after_response(struct worker *worker);
void worker_idle(struct worker *worker); /* a lane's worker: chores until a request waits or the queue ends */

/* ---- starting (start.c, listen.c) ------------------------------------------------------------------------------------------------------ */

/* Settings fit to serve, the log set up by them; NULL: what is wrong has been logged. quiet: notes and log are left to the start that follows. */
struct settings *start_settings(TALLOC_CTX *mem, const struct settings_source *source, bool quiet);
struct settings_source *start_source(TALLOC_CTX *mem, const struct settings_place *place);
struct shared *start_shared(TALLOC_CTX *mem, const struct settings *settings, const struct worker_options *options);

struct listener {
	int fd;
	const char *path; /* to be removed at the end; NULL: none */
};
bool listener_open(TALLOC_CTX *mem, const char *listen, struct listener *listener); /* false: logged */
void listener_close(struct listener *listener);
bool listener_is_fcgid(void); /* the socket on descriptor 0 is one that mod_fcgid made */

/* ---- the service manager (systemd.c) ----------------------------------------------------------------------------------------------------- */

int systemd_sockets(int *first);	/* how many it opened for this process, from *first on; 0: none. Asked once */
void systemd_notify(const char *state); /* such as READY=1; nothing where nobody wants to know */

/* ---- the manager (manager.c, crew.c) ------------------------------------------------------------------------------------------------------- */

struct member {
	pid_t pid; /* 0: to be started */
	enum lane lane;
	int64_t started, start_at; /* monotonic */
	duration pause;		   /* before the next start, where it dies young */
};

struct crew {
	struct crew *next; /* older */
	const struct settings *settings;
	struct lanes lanes;
	struct member *members;
	size_t count;
	bool ending;
	int64_t kill_at; /* monotonic; when those that still work are killed */
};

/* most_connections bounds its workers (connection_limit); 0: it does not. */
struct crew *crew_new(TALLOC_CTX *mem, const struct settings *settings, int64_t most_connections);
bool crew_fits(const struct crew *crew, int64_t most_connections); /* it has the workers that a new one would have */
/* Starts every member that is due. Gives the moment at which the next one is (INT64_MAX: none). A child does not return. */
int64_t crew_start(struct crew *crew, struct shared *shared, int listener);
bool crew_reap(struct crew *crew, struct shared *shared, pid_t pid, int status); /* false: none of its members */
void crew_end(struct crew *crew, duration grace);				 /* those that accept finish and end, then the lanes drain */
void crew_kill(struct crew *crew);
bool crew_gone(const struct crew *crew);
bool crew_accepts(const struct crew *crew); /* a worker that takes requests is still there */

int manage(const struct worker_options *options, struct settings_source *source, const struct settings *settings);
int serve_alone(const struct worker_options *options, const struct settings *settings);

#endif
