/* context.c: where in an HTML document literal text leads to (contract 06 section 9.4). */
#include <string.h>
#include <strings.h>

#include "cgi-src/template/template_int.h"

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_alphanumeric(char byte)
{
	return is_letter(byte) || (byte >= '0' && byte <= '9');
}

bool walk_starts(const struct walk *in, size_t at, const char *what)
{
	size_t len = strlen(what);

	return in->end - at >= len && strncasecmp(in->text.data + at, what, len) == 0;
}

void walk_keep(struct walk *in, size_t from)
{
	buffer_add(in->out, in->text.data + from, in->at - from);
}

/* The first byte of set from at on, or the end. */
static size_t find_byte(const struct walk *in, size_t at, const char *set)
{
	while (at < in->end && !is_one(in->text.data[at], set))
		at++;
	return at;
}

/* ---- text and tags ---- */

static const struct {
	const char *name, *end;
	enum element element;
	enum place content;
} elements[] = {
	{"script", "</script", ELEMENT_SCRIPT, PLACE_SCRIPT},
	{"style", "</style", ELEMENT_STYLE, PLACE_STYLE},
	{"title", "</title", ELEMENT_TITLE, PLACE_RCDATA},
	{"textarea", "</textarea", ELEMENT_TEXTAREA, PLACE_RCDATA},
};

/* "x-y" and "x:y", but not "x-". */
static size_t tag_name_end(const struct walk *in, size_t at)
{
	while (at < in->end) {
		if (is_alphanumeric(in->text.data[at]))
			at++;
		else if (is_one(in->text.data[at], ":-") && at + 1 < in->end && is_alphanumeric(in->text.data[at + 1]))
			at += 2;
		else
			break;
	}
	return at;
}

static void open_tag(struct walk *in)
{
	size_t from = in->at;
	bool closing = in->text.data[in->at + 1] == '/';
	struct text name;

	in->at += closing ? 2 : 1;
	name = (struct text){in->text.data + in->at, tag_name_end(in, in->at) - in->at};
	in->at += name.len;
	*in->context = (struct context){.place = PLACE_TAG};
	for (size_t i = 0; !closing && i < sizeof(elements) / sizeof(elements[0]); i++)
		if (text_equal_nocase(name, text_of(elements[i].name)))
			in->context->element = elements[i].element;
	walk_keep(in, from);
}

/* A < that opens no tag; a document type stays. */
static void stray(struct walk *in)
{
	buffer_string(in->out, walk_starts(in, in->at, "<!doctype") ? "<" : "&lt;");
	in->at++;
}

static void walk_text(struct walk *in)
{
	char next = in->at + 1 < in->end ? in->text.data[in->at + 1] : '\0';
	char second = in->at + 2 < in->end ? in->text.data[in->at + 2] : '\0';

	if (in->text.data[in->at] != '<') {
		buffer_char(in->out, in->text.data[in->at++]);
	} else if (walk_starts(in, in->at, "<!--")) {
		in->at += 4;
		in->context->place = PLACE_COMMENT;
	} else if (is_letter(next) || (next == '/' && is_letter(second))) {
		open_tag(in);
	} else {
		stray(in);
	}
}

static void walk_comment(struct walk *in)
{
	if (walk_starts(in, in->at, "-->")) {
		in->at += 3;
		in->context->place = PLACE_TEXT;
	} else {
		in->at++;
	}
}

static void end_tag(struct context *context)
{
	enum element element = context->element;

	*context = (struct context){.place = PLACE_TEXT, .element = element};
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (element == elements[i].element)
			context->place = elements[i].content;
}

static void read_name(struct walk *in)
{
	size_t from = in->at, wrong = find_byte(in, in->at, " \t\n\f\r=>\"'<");

	if (wrong < in->end && is_one(in->text.data[wrong], "\"'<"))
		in->why = format(in->mem, "%c in attribute name", in->text.data[wrong]);
	in->at = wrong;
	walk_keep(in, from);
}

