/* context_code.c: where in a script or a style sheet literal text leads to (contract 06 section 9.4). */
#include <string.h>

#include "cgi-src/template/template_int.h"

bool is_comment(enum place place)
{
	return place == PLACE_COMMENT || place == PLACE_SCRIPT_BLOCK_COMMENT || place == PLACE_SCRIPT_LINE_COMMENT ||
	       place == PLACE_STYLE_BLOCK_COMMENT || place == PLACE_STYLE_LINE_COMMENT;
}

bool is_script_literal(enum place place)
{
	return place == PLACE_SCRIPT_DOUBLE || place == PLACE_SCRIPT_SINGLE || place == PLACE_SCRIPT_TEMPLATE || place == PLACE_SCRIPT_REGEXP;
}

bool is_code(enum place place)
{
	return place >= PLACE_SCRIPT;
}

/* ---- scripts ---- */

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' || byte == '$';
}

/* After these words an expression begins, and with it perhaps a regular expression. */
static bool is_operator_word(struct text word)
{
	static const char *const words[] = {"break", "case",	   "continue", "delete", "do",	"else",	  "finally",
					    "in",    "instanceof", "return",   "throw",	 "try", "typeof", "void"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(word, words[i]))
			return true;
	return false;
}

/* What a / after this code would begin. */
static enum slash slash_after(struct text code, enum slash before)
{
	size_t run = 0, from;
	char last;

	code = text_trim(code, "\t\n\f\r ");
	if (!code.len)
		return before;
	last = code.data[code.len - 1];
	while (run < code.len && code.data[code.len - 1 - run] == last)
		run++;
	if (last == '+' || last == '-') /* ++ and -- may stand behind a value */
		return run % 2 ? SLASH_REGEXP : SLASH_DIVIDES;
	if (last == '.')
		return code.len > 1 && code.data[code.len - 2] >= '0' && code.data[code.len - 2] <= '9' ? SLASH_DIVIDES : SLASH_REGEXP;
	if (is_one(last, ",<>=*%&|^?!~([:;{}"))
		return SLASH_REGEXP;
	for (from = code.len; from > 0 && is_word_byte(code.data[from - 1]); from--)
		;
	return is_operator_word((struct text){code.data + from, code.len - from}) ? SLASH_REGEXP : SLASH_DIVIDES;
}

/* A comment is not kept. */
static void open_comment(struct walk *in, size_t len, enum place place)
{
	in->at += len;
	in->context->place = place;
}

static void open_literal(struct walk *in, enum place place)
{
	buffer_char(in->out, in->text.data[in->at++]);
	in->context->place = place;
}

static void walk_brace(struct walk *in)
{
	struct context *context = in->context;
	char byte = in->text.data[in->at];

	buffer_char(in->out, in->text.data[in->at++]);
	context->slash = SLASH_REGEXP;
	if (context->substitutions == 0)
		return;
	if (byte == '{')
		context->braces[context->substitutions - 1]++;
	else if (--context->braces[context->substitutions - 1] < 0) {
		context->substitutions--;
		context->place = PLACE_SCRIPT_TEMPLATE;
	}
}

static void walk_slash(struct walk *in)
{
	if (walk_starts(in, in->at, "//")) {
		open_comment(in, 2, PLACE_SCRIPT_LINE_COMMENT);
	} else if (walk_starts(in, in->at, "/*")) {
		open_comment(in, 2, PLACE_SCRIPT_BLOCK_COMMENT);
	} else if (in->context->slash == SLASH_UNKNOWN) {
		in->why = "'/' could start a division or regexp";
	} else {
		bool regexp = in->context->slash == SLASH_REGEXP;

		in->context->slash = SLASH_REGEXP;
		open_literal(in, regexp ? PLACE_SCRIPT_REGEXP : PLACE_SCRIPT);
	}
}

