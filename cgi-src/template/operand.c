/* operand.c: the inside of an action: values, commands, pipelines (contract 06 section 9.3). */
#include <errno.h>
#include <math.h>
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

/* Digits of a character given by number: \x41, \u00e9, \U0001f600, \101. */
static bool read_numbered(struct parser *in, struct buffer *out, size_t digits, int base)
{
	char number[9] = "", *end;
	unsigned long value;

	if (in->source.len - in->at < digits)
		return false;
	memcpy(number, in->source.data + in->at, digits);
	value = strtoul(number, &end, base);
	if (end != number + digits || !(is_digit(number[0]) || is_letter(number[0])))
		return false;
	in->at += digits;
	if (digits < 4) {
		buffer_char(out, (char)value);
		return value <= 0xff;
	}
	buffer_point(out, (uint32_t)value);
	return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

static bool read_escape(struct parser *in, char quote, struct buffer *out)
{
	static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
	static const struct {
		char letter;
		size_t digits;
	} numbered[] = {{'x', 2}, {'u', 4}, {'U', 8}};
	char byte = parser_peek(in);
	const char *named = byte ? strchr(from, byte) : NULL;

	if (byte >= '0' && byte <= '7' && read_numbered(in, out, 3, 8))
		return true;
	in->at++;
	if (named || byte == quote) {
		buffer_char(out, named ? to[named - from] : quote);
		return true;
	}
	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++)
		if (byte == numbered[i].letter && read_numbered(in, out, numbered[i].digits, 16))
			return true;
	return parser_bad(in, "bad escape in a quoted string");
}

/* Between its quotes, from the first on. */
static bool read_quoted(struct parser *in, struct buffer *out)
{
	char quote = in->source.data[in->at++];

	while (in->at < in->source.len && parser_peek(in) != quote) {
		char byte = in->source.data[in->at++];

		if (byte == '\n' && quote != '`')
			return parser_bad(in, "unterminated quoted string");
		if (byte == '\r' && quote == '`')
			continue;
		if (byte != '\\' || quote == '`')
			buffer_char(out, byte);
		else if (!read_escape(in, quote, out))
			return false;
	}
	if (in->at >= in->source.len || in->source.data[in->at] != quote)
		return parser_bad(in, quote == '`' ? "unterminated raw quoted string" : "unterminated quoted string");
	in->at++;
	return true;
}

struct operand *parser_read_string(struct parser *in)
{
	struct buffer *out = buffer_new(in->mem, 32);
	struct operand *operand;

	if (!read_quoted(in, out))
		return NULL;
	operand = new_operand(in, OPERAND_LITERAL);
	operand->value = hold_new(in, json_object_new_string_len(out->data, (int)out->len));
	return operand;
}

/* 'a' is the number of its character. */
static struct operand *read_character(struct parser *in)
{
	struct buffer *out = buffer_new(in->mem, 8);
	struct operand *operand;
	size_t at = 0;
	uint32_t point;

	if (!read_quoted(in, out))
		return NULL;
	point = out->len ? utf8_next(buffer_as_text(out), &at) : 0;
	if (out->len == 0 || at != out->len) {
		parser_bad(in, "malformed character constant");
		return NULL;
	}
	operand = new_operand(in, OPERAND_LITERAL);
	operand->value = hold_new(in, json_object_new_int64(point));
	return operand;
}

/* The digits without what separates them; NULL where a _ stands wrongly. */
static char *number_digits(struct parser *in, struct text text)
{
	char *digits = must(talloc_size(in->mem, text.len + 1));
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '_')
			digits[len++] = text.data[i];
		else if (i == 0 || i + 1 == text.len || text.data[i - 1] == '_' || !(is_digit(text.data[i - 1]) || is_letter(text.data[i - 1])) ||
			 text.data[i + 1] == '_')
			return NULL;
	}
	digits[len] = '\0';
	return digits;
}

static struct json_object *whole_number(const char *digits)
{
	bool minus = *digits == '-';
	char *end;
	unsigned long long value;

	digits += minus || *digits == '+';
	errno = 0;
	if (digits[0] == '0' && (digits[1] == 'b' || digits[1] == 'B'))
		value = strtoull(digits + 2, &end, 2);
	else if (digits[0] == '0' && (digits[1] == 'o' || digits[1] == 'O'))
		value = strtoull(digits + 2, &end, 8);
	else
		value = strtoull(digits, &end, 0);
	if (*end || end == digits || errno || value > (uint64_t)INT64_MAX + (minus ? 1U : 0U))
		return NULL;
	return must(json_object_new_int64(minus ? (int64_t)(0 - value) : (int64_t)value));
}

