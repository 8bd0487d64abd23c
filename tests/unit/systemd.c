/* systemd.c: sockets and notices of a service manager, as sd_listen_fds(3) and sd_notify(3) describe them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgi-src/worker/worker_int.h"
#include "tests/unit/test.h"

static void hand_over(long pid, const char *count)
{
	char word[32];

	snprintf(word, sizeof(word), "%ld", pid);
	setenv("LISTEN_PID", word, 1);
	setenv("LISTEN_FDS", count, 1);
}

/* A Unix socket without a file, bound to a name of this test's own. */
static int named_socket(int type, struct sockaddr_un *address, socklen_t *len)
{
	int fd = socket(AF_UNIX, type, 0);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*len = sizeof(sa_family_t); /* the kernel finds one */
	assert_return_code(bind(fd, (struct sockaddr *)address, *len), errno);
	*len = sizeof(*address);
	getsockname(fd, (struct sockaddr *)address, len);
	return fd;
}

static void the_third_descriptor_is_the_socket(void **state)
{
	struct listener listener;
	struct sockaddr_un address;
	socklen_t len;
	int fd = named_socket(SOCK_STREAM, &address, &len), kept = dup(3);

	(void)state;
	listen(fd, 1);
	dup2(fd, 3);
	fcntl(3, F_SETFL, O_NONBLOCK);
	hand_over(getpid(), "1");
	assert_true(listener_open(NULL, NULL, &listener));
	assert_int_equal(listener.fd, 3);
	assert_false(fcntl(3, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(3, F_GETFD) & FD_CLOEXEC);
	assert_null(getenv("LISTEN_FDS"));
	listener_close(&listener);
	close(fd);
	if (kept >= 0)
		dup2(kept, 3);
}

static void what_is_for_another_process_is_not_taken(void **state)
{
	int first;

	(void)state;
	hand_over(getpid() + 1, "1");
	assert_int_equal(systemd_sockets(&first), 0);
	assert_null(getenv("LISTEN_PID"));
	unsetenv("LISTEN_FDS");
	assert_int_equal(systemd_sockets(&first), 0);
}

static void two_sockets_and_what_does_not_listen_are_refused(void **state)
{
	struct listener listener;
	int kept = dup(3);

	(void)state;
	hand_over(getpid(), "2");
	assert_false(listener_open(NULL, NULL, &listener));
	dup2(open("/dev/null", O_RDONLY), 3);
	hand_over(getpid(), "1");
	assert_false(listener_open(NULL, NULL, &listener));
	if (kept >= 0)
		dup2(kept, 3);
}

static void the_manager_hears(void **state)
{
	struct sockaddr_un address;
	socklen_t len;
	int fd = named_socket(SOCK_DGRAM, &address, &len);
	char heard[64] = "", path[sizeof(address.sun_path) + 1] = "";

	(void)state;
	memcpy(path, address.sun_path, len - offsetof(struct sockaddr_un, sun_path));
	path[0] = '@';
	setenv("NOTIFY_SOCKET", path, 1);
	systemd_notify("READY=1");
	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT), 7);
	assert_string_equal(heard, "READY=1");
	unsetenv("NOTIFY_SOCKET");
	systemd_notify("READY=1");
	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT), -1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_third_descriptor_is_the_socket),
		cmocka_unit_test(what_is_for_another_process_is_not_taken),
		cmocka_unit_test(two_sockets_and_what_does_not_listen_are_refused),
		cmocka_unit_test(the_manager_hears),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