static void walk_tag(struct walk *in)
{
	size_t from = in->at;
	struct text name;

	while (in->at < in->end && is_blank(in->text.data[in->at]))
		in->at++;
	walk_keep(in, from);
	if (in->at == in->end)
		return;
	if (in->text.data[in->at] == '>') {
		buffer_char(in->out, in->text.data[in->at++]);
		end_tag(in->context);
		return;
	}
	from = in->at;
	read_name(in);
	name = (struct text){in->text.data + from, in->at - from};
	if (!in->why && !name.len)
		in->why = "expected space, attr name, or end of tag";
	in->context->attribute_place = attribute_place(name);
	in->context->type = in->context->element == ELEMENT_SCRIPT && text_equal_nocase(name, TEXT("type"));
	in->context->place = in->at == in->end ? PLACE_ATTRIBUTE_NAME : PLACE_AFTER_NAME;
}

/* The rest of a name that an action began. */
static void walk_name(struct walk *in)
{
	read_name(in);
	if (in->at < in->end)
		in->context->place = PLACE_AFTER_NAME;
}

static void walk_after_name(struct walk *in)
{
	char byte = in->text.data[in->at];

	if (byte == '=')
		in->context->place = PLACE_BEFORE_VALUE;
	else if (!is_blank(byte))
		in->context->place = PLACE_TAG; /* it has no value */
	if (byte == '=' || is_blank(byte))
		buffer_char(in->out, in->text.data[in->at++]);
}

static void begin_value(struct context *context, char quote)
{
	context->place = context->attribute_place;
	context->quote = quote;
}

static void walk_before_value(struct walk *in)
{
	char byte = in->text.data[in->at];
	bool quoted = byte == '"' || byte == '\'';

	if (!is_blank(byte))
		begin_value(in->context, quoted ? byte : ' ');
	if (is_blank(byte) || quoted)
		buffer_char(in->out, in->text.data[in->at++]);
}

/* ---- attribute values ---- */

/* The types of scripts that are code or data of it; what is of another type is markup to be escaped as such. */
static bool is_script_type(struct text type)
{
	static const char *const code[] = {"application/ecmascript",
					   "application/javascript",
					   "application/json",
					   "application/ld+json",
					   "application/x-ecmascript",
					   "application/x-javascript",
					   "module",
					   "text/ecmascript",
					   "text/javascript",
					   "text/javascript1.0",
					   "text/javascript1.1",
					   "text/javascript1.2",
					   "text/javascript1.3",
					   "text/javascript1.4",
					   "text/javascript1.5",
					   "text/jscript",
					   "text/livescript",
					   "text/x-ecmascript",
					   "text/x-javascript"};

	type = text_trim(text_before(type, ';'), " \t\r\n\f");
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (text_equal_nocase(type, text_of(code[i])))
			return true;
	return type.len == 0;
}

static void walk_url(struct walk *in)
{
	char byte = in->text.data[in->at++];

	if (byte == '?' || byte == '#')
		in->context->url_part = URL_QUERY;
	else if (!is_blank(byte) && in->context->url_part == URL_START)
		in->context->url_part = URL_PATH;
}

/* What an attribute's text means is known when its references are resolved; it is kept as it is. */
static void walk_meaning(struct walk *in, struct text text)
{
	struct text meaning = html_unescape(in->mem, text);
	struct walk inner = {in->mem, in->context, meaning, 0, meaning.len, buffer_new(in->mem, meaning.len + 1), NULL, false, 0};

	while (!inner.why && inner.at < inner.end) {
		if (in->context->place == PLACE_URL)
			walk_url(&inner);
		else if (is_code(in->context->place))
			walk_code(&inner);
		else
			break;
	}
	in->why = inner.why;
}

