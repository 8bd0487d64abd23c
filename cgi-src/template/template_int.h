/* template_int.h: the tree of a template, and what the files of this room share. */
#ifndef TEMPLATE_INT_H
#define TEMPLATE_INT_H

#include "latchkey/template.h"

#define NESTING_MAX 100
#define STEPS_MAX 1000000

/* ---- where output stands (section 9.4) ---- */

enum place {
	PLACE_TEXT,
	PLACE_RCDATA, /* title, textarea */
	PLACE_COMMENT,
	PLACE_TAG, /* between attributes */
	PLACE_ATTRIBUTE_NAME,
	PLACE_AFTER_NAME,   /* before = */
	PLACE_BEFORE_VALUE, /* after = */
	PLACE_ATTRIBUTE,
	PLACE_URL,
	PLACE_SRCSET,
	PLACE_SCRIPT,
	PLACE_SCRIPT_DOUBLE,
	PLACE_SCRIPT_SINGLE,
	PLACE_SCRIPT_TEMPLATE,
	PLACE_SCRIPT_BLOCK_COMMENT,
	PLACE_SCRIPT_LINE_COMMENT,
	PLACE_STYLE,
	PLACE_STYLE_DOUBLE,
	PLACE_STYLE_SINGLE,
	PLACE_STYLE_URL,
	PLACE_STYLE_COMMENT,
};
enum url_part { URL_START, URL_PATH, URL_QUERY, URL_UNKNOWN };
enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE, ELEMENT_TITLE, ELEMENT_TEXTAREA };

struct context {
	enum place place;
	enum url_part url_part;
	enum element element;	    /* whose content or tag this is */
	char quote;		    /* of the attribute value; ' ' for an unquoted one, 0 outside */
	enum place attribute_place; /* what the attribute's value will be */
	bool closing;		    /* in an end tag */
};

/* ---- the tree ---- */

struct operand {
	enum { OPERAND_DOT, OPERAND_VARIABLE, OPERAND_FUNCTION, OPERAND_LITERAL, OPERAND_PIPE } kind;
	const char *name; /* variable with its $, function */
	struct json_object *value;
	struct pipe *pipe;
	const char **fields; /* .a.b after it */
	size_t field_count;
	struct operand *next;
};
struct command {
	struct operand *operands;
	struct command *next;
};
struct pipe {
	const char *declared[2];
	int declared_count;
	bool assigns; /* = instead of := */
	struct command *commands;
};

enum node_kind { NODE_TEXT, NODE_ACTION, NODE_IF, NODE_WITH, NODE_RANGE, NODE_TEMPLATE, NODE_BREAK, NODE_CONTINUE };
struct node {
	enum node_kind kind;
	struct text text;
	struct pipe *pipe;
	struct node *body, *otherwise, *next;
	const char *name;	/* of the template that is called */
	struct context context; /* in which its output stands */
};

struct definition {
	const char *name;
	struct node *body;
	struct definition *next;
};
struct template
{
	enum template_flavour flavour;
	struct node *body;
	struct definition *definitions;
	const char *escape_error; /* shows when it runs */
};

struct definition *find_definition(const struct template *template, const char *name);
bool is_function(struct text name);

/* Rewrites literal text and marks every action with its context; false with *why. */
bool escape_tree(TALLOC_CTX *mem, struct template *template, const char **why);
/* Walks literal text from a context; out gets what of it is kept. */
void context_text(struct context *context, struct text text, struct buffer *out);
/* The context an action meets here, which may open an unquoted value. */
struct context context_for_action(struct context context);
bool context_equal(const struct context *a, const struct context *b);
/* Writes a value as its context wants it. last: the pipeline's last function, NULL for none. */
void escape_value(TALLOC_CTX *mem, struct buffer *out, const struct context *context, struct json_object *value, const char *last);

/* ---- values ---- */

bool value_true(struct json_object *value);
void value_print(struct buffer *out, struct json_object *value, bool inside); /* as fmt's %v; inside: nil shows as <nil> */
struct text value_text(TALLOC_CTX *mem, struct json_object *value);
const char *value_type(struct json_object *value); /* string, int, float64, bool, … */
void print_double(struct buffer *out, double number);

/* Calls a function that is no and/or. -1: *why. */
int call_function(TALLOC_CTX *mem, const char *name, struct json_object **args, size_t count, struct json_object **result, const char **why);
void format_values(TALLOC_CTX *mem, struct buffer *out, struct text pattern, struct json_object **args, size_t count);
struct text escape_html(TALLOC_CTX *mem, struct text text);
struct text escape_js(TALLOC_CTX *mem, struct text text);

#endif
