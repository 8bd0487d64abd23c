/* glob.c: compiles a pattern of the redirect allow-list (contract 01 section 13.3). */
#include <string.h>

#include "glob_int.h"

#define PATTERN_MAX 4096
#define DEPTH_MAX 32 /* of nested braces */

struct compiler {
	struct text pattern;
	size_t at;
	struct glob *glob;
	unsigned size;
	int depth;
	const char *why;
};

static bool failed_with(struct compiler *in, const char *why)
{
	in->why = why;
	return false;
}

static bool at_end(const struct compiler *in)
{
	return in->at >= in->pattern.len;
}

static char peek(const struct compiler *in)
{
	return at_end(in) ? '\0' : in->pattern.data[in->at];
}

/* A further state, to be filled in; what it leads to is the one after it. */
static struct glob_state *add(struct compiler *in, enum glob_op op)
{
	struct glob *glob = in->glob;
	struct glob_state *state;

	if (glob->count == in->size) {
		in->size *= 2;
		glob->states = must(talloc_realloc(glob, glob->states, struct glob_state, in->size));
	}
	state = &glob->states[glob->count++];
	*state = (struct glob_state){.op = op, .next = glob->count};
	return state;
}

/* A loop over states of one kind: enters or goes on. */
static void add_loop(struct compiler *in, enum glob_op op)
{
	unsigned start = in->glob->count;

	add(in, GLOB_SPLIT)->other = start + 2;
	add(in, op)->next = start;
}

static void parse_stars(struct compiler *in)
{
	size_t run = 0;

	while (peek(in) == '*') {
		run++;
		in->at++;
	}
	if (run == 1) {
		add_loop(in, GLOB_ONE);
		return;
	}
	if (run % 2 == 1)
		add(in, GLOB_ANY);
	add_loop(in, GLOB_ANY);
}

/* A code point of a class; a backslash takes the next one as it is. */
static bool class_point(struct compiler *in, uint32_t *point)
{
	if (peek(in) == '\\')
		in->at++;
	if (at_end(in))
		return failed_with(in, "unterminated class");
	*point = utf8_next(in->pattern, &in->at);
	return true;
}

static bool parse_range(struct compiler *in, uint32_t first, bool negated)
{
	struct glob_state *state;
	uint32_t last;

	in->at++;
	if (!class_point(in, &last))
		return false;
	if (at_end(in))
		return failed_with(in, "unterminated class");
	if (peek(in) != ']')
		return failed_with(in, "text after a range in a class");
	if (last < first)
		return failed_with(in, "reversed range in a class");
	in->at++;
	state = add(in, GLOB_RANGE);
	state->negated = negated;
	state->point = first;
	state->last = last;
	return true;
}

static bool parse_set(struct compiler *in, uint32_t first, bool negated)
{
	uint32_t *points = must(talloc_array(in->glob, uint32_t, (unsigned)(in->pattern.len - in->at + 1)));
	struct glob_state *state;
	size_t count = 0;

	points[count++] = first;
	while (!at_end(in) && peek(in) != ']')
		if (!class_point(in, &points[count++]))
			return false;
	if (at_end(in))
		return failed_with(in, "unterminated class");
	in->at++;
	state = add(in, GLOB_SET);
	state->negated = negated;
	state->points = points;
	state->point_count = count;
	return true;
}

static bool parse_class(struct compiler *in)
{
	bool negated;
	uint32_t first;

	in->at++;
	negated = peek(in) == '!';
	in->at += negated;
	if (at_end(in))
		return failed_with(in, "unterminated class");
	if (peek(in) == ']')
		return failed_with(in, "empty class");
	if (!class_point(in, &first))
		return false;
	return peek(in) == '-' ? parse_range(in, first, negated) : parse_set(in, first, negated);
}

static bool parse_sequence(struct compiler *in);

/* Each alternative begins with a split to the next one and ends with a jump behind the last. */
static bool parse_braces(struct compiler *in)
{
	unsigned jumps = 0, split; /* jumps: the last jump of the chain, plus one */
	bool more;

	if (++in->depth > DEPTH_MAX)
		return failed_with(in, "braces nested too deeply");
	do {
		in->at++;
		split = in->glob->count;
		add(in, GLOB_SPLIT);
		if (!parse_sequence(in))
			return false;
		more = peek(in) == ',';
		add(in, GLOB_JUMP)->next = jumps;
		jumps = in->glob->count;
		in->glob->states[split].other = more ? jumps : split + 1;
	} while (more);
	if (!at_end(in))
		in->at++;
	in->depth--;
	while (jumps) {
		struct glob_state *jump = &in->glob->states[jumps - 1];

		jumps = jump->next;
		jump->next = in->glob->count;
	}
	return true;
}

static void parse_char(struct compiler *in)
{
	if (peek(in) == '\\' && ++in->at >= in->pattern.len)
		return;
	add(in, GLOB_CHAR)->point = utf8_next(in->pattern, &in->at);
}

static bool parse_sequence(struct compiler *in)
{
	while (!at_end(in)) {
		switch (peek(in)) {
		case '*':
			parse_stars(in);
			break;
		case '?':
			add(in, GLOB_ONE);
			in->at++;
			break;
		case '[':
			if (!parse_class(in))
				return false;
			break;
		case '{':
			if (!parse_braces(in))
				return false;
			break;
		case ',':
		case '}':
			if (in->depth)
				return true;
			parse_char(in);
			break;
		default:
			parse_char(in);
		}
	}
	return true;
}

/* The literal up to the next star; false where something else than a literal stands there. */
static bool take_literal(struct glob *glob, struct text pattern, size_t *at, struct text *literal)
{
	struct buffer *out = buffer_new(glob, pattern.len + 1);

	while (*at < pattern.len && pattern.data[*at] != '*') {
		if (strchr("?[{", pattern.data[*at]) && pattern.data[*at])
			return false;
		if (pattern.data[*at] == '\\' && ++*at == pattern.len)
			break;
		buffer_char(out, pattern.data[(*at)++]);
	}
	*literal = buffer_as_text(out);
	return true;
}

static bool is_ends_only(struct glob *glob, struct text pattern)
{
	size_t at = 0, stars;

	if (!take_literal(glob, pattern, &at, &glob->begin))
		return false;
	for (stars = 0; at < pattern.len && pattern.data[at] == '*'; at++)
		stars++;
	return stars > 0 && stars % 2 == 0 && take_literal(glob, pattern, &at, &glob->end) && at == pattern.len;
}

struct glob *glob_compile(TALLOC_CTX *mem, struct text pattern, const char **why)
{
	struct compiler in = {.pattern = pattern, .size = 32};

	if (!utf8_valid(pattern) || pattern.len > PATTERN_MAX) {
		*why = pattern.len > PATTERN_MAX ? "pattern is too long" : "invalid UTF-8";
		return NULL;
	}
	in.glob = must(talloc_zero(mem, struct glob));
	in.glob->states = must(talloc_array(in.glob, struct glob_state, in.size));
	in.glob->empty = pattern.len == 0;
	if (!parse_sequence(&in)) {
		*why = in.why;
		talloc_free(in.glob);
		return NULL;
	}
	add(&in, GLOB_END);
	in.glob->ends_only = is_ends_only(in.glob, pattern);
	return in.glob;
}
