/* exporter_http.c: the HTTP that Prometheus needs: every request gets all metrics, one connection after the other (contract 02 section 7.8). */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exporter.h"
#include "latchkey/metrics.h"

#define PATIENCE (2 * SECOND) /* with a whole connection */
#define HEAD_MAX 8192
#define BACKLOG 16

static int bind_one(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int kept = errno;
	close(fd);
	errno = kept;
	return -1;
}

/* -1: *why. */
static int open_listener(const char *host, const char *port, const char **why)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	int fd = -1, wrong = getaddrinfo(*host ? host : NULL, port, &hints, &found);

	*why = wrong ? gai_strerror(wrong) : NULL;
	for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
		fd = bind_one(at);
	if (fd < 0 && !wrong)
		*why = strerror(errno);
	if (found)
		freeaddrinfo(found);
	return fd;
}

static bool wait_for(int fd, short events, int64_t until)
{
	struct pollfd waiting = {.fd = fd, .events = events};
	int64_t left = until - monotonic_now();

	return left > 0 && poll(&waiting, 1, (int)(left / MILLISECOND) + 1) > 0;
}

/* What is asked for does not matter, only where the question ends. */
static bool read_head(int fd, int64_t until)
{
	char head[HEAD_MAX];
	size_t used = 0;

	while (used < sizeof(head) && wait_for(fd, POLLIN, until)) {
		ssize_t got = recv(fd, head + used, sizeof(head) - used, MSG_DONTWAIT);

		if (got <= 0)
			return false;
		used += (size_t)got;
		if (memmem(head, used, "\r\n\r\n", 4) || memmem(head, used, "\n\n", 2))
			return true;
	}
	return false;
}

static void write_all(int fd, struct text text, int64_t until)
{
	while (text.len && wait_for(fd, POLLOUT, until)) {
		ssize_t put = send(fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (put < 0)
			return;
		text.data += put;
		text.len -= (size_t)put;
	}
}

static void answer(int fd, const struct shared *shared, pid_t manager)
{
	int64_t until = monotonic_now() + PATIENCE;
	struct buffer *body, *head;

	if (!read_head(fd, until))
		return;
	body = buffer_new(NULL, 32768);
	head = buffer_new(body, 256);
	metrics_write(body, shared, manager);
	buffer_format(head,
		      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
		      "Connection: close\r\n\r\n",
		      buffer_as_text(body).len);
	write_all(fd, buffer_as_text(head), until);
	write_all(fd, buffer_as_text(body), until);
	shutdown(fd, SHUT_WR);
	talloc_free(body);
}

int exporter_serve(const struct settings *settings, const struct shared *shared, pid_t manager)
{
	const char *why, *host = settings->metrics.prometheus_host, *port = settings->metrics.prometheus_port;
	TALLOC_CTX *mem = must(talloc_new(NULL));
	int listener;

	log_plain(LOG_INFO, format(mem, "prometheus server listening on %s:%s", host, port));
	listener = open_listener(host, port, &why);
	if (listener < 0) {
		log_to(LOG_ERROR, format(mem, "prometheus server (%s:%s) shut down", host, port), log_text("error", why));
		return 1;
	}
	for (;;) {
		struct pollfd waiting = {.fd = listener, .events = POLLIN};
		int fd;

		poll(&waiting, 1, -1);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		answer(fd, shared, manager);
		close(fd);
	}
}