static void walk_script(struct walk *in)
{
	size_t from = in->at;

	while (in->at < in->end && !is_one(in->text.data[in->at], "\"'`/{}<-#"))
		in->at++;
	walk_keep(in, from);
	in->context->slash = slash_after((struct text){in->text.data + from, in->at - from}, in->context->slash);
	if (in->at == in->end)
		return;
	switch (in->text.data[in->at]) {
	case '"':
		open_literal(in, PLACE_SCRIPT_DOUBLE);
		break;
	case '\'':
		open_literal(in, PLACE_SCRIPT_SINGLE);
		break;
	case '`':
		open_literal(in, PLACE_SCRIPT_TEMPLATE);
		break;
	case '/':
		walk_slash(in);
		break;
	case '{':
	case '}':
		walk_brace(in);
		break;
	default: /* the comments that HTML has in scripts, and the first line's */
		if (walk_starts(in, in->at, "<!--"))
			open_comment(in, 4, PLACE_SCRIPT_LINE_COMMENT);
		else if (walk_starts(in, in->at, "-->"))
			open_comment(in, 3, PLACE_SCRIPT_LINE_COMMENT);
		else if (walk_starts(in, in->at, "#!"))
			open_comment(in, 2, PLACE_SCRIPT_LINE_COMMENT);
		else
			buffer_char(in->out, in->text.data[in->at++]);
	}
}

/* Tags inside a literal would end the script for the browser. */
static void keep_literal(struct walk *in, size_t from)
{
	static const char *const tags[] = {"<script", "</script", "<!--"};

	for (; from < in->at; from++) {
		bool tag = false;

		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			tag = tag || walk_starts(in, from, tags[i]);
		tag ? buffer_string(in->out, "\\x3C") : buffer_char(in->out, in->text.data[from]);
	}
}

static bool open_substitution(struct walk *in)
{
	struct context *context = in->context;

	if (context->place != PLACE_SCRIPT_TEMPLATE || !walk_starts(in, in->at, "${"))
		return false;
	if (context->substitutions == SUBSTITUTIONS_MAX) {
		in->why = "template literals are nested too deeply";
		return true;
	}
	context->braces[context->substitutions++] = 0;
	context->place = PLACE_SCRIPT;
	in->at += 2;
	return true;
}

/* The slash of a </script, which ends no regular expression. */
static bool is_end_tag(const struct walk *in, size_t from)
{
	return in->context->place == PLACE_SCRIPT_REGEXP && in->at >= from + 2 && walk_starts(in, in->at - 2, "</script");
}

static void walk_literal(struct walk *in)
{
	static const char ends[] = {
		[PLACE_SCRIPT_DOUBLE] = '"', [PLACE_SCRIPT_SINGLE] = '\'', [PLACE_SCRIPT_TEMPLATE] = '`', [PLACE_SCRIPT_REGEXP] = '/'};
	enum place place = in->context->place;
	size_t from = in->at;
	bool in_set = false;

	while (in->at < in->end && !in->why && in->context->place == place) {
		char byte = in->text.data[in->at];

		if (open_substitution(in))
			break;
		in->at++;
		if (byte == '\\' && in->at == in->end)
			in->why = "unfinished escape sequence in JS string";
		else if (byte == '\\')
			in->at++;
		else if (place == PLACE_SCRIPT_REGEXP && (byte == '[' || byte == ']'))
			in_set = byte == '[';
		else if (byte == ends[place] && !in_set && !is_end_tag(in, from))
			in->context->place = PLACE_SCRIPT;
	}
	if (in_set)
		in->why = "unfinished JS regexp charset";
	if (in->context->place != place && place != PLACE_SCRIPT_TEMPLATE)
		in->context->slash = SLASH_DIVIDES;
	keep_literal(in, from);
}

/* ---- styles ---- */

static bool is_name_byte(char byte)
{
	return is_word_byte(byte) ? byte != '$' : byte == '-' || (unsigned char)byte >= 0x80;
}

static bool ends_with_url(const struct walk *in, size_t from)
{
	struct text before = {in->text.data + from, in->at - from};

	while (before.len && is_one(before.data[before.len - 1], "\t\n\f\r "))
		before.len--;
	return before.len >= 3 && text_equal_nocase((struct text){before.data + before.len - 3, 3}, TEXT("url")) &&
	       (before.len == 3 || !is_name_byte(before.data[before.len - 4]));
}

static void open_url(struct walk *in)
{
	char quote;

	in->at++;
	while (in->at < in->end && is_one(in->text.data[in->at], "\t\n\f\r "))
		in->at++;
	quote = in->at < in->end ? in->text.data[in->at] : '\0';
	in->at += quote == '"' || quote == '\'';
	in->context->place = quote == '"' ? PLACE_STYLE_URL_DOUBLE : quote == '\'' ? PLACE_STYLE_URL_SINGLE : PLACE_STYLE_URL;
	in->context->url_part = URL_START;
}