static struct json_object *broken_number(const char *digits)
{
	bool hex = strpbrk(digits, "xX") != NULL;
	char *end;
	double value = strtod(digits, &end);

	if (*end || end == digits || isinf(value) || (hex && !strpbrk(digits, "pP")))
		return NULL;
	return must(json_object_new_double(value));
}

static struct operand *read_number(struct parser *in)
{
	struct operand *operand = new_operand(in, OPERAND_LITERAL);
	size_t from = in->at;
	char *digits;
	bool hex;

	while (in->at < in->source.len && (is_letter(parser_peek(in)) || is_digit(parser_peek(in)) || is_one(parser_peek(in), "+-.")))
		in->at++;
	digits = number_digits(in, (struct text){in->source.data + from, in->at - from});
	hex = digits && strpbrk(digits, "xX");
	if (digits)
		operand->value = strpbrk(digits, hex ? ".pP" : ".eE") ? broken_number(digits) : whole_number(digits);
	if (!operand->value) {
		parser_bad(in, format(in->mem, "bad number syntax: %.*s", (int)(in->at - from), in->source.data + from));
		return NULL;
	}
	json_hold(in->mem, operand->value);
	return operand;
}

static bool known_variable(const struct parser *in, const char *name)
{
	if (strcmp(name, "$") == 0)
		return true;
	for (size_t i = in->variable_count; i > in->variable_base; i--)
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
	operand->pipe = parser_read_pipe(in, 1);
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
	else if (byte == '\'')
		operand = read_character(in);
	else if (is_digit(byte) || (is_one(byte, "-+.") && is_digit(after)) || (is_one(byte, "-+") && after == '.'))
		operand = read_number(in);
	else if (is_letter(byte))
		operand = read_word(in);
	else if (byte == '.') {
		operand = new_operand(in, OPERAND_DOT);
		if (!is_letter(after)) {
			in->at++;
			return operand;
		}
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

static bool add_variable(struct parser *in, const char *name)
{
	if (in->variable_count == sizeof(in->variables) / sizeof(in->variables[0]))
		return parser_bad(in, "too many variables");
	in->variables[in->variable_count++] = name;
	return true;
}

/* `$x :=`, `$i, $v :=`, `$x =` before a pipeline; what a = names may be missing until it runs, as in the reference. */
static bool read_declaration(struct parser *in, struct pipe *pipe, int most)
{
	size_t from = in->at;
	int count = 0;

	while (parser_peek(in) == '$' && count < 2) {
		pipe->declared[count++] = variable_name(in);
		parser_blanks(in);
		if (parser_peek(in) != ',')
			break;
		if (count == most)
			return parser_bad(in, "too many declarations");
		in->at++;
		parser_blanks(in);
	}
	if (!count || (!parser_at_text(in, ":=") && parser_peek(in) != '=')) {
		in->at = from;
		return true;
	}
	pipe->assigns = parser_peek(in) == '=';
	in->at += pipe->assigns ? 1 : 2;
	pipe->declared_count = count;
	for (int i = 0; i < count; i++)
		if (!add_variable(in, pipe->declared[i]))
			return false;
	return true;
}

/* What a pipe may lead into: the rest gives a value of its own. */
static bool is_executable(const struct operand *operand)
{
	return operand->kind != OPERAND_LITERAL && (operand->kind != OPERAND_DOT || operand->field_count);
}

struct pipe *parser_read_pipe(struct parser *in, int declares)
{
	struct pipe *pipe = must(talloc_zero(in->mem, struct pipe));
	struct command **end = &pipe->commands;

	if (++in->depth > NESTING_MAX) {
		parser_bad(in, "nested too deeply");
		return NULL;
	}
	parser_blanks(in);
	if (!read_declaration(in, pipe, declares))
		return NULL;
	for (;;) {
		*end = read_command(in);
		if (!*end)
			return NULL;
		if (end != &pipe->commands && !is_executable((*end)->operands)) {
			parser_bad(in, "non executable command in pipeline");
			return NULL;
		}
		end = &(*end)->next;
		parser_blanks(in);
		if (parser_peek(in) != '|')
			break;
		in->at++;
		parser_blanks(in);
		if (parser_at_end(in) || parser_peek(in) == ')') /* a bar too many is let pass */
			break;
	}
	in->depth--;
	return pipe;
}
