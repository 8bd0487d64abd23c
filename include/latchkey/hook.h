/* hook.h: the operator's own code, asked over HTTP or as a PostgreSQL function (contract 11).
 *
 *	struct json_writer input = hook_input(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT);
 *	json_member_uuid(&input, "user_id", &user->id);
 *	if (hook_call(req, HOOK_PASSWORD_VERIFICATION_ATTEMPT, &input, &answer) < 0)
 *		return -1;
 */
#ifndef LATCHKEY_HOOK_H
#define LATCHKEY_HOOK_H

#include "latchkey/json.h"
#include "latchkey/settings.h"

struct hook_answer {
	bool given;	  /* false: HTTP 204 or SQL NULL */
	struct text body; /* JSON: an object or null */
};

bool hook_enabled(const struct request *req, enum hook_point point);
/* Enabled and asked over HTTP: the handler wants lane_require(req, LANE_OUTBOUND) before its first write. */
bool hook_waits(const struct request *req, enum hook_point point);

/* The input document, open after its metadata (section 4.2); the caller adds members. */
struct json_writer hook_input(struct request *req, enum hook_point point);
/* Closes the input and asks. -1 with the failure of section 9.1; a refusal by the hook is a failure too. Within a transaction a function runs
 * in it, else in one of its own that is committed whatever it answers (section 8). */
int hook_call(struct request *req, enum hook_point point, struct json_writer *input, struct hook_answer *answer);
/* Reads members of the answer; 500 "Error unmarshaling JSON output." where one has the wrong type. */
int hook_decode(struct request *req, const struct hook_answer *answer, const struct json_shape *shape, void *out);
/* The answer as a value, NULL where nothing was given, or JSON null; the same 500 where a number in it is beyond IEEE doubles. */
int hook_value(struct request *req, const struct hook_answer *answer, struct json_object **value);

/* ---- for the operator's command ------------------------------------------------------------------------------------------------------- */

/* A point by its name, as in the variables (letter case and - for _ do not matter) or as on the wire; false: there is none. */
bool hook_point_of(struct text name, enum hook_point *point);
const char *hook_name(enum hook_point point); /* on the wire */
/* An input with made-up values, open as that of hook_input. */
struct json_writer hook_sample(struct request *req, enum hook_point point);
/* As hook_call, but input is whole; *output is the answer's document as it came (TEXT_NONE: none). */
int hook_ask(struct request *req, enum hook_point point, struct text input, struct text *output, struct hook_answer *answer);
/* The URI without user and password. */
const char *hook_uri_shown(TALLOC_CTX *mem, const struct settings_hook *hook);

#endif
