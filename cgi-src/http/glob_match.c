/* glob_match.c: runs a compiled pattern over a text: all its states at once, so that the work is bounded by their product. */
#include <string.h>

#include "glob_int.h"

#define TEXT_MAX 65536 /* bytes; no URL that is meant seriously is longer */

/* The states that are active at one place of the text. */
struct front {
	unsigned *active, count;
};

struct run {
	const struct glob *glob;
	struct front now, then;
	unsigned *seen; /* the step in which a state was last made active */
	unsigned *todo; /* states still to be followed */
	unsigned step;
};

/* Makes a state active, through splits and jumps to those that take a code point. */
static void enter(struct run *run, struct front *front, unsigned first)
{
	unsigned waiting = 0;

	run->todo[waiting++] = first;
	while (waiting) {
		unsigned at = run->todo[--waiting];
		const struct glob_state *state = &run->glob->states[at];

		if (run->seen[at] == run->step)
			continue;
		run->seen[at] = run->step;
		if (state->op == GLOB_SPLIT || state->op == GLOB_JUMP) {
			if (state->op == GLOB_SPLIT)
				run->todo[waiting++] = state->other;
			run->todo[waiting++] = state->next;
		} else {
			front->active[front->count++] = at;
		}
	}
}

static bool in_set(const struct glob_state *state, uint32_t point)
{
	for (size_t i = 0; i < state->point_count; i++)
		if (state->points[i] == point)
			return true;
	return false;
}

static bool takes(const struct glob_state *state, uint32_t point)
{
	switch (state->op) {
	case GLOB_CHAR:
		return point == state->point;
	case GLOB_ONE:
		return point != '.' && point != '/';
	case GLOB_ANY:
		return true;
	case GLOB_SET:
		return in_set(state, point) != state->negated;
	case GLOB_RANGE:
		return (point >= state->point && point <= state->last) != state->negated;
	case GLOB_SPLIT:
	case GLOB_JUMP:
	case GLOB_END:
		break;
	}
	return false;
}

static void advance(struct run *run, uint32_t point)
{
	struct front before = run->now;

	run->step++;
	run->then.count = 0;
	for (unsigned i = 0; i < before.count; i++) {
		const struct glob_state *state = &run->glob->states[before.active[i]];

		if (takes(state, point))
			enter(run, &run->then, state->next);
	}
	run->now = run->then;
	run->then = before;
}

static bool reached_end(const struct run *run)
{
	for (unsigned i = 0; i < run->now.count; i++)
		if (run->glob->states[run->now.active[i]].op == GLOB_END)
			return true;
	return false;
}

static bool ends_match(const struct glob *glob, struct text text)
{
	return text.len >= glob->begin.len && text.len >= glob->end.len && memcmp(text.data, glob->begin.data, glob->begin.len) == 0 &&
	       memcmp(text.data + text.len - glob->end.len, glob->end.data, glob->end.len) == 0;
}

bool glob_match(const struct glob *glob, struct text text)
{
	struct run run = {.glob = glob, .step = 1};
	unsigned count = glob->count;
	unsigned *room;
	size_t at = 0;
	bool matches;

	if (glob->empty || text.len > TEXT_MAX)
		return false;
	if (text.len == 0)
		text = TEXT("");
	if (glob->ends_only)
		return ends_match(glob, text);
	room = must(talloc_zero_array(NULL, unsigned, 5 * count + 2));
	run.now.active = room;
	run.then.active = room + count;
	run.seen = room + 2 * count;
	run.todo = room + 3 * count; /* each state is followed once a step and leaves at most two */
	enter(&run, &run.now, 0);
	while (at < text.len && run.now.count)
		advance(&run, utf8_next(text, &at));
	matches = at == text.len && reached_end(&run);
	talloc_free(room);
	return matches;
}
