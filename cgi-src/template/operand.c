/* operand.c: the inside of an action: values, commands, pipelines (contract 06 section 9.3). */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/template/parse_int.h"

bool parser_bad(struct parser *in, const char *why)
{
	if (!in->why)
		in->why = why;
	return false;
}

bool is_template_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

char parser_peek(const struct parser *in)
{
	return in->at < in->source.len ? in->source.data[in->at] : '\0';
}

bool parser_at_text(const struct parser *in, const char *text)
{
	size_t len = strlen(text);

	return in->source.len - in->at >= len && memcmp(in->source.data + in->at, text, len) == 0;
}

bool parser_blanks(struct parser *in)
{
	size_t from = in->at;

	while (in->at < in->source.len && is_template_blank(in->source.data[in->at]))
		in->at++;
	return in->at > from;
}

/* ---- the inside of an action ---- */

bool parser_at_end(struct parser *in)
{
	return parser_at_text(in, "}}") || (parser_at_text(in, "-}}") && in->at && is_template_blank(in->source.data[in->at - 1]));
}

bool parser_close_action(struct parser *in)
{
	parser_blanks(in);
	if (parser_at_text(in, "-}}") && in->at && is_template_blank(in->source.data[in->at - 1])) {
		in->at += 3;
		in->trim_next = true;
		return true;
	}
	if (!parser_at_text(in, "}}"))
		return parser_bad(in, in->at >= in->source.len ? "unclosed action" : "unexpected text in an action");
	in->at += 2;
	return true;
}

struct text parser_word(struct parser *in)
{
	size_t from = in->at;

	while (in->at < in->source.len && (is_letter(in->source.data[in->at]) || is_digit(in->source.data[in->at])))
		in->at++;
	return (struct text){in->source.data + from, in->at - from};
}

bool parser_next_word_is(struct parser *in, const char *wanted)
{
	size_t from = in->at;
	bool same = text_is(parser_word(in), wanted);

	if (!same)
		in->at = from;
	return same;
}

static struct operand *new_operand(struct parser *in, int kind)
{
	struct operand *operand = must(talloc_zero(in->mem, struct operand));

	operand->kind = kind;
	return operand;
}

static struct json_object *hold_new(struct parser *in, struct json_object *value)
{
	return json_hold(in->mem, must(value));
}

static bool read_escape(struct parser *in, struct buffer *out)
{
	static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
	char byte = parser_peek(in);
	const char *named = byte ? strchr(from, byte) : NULL;
	unsigned char value[2] = {0, 0};

	in->at++;
	if (named) {
		buffer_char(out, to[named - from]);
		return true;
	}
	if (byte == 'x' && in->source.len - in->at >= 2 && hex_decode((struct text){in->source.data + in->at, 2}, value, 1)) {
		buffer_char(out, (char)value[0]);
		in->at += 2;
		return true;
	}
	if (byte == 'u' && in->source.len - in->at >= 4 && hex_decode((struct text){in->source.data + in->at, 4}, value, 2)) {
		buffer_point(out, (uint32_t)value[0] << 8 | value[1]);
		in->at += 4;
		return true;
	}
	return parser_bad(in, "bad escape in a quoted string");
}

struct operand *parser_read_string(struct parser *in)
{
	struct buffer *out = buffer_new(in->mem, 32);
	char quote = in->source.data[in->at++];
	struct operand *operand;

	while (in->at < in->source.len && parser_peek(in) != quote) {
		char byte = in->source.data[in->at++];

		if (byte == '\n' && quote == '"')
			break;
		if (byte != '\\' || quote == '`')
			buffer_char(out, byte);
		else if (!read_escape(in, out))
			return NULL;
	}
	if (parser_peek(in) != quote) {
		parser_bad(in, quote == '`' ? "unterminated raw quoted string" : "unterminated quoted string");
		return NULL;
	}
	in->at++;
	operand = new_operand(in, OPERAND_LITERAL);
	operand->value = hold_new(in, json_object_new_string_len(out->data, (int)out->len));
	return operand;
}

