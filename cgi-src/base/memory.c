/* memory.c: allocation that does not fail, and the end of a process that cannot go on. */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "latchkey/base.h"

void die(const char *text, ...)
{
	va_list args;
	char *msg;

	va_start(args, text);
	msg = talloc_vasprintf(NULL, text, args);
	va_end(args);
	log_plain(LOG_FATAL, msg ? msg : "out of memory");
	_exit(1);
}

void *must(void *allocated)
{
	/* no entry could be written without memory: say it plainly */
	static const char words[] = "{\"level\":\"fatal\",\"msg\":\"out of memory\"}\n";

	if (allocated)
		return allocated;
	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(1);
}

char *format(TALLOC_CTX *mem, const char *text, ...)
{
	va_list args;
	char *made;

	va_start(args, text);
	made = talloc_vasprintf(mem, text, args);
	va_end(args);
	return must(made);
}
