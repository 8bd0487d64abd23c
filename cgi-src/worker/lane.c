/* lane.c: a request on its way to another lane: the connection and what was read of it, over a Unix socket. */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker_int.h"

#define QUEUE_ROOM_EACH 1024 /* what the kernel counts for a waiting message, about */

/* What travels in the socket; parameters, body and request id lie in a memory file that travels with it. */
struct label {
	int64_t deadline, began;
	moment started;
	uint32_t params_len, body_len, id_len, carried_len;
	int32_t fcgi_id;
	bool keep, body_too_large;
};

enum { CONNECTION, CONTENT, PASSED };

int lanes_open(struct lanes *lanes, const struct settings *settings)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int by_default = 64 * (cores > 0 ? (int)cores : 1);

	*lanes = (struct lanes){
		.send = {-1, -1, -1},
		.receive = {-1, -1, -1},
		.bound = {0, (int)settings->latchkey.hash_queue, (int)settings->latchkey.outbound_queue},
	};
	for (int lane = LANE_HASH; lane < LANES; lane++) {
		int ends[2], room;

		if (lanes->bound[lane] <= 0)
			lanes->bound[lane] = by_default;
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
			lanes_close(lanes);
			return -1;
		}
		lanes->send[lane] = ends[0];
		lanes->receive[lane] = ends[1];
		room = lanes->bound[lane] * QUEUE_ROOM_EACH;
		/* as far as the system lets us; a send beyond it is a full lane too */
		if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
			setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	}
	return 0;
}

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

void lanes_close_senders(struct lanes *lanes)
{
	for (int lane = LANE_HASH; lane < LANES; lane++)
		close_end(&lanes->send[lane]);
}

void lanes_keep_senders(struct lanes *lanes, enum lane lane)
{
	for (int to = LANE_HASH; to <= (int)lane && to < LANES; to++)
		close_end(&lanes->send[to]);
}

void lanes_close(struct lanes *lanes)
{
	lanes_close_senders(lanes);
	for (int lane = LANE_HASH; lane < LANES; lane++)
		close_end(&lanes->receive[lane]);
}

static bool has_room(const struct lanes *lanes, enum lane lane)
{
	int waiting;

	return ioctl(lanes->receive[lane], SIOCINQ, &waiting) == 0 && (size_t)waiting / sizeof(struct label) < (size_t)lanes->bound[lane];
}

static struct buffer *pack(const struct exchange *exchange, const struct request *req, struct label *label)
{
	struct buffer *content = buffer_new((TALLOC_CTX *)req, exchange->body.len + 4096);

	for (char **param = exchange->params; *param; param++)
		buffer_add(content, *param, strlen(*param) + 1);
	*label = (struct label){
		.deadline = req->deadline,
		.began = req->http->began,
		.started = req->started,
		.params_len = (uint32_t)content->len,
		.body_len = (uint32_t)exchange->body.len,
		.id_len = (uint32_t)req->id.len,
		.carried_len = (uint32_t)req->carried.len,
		.fcgi_id = exchange->id,
		.keep = exchange->keep,
		.body_too_large = exchange->body_too_large,
	};
	buffer_text(content, exchange->body);
	buffer_text(content, req->id);
	buffer_text(content, req->carried);
	return content;
}

static int memory_file(struct text content)
{
	int fd = memfd_create("latchkey-request", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, content.data, content.len) != (ssize_t)content.len) {
		close(fd);
		return -1;
	}
	return fd;
}

static int post(int to, struct label *label, const int fds[PASSED])
{
	union {
		char bytes[CMSG_SPACE(PASSED * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec piece = {label, sizeof(*label)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(PASSED * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, PASSED * sizeof(int));
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(*label) ? 0 : -1;
}

int lane_send(const struct lanes *lanes, enum lane lane, const struct exchange *exchange, const struct request *req)
{
	int fds[PASSED] = {[CONNECTION] = exchange->fd}, sent;
	struct label label;

	if (lanes->send[lane] < 0 || !has_room(lanes, lane))
		return -1;
	fds[CONTENT] = memory_file(buffer_as_text(pack(exchange, req, &label)));
	if (fds[CONTENT] < 0)
		return -1;
	sent = post(lanes->send[lane], &label, fds);
	close(fds[CONTENT]);
	return sent;
}

static ssize_t take(int from, struct label *label, int fds[PASSED])
{
	union {
		char bytes[CMSG_SPACE(PASSED * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec piece = {label, sizeof(*label)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	ssize_t got;

	do
		got = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	for (struct cmsghdr *rights = got > 0 ? CMSG_FIRSTHDR(&message) : NULL; rights; rights = CMSG_NXTHDR(&message, rights))
		if (rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(PASSED * sizeof(int)))
			memcpy(fds, CMSG_DATA(rights), PASSED * sizeof(int));
	return got;
}

static char **split_params(TALLOC_CTX *mem, char *at, size_t len)
{
	unsigned count = 0;
	char **params;

	for (size_t i = 0; i < len; i++)
		count += !at[i];
	params = must(talloc_array(mem, char *, count + 1));
	for (unsigned i = 0; i < count; i++, at += strlen(at) + 1)
		params[i] = at;
	params[count] = NULL;
	return params;
}

static bool unpack(TALLOC_CTX *mem, const struct label *label, int from, struct parcel *parcel)
{
	size_t len = (size_t)label->params_len + label->body_len + label->id_len + label->carried_len;
	char *content = must(talloc_size(mem, len + 1));

	if (pread(from, content, len, 0) != (ssize_t)len)
		return false;
	content[len] = '\0';
	parcel->started = label->started;
	parcel->deadline = label->deadline;
	parcel->began = label->began;
	parcel->exchange.id = label->fcgi_id;
	parcel->exchange.keep = label->keep;
	parcel->exchange.body_too_large = label->body_too_large;
	parcel->exchange.params = split_params(mem, content, label->params_len);
	parcel->exchange.body = (struct text){content + label->params_len, label->body_len};
	parcel->id = (struct text){content + label->params_len + label->body_len, label->id_len};
	parcel->carried = (struct text){parcel->id.data + label->id_len, label->carried_len};
	return true;
}

bool lane_receive(const struct lanes *lanes, enum lane lane, TALLOC_CTX *mem, struct parcel *parcel)
{
	for (;;) {
		int fds[PASSED] = {-1, -1};
		struct label label;
		ssize_t got = take(lanes->receive[lane], &label, fds);
		bool whole;

		if (got <= 0)
			return false;
		whole = got == (ssize_t)sizeof(label) && fds[CONNECTION] >= 0 && unpack(mem, &label, fds[CONTENT], parcel);
		parcel->exchange.fd = fds[CONNECTION];
		if (fds[CONTENT] >= 0)
			close(fds[CONTENT]);
		if (whole)
			return true;
		/* no descriptor was free for it: one request fails */
		if (fds[CONNECTION] >= 0)
			close(fds[CONNECTION]);
	}
}
