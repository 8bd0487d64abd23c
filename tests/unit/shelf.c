/* shelf.c: templates that workers share: seen by all, and whole even where a worker dies while it holds them (contract 06 section 9.2). */
#include "tests/unit/test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/mail/shelf.h"

static struct settings settings = {.mailer = {.template_max_size = 100000}};

static struct request *fresh(void)
{
	return request_new(NULL, &settings);
}

static void in_a_child(void (*act)(struct request *req))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		act(fresh());
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void put_a_pair(struct request *req)
{
	struct shelved shelved;

	if (!shelf_open(req, MAIL_RECOVERY, &shelved) || !shelf_put(MAIL_RECOVERY, TEXT("subject"), TEXT("body"), false, &shelved))
		_exit(1);
	shelf_close(MAIL_RECOVERY);
	shelf_used(true);
}

static void one_worker_puts_all_see(void **state)
{
	struct request *req = fresh();
	struct shelved shelved;

	(void)state;
	mail_prepare(&settings);
	assert_true(shelf_open(req, MAIL_RECOVERY, &shelved));
	assert_int_equal(shelved.edition, 0);
	shelf_close(MAIL_RECOVERY);
	assert_int_equal(shelf_used(false), 0);
	in_a_child(put_a_pair);
	assert_true(shelf_open(req, MAIL_RECOVERY, &shelved));
	assert_int_not_equal(shelved.edition, 0);
	assert_true(text_is(shelved.subject, "subject") && text_is(shelved.body, "body"));
	assert_false(shelved.stands_in);
	shelf_close(MAIL_RECOVERY);
	assert_true(shelf_open(req, MAIL_INVITE, &shelved)); /* a kind each */
	assert_int_equal(shelved.edition, 0);
	shelf_close(MAIL_INVITE);
	assert_int_not_equal(shelf_used(false), 0);
	talloc_free(req);
}

static void every_pair_is_another_edition(void **state)
{
	struct request *req = fresh();
	struct shelved first, second;

	(void)state;
	assert_true(shelf_open(req, MAIL_INVITE, &first));
	assert_true(shelf_put(MAIL_INVITE, TEXT("a"), TEXT("b"), true, &first));
	assert_true(first.stands_in);
	assert_true(shelf_put(MAIL_INVITE, TEXT("a"), TEXT("b"), false, &second));
	assert_int_not_equal(first.edition, second.edition);
	shelf_close(MAIL_INVITE);
	talloc_free(req);
}

static void a_text_without_room(void **state)
{
	struct request *req = fresh();
	static char large[100001];
	struct shelved shelved;

	(void)state;
	assert_true(shelf_open(req, MAIL_MAGIC_LINK, &shelved));
	assert_false(shelf_put(MAIL_MAGIC_LINK, TEXT("a"), (struct text){large, sizeof(large)}, false, &shelved));
	assert_true(shelf_put(MAIL_MAGIC_LINK, TEXT("a"), (struct text){large, sizeof(large) - 1}, false, &shelved));
	shelf_close(MAIL_MAGIC_LINK);
	talloc_free(req);
}

static void die_inside(struct request *req)
{
	struct shelved shelved;

	if (shelf_open(req, MAIL_RECOVERY, &shelved))
		raise(SIGKILL);
	_exit(1);
}

static void a_worker_that_is_killed_inside(void **state)
{
	struct request *req = fresh();
	struct shelved shelved;

	(void)state;
	in_a_child(die_inside);
	assert_true(shelf_open(req, MAIL_RECOVERY, &shelved));
	assert_int_equal(shelved.edition, 0); /* it may have been writing */
	shelf_close(MAIL_RECOVERY);
	assert_true(shelf_open(req, MAIL_RECOVERY, &shelved));
	shelf_close(MAIL_RECOVERY);
	talloc_free(req);
}

static void a_deadline_is_kept(void **state)
{
	struct request *req = fresh();
	struct shelved shelved;
	int told[2];
	pid_t pid;
	char byte;

	(void)state;
	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		if (shelf_open(fresh(), MAIL_RECOVERY, &shelved) && write(told[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	req->deadline = monotonic_now() + 50 * MILLISECOND;
	assert_false(shelf_open(req, MAIL_RECOVERY, &shelved));
	assert_true(monotonic_now() < req->deadline + SECOND);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(told[0]);
	close(told[1]);
	talloc_free(req);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_worker_puts_all_see), cmocka_unit_test(every_pair_is_another_edition),
		cmocka_unit_test(a_text_without_room),	   cmocka_unit_test(a_worker_that_is_killed_inside),
		cmocka_unit_test(a_deadline_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
