/* execute.c: running a template over its variables (contract 06 section 9.3), bounded in steps and output. */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/template/template_int.h"

struct variable {
	const char *name;
	struct json_object *value;
};

struct run {
	TALLOC_CTX *mem;
	const struct template *template;
	struct json_object *root;
	struct buffer *out;
	struct variable variables[300];
	size_t variable_count;
	size_t base; /* where those of the template that runs begin, with its $ */
	size_t steps;
	int depth;
	const char *why;
};

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE, FLOW_ERROR };

static int bad(struct run *run, const char *why)
{
	if (!run->why)
		run->why = why;
	return -1;
}

static struct variable *find_variable(struct run *run, const char *name)
{
	for (size_t i = run->variable_count; i > run->base; i--)
		if (strcmp(run->variables[i - 1].name, name) == 0)
			return &run->variables[i - 1];
	return NULL;
}

static int push_variable(struct run *run, const char *name, struct json_object *value)
{
	if (run->variable_count == sizeof(run->variables) / sizeof(run->variables[0]))
		return bad(run, "too many variables");
	run->variables[run->variable_count++] = (struct variable){name, value};
	return 0;
}

static int set_variable(struct run *run, const struct pipe *pipe, int at, struct json_object *value)
{
	struct variable *known = pipe->assigns ? find_variable(run, pipe->declared[at]) : NULL;

	if (known) {
		known->value = value;
		return 0;
	}
	if (pipe->assigns)
		return bad(run, format(run->mem, "undefined variable: %s", pipe->declared[at]));
	return push_variable(run, pipe->declared[at], value);
}

static int get_fields(struct run *run, const struct operand *operand, struct json_object **value)
{
	bool is_null = false; /* which is not the same as missing */

	for (size_t i = 0; i < operand->field_count; i++) {
		if (is_null)
			return bad(run, format(run->mem, "nil pointer evaluating interface {}.%s", operand->fields[i]));
		if (*value && !json_object_is_type(*value, json_type_object))
			return bad(run, format(run->mem, "can't evaluate field %s in type %s", operand->fields[i], value_type(*value)));
		if (run->template->flavour == TEMPLATE_TEXT && *value == run->root && !json_has(*value, operand->fields[i]))
			return bad(run, format(run->mem, "can't evaluate field %s", operand->fields[i]));
		is_null = *value && json_has(*value, operand->fields[i]);
		*value = json_get(*value, operand->fields[i]);
		is_null = is_null && !*value;
	}
	return 0;
}

static int run_pipe(struct run *run, const struct pipe *pipe, struct json_object *dot, struct json_object **value);
static int run_command(struct run *run, const struct command *command, struct json_object *dot, struct json_object **value, bool piped);

static int run_operand(struct run *run, const struct operand *operand, struct json_object *dot, struct json_object **value)
{
	struct command call = {(struct operand *)operand, NULL};
	struct operand alone;
	struct variable *variable;

	*value = NULL;
	switch (operand->kind) {
	case OPERAND_DOT:
		*value = dot;
		break;
	case OPERAND_VARIABLE:
		variable = find_variable(run, operand->name);
		if (!variable)
			return bad(run, format(run->mem, "undefined variable: %s", operand->name));
		*value = variable->value;
		break;
	case OPERAND_LITERAL:
		*value = operand->value;
		break;
	case OPERAND_PIPE:
		if (run_pipe(run, operand->pipe, dot, value) < 0)
			return -1;
		break;
	case OPERAND_FUNCTION: /* a function in the place of an argument is called without any */
		alone = *operand;
		alone.next = NULL;
		call.operands = &alone;
		return run_command(run, &call, dot, value, false);
	}
	return get_fields(run, operand, value);
}

