/* router.c: which row of the table a path belongs to (contract 01 sections 2.1, 2.2). */
#include <string.h>

#include "http_int.h"
#include "latchkey/api.h"

#define CAPTURES (sizeof(((struct http *)NULL)->captures) / sizeof(struct text))

/* Walks pattern along path; gives how much of path it took, or -1. A {param} takes all up to the next slash; nothing only where a slash
 * follows. */
static ssize_t walk(const char *pattern, struct text path, struct text *captures)
{
	size_t at = 0, taken = 0;

	while (*pattern) {
		size_t start = at;

		if (*pattern != '{') {
			if (at == path.len || path.data[at] != *pattern)
				return -1;
			at++;
			pattern++;
			continue;
		}
		while (at < path.len && path.data[at] != '/')
			at++;
		if (at == start && at == path.len)
			return -1;
		if (taken < CAPTURES)
			captures[taken++] = (struct text){path.data + start, at - start};
		pattern = strchr(pattern, '}') + 1;
	}
	return (ssize_t)at;
}

static bool row_has_path(const struct route *row, struct text path, struct text *captures)
{
	ssize_t taken = walk(row->pattern, path, captures);

	if (taken < 0)
		return false;
	if ((size_t)taken == path.len)
		return true;
	return row->trailing_slash && (size_t)taken + 1 == path.len && path.data[taken] == '/';
}

static unsigned segments(const char *pattern)
{
	unsigned count = 0;

	for (; *pattern; pattern++)
		count += *pattern == '/';
	return count;
}

const struct route_group *router_next_group(struct request *req, size_t *at, unsigned *depths)
{
	struct text path = req->http->route_path;

	for (const struct route_group *group = &api_groups[*at]; group->prefix; group++) {
		unsigned depth = 1U << segments(group->prefix);
		struct text captures[CAPTURES] = {{0}};
		ssize_t taken = walk(group->prefix, path, captures);

		if (taken < 0 || ((size_t)taken < path.len && path.data[taken] != '/') || *depths & depth)
			continue;
		*depths |= depth;
		*at = (size_t)(group - api_groups) + 1;
		memcpy(req->http->captures, captures, sizeof(captures));
		return group;
	}
	return NULL;
}

#define GROUPS_MAX 8

/* Of a path's groups, as pass_groups meets them. */
struct groups {
	const char *prefixes[GROUPS_MAX];
	size_t count;
};

static struct groups groups_of(struct request *req)
{
	const struct route_group *group;
	struct groups groups = {.count = 0};
	unsigned depths = 0;
	size_t at = 0;

	while (groups.count < GROUPS_MAX && (group = router_next_group(req, &at, &depths)))
		groups.prefixes[groups.count++] = group->prefix;
	return groups;
}

/* A row that has the path by a {param}, but lies outside of a group that has it by its name, would run without its own gates. */
static bool row_is_of(const struct route *row, const struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		size_t len = strlen(groups->prefixes[i]);

		if (strncmp(row->pattern, groups->prefixes[i], len) != 0 || (row->pattern[len] && row->pattern[len] != '/'))
			return false;
	}
	return true;
}

void router_find(struct request *req, struct found *found)
{
	struct http *http = req->http;
	struct groups groups = groups_of(req);

	*found = (struct found){0};
	for (const struct route *row = api_routes; row->pattern; row++) {
		struct text captures[CAPTURES] = {{0}};

		if (!row_has_path(row, http->route_path, captures) || !row_is_of(row, &groups))
			continue;
		found->path_known = true;
		found->bare = row->bare;
		found->methods |= 1U << row->method;
		if (row->method != http->method || found->route)
			continue;
		found->route = row;
		memcpy(http->captures, captures, sizeof(captures));
	}
}
