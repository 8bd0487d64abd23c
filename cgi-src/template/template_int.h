/* template_int.h: the tree of a template, and what the files of this room share. */
#ifndef TEMPLATE_INT_H
#define TEMPLATE_INT_H

#include <string.h>

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
	PLACE_SCRIPT_REGEXP,
	PLACE_SCRIPT_BLOCK_COMMENT,
	PLACE_SCRIPT_LINE_COMMENT,
	PLACE_STYLE,
	PLACE_STYLE_DOUBLE,
	PLACE_STYLE_SINGLE,
	PLACE_STYLE_URL,
	PLACE_STYLE_URL_DOUBLE,
	PLACE_STYLE_URL_SINGLE,
	PLACE_STYLE_BLOCK_COMMENT,
	PLACE_STYLE_LINE_COMMENT,
};
enum url_part { URL_START, URL_PATH, URL_QUERY, URL_UNKNOWN };
enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE, ELEMENT_TITLE, ELEMENT_TEXTAREA };
enum slash { SLASH_REGEXP, SLASH_DIVIDES, SLASH_UNKNOWN }; /* what a / in a script would begin */

#define SUBSTITUTIONS_MAX 8

struct context {
	enum place place;
	enum url_part url_part;
	enum element element;	    /* whose content or tag this is */
	enum slash slash;	    /* in scripts */
	char quote;		    /* of the attribute value; ' ' for an unquoted one, 0 outside */
	enum place attribute_place; /* what the attribute's value will be */
	bool type;		    /* the attribute says what kind of script this is */
	bool dead;		    /* after break, continue */
	int substitutions;	    /* ${ of template literals that are open, with the braces open in each */
	int braces[SUBSTITUTIONS_MAX];
};

/* Literal text on its way: from at to end, what is kept of it goes to out. */
struct walk {
	TALLOC_CTX *mem;
	struct context *context;
	struct text text;
	size_t at, end;
	struct buffer *out;
	const char *why; /* what is wrong with it */
	bool end_tag_known;
	size_t end_tag; /* of the element whose content this is */
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
	const char *name;	 /* of the template that is called */
	struct derived *derived; /* that template, escaped for this place */
	struct context context;	 /* in which its output stands */
};

struct definition {
	const char *name;
	struct node *body;
	struct definition *next;
};
/* A definition escaped for the context it is called from. */
struct derived {
	const struct definition *definition;
	struct context from, to;
	bool assumed; /* to is a guess that a call inside itself relies on */
	struct node *body;
	struct derived *next;
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
/* Walks literal text from a context; out gets what of it is kept. false: *why. */
bool context_text(TALLOC_CTX *mem, struct context *context, struct text text, struct buffer *out, const char **why);
static inline bool is_one(char byte, const char *set)
{
	return byte && strchr(set, byte);
}
/* One step inside a script or style; context_code.c. */
void walk_code(struct walk *in);
bool walk_starts(const struct walk *in, size_t at, const char *what); /* in any case of letters */
void walk_keep(struct walk *in, size_t from);			      /* from there to at */
bool is_code(enum place place);
bool is_comment(enum place place);
bool is_script_literal(enum place place);
/* What the value of an attribute of that name is; attribute.c. */
enum place attribute_place(struct text name);
/* A name that output may have: its value is plain text and decides nothing. */
bool attribute_is_plain(struct text name);
/* Character references of HTML resolved, as far as scripts, styles and URLs can hang on them. */
struct text html_unescape(TALLOC_CTX *mem, struct text text);
struct text css_unescape(TALLOC_CTX *mem, struct text text);
/* The context an action meets here, which may open an unquoted value. */
struct context context_for_action(struct context context);
bool context_equal(const struct context *a, const struct context *b);
/* Writes a value as its context wants it. escaper: html or urlquery, taken in place of the context's own (escaper_replaces), NULL for none. */
void escape_value(TALLOC_CTX *mem, struct buffer *out, const struct context *context, struct json_object *value, const char *escaper);
/* A function at a pipeline's end that does what the context would do anyhow. */
bool escaper_replaces(const struct context *context, const char *function);

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
