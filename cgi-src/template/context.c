/* context.c: where in an HTML document literal text leads to (contract 06 section 9.4). */
#include <string.h>
#include <strings.h>

#include "cgi-src/template/template_int.h"

struct walk {
	struct context *context;
	struct text text;
	size_t at;
	struct buffer *out;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool starts_nocase(const struct walk *in, size_t at, const char *what)
{
	size_t len = strlen(what);

	return in->text.len - at >= len && strncasecmp(in->text.data + at, what, len) == 0;
}

static void keep(struct walk *in, size_t from)
{
	buffer_add(in->out, in->text.data + from, in->at - from);
}

/* ---- text and tags ---- */

static const struct {
	const char *name;
	enum element element;
	enum place content;
} elements[] = {
	{"script", ELEMENT_SCRIPT, PLACE_SCRIPT},
	{"style", ELEMENT_STYLE, PLACE_STYLE},
	{"title", ELEMENT_TITLE, PLACE_RCDATA},
	{"textarea", ELEMENT_TEXTAREA, PLACE_RCDATA},
};

static void open_tag(struct walk *in)
{
	size_t from = in->at, name;
	struct text text;

	in->at++;
	in->context->closing = in->at < in->text.len && in->text.data[in->at] == '/';
	in->at += in->context->closing;
	name = in->at;
	while (in->at < in->text.len && (is_letter(in->text.data[in->at]) || (in->text.data[in->at] >= '0' && in->text.data[in->at] <= '9') ||
					 in->text.data[in->at] == '-' || in->text.data[in->at] == ':'))
		in->at++;
	text = (struct text){in->text.data + name, in->at - name};
	in->context->element = ELEMENT_OTHER;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (text_equal_nocase(text, text_of(elements[i].name)))
			in->context->element = elements[i].element;
	in->context->place = PLACE_TAG;
	keep(in, from);
}

static void walk_text(struct walk *in)
{
	char next = in->at + 1 < in->text.len ? in->text.data[in->at + 1] : '\0';
	char second = in->at + 2 < in->text.len ? in->text.data[in->at + 2] : '\0';

	if (in->text.data[in->at] != '<') {
		buffer_char(in->out, in->text.data[in->at++]);
	} else if (starts_nocase(in, in->at, "<!--")) {
		in->at += 4;
		in->context->place = PLACE_COMMENT;
	} else if (is_letter(next) || (next == '/' && is_letter(second))) {
		open_tag(in);
	} else {
		/* a stray one opens no tag; a document type stays */
		buffer_string(in->out, starts_nocase(in, in->at, "<!doctype") ? "<" : "&lt;");
		in->at++;
	}
}

static void walk_comment(struct walk *in)
{
	if (starts_nocase(in, in->at, "-->")) {
		in->at += 3;
		in->context->place = PLACE_TEXT;
	} else {
		in->at++;
	}
}

static void end_tag(struct context *context)
{
	context->place = PLACE_TEXT;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (!context->closing && context->element == elements[i].element)
			context->place = elements[i].content;
	if (context->place == PLACE_TEXT)
		context->element = ELEMENT_OTHER;
	context->closing = false;
}

static enum place attribute_place(struct text name)
{
	static const char *const urls[] = {"action", "archive",	 "background", "cite",	 "classid", "codebase", "data",	  "formaction", "href",
					   "icon",   "longdesc", "manifest",   "poster", "profile", "src",	"usemap", "xmlns"};
	char lower[64];
	const char *at = lower, *colon;

