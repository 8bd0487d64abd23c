/* json_file.c: files of variables as a JSON object (contract 02 section 1.3). */
#include <string.h>

#include "internal.h"
#include "latchkey/json.h"

static const char *type_name(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return "bool";
	case json_type_double:
	case json_type_int:
		return "number";
	case json_type_array:
		return "array";
	case json_type_object:
		return "object";
	default:
		return "string";
	}
}

static int refuse(TALLOC_CTX *mem, struct json_object *value, const char *wanted, const char *path, const char **why)
{
	*why = format(mem, "json: cannot unmarshal %s into Go value of type %s: %s", type_name(value), wanted, path);
	return -1;
}

static int take_member(struct settings_source *source, const char *path, const char *name, struct json_object *value, const char **why)
{
	struct text text = TEXT("");

	if (value && !json_object_is_type(value, json_type_string))
		return refuse(source, value, "string", path, why);
	if (value)
		text = (struct text){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
	if (text_has_nul(text)) {
		*why = format(source, "the value of %s holds a NUL byte: %s", name, path);
		return -1;
	}
	source_put(source, text_of(name), text, path, PUT_OVERRIDES);
	return 0;
}

int json_file_read(struct settings_source *source, const char *path, struct text text, const char **why)
{
	struct json_object *document = NULL;
	const char *reason;

	if (json_parse(source, text, &document, &reason) < 0) {
		*why = format(source, "%s: %s", reason, path);
		return -1;
	}
	if (!document)
		return 0;
	if (!json_object_is_type(document, json_type_object))
		return refuse(source, document, "map[string]string", path, why);
	json_object_object_foreach(document, name, value)
	{
		if (take_member(source, path, name, value, why) < 0)
			return -1;
	}
	return 0;
}