/* and, or: an operand, the rest unevaluated where it decides. */
static int run_choice(struct run *run, const struct command *command, struct json_object *dot, struct json_object **value, bool piped)
{
	bool wanted = strcmp(command->operands->name, "or") == 0;
	struct json_object *last = *value, *at = NULL;
	const struct operand *operand = command->operands->next;

	if (!operand && !piped)
		return bad(run, format(run->mem, "wrong number of args for %s: want at least 1 got 0", command->operands->name));
	for (; operand; operand = operand->next) {
		if (run_operand(run, operand, dot, &at) < 0)
			return -1;
		if (value_true(at) == wanted || (!operand->next && !piped)) {
			*value = at;
			return 0;
		}
	}
	*value = last;
	return 0;
}

static int run_function(struct run *run, const struct command *command, struct json_object *dot, struct json_object **value, bool piped)
{
	struct json_object *args[64];
	size_t count = 0;

	for (const struct operand *operand = command->operands->next; operand; operand = operand->next) {
		if (count == sizeof(args) / sizeof(args[0]) - 1)
			return bad(run, "too many arguments");
		if (run_operand(run, operand, dot, &args[count]) < 0)
			return -1;
		count++;
	}
	if (piped)
		args[count++] = *value;
	return call_function(run->mem, command->operands->name, args, count, value, &run->why);
}

/* *value: what comes down the pipe where piped; then what the command gives. */
static int run_command(struct run *run, const struct command *command, struct json_object *dot, struct json_object **value, bool piped)
{
	const struct operand *first = command->operands;

	if (++run->steps > STEPS_MAX)
		return bad(run, "the template runs for too long");
	if (first->kind == OPERAND_FUNCTION && (strcmp(first->name, "and") == 0 || strcmp(first->name, "or") == 0))
		return run_choice(run, command, dot, value, piped);
	if (first->kind == OPERAND_FUNCTION)
		return run_function(run, command, dot, value, piped);
	if (first->next || piped)
		return bad(run, "can't give argument to non-function");
	if (first->kind == OPERAND_LITERAL && !first->value)
		return bad(run, "nil is not a command");
	return run_operand(run, first, dot, value);
}

/* Up to, but not with, the command end. */
static int run_commands(struct run *run, const struct pipe *pipe, const struct command *end, struct json_object *dot, struct json_object **value)
{
	*value = NULL;
	for (const struct command *command = pipe->commands; command != end; command = command->next)
		if (run_command(run, command, dot, value, command != pipe->commands) < 0)
			return -1;
	return 0;
}

static int run_pipe(struct run *run, const struct pipe *pipe, struct json_object *dot, struct json_object **value)
{
	if (run_commands(run, pipe, NULL, dot, value) < 0)
		return -1;
	return pipe->declared_count == 1 ? set_variable(run, pipe, 0, *value) : 0;
}

/* The html or urlquery at the pipeline's end; NULL where there is none. */
static const struct command *find_escaper(const struct pipe *pipe)
{
	const struct command *command = pipe->commands;
	const struct operand *first;

	while (command->next)
		command = command->next;
	first = command->operands;
	if (first->kind != OPERAND_FUNCTION || (strcmp(first->name, "html") != 0 && strcmp(first->name, "urlquery") != 0))
		return NULL;
	return command;
}

static enum flow run_list(struct run *run, const struct node *node, struct json_object *dot);

static int put(struct run *run, struct text text)
{
	buffer_text(run->out, text);
	return run->out->len > TEMPLATE_OUTPUT_MAX ? bad(run, "the output is too large") : 0;
}

/* Alone in its pipeline an escaper has its arguments, printed; else what comes down the pipe, and where it takes the place of the
 * context's own that and nothing more. */
static int run_escaped(struct run *run, const struct node *node, const struct command *escaper, bool replaces, struct json_object *dot,
		       struct json_object **value)
{
	struct operand print = {.kind = OPERAND_FUNCTION, .name = "print", .next = escaper->operands->next};
	struct command joined = {&print, NULL};
	bool alone = escaper == node->pipe->commands;

	if (!alone)
		return run_commands(run, node->pipe, replaces ? escaper : NULL, dot, value);
	if (run_command(run, print.next ? &joined : escaper, dot, value, false) < 0)
		return -1;
	return replaces ? 0 : call_function(run->mem, escaper->operands->name, value, 1, value, &run->why);
}