	if (name.len >= sizeof(lower))
		return PLACE_ATTRIBUTE;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = (char)(is_letter(name.data[i]) ? name.data[i] | 32 : name.data[i]);
	lower[name.len] = '\0';
	if (strncmp(at, "data-", 5) == 0) {
		at += 5;
	} else if ((colon = strchr(at, ':'))) {
		if (strncmp(at, "xmlns:", 6) == 0)
			return PLACE_URL;
		at = colon + 1;
	}
	if (strncmp(at, "on", 2) == 0)
		return PLACE_SCRIPT;
	if (strcmp(at, "style") == 0)
		return PLACE_STYLE;
	if (strcmp(at, "srcset") == 0 || strcmp(at, "imagesrcset") == 0)
		return PLACE_SRCSET;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (strcmp(at, urls[i]) == 0)
			return PLACE_URL;
	return strstr(at, "src") || strstr(at, "uri") || strstr(at, "url") ? PLACE_URL : PLACE_ATTRIBUTE;
}

static void walk_tag(struct walk *in)
{
	size_t from = in->at;
	char byte = in->text.data[in->at];

	if (byte == '>') {
		in->at++;
		end_tag(in->context);
	} else if (is_blank(byte) || byte == '/') {
		in->at++;
	} else {
		in->context->place = PLACE_ATTRIBUTE_NAME;
		in->context->attribute_place = PLACE_ATTRIBUTE;
		return;
	}
	keep(in, from);
}

static void walk_name(struct walk *in)
{
	size_t from = in->at;

	while (in->at < in->text.len && !is_blank(in->text.data[in->at]) && !strchr("=>/", in->text.data[in->at]))
		in->at++;
	if (in->at == from && strchr(">/", in->text.data[in->at])) {
		in->context->place = PLACE_TAG;
		return;
	}
	in->context->attribute_place = attribute_place((struct text){in->text.data + from, in->at - from});
	if (in->at < in->text.len)
		in->context->place = PLACE_AFTER_NAME;
	keep(in, from);
}

static void walk_after_name(struct walk *in)
{
	size_t from = in->at;
	char byte = in->text.data[in->at];

	if (byte == '=' || is_blank(byte)) {
		in->at++;
		if (byte == '=')
			in->context->place = PLACE_BEFORE_VALUE;
		keep(in, from);
	} else {
		in->context->place = PLACE_TAG;
	}
}

static void begin_value(struct context *context, char quote)
{
	context->place = context->attribute_place;
	context->quote = quote;
	context->url_part = URL_START;
}

static void walk_before_value(struct walk *in)
{
	size_t from = in->at;
	char byte = in->text.data[in->at];

	if (is_blank(byte)) {
		in->at++;
	} else if (byte == '>') {
		in->context->place = PLACE_TAG;
		return;
	} else if (byte == '"' || byte == '\'') {
		in->at++;
		begin_value(in->context, byte);
	} else {
		begin_value(in->context, ' ');
		return;
	}
	keep(in, from);
}

/* ---- inside values, scripts and styles ---- */

static bool at_value_end(const struct walk *in)
{
	char byte = in->text.data[in->at];

	if (in->context->quote == ' ')
		return is_blank(byte) || byte == '>';
	return in->context->quote && byte == in->context->quote;
}

static void end_value(struct walk *in)
{
	if (in->context->quote != ' ')
		buffer_char(in->out, in->text.data[in->at++]);
	in->context->quote = 0;
	in->context->place = PLACE_TAG;
	in->context->url_part = URL_START;
}

/* </script and its like end the content whatever stands around them. */
static bool at_element_end(const struct walk *in)
{
	static const char *const ends[] = {[ELEMENT_OTHER] = NULL,
					   [ELEMENT_SCRIPT] = "</script",
					   [ELEMENT_STYLE] = "</style",
					   [ELEMENT_TITLE] = "</title",
					   [ELEMENT_TEXTAREA] = "</textarea"};
	const char *end = ends[in->context->element];

	return !in->context->quote && end && starts_nocase(in, in->at, end);
}

static void walk_url(struct walk *in)
{
	char byte = in->text.data[in->at];

	if (byte == '?' || byte == '#')
		in->context->url_part = URL_QUERY;
	else if (!is_blank(byte) && in->context->url_part == URL_START)
		in->context->url_part = URL_PATH;
	buffer_char(in->out, byte);
	in->at++;
}

/* What opens a string or comment here, in scripts and styles alike. */
static const struct opening {
	enum place from;
	const char *what;
	enum place to;
	bool dropped;
} openings[] = {
	{PLACE_SCRIPT, "\"", PLACE_SCRIPT_DOUBLE, false},      {PLACE_SCRIPT, "'", PLACE_SCRIPT_SINGLE, false},
	{PLACE_SCRIPT, "`", PLACE_SCRIPT_TEMPLATE, false},     {PLACE_SCRIPT, "/*", PLACE_SCRIPT_BLOCK_COMMENT, true},
	{PLACE_SCRIPT, "//", PLACE_SCRIPT_LINE_COMMENT, true}, {PLACE_STYLE, "\"", PLACE_STYLE_DOUBLE, false},
	{PLACE_STYLE, "'", PLACE_STYLE_SINGLE, false},	       {PLACE_STYLE, "/*", PLACE_STYLE_COMMENT, true},
	{PLACE_STYLE, "url(", PLACE_STYLE_URL, false},
};

static void walk_code(struct walk *in)
{
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		size_t from = in->at;

		if (openings[i].from != in->context->place || !starts_nocase(in, in->at, openings[i].what))
			continue;
		in->at += strlen(openings[i].what);
		in->context->place = openings[i].to;
		in->context->url_part = URL_START;
		if (openings[i].dropped)
			buffer_char(in->out, ' ');
		else
			keep(in, from);
		return;
	}
	buffer_char(in->out, in->text.data[in->at++]);
}

