/* main.c: latchkey.fcgi: its command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "latchkey/worker.h"

static const char usage[] = "latchkey.fcgi: the FastCGI program of Latchkey, started by a web server, systemd or spawn-fcgi\n"
			    "\n"
			    "  -c, --config FILE      a file of variables, read before the environment\n"
			    "  -d, --config-dir DIR   a folder of such files, watched for changes\n"
			    "  -l, --listen ADDRESS   unix:/path or tcp:address:port; else systemd's socket (LISTEN_FDS), or that on descriptor 0\n"
			    "      --check            only say what is wrong with the settings; status 1 where something is\n"
			    "      --no-manager       this process alone is the worker (found out by itself under mod_fcgid)\n"
			    "      --pid-file FILE    where the manager's process id goes\n"
			    "      --version\n"
			    "  -h, --help\n";

enum { OPTION_CHECK = 256, OPTION_ALONE, OPTION_PID_FILE, OPTION_VERSION };

static const struct option known[] = {
	{"config", required_argument, NULL, 'c'},
	{"config-dir", required_argument, NULL, 'd'},
	{"listen", required_argument, NULL, 'l'},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"no-manager", no_argument, NULL, OPTION_ALONE},
	{"pid-file", required_argument, NULL, OPTION_PID_FILE},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* True: go on; else *status is the exit status. */
static bool take(int option, struct worker_options *options, int *status)
{
	switch (option) {
	case 'c':
		options->place.config_file = optarg;
		return true;
	case 'd':
		options->place.config_dir = optarg;
		return true;
	case 'l':
		options->listen = optarg;
		return true;
	case OPTION_CHECK:
		options->check = true;
		return true;
	case OPTION_ALONE:
		options->alone = true;
		return true;
	case OPTION_PID_FILE:
		options->pid_file = optarg;
		return true;
	case OPTION_VERSION:
		puts(PACKAGE_VERSION);
		*status = EXIT_SUCCESS;
		return false;
	case 'h':
		fputs(usage, stdout);
		*status = EXIT_SUCCESS;
		return false;
	default:
		fputs("latchkey.fcgi --help shows the options\n", stderr);
		*status = EXIT_FAILURE;
		return false;
	}
}

int main(int argc, char **argv)
{
	struct worker_options options = {.place = {.program = argv[0]}};
	int option, status;

	while ((option = getopt_long(argc, argv, "c:d:l:h", known, NULL)) >= 0)
		if (!take(option, &options, &status))
			return status;
	return worker_serve(&options);
}
