/* test.h: what every unit test includes first. */
#ifndef LATCHKEY_TEST_H
#define LATCHKEY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "latchkey/base.h"

#undef fail /* the project's own */
#undef fail_msg
#define fail_msg(...)                      \
	do {                               \
		print_error(__VA_ARGS__);  \
		print_error("\n");         \
		_fail(__FILE__, __LINE__); \
	} while (0)

/* The bytes that the digits name. */
static inline struct text from_hex(TALLOC_CTX *mem, const char *hex)
{
	size_t len = strlen(hex) / 2;
	unsigned char *out = must(talloc_size(mem, len + 1));

	assert_true(hex_decode(text_of(hex), out, len));
	return (struct text){(char *)out, len};
}

/* A process that ends with what body gives. */
static inline pid_t child(int (*body)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body());
	return pid;
}

/* Its status, when it has ended. */
static inline int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#endif
