/* template.h: the template language of mails and SMS (contract 06 sections 9.3 to 9.5).
 *
 * Values are json-c: numbers of JSON are doubles, integer literals and len are integers, NULL is nil. A template is immutable once parsed. */
#ifndef LATCHKEY_TEMPLATE_H
#define LATCHKEY_TEMPLATE_H

#include "latchkey/json.h"

enum template_flavour {
	TEMPLATE_HTML, /* output is escaped by where it stands; a variable that is not there is empty */
	TEMPLATE_TEXT, /* nothing is escaped; a variable that is not there is an error (section 12.2) */
};

#define TEMPLATE_OUTPUT_MAX ((size_t)4 * 1048576)

struct template;

/* NULL: *why says what is wrong, e.g. `unclosed action`. The source is copied. */
struct template *template_parse(TALLOC_CTX *mem, struct text source, enum template_flavour flavour, const char **why);

/* -1: *why says what failed while it ran; escaping errors show here, as in the reference. */
int template_execute(TALLOC_CTX *mem, const struct template *template, struct json_object *variables, struct text *out, const char **why);

#endif
