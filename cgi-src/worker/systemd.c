/* systemd.c: what the service manager hands over: a socket that it listens on (sd_listen_fds(3)), and where it hears how we are (sd_notify(3)). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker_int.h"

#define FIRST_DESCRIPTOR 3

int systemd_sockets(int *first)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	bool ours = pid && count && strtol(pid, NULL, 10) == (long)getpid();
	long handed = ours ? strtol(count, NULL, 10) : 0;

	*first = FIRST_DESCRIPTOR;
	/* not for what we start ourselves */
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (handed < 1 || handed > 1024)
		return 0;
	for (int fd = FIRST_DESCRIPTOR; fd < FIRST_DESCRIPTOR + (int)handed; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (int)handed;
}

void systemd_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (*path == '@') /* a name without a file */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* who does not listen misses nothing that matters to us */
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}
