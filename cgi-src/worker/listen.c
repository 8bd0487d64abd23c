/* listen.c: the socket on which the web server reaches us: inherited, or opened here. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker_int.h"

#define BACKLOG 1024
#define FCGI_SOCKET 0 /* the FastCGI specification's FCGI_LISTENSOCK_FILENO */

static bool refuse(const char *listen, const char *why)
{
	log_to(LOG_FATAL, "http server listen failed", log_text("component", "api"), log_text("error", why), log_text("listen", listen));
	return false;
}

static bool is_listening(int fd)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

static bool take(int fd, struct listener *listener)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	listener->fd = fd;
	return true;
}

static bool inherited(struct listener *listener)
{
	int first, handed = systemd_sockets(&first);

	if (handed > 1)
		return refuse("LISTEN_FDS", "more than one socket was handed over: leave one ListenStream= in the socket unit");
	if (handed == 1)
		return is_listening(first) ? take(first, listener) : refuse("LISTEN_FDS", "what was handed over is no listening socket");
	if (!is_listening(FCGI_SOCKET))
		return refuse("descriptor 0", "no listening socket: have a web server or systemd start the program, or give --listen unix:/path or "
					      "tcp:address:port");
	return take(FCGI_SOCKET, listener);
}

/* A socket that nobody listens on any more is in the way; one in use is not touched. */
static void remove_stale(const struct sockaddr_un *address)
{
	struct stat facts;
	int probe;

	if (lstat(address->sun_path, &facts) < 0 || !S_ISSOCK(facts.st_mode))
		return;
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (probe >= 0)
		close(probe);
}

/* Its rights are those that the umask leaves. */
static bool open_unix(TALLOC_CTX *mem, const char *path, struct listener *listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return refuse(path, "the path is too long for a Unix socket");
	memcpy(address.sun_path, path, strlen(path));
	remove_stale(&address);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener->fd, BACKLOG) < 0)
		return refuse(path, strerror(errno));
	listener->path = format(mem, "%s", path);
	return true;
}

static bool open_tcp(TALLOC_CTX *mem, const char *place, struct listener *listener)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST}, *found;
	const char *colon = strrchr(place, ':');
	struct text host = colon ? text_trim((struct text){place, (size_t)(colon - place)}, "[]") : TEXT_NONE;
	int on = 1, wrong;

	if (!colon)
		return refuse(place, "tcp: wants address:port");
	wrong = getaddrinfo(host.len ? text_string(mem, host) : NULL, colon + 1, &hints, &found);
	if (wrong)
		return refuse(place, gai_strerror(wrong));
	listener->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd >= 0)
		setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	wrong = listener->fd < 0 || bind(listener->fd, found->ai_addr, found->ai_addrlen) < 0 || listen(listener->fd, BACKLOG) < 0 ? errno : 0;
	freeaddrinfo(found);
	return wrong ? refuse(place, strerror(wrong)) : true;
}

bool listener_open(TALLOC_CTX *mem, const char *listen, struct listener *listener)
{
	*listener = (struct listener){.fd = -1};
	if (!listen)
		return inherited(listener);
	if (strncmp(listen, "unix:", 5) == 0)
		return open_unix(mem, listen + 5, listener);
	if (strncmp(listen, "tcp:", 4) == 0)
		return open_tcp(mem, listen + 4, listener);
	return refuse(listen, "--listen wants unix:/path or tcp:address:port");
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
	if (listener->path)
		unlink(listener->path);
	listener->path = NULL;
}

/* mod_fcgid names its sockets PROCESS.NUMBER in a folder such as /var/lib/apache2/fcgid/sock or logs/fcgidsock. */
bool listener_is_fcgid(void)
{
	struct sockaddr_un address = {0};
	socklen_t len = sizeof(address) - 1;
	const char *name;

	if (getsockname(FCGI_SOCKET, (struct sockaddr *)&address, &len) < 0 || address.sun_family != AF_UNIX)
		return false;
	name = strrchr(address.sun_path, '/');
	return name && strspn(name + 1, "0123456789.") == strlen(name + 1) && strstr(address.sun_path, "fcgid") && is_listening(FCGI_SOCKET);
}
