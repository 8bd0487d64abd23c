/* hook_int.h: what the files of this room share. */
#ifndef HOOK_INT_H
#define HOOK_INT_H

#include "latchkey/hook.h"

/* What a transport brought back: given false where there is no body at all. */
struct hook_output {
	bool given;
	struct text body;
};

int hook_over_http(struct request *req, const struct settings_hook *hook, struct text input, struct hook_output *output);
int hook_in_postgres(struct request *req, const struct settings_hook *hook, struct text input, struct hook_output *output);

/* 500 "Error running hook URI: …"; what the database said stays the cause. */
int hook_failed_to_run(struct request *req, const struct settings_hook *hook);

/* Refusal or not (section 5.2), then the document (section 5.1). */
int hook_read_output(struct request *req, const struct settings_hook *hook, const struct hook_output *output, struct hook_answer *answer);

/* Value of webhook-signature (section 7.4), or NULL with *why. */
const char *hook_signature(TALLOC_CTX *mem, const struct text_list *secrets, const char *id, const char *timestamp, struct text body,
			   const char **why);

/* Media type of a Content-Type, lower-cased; NULL with *why as section 7.3 words it. */
const char *mime_type(TALLOC_CTX *mem, struct text header, const char **why);

#endif