static const struct closing {
	enum place from;
	const char *what;
	enum place to;
	bool kept; /* what stands inside, and the end itself */
	bool escapes;
} closings[] = {
	{PLACE_SCRIPT_DOUBLE, "\"", PLACE_SCRIPT, true, true},
	{PLACE_SCRIPT_SINGLE, "'", PLACE_SCRIPT, true, true},
	{PLACE_SCRIPT_TEMPLATE, "`", PLACE_SCRIPT, true, true},
	{PLACE_SCRIPT_BLOCK_COMMENT, "*/", PLACE_SCRIPT, false, false},
	{PLACE_SCRIPT_LINE_COMMENT, "\n", PLACE_SCRIPT, false, false},
	{PLACE_STYLE_DOUBLE, "\"", PLACE_STYLE, true, true},
	{PLACE_STYLE_SINGLE, "'", PLACE_STYLE, true, true},
	{PLACE_STYLE_COMMENT, "*/", PLACE_STYLE, false, false},
	{PLACE_STYLE_URL, ")", PLACE_STYLE, true, true},
};

static void walk_inside(struct walk *in, const struct closing *closing)
{
	size_t from = in->at;

	if (closing->escapes && in->text.data[in->at] == '\\' && in->at + 1 < in->text.len) {
		in->at += 2;
	} else if (starts_nocase(in, in->at, closing->what)) {
		in->at += strlen(closing->what);
		in->context->place = closing->to;
		if (closing->from == PLACE_SCRIPT_LINE_COMMENT)
			buffer_char(in->out, '\n');
	} else if (closing->from == PLACE_STYLE_URL) {
		walk_url(in);
		return;
	} else {
		in->at++;
	}
	if (closing->kept)
		keep(in, from);
}

static void walk_value(struct walk *in)
{
	if (at_value_end(in)) {
		end_value(in);
		return;
	}
	if (at_element_end(in)) {
		open_tag(in);
		in->context->element = ELEMENT_OTHER;
		return;
	}
	if (in->context->place == PLACE_URL) {
		walk_url(in);
		return;
	}
	for (size_t i = 0; i < sizeof(closings) / sizeof(closings[0]); i++)
		if (closings[i].from == in->context->place) {
			walk_inside(in, &closings[i]);
			return;
		}
	walk_code(in);
}

void context_text(struct context *context, struct text text, struct buffer *out)
{
	struct walk in = {context, text, 0, out};

	while (in.at < text.len) {
		switch (context->place) {
		case PLACE_TEXT:
			walk_text(&in);
			break;
		case PLACE_COMMENT:
			walk_comment(&in);
			break;
		case PLACE_TAG:
			walk_tag(&in);
			break;
		case PLACE_ATTRIBUTE_NAME:
			walk_name(&in);
			break;
		case PLACE_AFTER_NAME:
			walk_after_name(&in);
			break;
		case PLACE_BEFORE_VALUE:
			walk_before_value(&in);
			break;
		default:
			walk_value(&in);
			break;
		}
	}
}

struct context context_for_action(struct context context)
{
	if (context.place == PLACE_AFTER_NAME)
		context.place = PLACE_TAG;
	if (context.place == PLACE_TAG)
		context.place = PLACE_ATTRIBUTE_NAME;
	if (context.place == PLACE_BEFORE_VALUE)
		begin_value(&context, ' ');
	return context;
}

bool context_equal(const struct context *a, const struct context *b)
{
	return a->place == b->place && a->url_part == b->url_part && a->element == b->element && a->quote == b->quote && a->closing == b->closing;
}
