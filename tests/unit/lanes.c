/* lanes.c: requests on their way to another process: whole, bounded, none lost to a death, the end of the queue seen (design, "Lanes"). */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/worker/manager_int.h"
#include "tests/unit/test.h"

static struct settings settings;
static struct lanes lanes;
static struct request *req;
static int connection[2];
static char method[] = "REQUEST_METHOD=POST", uri[] = "REQUEST_URI=/token?grant_type=password", empty[] = "EMPTY=";
static char *params[] = {method, uri, empty, NULL};
static struct exchange exchange;

static int setup(void **state)
{
	(void)state;
	settings.latchkey.hash_queue = 8;
	settings.latchkey.outbound_queue = 300;
	if (lanes_open(&lanes, &settings) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, connection) < 0)
		return -1;
	req = request_new(NULL, &settings);
	req->http = talloc_zero(req, struct http);
	req->http->began = 11;
	req->started = 22;
	req->deadline = 33;
	req->id = TEXT("request-id");
	req->carried = TEXT("carried");
	exchange = (struct exchange){.fd = connection[0], .id = 7, .keep = true, .params = params, .body = {"a\0b", 3}, .body_too_large = true};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lanes_close(&lanes);
	close(connection[0]);
	close(connection[1]);
	talloc_free(req);
	return 0;
}

static void a_request_arrives_whole(void **state)
{
	struct parcel parcel;
	char byte;

	(void)state;
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	assert_true(lane_receive(&lanes, LANE_HASH, req, &parcel));
	for (size_t i = 0; i < 4; i++)
		if (params[i])
			assert_string_equal(parcel.exchange.params[i], params[i]);
		else
			assert_null(parcel.exchange.params[i]);
	assert_true(text_equal(parcel.exchange.body, exchange.body));
	assert_true(text_is(parcel.id, "request-id"));
	assert_true(text_is(parcel.carried, "carried"));
	assert_int_equal(parcel.began, 11);
	assert_int_equal(parcel.started, 22);
	assert_int_equal(parcel.deadline, 33);
	assert_int_equal(parcel.exchange.id, 7);
	assert_true(parcel.exchange.keep && parcel.exchange.body_too_large);
	assert_int_equal(write(parcel.exchange.fd, "x", 1), 1);
	assert_int_equal(read(connection[1], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(parcel.exchange.fd);
}

static void a_large_body_arrives_whole(void **state)
{
	char *large = talloc_array(req, char, 1 << 20);
	struct parcel parcel;

	(void)state;
	memset(large, 'l', 1 << 20);
	exchange.body = (struct text){large, 1 << 20};
	assert_int_equal(lane_send(&lanes, LANE_OUTBOUND, &exchange, req), 0);
	assert_true(lane_receive(&lanes, LANE_OUTBOUND, req, &parcel));
	assert_true(text_equal(parcel.exchange.body, exchange.body));
	close(parcel.exchange.fd);
}

static void a_lane_is_full_at_its_bound_and_has_room_again(void **state)
{
	struct parcel parcel;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), -1);
	assert_true(lane_receive(&lanes, LANE_HASH, req, &parcel));
	close(parcel.exchange.fd);
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	for (int i = 0; i < 300; i++)
		assert_int_equal(lane_send(&lanes, LANE_OUTBOUND, &exchange, req), 0);
}

static pid_t taker(void)
{
	pid_t pid = fork();
	struct parcel parcel;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (lane_receive(&lanes, LANE_HASH, req, &parcel))
			raise(SIGKILL);
		_exit(0);
	}
	return pid;
}

static void a_worker_that_dies_takes_its_own_request_alone(void **state)
{
	struct parcel parcel;
	int status;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	waitpid(taker(), &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), -1);
	for (int i = 0; i < 8; i++) {
		assert_true(lane_receive(&lanes, LANE_HASH, req, &parcel));
		close(parcel.exchange.fd);
	}
}

static void a_queue_is_emptied_before_its_end_is_seen(void **state)
{
	struct parcel parcel;

	(void)state;
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), 0);
	lanes_close_senders(&lanes);
	assert_true(lane_receive(&lanes, LANE_HASH, req, &parcel));
	close(parcel.exchange.fd);
	assert_false(lane_receive(&lanes, LANE_HASH, req, &parcel));
	assert_int_equal(lane_send(&lanes, LANE_HASH, &exchange, req), -1);
}

