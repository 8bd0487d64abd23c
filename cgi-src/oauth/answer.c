/* answer.c: JSON that providers answer, read as leniently as the reference reads it (contract 07 section 16.2). */
#include <stdlib.h>
#include <string.h>

#include "oauth_int.h"

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Where an object or an array that starts the text ends; the whole length where it does not. */
static size_t first_value_end(struct text text)
{
	size_t at = 0;
	int depth = 0;
	bool in_string = false;

	while (at < text.len && is_blank(text.data[at]))
		at++;
	if (at == text.len || (text.data[at] != '{' && text.data[at] != '['))
		return text.len;
	for (; at < text.len; at++) {
		char byte = text.data[at];

		if (in_string) {
			if (byte == '\\')
				at++;
			else if (byte == '"')
				in_string = false;
			continue;
		}
		in_string = byte == '"';
		depth += byte == '{' || byte == '[' ? 1 : byte == '}' || byte == ']' ? -1 : 0;
		if (depth == 0)
			return at + 1;
	}
	return text.len;
}

struct text answer_first(struct text text)
{
	return (struct text){text.data, first_value_end(text)};
}

int answer_parse(TALLOC_CTX *mem, struct text text, bool strict, struct json_object **value, const char **why)
{
	return json_parse(mem, strict ? text : answer_first(text), value, why);
}

struct json_object *answer_member(struct json_object *object, const char *name)
{
	struct json_object *found = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_foreach(object, key, value)
	{
		if (value && text_equal_nocase(text_of(key), text_of(name)))
			found = value;
	}
	return found;
}

/* One step: a name in an object, a position in an array. */
static int step(struct json_object **value, const char *name)
{
	if (json_object_is_type(*value, json_type_object)) {
		*value = answer_member(*value, name);
		return 0;
	}
	if (json_object_is_type(*value, json_type_array) && name[0] >= '0' && name[0] <= '9') {
		size_t at = strtoul(name, NULL, 10);

		*value = at < json_object_array_length(*value) ? json_object_array_get_idx(*value, at) : NULL;
		return 0;
	}
	return -1;
}

int answer_at(struct json_object *root, const char *path, struct json_object **value)
{
	char name[64];

	*value = root;
	while (*value) {
		size_t len = strcspn(path, ">");

		if (len >= sizeof(name))
			return -1;
		memcpy(name, path, len);
		name[len] = '\0';
		if (step(value, name) < 0)
			return -1;
		if (path[len] == '\0')
			break;
		path += len + 1;
	}
	return 0;
}

int answer_text(struct json_object *root, const char *path, struct text *text)
{
	struct json_object *value;

	*text = TEXT_NONE;
	if (answer_at(root, path, &value) < 0 || (value && !json_object_is_type(value, json_type_string)))
		return -1;
	if (value)
		*text = (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
	return 0;
}

int answer_true(struct json_object *root, const char *path, bool *truth)
{
	struct json_object *value;

	*truth = false;
	if (answer_at(root, path, &value) < 0 || (value && !json_object_is_type(value, json_type_boolean)))
		return -1;
	*truth = value && json_object_get_boolean(value);
	return 0;
}

int answer_number(struct json_object *root, const char *path, double *number)
{
	struct json_object *value;

	*number = 0;
	if (answer_at(root, path, &value) < 0 ||
	    (value && !json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int)))
		return -1;
	if (value)
		*number = json_object_get_double(value);
	return 0;
}