static struct operand *read_number(struct parser *in)
{
	struct operand *operand = new_operand(in, OPERAND_LITERAL);
	size_t from = in->at;
	char *text, *end;
	bool whole;

	while (in->at < in->source.len && (is_letter(parser_peek(in)) || is_digit(parser_peek(in)) || strchr("+-.", parser_peek(in))))
		in->at++;
	text = text_string(in->mem, (struct text){in->source.data + from, in->at - from});
	whole = !strpbrk(text, ".eEpP") || (strlen(text) > 1 && (text[1] | 32) == 'x');
	if (whole)
		operand->value = json_object_new_int64(strtoll(text, &end, 0));
	else
		operand->value = json_object_new_double(strtod(text, &end));
	json_hold(in->mem, must(operand->value));
	if (*end) {
		parser_bad(in, format(in->mem, "bad number syntax: %s", text));
		return NULL;
	}
	return operand;
}

static bool known_variable(const struct parser *in, const char *name)
{
	if (strcmp(name, "$") == 0)
		return true;
	for (size_t i = in->variable_count; i > 0; i--)
		if (strcmp(in->variables[i - 1], name) == 0)
			return true;
	return false;
}

static const char *variable_name(struct parser *in)
{
	size_t from = in->at++;

	parser_word(in);
	return text_string(in->mem, (struct text){in->source.data + from, in->at - from});
}

static struct operand *read_parenthesis(struct parser *in)
{
	struct operand *operand = new_operand(in, OPERAND_PIPE);

	in->at++;
	operand->pipe = parser_read_pipe(in, false);
	parser_blanks(in);
	if (!operand->pipe)
		return NULL;
	if (parser_peek(in) != ')') {
		parser_bad(in, "unclosed left paren");
		return NULL;
	}
	in->at++;
	return operand;
}

static struct operand *read_word(struct parser *in)
{
	struct text name = parser_word(in);
	struct operand *operand;

	if (text_is(name, "true") || text_is(name, "false")) {
		operand = new_operand(in, OPERAND_LITERAL);
		operand->value = hold_new(in, json_object_new_boolean(text_is(name, "true")));
		return operand;
	}
	if (text_is(name, "nil"))
		return new_operand(in, OPERAND_LITERAL);
	if (!is_function(name)) {
		parser_bad(in, format(in->mem, "function \"%.*s\" not defined", (int)name.len, name.data));
		return NULL;
	}
	operand = new_operand(in, OPERAND_FUNCTION);
	operand->name = text_string(in->mem, name);
	return operand;
}

static struct operand *read_variable(struct parser *in)
{
	struct operand *operand = new_operand(in, OPERAND_VARIABLE);

	operand->name = variable_name(in);
	if (!known_variable(in, operand->name)) {
		parser_bad(in, format(in->mem, "undefined variable \"%s\"", operand->name));
		return NULL;
	}
	return operand;
}

/* .a.b behind an operand. */
static bool read_fields(struct parser *in, struct operand *operand)
{
	while (parser_peek(in) == '.' && in->at + 1 < in->source.len && is_letter(in->source.data[in->at + 1])) {
		in->at++;
		operand->fields = must(talloc_realloc_size(in->mem, operand->fields, sizeof(char *) * (operand->field_count + 1)));
		operand->fields[operand->field_count++] = text_string(in->mem, parser_word(in));
	}
	if (operand->field_count && (operand->kind == OPERAND_LITERAL || operand->kind == OPERAND_FUNCTION))
		return parser_bad(in, "a field of a constant or function");
	return true;
}

static struct operand *read_operand(struct parser *in)
{
	struct operand *operand = NULL;
	char byte = parser_peek(in), after = in->at + 1 < in->source.len ? in->source.data[in->at + 1] : '\0';

