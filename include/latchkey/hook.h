/* hook.h: the operator's own code (contract 11). */
#ifndef LATCHKEY_HOOK_H
#define LATCHKEY_HOOK_H

#include "latchkey/json.h"
#include "latchkey/settings.h"

bool hook_enabled(const struct request *req, enum hook_point point);
/* Calls the hook with input (JSON text); *output is its answer, an object. -1: the failure is the answer the chapter names. */
int hook_call(struct request *req, enum hook_point point, struct text input, struct json_object **output);

#endif
