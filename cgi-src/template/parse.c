/* parse.c: template source into a tree (contract 06 section 9.3). */
#include <string.h>

#include "cgi-src/template/parse_int.h"

enum stop { STOP_END_OF_SOURCE, STOP_END, STOP_ELSE, STOP_ELSE_IF, STOP_ELSE_WITH, STOP_ERROR };

static enum stop read_list(struct parser *in, struct node **first);

static struct node *new_node(struct parser *in, enum node_kind kind)
{
	struct node *node = must(talloc_zero(in->mem, struct node));

	node->kind = kind;
	return node;
}

/* if, with, range: pipeline, body, perhaps else. */
static struct node *read_branch(struct parser *in, enum node_kind kind)
{
	struct node *node = new_node(in, kind);
	size_t variables = in->variable_count;
	enum stop stop;

	if (++in->depth > NESTING_MAX) {
		parser_bad(in, "nested too deeply");
		return NULL;
	}
	node->pipe = parser_read_pipe(in, kind == NODE_RANGE ? 2 : 1);
	if (!node->pipe || !parser_close_action(in))
		return NULL;
	in->loops += kind == NODE_RANGE;
	in->inside++;
	stop = read_list(in, &node->body);
	in->loops -= kind == NODE_RANGE;
	if (stop == STOP_ELSE) {
		stop = read_list(in, &node->otherwise);
	} else if ((stop == STOP_ELSE_IF && kind == NODE_IF) || (stop == STOP_ELSE_WITH && kind == NODE_WITH)) {
		node->otherwise = read_branch(in, kind); /* shares the end */
		stop = node->otherwise ? STOP_END : STOP_ERROR;
	}
	in->inside--;
	in->variable_count = variables;
	in->depth--;
	if (stop != STOP_END) {
		parser_bad(in, stop == STOP_END_OF_SOURCE ? "unexpected EOF" : "unexpected {{else}}");
		return NULL;
	}
	return node;
}

static const char *read_name(struct parser *in)
{
	struct operand *name;

	parser_blanks(in);
	name = parser_peek(in) == '"' || parser_peek(in) == '`' ? parser_read_string(in) : NULL;
	if (!name) {
		parser_bad(in, "a template's name must be a quoted string");
		return NULL;
	}
	return json_object_get_string(name->value);
}

/* Nothing but white space: such a definition neither replaces another nor is in the way of one. */
static bool is_empty(const struct node *node)
{
	for (; node; node = node->next) {
		if (node->kind != NODE_TEXT)
			return false;
		for (size_t i = 0; i < node->text.len; i++)
			if (!is_template_blank(node->text.data[i]))
				return false;
	}
	return true;
}

static bool add_definition(struct parser *in, const char *name, struct node *body)
{
	struct definition *definition = find_definition(in->template, name);

	if (definition && is_empty(body))
		return true;
	if (definition && !is_empty(definition->body))
		return parser_bad(in, format(in->mem, "multiple definition of template \"%s\"", name));
	if (!definition) {
		definition = must(talloc_zero(in->mem, struct definition));
		*definition = (struct definition){name, NULL, in->template->definitions};
		in->template->definitions = definition;
	}
	definition->body = body;
	return true;
}

static bool read_body(struct parser *in, struct node **body)
{
	size_t variables = in->variable_count, base = in->variable_base;
	int loops = in->loops;
	bool good;

	in->variable_base = in->variable_count; /* it sees none of those outside */
	in->loops = 0;
	in->inside++;
	good = parser_close_action(in) && read_list(in, body) == STOP_END;
	in->inside--;
	in->variable_count = variables;
	in->variable_base = base;
	in->loops = loops;
	return good || parser_bad(in, "unexpected EOF");
}

static bool read_define(struct parser *in)
{
	const char *name = read_name(in);
	struct node *body = NULL;

	if (in->inside)
		return parser_bad(in, "unexpected <define> in command");
	if (!name || ++in->depth > NESTING_MAX || !read_body(in, &body))
		return parser_bad(in, "bad define");
	in->depth--;
	return add_definition(in, name, body);
}

static struct node *read_call(struct parser *in, bool block)
{
	struct node *node = new_node(in, NODE_TEMPLATE), *body = NULL;

	node->name = read_name(in);
	parser_blanks(in);
	if (!node->name || (!parser_at_end(in) && !(node->pipe = parser_read_pipe(in, 1))))
		return NULL;
	if (block && !node->pipe) {
		parser_bad(in, "missing value for block clause");
		return NULL;
	}
	if (!block)
		return parser_close_action(in) ? node : NULL;
	if (++in->depth > NESTING_MAX || !read_body(in, &body))
		return NULL;
	in->depth--;
	return add_definition(in, node->name, body) ? node : NULL;
}

static struct node *read_jump(struct parser *in, enum node_kind kind)
{
	if (!in->loops) {
		parser_bad(in, "{{break}} or {{continue}} outside {{range}}");
		return NULL;
	}
	return parser_close_action(in) ? new_node(in, kind) : NULL;
}

static struct node *read_action(struct parser *in)
{
	struct node *node = new_node(in, NODE_ACTION);