static int write_value(struct run *run, const struct node *node, struct json_object *dot)
{
	bool html = run->template->flavour == TEMPLATE_HTML;
	const struct command *escaper = html ? find_escaper(node->pipe) : NULL;
	bool replaces = escaper && escaper_replaces(&node->context, escaper->operands->name);
	struct json_object *value;

	if ((escaper ? run_escaped(run, node, escaper, replaces, dot, &value) : run_pipe(run, node->pipe, dot, &value)) < 0)
		return -1;
	if (html)
		escape_value(run->mem, run->out, &node->context, value, replaces ? escaper->operands->name : NULL);
	else if (value)
		value_print(run->out, value, true);
	else
		buffer_string(run->out, "<no value>");
	return run->out->len > TEMPLATE_OUTPUT_MAX ? bad(run, "the output is too large") : 0;
}

static enum flow run_action(struct run *run, const struct node *node, struct json_object *dot)
{
	struct json_object *value;

	if ((node->pipe->declared_count ? run_pipe(run, node->pipe, dot, &value) : write_value(run, node, dot)) < 0)
		return FLOW_ERROR;
	return FLOW_ON;
}

static enum flow run_condition(struct run *run, const struct node *node, struct json_object *dot)
{
	size_t variables = run->variable_count;
	struct json_object *value;
	enum flow flow;
	bool with = node->kind == NODE_WITH;

	if (run_pipe(run, node->pipe, dot, &value) < 0)
		return FLOW_ERROR;
	if (value_true(value))
		flow = run_list(run, node->body, with ? value : dot);
	else
		flow = run_list(run, node->otherwise, dot);
	run->variable_count = variables;
	return flow;
}

static enum flow run_round(struct run *run, const struct node *node, struct json_object *key, struct json_object *value)
{
	size_t variables = run->variable_count;
	int declared = node->pipe->declared_count;
	enum flow flow;

	if ((declared == 1 && set_variable(run, node->pipe, 0, value) < 0) ||
	    (declared == 2 && (set_variable(run, node->pipe, 0, key) < 0 || set_variable(run, node->pipe, 1, value) < 0)))
		return FLOW_ERROR;
	if (++run->steps > STEPS_MAX)
		return bad(run, "the template runs for too long") ? FLOW_ERROR : FLOW_ON;
	flow = run_list(run, node->body, value);
	run->variable_count = variables;
	return flow == FLOW_CONTINUE ? FLOW_ON : flow;
}

static enum flow range_map(struct run *run, const struct node *node, struct json_object *map)
{
	size_t count;
	const char **names = json_names_sorted(run->mem, map, &count);
	enum flow flow = FLOW_ON;

	for (size_t i = 0; i < count && flow == FLOW_ON; i++)
		flow = run_round(run, node, json_hold(run->mem, must(json_object_new_string(names[i]))), json_object_object_get(map, names[i]));
	return flow;
}

static struct json_object *new_int(struct run *run, int64_t number)
{
	return json_hold(run->mem, must(json_object_new_int64(number)));
}

static enum flow range_array(struct run *run, const struct node *node, struct json_object *array)
{
	enum flow flow = FLOW_ON;

	for (size_t i = 0; i < json_object_array_length(array) && flow == FLOW_ON; i++)
		flow = run_round(run, node, new_int(run, (int64_t)i), json_object_array_get_idx(array, i));
	return flow;
}

/* The numbers from 0 to below that one. */
static enum flow range_int(struct run *run, const struct node *node, int64_t count)
{
	enum flow flow = FLOW_ON;

	for (int64_t i = 0; i < count && flow == FLOW_ON; i++)
		flow = run_round(run, node, NULL, new_int(run, i));
	return flow;
}

static bool is_without_rounds(struct json_object *value)
{
	if (json_object_is_type(value, json_type_int))
		return json_object_get_int64(value) <= 0;
	return !value_true(value) && (!value || json_object_is_type(value, json_type_array) || json_object_is_type(value, json_type_object));
}