static void walk_value(struct walk *in)
{
	struct context *context = in->context;
	char ends[] = {context->quote, '\0'};
	size_t from = in->at, end = find_byte(in, in->at, context->quote == ' ' ? " \t\n\f\r>" : ends);
	struct text text = {in->text.data + from, end - from};
	size_t wrong = context->quote == ' ' ? find_byte(in, in->at, "\"'<=`") : end;

	in->at = end;
	if (wrong < end) {
		in->why = format(in->mem, "%c in unquoted attr", in->text.data[wrong]);
		return;
	}
	if (end == in->end) { /* an action goes on inside the value */
		walk_keep(in, from);
		walk_meaning(in, text);
		return;
	}
	if (context->type && !is_script_type(text))
		context->element = ELEMENT_OTHER;
	in->at += context->quote != ' ';
	*context = (struct context){.place = PLACE_TAG, .element = context->element};
	walk_keep(in, from);
}

/* ---- the content of title, textarea, script and style ---- */

/* Where the element's own end tag begins. */
static size_t find_end_tag(const struct walk *in)
{
	const char *tag = NULL;

	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (elements[i].element == in->context->element)
			tag = elements[i].end;
	for (size_t at = in->at; tag && at < in->end; at++) {
		size_t after = at + strlen(tag);

		if (walk_starts(in, at, tag) && after < in->end && (is_blank(in->text.data[after]) || is_one(in->text.data[after], "/>")))
			return at;
	}
	return in->end;
}

/* It ends the content wherever it stands but in a script's literals and comments. */
static size_t content_end(struct walk *in)
{
	if (in->context->element == ELEMENT_SCRIPT && (is_script_literal(in->context->place) || is_comment(in->context->place)))
		return in->end;
	if (!in->end_tag_known || in->end_tag < in->at)
		in->end_tag = find_end_tag(in);
	in->end_tag_known = true;
	return in->end_tag;
}

static void walk_content(struct walk *in)
{
	size_t end = in->end;

	in->end = content_end(in);
	if (in->end == in->at) {
		if (in->context->place == PLACE_STYLE_BLOCK_COMMENT)
			buffer_char(in->out, ' '); /* as for each piece of one */
		*in->context = (struct context){.place = PLACE_TEXT};
		in->end_tag_known = false;
	} else if (in->context->place == PLACE_RCDATA) {
		while (in->at < in->end)
			in->text.data[in->at] == '<' ? stray(in) : buffer_char(in->out, in->text.data[in->at++]);
	} else {
		walk_code(in);
	}
	in->end = end;
}

static void step(struct walk *in)
{
	if (in->context->quote) {
		walk_value(in);
		return;
	}
	switch (in->context->place) {
	case PLACE_TEXT:
		walk_text(in);
		break;
	case PLACE_COMMENT:
		walk_comment(in);
		break;
	case PLACE_TAG:
		walk_tag(in);
		break;
	case PLACE_ATTRIBUTE_NAME:
		walk_name(in);
		break;
	case PLACE_AFTER_NAME:
		walk_after_name(in);
		break;
	case PLACE_BEFORE_VALUE:
		walk_before_value(in);
		break;
	default:
		walk_content(in);
		break;
	}
}

bool context_text(TALLOC_CTX *mem, struct context *context, struct text text, struct buffer *out, const char **why)
{
	struct walk in = {mem, context, text, 0, text.len, out, NULL, false, 0};

	while (!in.why && in.at < text.len)
		step(&in);
	*why = in.why;
	return !in.why;
}

struct context context_for_action(struct context context)
{
	if (context.place == PLACE_AFTER_NAME || context.place == PLACE_TAG) {
		context.place = PLACE_ATTRIBUTE_NAME;
		context.attribute_place = PLACE_ATTRIBUTE;
		context.type = false;
	}
	if (context.place == PLACE_BEFORE_VALUE)
		begin_value(&context, ' ');
	return context;
}

bool context_equal(const struct context *a, const struct context *b)
{
	if (a->substitutions != b->substitutions || memcmp(a->braces, b->braces, sizeof(int) * (size_t)a->substitutions) != 0)
		return false;
	return a->place == b->place && a->url_part == b->url_part && a->element == b->element && a->quote == b->quote && a->slash == b->slash &&
	       a->attribute_place == b->attribute_place && a->type == b->type && a->dead == b->dead;
}
