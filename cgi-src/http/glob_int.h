/* glob_int.h: a compiled pattern of the redirect allow-list, as glob.c makes it and glob_match.c runs it. */
#ifndef GLOB_INT_H
#define GLOB_INT_H

#include "http_int.h"

enum glob_op {
	GLOB_CHAR,  /* one code point */
	GLOB_ONE,   /* one that is no separator */
	GLOB_ANY,   /* one of anything */
	GLOB_SET,   /* one of points, or none of them */
	GLOB_RANGE, /* from point to last, or outside */
	GLOB_SPLIT, /* goes on at next and at other */
	GLOB_JUMP,  /* goes on at next */
	GLOB_END,
};

struct glob_state {
	enum glob_op op;
	bool negated;
	unsigned next, other;
	uint32_t point, last;
	const uint32_t *points;
	size_t point_count;
};

struct glob {
	struct glob_state *states;
	unsigned count;
	bool empty; /* matches nothing */
	/* LITERAL**LITERAL: only both ends are compared, and they may overlap (section 13.3, quirk a) */
	bool ends_only;
	struct text begin, end;
};

#endif