static enum flow run_range(struct run *run, const struct node *node, struct json_object *dot)
{
	size_t variables = run->variable_count;
	struct json_object *value;
	enum flow flow;

	if (run_commands(run, node->pipe, NULL, dot, &value) < 0)
		return FLOW_ERROR;
	if (json_object_is_type(value, json_type_int) && node->pipe->declared_count > 1)
		return bad(run, "can't use a number to iterate over more than one variable") ? FLOW_ERROR : FLOW_ON;
	if (is_without_rounds(value))
		flow = run_list(run, node->otherwise, dot);
	else if (json_object_is_type(value, json_type_object))
		flow = range_map(run, node, value);
	else if (json_object_is_type(value, json_type_array))
		flow = range_array(run, node, value);
	else if (json_object_is_type(value, json_type_int))
		flow = range_int(run, node, json_object_get_int64(value));
	else
		return bad(run, format(run->mem, "range can't iterate over a %s", value_type(value))) ? FLOW_ERROR : FLOW_ON;
	run->variable_count = variables;
	return flow == FLOW_BREAK ? FLOW_ON : flow;
}

/* A called template is in node->derived where it was escaped for this place; else it is found by name. */
static enum flow run_template(struct run *run, const struct node *node, struct json_object *dot)
{
	struct definition *definition = find_definition(run->template, node->name);
	size_t variables = run->variable_count, base = run->base;
	struct json_object *value = NULL;
	enum flow flow;

	if (!definition)
		return bad(run, format(run->mem, "template \"%s\" not defined", node->name)) ? FLOW_ERROR : FLOW_ON;
	if (run->depth > NESTING_MAX)
		return bad(run, "templates call each other too deeply") ? FLOW_ERROR : FLOW_ON;
	if (node->pipe && run_pipe(run, node->pipe, dot, &value) < 0)
		return FLOW_ERROR;
	run->base = run->variable_count; /* a called template has its own $ and sees no other variable */
	if (push_variable(run, "$", value) < 0)
		return FLOW_ERROR;
	flow = run_list(run, node->derived ? node->derived->body : definition->body, value);
	run->base = base;
	run->variable_count = variables;
	return flow;
}

static enum flow run_node(struct run *run, const struct node *node, struct json_object *dot)
{
	switch (node->kind) {
	case NODE_TEXT:
		return put(run, node->text) < 0 ? FLOW_ERROR : FLOW_ON;
	case NODE_ACTION:
		return run_action(run, node, dot);
	case NODE_IF:
	case NODE_WITH:
		return run_condition(run, node, dot);
	case NODE_RANGE:
		return run_range(run, node, dot);
	case NODE_TEMPLATE:
		return run_template(run, node, dot);
	case NODE_BREAK:
		return FLOW_BREAK;
	case NODE_CONTINUE:
		return FLOW_CONTINUE;
	}
	return FLOW_ERROR;
}

static enum flow run_list(struct run *run, const struct node *node, struct json_object *dot)
{
	enum flow flow = FLOW_ON;

	run->depth++;
	for (; node && flow == FLOW_ON; node = node->next)
		flow = run_node(run, node, dot);
	run->depth--;
	return flow;
}

int template_execute(TALLOC_CTX *mem, const struct template *template, struct json_object *variables, struct text *out, const char **why)
{
	struct run *run = must(talloc_zero(mem, struct run));
	enum flow flow;

	*run = (struct run){.mem = run, .template = template, .root = variables, .out = buffer_new(mem, 1024)};
	run->variables[run->variable_count++] = (struct variable){"$", variables};
	if (template->escape_error)
		bad(run, template->escape_error);
	flow = run->why ? FLOW_ERROR : run_list(run, template->body, variables);
	*out = buffer_as_text(run->out);
	*why = run->why ? text_string(mem, text_of(run->why)) : NULL;
	talloc_free(run);
	return flow == FLOW_ERROR ? -1 : 0;
}
