/* escape_int.h: what the files that escape values share. */
#ifndef TEMPLATE_ESCAPE_INT_H
#define TEMPLATE_ESCAPE_INT_H

#include "cgi-src/template/template_int.h"

static const char unsafe_word[] = "ZgotmplZ"; /* what the reference writes for what may not stand there */

struct text script_value(TALLOC_CTX *mem, struct json_object *value);
struct text script_string(TALLOC_CTX *mem, struct text text, bool template); /* inside quotes, or inside backquotes */
struct text script_regexp(TALLOC_CTX *mem, struct text text);
struct text style_value(TALLOC_CTX *mem, struct text text);
struct text style_string(TALLOC_CTX *mem, struct text text);

#endif
