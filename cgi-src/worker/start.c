/* start.c: settings, log and shared segment of a process that is to serve (contract 02 section 5.2). */
#include <errno.h>
#include <fcgiapp.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "latchkey/crypto.h"
#include "latchkey/mail.h"
#include "latchkey/saml.h"
#include "worker_int.h"

#define KEEP_FREE (128 * 1024)

struct settings_source *start_source(TALLOC_CTX *mem, const struct settings_place *place)
{
	const char *problem = NULL;
	struct settings_source *source = settings_read(mem, place, &problem);

	if (!source)
		log_to(LOG_FATAL, "unable to load config", log_text("error", problem));
	return source;
}

struct settings *start_settings(TALLOC_CTX *mem, const struct settings_source *source, bool quiet)
{
	struct text_list problems = {0}, notes = {0};
	struct settings *settings = settings_make(mem, source, &problems, &notes);

	if (settings && !quiet)
		settings_configure_log(settings); /* notes go where all else will, and only where the level lets them */
	if (!quiet)
		settings_log_notes(&notes);
	if (!settings)
		settings_log_problems(&problems);
	return settings;
}

/* A folder of this user's own under /tmp, for processes that have nothing but their user and their place in common. */
static const char *common_path(TALLOC_CTX *mem, const struct settings_place *place)
{
	const char *folder = format(mem, "/tmp/latchkey-%ld", (long)geteuid());
	const char *named = place->config_file ? place->config_file : place->program;
	char *real = realpath(named, NULL);
	struct stat facts;
	const char *path;

	if (!real)
		real = must(strdup(named));
	path = format(mem, "%s/shared-%08x", folder, crc32_of(real, strlen(real)));
	free(real);
	if ((mkdir(folder, 0700) < 0 && errno != EEXIST) || lstat(folder, &facts) < 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != geteuid() ||
	    (facts.st_mode & 077)) {
		errno = EPERM;
		return NULL;
	}
	return path;
}

/* Named by LATCHKEY_SHARED_FILE; else the manager's workers inherit a file without name, and processes without manager find one that their
 * user, their settings' file and the program's path lead to. A manager's start makes a new one. */
struct shared *start_shared(TALLOC_CTX *mem, const struct settings *settings, const struct worker_options *options)
{
	const char *path = settings->latchkey.shared_file && *settings->latchkey.shared_file ? settings->latchkey.shared_file : NULL;
	struct shared *shared = NULL;

	if (!path && options->alone)
		path = common_path(mem, &options->place);
	if (path || !options->alone)
		shared = shared_open(mem, path, !options->alone);
	if (!shared)
		log_to(LOG_FATAL, "the shared segment cannot be made: set LATCHKEY_SHARED_FILE to a file in a folder that only this user may write",
		       log_text("error", strerror(errno)), log_text("file", path ? path : ""));
	return shared;
}

/* Small and flat: what a large request needed goes back to the system. */
static void tune_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, KEEP_FREE);
	mallopt(M_TRIM_THRESHOLD, KEEP_FREE);
	mallopt(M_ARENA_MAX, 1);
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void start_library(void)
{
	FCGX_Init();
	/* the library traps these for itself */
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void say_started(const struct settings *settings)
{
	const char *msg = format((TALLOC_CTX *)settings, "GoTrue API started on: %s:%s", settings->api.host, settings->api.port);

	log_to(LOG_INFO, msg, log_text("version", PACKAGE_VERSION));
	mail_say_start(settings);
}

/* A library that would accept what it must refuse is not used at all. */
static bool start_saml(const struct settings *settings)
{
	const char *fault = settings->saml.enabled ? saml_init() : NULL;

	if (fault)
		log_to(LOG_FATAL, "GOTRUE_SAML_ENABLED cannot be set", log_text("error", fault));
	return !fault;
}

static int serve(TALLOC_CTX *mem, const struct worker_options *options)
{
	struct settings_source *source = start_source(mem, &options->place);
	struct settings *settings = source ? start_settings(source, source, options->check) : NULL;

	if (!settings || !start_saml(settings))
		return EXIT_FAILURE;
	if (options->check)
		return EXIT_SUCCESS;
	raise_descriptor_limit();
	start_library();
	say_started(settings);
	return options->alone ? serve_alone(options, settings) : manage(options, source, settings);
}

int worker_serve(const struct worker_options *given)
{
	struct worker_options options = *given;
	TALLOC_CTX *mem;
	int status;

	tune_memory();
	crypto_init();
	if (!options.listen && !options.check && listener_is_fcgid())
		options.alone = true;
	mem = must(talloc_new(NULL));
	status = serve(mem, &options);
	talloc_free(mem);
	return status;
}
