/* json.h: JSON in and out, with the semantics of the contract (01 sections 5.4 and 6).
 *
 * Values are json-c objects; ones made here belong to a talloc context through json_hold. Decoding accepts exactly what
 * section 5.4 accepts: case-insensitive member names, later duplicates win, null keeps the default, no coercion. */
#ifndef LATCHKEY_JSON_H
#define LATCHKEY_JSON_H

#include <json-c/json.h>

#include "latchkey/request.h"

/* Ties a json-c object's reference to mem; returns it. */
struct json_object *json_hold(TALLOC_CTX *mem, struct json_object *value);

/* Parses strictly (RFC 8259, depth at most 10,000 members deep as section 5.4). Numbers become what canonical output needs
 * (IEEE doubles). NULL: *why is the decoder's text, e.g. `unexpected end of JSON input`; *value may be NULL for JSON null. */
int json_parse(TALLOC_CTX *mem, struct text text, struct json_object **value, const char **why);

/* ---- decoding into a struct --------------------------------------------------------------------------------- */

enum json_kind {
	JSON_TEXT,     /* struct text; null ignored */
	JSON_TEXT_OPT, /* struct json_opt_text; null sets absent */
	JSON_BOOL,     /* bool */
	JSON_BOOL_OPT, /* struct json_opt_bool */
	JSON_INT,      /* int64_t */
	JSON_DOUBLE,   /* double */
	JSON_MAP,      /* struct json_object *: an object, NULL when absent or null */
	JSON_ANY,      /* struct json_object *: any value; NULL for absent and null */
	JSON_TEXTS,    /* struct text_list: an array of strings */
	JSON_STRUCT,   /* a nested shape */
	JSON_SOURCE,   /* struct text: the member's JSON as it came, null too; empty where it is absent. Lives as long as the body */
};
struct json_opt_text {
	struct text text;
	bool set;
};
struct json_opt_bool {
	bool value, set;
};

struct json_field {
	const char *name;
	enum json_kind kind;
	size_t offset;
	const struct json_shape *shape; /* JSON_STRUCT */
};
struct json_shape {
	const char *name; /* as error texts show it, e.g. "SignupParams" */
	const struct json_field *fields;
	size_t count;
};
#define JSON_FIELD(type, member, json_name, kind_)             \
	{                                                      \
		json_name, kind_, offsetof(type, member), NULL \
	}
#define JSON_SHAPE(shape_name, table)                                 \
	{                                                             \
		shape_name, table, sizeof(table) / sizeof((table)[0]) \
	}

/* Decodes text into *out (zeroed by the caller). -1: *why holds the detail. */
int json_decode(TALLOC_CTX *mem, struct text text, const struct json_shape *shape, void *out, const char **why);
/* As json_decode, but of a stream: what follows the first value is not looked at. Nothing there is "EOF". */
int json_decode_first(TALLOC_CTX *mem, struct text text, const struct json_shape *shape, void *out, const char **why);
int json_decode_value(TALLOC_CTX *mem, struct json_object *value, const struct json_shape *shape, void *out, const char **why);

/* ---- writing -------------------------------------------------------------------------------------------------
 * Compact; members in the order they are written; strings escaped as section 6 says. Commas are the writer's. */

struct json_writer {
	struct buffer *buffer;
	bool comma; /* the next value needs one before it */
};

struct json_writer json_writer(struct buffer *buffer);
void json_open_object(struct json_writer *out);
void json_close_object(struct json_writer *out);
void json_open_array(struct json_writer *out);
void json_close_array(struct json_writer *out);
void json_name(struct json_writer *out, const char *name); /* a member's name; its value follows */
void json_text(struct json_writer *out, struct text text);
void json_string(struct json_writer *out, const char *string); /* NULL writes null */
void json_int(struct json_writer *out, int64_t number);
void json_double(struct json_writer *out, double number);
void json_truth(struct json_writer *out, bool truth);
void json_null(struct json_writer *out);
void json_uuid(struct json_writer *out, const struct uuid *uuid);
void json_moment(struct json_writer *out, moment at);			      /* MOMENT_NONE writes null */
void json_raw(struct json_writer *out, struct text json);		      /* a value that is canonical already */
void json_value(struct json_writer *out, struct json_object *value);	      /* canonical: keys sorted by bytes at every level */
void json_value_in_order(struct json_writer *out, struct json_object *value); /* keys in the order in which they were read */

/* name and value in one; the *_opt ones write nothing for an empty value. */
void json_member_text(struct json_writer *out, const char *name, struct text text);
void json_member_string(struct json_writer *out, const char *name, const char *string);
void json_member_string_opt(struct json_writer *out, const char *name, const char *string); /* NULL or "" left out */
void json_member_int(struct json_writer *out, const char *name, int64_t number);
void json_member_truth(struct json_writer *out, const char *name, bool truth);
void json_member_uuid(struct json_writer *out, const char *name, const struct uuid *uuid);
void json_member_moment(struct json_writer *out, const char *name, moment at);
void json_member_moment_opt(struct json_writer *out, const char *name, moment at); /* MOMENT_NONE left out */
void json_member_value(struct json_writer *out, const char *name, struct json_object *value);
void json_member_raw(struct json_writer *out, const char *name, struct text json);

/* Canonical text of a value (NULL: "null"). */
struct text json_canonical(TALLOC_CTX *mem, struct json_object *value);
/* Canonical text of JSON text that the database gave; quick where it is canonical already. Invalid text gives "null". */
struct text json_canonical_text(TALLOC_CTX *mem, struct text json);

/* ---- reading objects ------------------------------------------------------------------------------------------ */

struct json_object *json_get(struct json_object *object, const char *name); /* exact name; NULL where absent, null or no object */
bool json_has(struct json_object *object, const char *name);
struct text json_get_text(struct json_object *object, const char *name); /* TEXT_NONE unless a string */
bool json_get_true(struct json_object *object, const char *name);	 /* JSON true */

/* The names of an object's members in byte order, an array under mem; the names are the object's own. Anything else than an object has none. */
const char **json_names_sorted(TALLOC_CTX *mem, struct json_object *object, size_t *count);

/* Shallow merge of contract 05 section 1.5: null deletes, other values replace. A new object under mem. */
struct json_object *json_merge(TALLOC_CTX *mem, struct json_object *base, struct json_object *changes);

#endif
