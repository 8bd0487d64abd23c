/* parse_int.h: what the two halves of the parser share. */
#ifndef TEMPLATE_PARSE_INT_H
#define TEMPLATE_PARSE_INT_H

#include "cgi-src/template/template_int.h"

struct parser {
	TALLOC_CTX *mem;
	struct template *template;
	struct text source;
	size_t at;
	bool trim_next; /* the action before ended with -}} */
	const char *why;
	int depth;
	int loops;
	int inside; /* branches and bodies that are open */
	const char *variables[256];
	size_t variable_count, variable_base;
};

/* Keeps the first complaint; gives false. */
bool parser_bad(struct parser *in, const char *why);
bool is_template_blank(char byte);
char parser_peek(const struct parser *in);
bool parser_at_text(const struct parser *in, const char *text);
bool parser_blanks(struct parser *in);
bool parser_at_end(struct parser *in);	     /* }} or -}} stands here */
bool parser_close_action(struct parser *in); /* reads it */
struct text parser_word(struct parser *in);
bool parser_next_word_is(struct parser *in, const char *wanted); /* reads it where it is */
struct operand *parser_read_string(struct parser *in);
struct pipe *parser_read_pipe(struct parser *in, int declares); /* at most so many variables */

#endif
