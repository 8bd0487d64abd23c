/* processes.c: workers and their memory, as the kernel tells of the manager's children. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi-src/metrics/metrics_int.h"

/* The kernel keeps 15 bytes of a name. */
static const struct {
	const char *process, *label;
} kinds[] = {
	{"latchkey fast", "fast"},
	{"latchkey hash", "hash"},
	{"latchkey outbou", "outbound"},
	{"latchkey alone", "alone"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct totals {
	long workers[KINDS], pages[KINDS];
};

static FILE *open_of(long pid, const char *what)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, what);
	return fopen(path, "re");
}

static long resident_pages(long pid)
{
	FILE *file = open_of(pid, "statm");
	long size, resident = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	fclose(file);
	return resident;
}

static void add(struct totals *totals, long pid)
{
	FILE *file = open_of(pid, "comm");
	char name[32] = "";

	if (!file)
		return; /* it has just ended */
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(name, kinds[i].process) == 0) {
			totals->workers[i]++;
			totals->pages[i] += resident_pages(pid);
		}
}

void metrics_write_processes(struct buffer *out, pid_t manager)
{
	char path[64];
	struct totals totals = {0};
	FILE *children;
	long pid;

	snprintf(path, sizeof(path), "task/%ld/children", (long)manager);
	children = open_of(manager, path);
	while (children && fscanf(children, "%ld", &pid) == 1)
		add(&totals, pid);
	if (children)
		fclose(children);
	buffer_string(out, "# HELP latchkey_workers Workers that are there.\n# TYPE latchkey_workers gauge\n");
	for (size_t i = 0; i < KINDS; i++)
		buffer_format(out, "latchkey_workers{lane=\"%s\"} %ld\n", kinds[i].label, totals.workers[i]);
	buffer_string(out, "# HELP latchkey_resident_memory_bytes Memory of the workers, shared pages included.\n"
			   "# TYPE latchkey_resident_memory_bytes gauge\n");
	for (size_t i = 0; i < KINDS; i++)
		buffer_format(out, "latchkey_resident_memory_bytes{lane=\"%s\"} %ld\n", kinds[i].label, totals.pages[i] * sysconf(_SC_PAGESIZE));
}