static void who_may_hand_on_to_whom(void **state)
{
	struct lanes fast = lanes, outbound, hash;

	(void)state;
	lanes_keep_senders(&fast, LANE_FAST);
	assert_true(fast.send[LANE_HASH] >= 0 && fast.send[LANE_OUTBOUND] >= 0);
	hash = fast;
	lanes_keep_senders(&hash, LANE_HASH);
	assert_true(hash.send[LANE_HASH] < 0 && hash.send[LANE_OUTBOUND] >= 0);
	outbound = hash;
	lanes_keep_senders(&outbound, LANE_OUTBOUND);
	assert_true(outbound.send[LANE_HASH] < 0 && outbound.send[LANE_OUTBOUND] < 0);
	lanes = outbound;
}

static struct text everything_from(int fd, char *into, size_t size)
{
	size_t got = 0;
	ssize_t step;

	while (got < size && (step = read(fd, into + got, size - got)) > 0)
		got += (size_t)step;
	return (struct text){into, got};
}

/* FastCGI specification section 3.3: records of version 1, here STDOUT (6), its end, and END_REQUEST (3). */
static void an_answer_is_fastcgi_records(void **state)
{
	static const char head[] = "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
	char all[512];
	struct text got;
	size_t len = sizeof(head) - 1;

	(void)state;
	req->http->status = 200;
	req->http->headers[0].name = "Content-Type";
	req->http->headers[0].value = TEXT("text/plain");
	req->http->header_count = 1;
	req->http->out = buffer_new(req, 8);
	buffer_string(req->http->out, "hello");
	assert_true(exchange_write(&exchange, req));
	shutdown(connection[0], SHUT_WR);
	got = everything_from(connection[1], all, sizeof(all));
	assert_int_equal(got.len, 8 + len + 8 + 16);
	assert_memory_equal(all, ((char[]){1, 6, 0, 7, 0, (char)len, 0, 0}), 8);
	assert_memory_equal(all + 8, head, len);
	assert_memory_equal(all + 8 + len, ((char[]){1, 6, 0, 7, 0, 0, 0, 0, 1, 3, 0, 7, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 24);
}

static void a_204_has_neither_length_nor_body(void **state)
{
	char all[256];
	struct text got;

	(void)state;
	req->http->status = 204;
	assert_true(exchange_write(&exchange, req));
	shutdown(connection[0], SHUT_WR);
	got = everything_from(connection[1], all, sizeof(all));
	assert_memory_equal(got.data + 8, "Status: 204 No Content\r\n\r\n", 26);
	assert_int_equal(got.len, 8 + 26 + 24);
}

static void a_peer_that_left_is_noticed(void **state)
{
	(void)state;
	assert_false(exchange_peer_gone(&exchange));
	shutdown(connection[1], SHUT_WR);
	assert_true(exchange_peer_gone(&exchange));
}

/* Contract 02 section 6.2; a crew's workers are no more than connections (docs/architecture.md). */
static void connections_are_bounded_by_number_or_share(void **state)
{
	static const struct {
		int64_t percentage, pool, server, limit;
	} cases[] = {
		{0, 0, 100, 0}, {0, 7, 100, 7}, {10, 0, 100, 10}, {10, 7, 100, 10},
		{1, 0, 50, 1},	{33, 0, 10, 3}, {100, 5, 20, 20}, {50, 7, 0, 7}, /* the server has not said yet */
	};
	struct settings given = {.latchkey = {.hash_queue = 1, .outbound_queue = 1, .outbound_workers = 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t limit;
		struct crew *crew;

		given.db.conn_percentage = cases[i].percentage;
		given.db.max_pool_size = cases[i].pool;
		limit = connection_limit(&given, cases[i].server);
		assert_int_equal(limit, cases[i].limit);
		crew = crew_new(NULL, &given, limit);
		assert_non_null(crew);
		assert_true(limit == 0 || crew->count <= (size_t)limit);
		assert_true(crew_fits(crew, limit));
		lanes_close(&crew->lanes);
		talloc_free(crew);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_request_arrives_whole),
		CASE(a_large_body_arrives_whole),
		CASE(a_lane_is_full_at_its_bound_and_has_room_again),
		CASE(a_worker_that_dies_takes_its_own_request_alone),
		CASE(a_queue_is_emptied_before_its_end_is_seen),
		CASE(who_may_hand_on_to_whom),
		CASE(an_answer_is_fastcgi_records),
		CASE(a_204_has_neither_length_nor_body),
		CASE(a_peer_that_left_is_noticed),
		CASE(connections_are_bounded_by_number_or_share),
	};

	return cmocka_run_group_tests(cases, NULL, NULL);
}