	if (byte == '"' || byte == '`')
		operand = parser_read_string(in);
	else if (byte == '(')
		operand = read_parenthesis(in);
	else if (byte == '$')
		operand = read_variable(in);
	else if (is_digit(byte) || ((byte == '-' || byte == '+' || byte == '.') && is_digit(after)))
		operand = read_number(in);
	else if (is_letter(byte))
		operand = read_word(in);
	else if (byte == '.') {
		operand = new_operand(in, OPERAND_DOT);
		if (!is_letter(after))
			in->at++;
	} else {
		parser_bad(in, byte ? format(in->mem, "unexpected '%c' in an action", byte) : "unclosed action");
	}
	return operand && read_fields(in, operand) ? operand : NULL;
}

static struct command *read_command(struct parser *in)
{
	struct command *command = must(talloc_zero(in->mem, struct command));
	struct operand **end = &command->operands;

	for (;;) {
		parser_blanks(in);
		if (parser_at_end(in) || parser_peek(in) == '|' || parser_peek(in) == ')' || in->at >= in->source.len)
			break;
		*end = read_operand(in);
		if (!*end)
			return NULL;
		end = &(*end)->next;
		if (!parser_at_end(in) && !is_template_blank(parser_peek(in)) && parser_peek(in) != '|' && parser_peek(in) != ')' &&
		    in->at < in->source.len) {
			parser_bad(in, "operands must be separated by spaces");
			return NULL;
		}
	}
	if (!command->operands) {
		parser_bad(in, in->at >= in->source.len ? "unclosed action" : "missing value for command");
		return NULL;
	}
	return command;
}

/* `$x :=`, `$i, $v :=`, `$x =` before a pipeline. */
static bool read_declaration(struct parser *in, struct pipe *pipe)
{
	size_t from = in->at;
	int count = 0;

	while (parser_peek(in) == '$' && count < 2) {
		pipe->declared[count++] = variable_name(in);
		parser_blanks(in);
		if (parser_peek(in) != ',')
			break;
		in->at++;
		parser_blanks(in);
	}
	if (count && (parser_at_text(in, ":=") || (parser_peek(in) == '=' && count == 1))) {
		pipe->assigns = parser_peek(in) == '=';
		in->at += pipe->assigns ? 1 : 2;
		pipe->declared_count = count;
		return true;
	}
	in->at = from;
	return true;
}

static bool declare(struct parser *in, const struct pipe *pipe)
{
	for (int i = 0; i < pipe->declared_count; i++) {
		if (pipe->assigns && !known_variable(in, pipe->declared[i]))
			return parser_bad(in, format(in->mem, "undefined variable \"%s\"", pipe->declared[i]));
		if (pipe->assigns)
			continue;
		if (in->variable_count == sizeof(in->variables) / sizeof(in->variables[0]))
			return parser_bad(in, "too many variables");
		in->variables[in->variable_count++] = pipe->declared[i];
	}
	return true;
}

struct pipe *parser_read_pipe(struct parser *in, bool declares)
{
	struct pipe *pipe = must(talloc_zero(in->mem, struct pipe));
	struct command **end = &pipe->commands;

	if (++in->depth > NESTING_MAX) {
		parser_bad(in, "nested too deeply");
		return NULL;
	}
	parser_blanks(in);
	if (declares && !read_declaration(in, pipe))
		return NULL;
	for (;;) {
		*end = read_command(in);
		if (!*end)
			return NULL;
		if (end != &pipe->commands && (*end)->operands->kind != OPERAND_FUNCTION && (*end)->operands->kind != OPERAND_PIPE &&
		    !(*end)->operands->field_count) {
			parser_bad(in, "non executable command in pipeline");
			return NULL;
		}
		end = &(*end)->next;
		parser_blanks(in);
		if (parser_peek(in) != '|')
			break;
		in->at++;
	}
	in->depth--;
	return declare(in, pipe) ? pipe : NULL;
}
