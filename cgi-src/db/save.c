/* save.c: the schemas' definitions, written to a file by pg_dump before a migration. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db_int.h"

extern char **environ;

/* NAME=value of every variable that says what the target says: no process list shows them, the password least of all. */
static char **with_target(TALLOC_CTX *mem, const struct db_target *target)
{
	PQconninfoOption *known = must(PQconndefaults());
	size_t count = 0, have = 0;
	char **all;

	while (environ[have])
		have++;
	for (const PQconninfoOption *option = known; option->keyword; option++)
		count++;
	all = must(talloc_zero_array(mem, char *, (unsigned)(have + count + 1)));
	count = 0;
	/* ours first: where a name stands twice, the first counts */
	for (const PQconninfoOption *option = known; option->keyword; option++)
		for (size_t i = 0; option->envvar && target->keywords[i]; i++)
			if (strcmp(target->keywords[i], option->keyword) == 0)
				all[count++] = format(all, "%s=%s", option->envvar, target->values[i]);
	memcpy(all + count, environ, have * sizeof(*all));
	PQconninfoFree(known);
	return all;
}

static int run(struct request *req, char *const *words, char *const *variables, int out)
{
	posix_spawn_file_actions_t actions;
	int wrong, status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	wrong = posix_spawnp(&pid, words[0], &actions, NULL, words, variables);
	posix_spawn_file_actions_destroy(&actions);
	if (wrong)
		return fail_unexpected(req, "the schema was not saved, nothing was changed: %s: %s (it comes with PostgreSQL's client)", words[0],
				       strerror(wrong));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail_unexpected(req, "the schema was not saved, nothing was changed: %s failed", words[0]);
	return 0;
}

int db_save_schemas(struct request *req, const char *namespace_, const char *path)
{
	const char *own = format(req, "--schema=%s", namespace_);
	const char *words[] = {"pg_dump", "--schema-only", "--no-password", own, "--schema=latchkey", NULL};
	const char *error = NULL;
	struct db_target *target = db_target_parse(req, req->db->url, "auth_migrations", &error);
	int out, result;

	if (!target)
		return fail_unexpected(req, "%s", error);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (out < 0)
		return fail_unexpected(req, "the schema was not saved, nothing was changed: open %s: %s", path, strerror(errno));
	result = run(req, (char *const *)words, with_target(req, target), out);
	if (result == 0 && fsync(out) < 0)
		result = fail_unexpected(req, "the schema was not saved, nothing was changed: %s: %s", path, strerror(errno));
	close(out);
	if (result < 0)
		unlink(path);
	return result;
}
