/* hook.c: `latchkey hook …`: which hooks there are, and trying one: what it is asked, what it answers, what comes of that. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "latchkey/db.h"
#include "latchkey/hook.h"
#include "latchkey/outbound.h"
#include "latchkey/session.h"

#define INPUT_MAX ((size_t)4 << 20)

/* ---- the list ----------------------------------------------------------------------------------------------------------------------------- */

static int list(struct request *req)
{
	for (int i = 0; i < SETTINGS_HOOKS; i++) {
		const struct settings_hook *hook = &req->settings->hooks[i];

		printf("%-24s %-4s %s\n", hook_name((enum hook_point)i), hook->enabled ? "on" : "off", hook_uri_shown(req, hook));
	}
	return 0;
}

/* ---- the input ---------------------------------------------------------------------------------------------------------------------------- */

static int read_file(TALLOC_CTX *mem, const char *path, struct text *content)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct buffer *in = buffer_new(mem, 4096);
	char piece[4096];
	size_t got;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (in->len < INPUT_MAX && (got = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(in, piece, got);
	if (file != stdin)
		fclose(file);
	*content = buffer_as_text(in);
	return 0;
}

/* A document without metadata gets ours, as a call would. */
static int input_of_file(struct request *req, enum hook_point point, const char *path, struct text *input)
{
	struct json_object *value;
	struct json_writer out;
	struct text content;
	const char *why;

	if (read_file(req, path, &content) < 0)
		return -1;
	if (json_parse(req, content, &value, &why) < 0 || !json_object_is_type(value, json_type_object)) {
		fprintf(stderr, "%s: %s\n", path, why ? why : "this is no JSON object");
		return -1;
	}
	*input = text_trim(content, " \t\r\n");
	if (json_has(value, "metadata"))
		return 0;
	out = hook_input(req, point);
	json_object_object_foreach(value, name, member)
	{
		json_member_value(&out, name, member);
	}
	json_close_object(&out);
	*input = buffer_as_text(out.buffer);
	return 0;
}

static int make_input(struct request *req, enum hook_point point, const char *path, struct text *input)
{
	struct json_writer out;

	if (path)
		return input_of_file(req, point, path, input);
	out = hook_sample(req, point);
	json_close_object(&out);
	*input = buffer_as_text(out.buffer);
	return 0;
}

/* ---- what comes of the answer -------------------------------------------------------------------------------------------------------------- */

static void tell_failure(struct request *req)
{
	const struct failure *failure = &req->failure;

	if (failure->kind == FAILURE_FAULT || !failure->message)
		printf("outcome: the request fails with 500\n");
	else
		printf("outcome: the request fails with %d %s \"%s\"\n", failure->status, failure->code ? failure->code : "(no error code)",
		       failure->message);
	if (failure->db)
		printf("  database: %s %s\n", failure->db->sqlstate, failure->db->message);
	if (failure->cause)
		printf("  cause: %s\n", failure->cause);
}

static int mean_claims(struct request *req, const struct hook_answer *answer)
{
	struct json_object *claims;
	struct text text;

	if (claims_check(req, answer, &claims) < 0)
		return -1;
	text = json_canonical(req, claims);
	printf("outcome: the access token's claims are\n  %.*s\n", (int)text.len, text.data);
	return 0;
}

struct decision {
	struct text decision, message;
	bool should_logout_user;
};
static const struct json_field fields[] = {
	JSON_FIELD(struct decision, decision, "decision", JSON_TEXT),
	JSON_FIELD(struct decision, message, "message", JSON_TEXT),
	JSON_FIELD(struct decision, should_logout_user, "should_logout_user", JSON_BOOL),
};
static const struct json_shape shape = JSON_SHAPE("Decision", fields);

static int mean_decision(struct request *req, const struct hook_answer *answer)
{
	struct decision decision = {0};

	if (hook_decode(req, answer, &shape, &decision) < 0)
		return -1;
	if (text_is(decision.decision, "reject"))
		printf("outcome: the attempt is rejected with \"%.*s\"%s\n", (int)decision.message.len,
		       decision.message.data ? decision.message.data : "", decision.should_logout_user ? ", and the user's sessions end" : "");
	else
		printf("outcome: the check's own result counts\n");
	return 0;
}

static int mean_nothing(struct request *req, const struct hook_answer *answer)
{
	(void)req;
	(void)answer;
	printf("outcome: the request goes on\n");
	return 0;
}

static int (*const meanings[SETTINGS_HOOKS])(struct request *req, const struct hook_answer *answer) = {
	[HOOK_CUSTOM_ACCESS_TOKEN] = mean_claims,
	[HOOK_PASSWORD_VERIFICATION_ATTEMPT] = mean_decision,
	[HOOK_MFA_VERIFICATION_ATTEMPT] = mean_decision,
};

/* ---- the trial ------------------------------------------------------------------------------------------------------------------------------ */

struct trial {
	enum hook_point point;
	struct text input, output;
	struct hook_answer answer;
	int result;
};

/* What a function writes does not stay: the transaction ends without success. */
static int ask(struct request *req, void *arg)
{
	struct trial *trial = arg;

	trial->result = hook_ask(req, trial->point, trial->input, &trial->output, &trial->answer);
	return -1;
}

static int try_hook(struct request *req, struct trial *trial)
{
	const struct settings_hook *hook = &req->settings->hooks[trial->point];
	int (*meaning)(struct request * req, const struct hook_answer *answer) = meanings[trial->point];
	int64_t began = monotonic_now();

	printf("hook: %s%s\nuri: %s\nrequest:\n  %.*s\n", hook_name(trial->point), hook->enabled ? "" : " (off)", hook_uri_shown(req, hook),
	       (int)trial->input.len, trial->input.data);
	fflush(stdout);
	db_transaction(req, ask, trial);
	if (trial->output.data)
		printf("answer after %.1f ms:\n  %.*s\n", (double)(monotonic_now() - began) / MILLISECOND, (int)trial->output.len,
		       trial->output.data);
	else
		printf("answer after %.1f ms: %s\n", (double)(monotonic_now() - began) / MILLISECOND,
		       trial->result < 0 ? "none of use" : "no document");
	if (trial->result < 0 || (meaning ? meaning : mean_nothing)(req, &trial->answer) < 0) {
		tell_failure(req);
		return 1;
	}
	return 0;
}

static int run_test(struct request *req, const char *name, const char *path)
{
	struct trial trial = {.output = TEXT_NONE};

	if (!hook_point_of(text_of(name), &trial.point)) {
		fprintf(stderr, "there is no hook \"%s\"; `latchkey hook` lists them\n", name);
		return 1;
	}
	if (!*req->settings->hooks[trial.point].uri) {
		fprintf(stderr, "hook %s has no URI\n", hook_name(trial.point));
		return 1;
	}
	return make_input(req, trial.point, path, &trial.input) < 0 ? 1 : try_hook(req, &trial);
}

int command_hook(TALLOC_CTX *mem, const struct command_line *line)
{
	bool tests = line->word_count == 3 && strcmp(line->words[1], "test") == 0;
	struct request *req;

	if (line->word_count != 1 && !tests) {
		fputs("Usage:\n  latchkey hook                            list the hooks\n"
		      "  latchkey hook test NAME [--input FILE]   ask one, with a sample or with FILE (-: standard input)\n",
		      stderr);
		return 1;
	}
	req = command_request(mem, line, "hook", true);
	if (!req)
		return 1;
	return tests ? run_test(req, line->words[2], line->input) : list(req);
}