	node->pipe = parser_read_pipe(in, 1);
	return node->pipe && parser_close_action(in) ? node : NULL;
}

static enum stop read_else(struct parser *in)
{
	parser_blanks(in);
	if (parser_next_word_is(in, "if"))
		return STOP_ELSE_IF;
	if (parser_next_word_is(in, "with"))
		return STOP_ELSE_WITH;
	return parser_close_action(in) ? STOP_ELSE : STOP_ERROR;
}

/* One action after its {{; *node is what it adds, NULL for none. */
static enum stop read_statement(struct parser *in, struct node **node)
{
	bool good;

	*node = NULL;
	parser_blanks(in);
	if (parser_next_word_is(in, "end"))
		return parser_close_action(in) ? STOP_END : STOP_ERROR;
	if (parser_next_word_is(in, "else"))
		return read_else(in);
	if (parser_next_word_is(in, "define")) {
		good = read_define(in);
		return good ? STOP_END_OF_SOURCE : STOP_ERROR;
	}
	if (parser_next_word_is(in, "if"))
		*node = read_branch(in, NODE_IF);
	else if (parser_next_word_is(in, "with"))
		*node = read_branch(in, NODE_WITH);
	else if (parser_next_word_is(in, "range"))
		*node = read_branch(in, NODE_RANGE);
	else if (parser_next_word_is(in, "template"))
		*node = read_call(in, false);
	else if (parser_next_word_is(in, "block"))
		*node = read_call(in, true);
	else if (parser_next_word_is(in, "break"))
		*node = read_jump(in, NODE_BREAK);
	else if (parser_next_word_is(in, "continue"))
		*node = read_jump(in, NODE_CONTINUE);
	else
		*node = read_action(in);
	return *node ? STOP_END_OF_SOURCE : STOP_ERROR;
}

/* Literal text up to the next action, trimmed as the markers say. */
static struct node *read_text(struct parser *in)
{
	size_t from = in->at, end;
	struct node *node = NULL;

	while (in->at < in->source.len && !parser_at_text(in, "{{"))
		in->at++;
	end = in->at;
	if (in->trim_next)
		while (from < end && is_template_blank(in->source.data[from]))
			from++;
	in->trim_next = false;
	if (parser_at_text(in, "{{-") && in->at + 3 < in->source.len && is_template_blank(in->source.data[in->at + 3]))
		while (end > from && is_template_blank(in->source.data[end - 1]))
			end--;
	if (end > from) {
		node = new_node(in, NODE_TEXT);
		node->text = (struct text){in->source.data + from, end - from};
	}
	return node;
}

/* A comment after {{ or {{- ; true where there was one. */
static bool read_comment(struct parser *in, bool *was)
{
	const char *end;

	*was = parser_at_text(in, "/*");
	if (!*was)
		return true;
	in->at += 2;
	end = memmem(in->source.data + in->at, in->source.len - in->at, "*/", 2);
	if (!end)
		return parser_bad(in, "unclosed comment");
	in->at = (size_t)(end - in->source.data) + 2;
	if (is_template_blank(parser_peek(in)) && in->source.len - in->at >= 4 && memcmp(in->source.data + in->at + 1, "-}}", 3) == 0)
		in->at++;
	else if (!parser_at_text(in, "}}"))
		return parser_bad(in, "comment ends before closing delimiter");
	return parser_close_action(in);
}

static enum stop read_list(struct parser *in, struct node **first)
{
	struct node **end = first;

	while (in->at < in->source.len) {
		enum stop stop;
		bool comment;

		*end = read_text(in);
		if (*end)
			end = &(*end)->next;
		if (in->at >= in->source.len)
			break;
		in->at += 2;
		if (parser_peek(in) == '-' && in->at + 1 < in->source.len && is_template_blank(in->source.data[in->at + 1]))
			in->at += 2;
		if (!read_comment(in, &comment))
			return STOP_ERROR;
		if (comment)
			continue;
		stop = read_statement(in, end);
		if (stop != STOP_END_OF_SOURCE)
			return stop;
		if (*end)
			end = &(*end)->next;
	}
	return STOP_END_OF_SOURCE;
}

struct definition *find_definition(const struct template *template, const char *name)
{
	for (struct definition *at = template->definitions; at; at = at->next)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

struct template *template_parse(TALLOC_CTX *mem, struct text source, enum template_flavour flavour, const char **why)
{
	struct template *template = must(talloc_zero(mem, struct template));
	struct parser *in = must(talloc_zero(mem, struct parser));
	enum stop stop;

	template->flavour = flavour;
	in->mem = template;
	in->template = template;
	in->source = text_copy(template, source);
	stop = read_list(in, &template->body);
	if (stop != STOP_END_OF_SOURCE && stop != STOP_ERROR)
		parser_bad(in, stop == STOP_END ? "unexpected {{end}}" : "unexpected {{else}}");
	*why = in->why ? talloc_steal(mem, text_string(mem, text_of(in->why))) : stop == STOP_ERROR ? "unclosed action" : NULL;
	talloc_free(in);
	if (*why) {
		talloc_free(template);
		return NULL;
	}
	if (flavour == TEMPLATE_HTML)
		escape_tree(template, template, &template->escape_error);
	return template;
}