static void walk_style(struct walk *in)
{
	size_t from = in->at;
	enum place comment = PLACE_STYLE;

	while (in->at < in->end && in->context->place == PLACE_STYLE && comment == PLACE_STYLE) {
		char byte = in->text.data[in->at];

		if (byte == '(' && ends_with_url(in, from)) {
			open_url(in);
			break;
		}
		if (byte == '"' || byte == '\'') {
			in->context->place = byte == '"' ? PLACE_STYLE_DOUBLE : PLACE_STYLE_SINGLE;
			in->context->url_part = URL_START;
		}
		if (walk_starts(in, in->at, "/*") || walk_starts(in, in->at, "//"))
			comment = in->text.data[in->at + 1] == '*' ? PLACE_STYLE_BLOCK_COMMENT : PLACE_STYLE_LINE_COMMENT;
		else
			in->at++;
	}
	walk_keep(in, from);
	if (comment != PLACE_STYLE)
		open_comment(in, 2, comment);
}

/* Strings of styles may be addresses too, so each knows how far into one it is. */
static void follow_url(struct walk *in, size_t from)
{
	struct text text = css_unescape(in->mem, (struct text){in->text.data + from, in->at - from});

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '?' || text.data[i] == '#')
			in->context->url_part = URL_QUERY;
		else if (!is_one(text.data[i], "\t\n\f\r ") && in->context->url_part == URL_START)
			in->context->url_part = URL_PATH;
	}
}

static void walk_style_literal(struct walk *in)
{
	static const char *const ends[] = {[PLACE_STYLE_DOUBLE] = "\"",
					   [PLACE_STYLE_SINGLE] = "'",
					   [PLACE_STYLE_URL] = "\t\n\f\r )",
					   [PLACE_STYLE_URL_DOUBLE] = "\"",
					   [PLACE_STYLE_URL_SINGLE] = "'"};
	enum place place = in->context->place;
	size_t from = in->at;

	while (in->at < in->end && !in->why && in->context->place == place) {
		char byte = in->text.data[in->at++];

		if (byte == '\\' && in->at == in->end)
			in->why = "unfinished escape sequence in CSS string";
		else if (byte == '\\')
			in->at++;
		else if (is_one(byte, ends[place]))
			in->context->place = PLACE_STYLE;
	}
	if (in->context->place == place)
		follow_url(in, from);
	else
		in->context->url_part = URL_START;
	walk_keep(in, from);
}

/* ---- comments ---- */

static size_t line_end(const struct walk *in, size_t at, size_t end, bool script)
{
	for (; at < end; at++) {
		if (is_one(in->text.data[at], script ? "\n\r" : "\n\f\r"))
			break;
		if (script && (walk_starts(in, at, "\xe2\x80\xa8") || walk_starts(in, at, "\xe2\x80\xa9")))
			break;
	}
	return at;
}

/* The end of the line is not part of it. */
static void walk_line_comment(struct walk *in)
{
	bool script = in->context->place == PLACE_SCRIPT_LINE_COMMENT;

	in->at = line_end(in, in->at, in->end, script);
	if (in->at < in->end)
		in->context->place = script ? PLACE_SCRIPT : PLACE_STYLE;
}

/* Leaves a blank, or in a script a line end where there is one inside. */
static void walk_block_comment(struct walk *in)
{
	bool script = in->context->place == PLACE_SCRIPT_BLOCK_COMMENT;
	const char *end = memmem(in->text.data + in->at, in->end - in->at, "*/", 2);
	size_t from = in->at;

	in->at = end ? (size_t)(end - in->text.data) + 2 : in->end;
	buffer_char(in->out, script && line_end(in, from, in->at, true) < in->at ? '\n' : ' ');
	if (end)
		in->context->place = script ? PLACE_SCRIPT : PLACE_STYLE;
}

void walk_code(struct walk *in)
{
	switch (in->context->place) {
	case PLACE_SCRIPT:
		walk_script(in);
		break;
	case PLACE_STYLE:
		walk_style(in);
		break;
	case PLACE_SCRIPT_DOUBLE:
	case PLACE_SCRIPT_SINGLE:
	case PLACE_SCRIPT_TEMPLATE:
	case PLACE_SCRIPT_REGEXP:
		walk_literal(in);
		break;
	case PLACE_SCRIPT_LINE_COMMENT:
	case PLACE_STYLE_LINE_COMMENT:
		walk_line_comment(in);
		break;
	case PLACE_SCRIPT_BLOCK_COMMENT:
	case PLACE_STYLE_BLOCK_COMMENT:
		walk_block_comment(in);
		break;
	default:
		walk_style_literal(in);
		break;
	}
}
