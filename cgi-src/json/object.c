/* object.c: json-c objects under talloc, and looking into them. */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/json/json_int.h"

struct held {
	struct json_object *value;
};

static int let_go(struct held *held)
{
	json_object_put(held->value);
	return 0;
}

struct json_object *json_hold(TALLOC_CTX *mem, struct json_object *value)
{
	struct held *held = must(talloc(mem, struct held));

	held->value = value;
	talloc_set_destructor(held, let_go);
	return value;
}

struct json_object *json_get(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value))
		return NULL;
	return value;
}

bool json_has(struct json_object *object, const char *name)
{
	return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, name, NULL);
}

struct text json_get_text(struct json_object *object, const char *name)
{
	struct json_object *value = json_get(object, name);

	if (!json_object_is_type(value, json_type_string))
		return TEXT_NONE;
	return (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

bool json_get_true(struct json_object *object, const char *name)
{
	struct json_object *value = json_get(object, name);

	return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **json_names_sorted(TALLOC_CTX *mem, struct json_object *object, size_t *count)
{
	const char **names;
	size_t at = 0;

	*count = json_object_is_type(object, json_type_object) ? (size_t)json_object_object_length(object) : 0;
	names = must(talloc_array(mem, const char *, (unsigned)*count + 1));
	if (*count == 0)
		return names;
	json_object_object_foreach(object, name, value)
	{
		(void)value;
		names[at++] = name;
	}
	qsort(names, *count, sizeof(names[0]), by_bytes);
	return names;
}

static void copy_members(struct json_object *to, struct json_object *from)
{
	if (!json_object_is_type(from, json_type_object))
		return;
	json_object_object_foreach(from, name, value)
	{
		json_object_object_add(to, name, json_object_get(value));
	}
}

struct json_object *json_merge(TALLOC_CTX *mem, struct json_object *base, struct json_object *changes)
{
	struct json_object *merged = json_hold(mem, must(json_object_new_object()));

	if (!base) { /* the contract: a null object takes the changes as they are */
		copy_members(merged, changes);
		return merged;
	}
	copy_members(merged, base);
	if (!json_object_is_type(changes, json_type_object))
		return merged;
	json_object_object_foreach(changes, name, value)
	{
		if (value)
			json_object_object_add(merged, name, json_object_get(value));
		else
			json_object_object_del(merged, name);
	}
	return merged;
}

struct text json_canonical_text(TALLOC_CTX *mem, struct text json)
{
	struct json_object *value;
	const char *why;

	if (text_is(json, "{}") || text_is(json, "[]"))
		return json;
	if (json_parse(mem, json, &value, &why) < 0)
		return TEXT("null");
	return json_canonical(mem, value);
}
