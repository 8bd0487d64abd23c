/* sendmail.c: handing a letter to a local sendmail program. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cgi-src/mail/delivery.h"

/* It expects lines as this system has them. */
static struct text with_plain_lines(TALLOC_CTX *mem, struct text wire)
{
	struct buffer *out = buffer_new(mem, wire.len + 1);

	for (size_t i = 0; i < wire.len; i++)
		if (wire.data[i] != '\r')
			buffer_char(out, wire.data[i]);
	return buffer_as_text(out);
}

static void start_program(const struct talk *talk, const struct letter *letter, int in)
{
	char **words = must(talloc_zero_array(talk->mem, char *, (unsigned)letter->recipients.count + 7));
	size_t count = 0;

	words[count++] = text_string(talk->mem, text_of(talk->relay->program));
	words[count++] = text_string(talk->mem, TEXT("-i"));
	words[count++] = text_string(talk->mem, TEXT("-f"));
	words[count++] = text_string(talk->mem, text_of(letter->sender));
	words[count++] = text_string(talk->mem, TEXT("--"));
	for (size_t i = 0; i < letter->recipients.count; i++)
		words[count++] = text_string(talk->mem, letter->recipients.items[i]);
	dup2(in, STDIN_FILENO);
	execv(talk->relay->program, words);
	_exit(EX_UNAVAILABLE);
}

static bool write_all(int fd, struct text text)
{
	while (text.len) {
		ssize_t wrote = write(fd, text.data, text.len);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		text.data += wrote;
		text.len -= (size_t)wrote;
	}
	return true;
}

/* sysexits.h: what is the letter's fault stays so. */
static struct outcome outcome_of_status(const struct talk *talk, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	const char *words = format(talk->mem, code < 0 ? "the program was killed" : "the program ended with status %d", code);

	if (code == 0)
		return outcome_of(FATE_SENT, STAGE_FINAL, 0, false, words);
	if (code == EX_NOUSER || code == EX_NOHOST || code == EX_DATAERR)
		return outcome_of(FATE_REFUSED, STAGE_RECIPIENT, 0, false, words);
	return outcome_of(FATE_PASSING, STAGE_CONNECT, 0, code != EX_TEMPFAIL, words);
}

static struct outcome carry_one(struct talk *talk, const struct letter *letter)
{
	int ends[2], status = 0;
	pid_t pid;

	if (access(talk->relay->program, X_OK) < 0 || pipe(ends) < 0)
		return outcome_of(FATE_PASSING, STAGE_CONNECT, 0, true, strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		start_program(talk, letter, ends[0]);
	}
	close(ends[0]);
	write_all(ends[1], with_plain_lines(talk->mem, letter->wire));
	talk_stage(talk, STAGE_FINAL);
	close(ends[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 ? outcome_of_status(talk, status) : outcome_of(FATE_PASSING, STAGE_CONNECT, 0, true, "no process could be made");
}

void carry_sendmail(struct talk *talk)
{
	for (talk->current = 0; talk->current < talk->count; talk->current++)
		talk_tell(talk, talk->current, carry_one(talk, &talk->letters[talk->current]));
}
