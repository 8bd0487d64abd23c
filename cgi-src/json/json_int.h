/* json_int.h: what the files of this room share. */
#ifndef JSON_INT_H
#define JSON_INT_H

#include "latchkey/json.h"

#define JSON_DEPTH_MAX 10000

/* Reads JSON text that json_check has found valid. */
struct reader {
	TALLOC_CTX *mem;
	struct text text;
	size_t at;
	const char *why; /* the first value that does not fit; reading goes on */
};

/* Syntax of RFC 8259; false with *why as the reference's decoder words it (contract 01 section 5.4). */
bool json_check(TALLOC_CTX *mem, struct text text, const char **why);
/* The same for the first value of a stream; *text then ends with it. */
bool json_check_first(TALLOC_CTX *mem, struct text *text, const char **why);

char reader_peek(struct reader *in);		     /* the next byte that is no blank */
struct text reader_string(struct reader *in);	     /* decoded; invalid UTF-8 and lone surrogates become U+FFFD */
struct text reader_number(struct reader *in);	     /* the literal */
struct json_object *reader_value(struct reader *in); /* a tree; the caller's reference */
void reader_skip(struct reader *in);		     /* a value nobody asked for */
/* Calls member for each member of the object that stands here; it reads the value. */
void reader_object(struct reader *in, void (*member)(struct reader *in, struct text name, void *arg), void *arg);
void reader_add_member(struct reader *in, struct text name, void *arg); /* arg: the json-c object it goes into */
void reader_array(struct reader *in, void (*element)(struct reader *in, void *arg), void *arg);
/* Keeps the first complaint: `json: cannot unmarshal KIND into TARGET`. */
void reader_misfit(struct reader *in, const char *kind, const char *target);
const char *reader_kind(struct reader *in); /* of the value that stands here: "string", "number", … */

#endif
