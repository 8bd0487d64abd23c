/* doctor.c: `latchkey doctor`: looks at a part of the server and of what it depends on, and says what is wrong and what to do about it. */
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "latchkey/json.h"

static const struct check {
	const char *name, *help;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{"providers", "discovery, keys, endpoints and redirect URL of each provider that is on", doctor_providers},
};

struct doctor {
	struct request *req;
	const struct check *check; /* that runs */
	size_t found[VERDICT_BAD + 1];
	bool json;
	struct json_writer out;
};

struct request *doctor_request(struct doctor *doctor)
{
	return doctor->req;
}

static void tell_json(struct doctor *doctor, const char *verdict, const char *subject, const char *finding, const char *cure)
{
	struct json_writer *out = &doctor->out;

	json_open_object(out);
	json_member_string(out, "check", doctor->check->name);
	json_member_string(out, "verdict", verdict);
	json_member_string(out, "subject", subject);
	json_member_string(out, "finding", finding);
	if (cure)
		json_member_string(out, "cure", cure);
	json_close_object(out);
}

void doctor_tell(struct doctor *doctor, enum verdict verdict, const char *subject, const char *finding, const char *cure)
{
	static const char *const shown[] = {"ok", "doubt", "bad"};

	doctor->found[verdict]++;
	if (doctor->json) {
		tell_json(doctor, shown[verdict], subject, finding, cure);
		return;
	}
	printf("%-5s %s: %s\n", shown[verdict], subject, finding);
	if (cure)
		printf("      > %s\n", cure);
	fflush(stdout);
}

static const struct check *find(const char *name)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (strcmp(checks[i].name, name) == 0)
			return &checks[i];
	return NULL;
}

static int usage(void)
{
	fputs("Usage:\n  latchkey doctor [CHECK ...] [--json]\n\nChecks (all of them where none is named):\n", stderr);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		fprintf(stderr, "  %-10s %s\n", checks[i].name, checks[i].help);
	return 1;
}

static void run_checks(struct doctor *doctor, const struct command_line *line)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		bool wanted = line->word_count == 1;

		for (int word = 1; word < line->word_count; word++)
			wanted = wanted || strcmp(line->words[word], checks[i].name) == 0;
		doctor->check = &checks[i];
		if (wanted)
			checks[i].run(doctor);
	}
}

int command_doctor(TALLOC_CTX *mem, const struct command_line *line)
{
	struct doctor doctor = {.json = line->json};

	for (int word = 1; word < line->word_count; word++)
		if (!find(line->words[word]))
			return usage();
	doctor.req = command_request(mem, line, "doctor", true);
	if (!doctor.req)
		return 1;
	doctor.out = json_writer(buffer_new(mem, 4096));
	json_open_array(&doctor.out);
	run_checks(&doctor, line);
	json_close_array(&doctor.out);
	if (doctor.json)
		printf("%.*s\n", (int)doctor.out.buffer->len, doctor.out.buffer->data);
	else
		printf("%zu ok, %zu doubtful, %zu bad\n", doctor.found[VERDICT_GOOD], doctor.found[VERDICT_DOUBTFUL], doctor.found[VERDICT_BAD]);
	return doctor.found[VERDICT_BAD] ? 1 : 0;
}
