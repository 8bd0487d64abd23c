/* decode.c: JSON into a struct, member by member, as the reference's decoder does it (contract 01 section 5.4). */
#include <stdlib.h>
#include <string.h>

#include "cgi-src/json/json_int.h"

struct target {
	const struct json_shape *shape;
	const char *path; /* "SignupParams" or "SignupParams.gotrue_meta_security" */
	char *out;
};

static const char *const type_names[] = {
	[JSON_TEXT] = "string",
	[JSON_TEXT_OPT] = "string",
	[JSON_BOOL] = "bool",
	[JSON_BOOL_OPT] = "bool",
	[JSON_INT] = "int",
	[JSON_DOUBLE] = "float64",
	[JSON_MAP] = "map[string]interface {}",
	[JSON_TEXTS] = "[]string",
	[JSON_STRUCT] = "struct",
};

/* Equal but for letter case; U+212A and U+017F fold to k and s. */
static bool same_name(struct text name, const char *field)
{
	size_t at = 0;

	while (at < name.len && *field) {
		uint32_t point = utf8_next(name, &at);

		point = point == 0x212a ? 'k' : point == 0x17f ? 's' : point >= 'A' && point <= 'Z' ? point + 32 : point;
		if (point != (uint32_t)(*field >= 'A' && *field <= 'Z' ? *field + 32 : *field))
			return false;
		field++;
	}
	return at == name.len && *field == '\0';
}

static const struct json_field *find_field(const struct json_shape *shape, struct text name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (text_is(name, shape->fields[i].name))
			return &shape->fields[i];
	for (size_t i = 0; i < shape->count; i++)
		if (same_name(name, shape->fields[i].name))
			return &shape->fields[i];
	return NULL;
}

static void misfit(struct reader *in, const struct target *target, const struct json_field *field)
{
	const char *kind = reader_kind(in);

	if (!in->why)
		reader_misfit(in, kind, format(in->mem, "struct field %s.%s of type %s", target->path, field->name, type_names[field->kind]));
	reader_skip(in);
}

static bool holds(struct reader *in, enum json_kind kind)
{
	const char *have = reader_kind(in);

	switch (kind) {
	case JSON_TEXT:
	case JSON_TEXT_OPT:
		return strcmp(have, "string") == 0;
	case JSON_BOOL:
	case JSON_BOOL_OPT:
		return strcmp(have, "bool") == 0;
	case JSON_INT:
	case JSON_DOUBLE:
		return strcmp(have, "number") == 0;
	case JSON_MAP:
	case JSON_STRUCT:
		return strcmp(have, "object") == 0;
	case JSON_TEXTS:
		return strcmp(have, "array") == 0;
	case JSON_ANY:
	case JSON_SOURCE:
		return true;
	}
	return false;
}

/* null: scalars keep what they have, optional and free-form members become absent. */
static void set_null(const struct json_field *field, void *place)
{
	switch (field->kind) {
	case JSON_TEXT_OPT:
		*(struct json_opt_text *)place = (struct json_opt_text){TEXT_NONE, false};
		break;
	case JSON_BOOL_OPT:
		*(struct json_opt_bool *)place = (struct json_opt_bool){false, false};
		break;
	case JSON_MAP:
	case JSON_ANY:
		*(struct json_object **)place = NULL;
		break;
	case JSON_TEXTS:
		*(struct text_list *)place = (struct text_list){NULL, 0, false};
		break;
	default:
		break;
	}
}

static bool read_bool(struct reader *in)
{
	bool truth = reader_peek(in) == 't';

	in->at += truth ? 4 : 5;
	return truth;
}

static void read_int(struct reader *in, const struct target *target, const struct json_field *field, int64_t *place)
{
	struct text literal = reader_number(in);
	int64_t value = 0;
	bool negative = literal.data[0] == '-', fits = true;

	for (size_t i = negative; i < literal.len && fits; i++)
		fits = literal.data[i] >= '0' && literal.data[i] <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_sub_overflow(value, literal.data[i] - '0', &value);
	if (fits && !negative)
		fits = !__builtin_sub_overflow(0, value, &value);
	if (fits)
		*place = value;
	else
		reader_misfit(in, format(in->mem, "number %.*s", (int)literal.len, literal.data),
			      format(in->mem, "struct field %s.%s of type int", target->path, field->name));
}

static void read_map(struct reader *in, struct json_object **place)
{
	/* a name that comes twice fills the same map */
	if (!*place)
		*place = json_hold(in->mem, must(json_object_new_object()));
	reader_object(in, reader_add_member, *place);
}

static void read_source(struct reader *in, struct text *place)
{
	size_t start = in->at;

	reader_skip(in);
	*place = (struct text){in->text.data + start, in->at - start};
}

struct text_array {
	struct text_list *list;
	const char *misfit; /* the kind of an item that is no text; NULL: all are */
};

static void add_text(struct reader *in, void *arg)
{
	struct text_array *array = arg;
	struct text item = TEXT_NONE;

	if (reader_peek(in) == '"')
		item = reader_string(in);
	else if (reader_peek(in) == 'n')
		reader_skip(in);
	else
		array->misfit = reader_kind(in), reader_skip(in);
	array->list->items = must(talloc_realloc_size(in->mem, array->list->items, sizeof(struct text) * (array->list->count + 1)));
	array->list->items[array->list->count++] = item;
}

static void decode_object(struct reader *in, const struct json_shape *shape, const char *path, void *out);

static void read_field(struct reader *in, const struct target *target, const struct json_field *field)
{
	void *place = target->out + field->offset;
	struct text_array array;

	switch (field->kind) {
	case JSON_TEXT:
		*(struct text *)place = reader_string(in);
		break;
	case JSON_TEXT_OPT:
		*(struct json_opt_text *)place = (struct json_opt_text){reader_string(in), true};
		break;
	case JSON_BOOL:
		*(bool *)place = read_bool(in);
		break;
	case JSON_BOOL_OPT:
		*(struct json_opt_bool *)place = (struct json_opt_bool){read_bool(in), true};
		break;
	case JSON_INT:
		read_int(in, target, field, place);
		break;
	case JSON_DOUBLE:
		*(double *)place = strtod(text_string(in->mem, reader_number(in)), NULL);
		break;
	case JSON_MAP:
		read_map(in, place);
		break;
	case JSON_ANY:
		*(struct json_object **)place = reader_value(in);
		json_hold(in->mem, *(struct json_object **)place);
		break;
	case JSON_TEXTS:
		array = (struct text_array){place, NULL};
		*array.list = (struct text_list){NULL, 0, true};
		reader_array(in, add_text, &array);
		if (array.misfit)
			reader_misfit(in, array.misfit, format(in->mem, "struct field %s.%s of type string", target->path, field->name));
		break;
	case JSON_SOURCE:
		read_source(in, place);
		break;
	case JSON_STRUCT:
		decode_object(in, field->shape, format(in->mem, "%s.%s", target->path, field->name), place);
		break;
	}
}

static void decode_member(struct reader *in, struct text name, void *arg)
{
	struct target *target = arg;
	const struct json_field *field = find_field(target->shape, name);

	if (!field) {
		reader_skip(in);
	} else if (reader_peek(in) == 'n' && field->kind != JSON_SOURCE) {
		set_null(field, target->out + field->offset);
		in->at += 4;
	} else if (!holds(in, field->kind)) {
		misfit(in, target, field);
	} else {
		read_field(in, target, field);
	}
}

static void decode_object(struct reader *in, const struct json_shape *shape, const char *path, void *out)
{
	struct target target = {shape, path, out};

	reader_object(in, decode_member, &target);
}

static int decode_checked(TALLOC_CTX *mem, struct text text, const struct json_shape *shape, void *out, const char **why)
{
	struct reader in = {.mem = mem, .text = text};

	if (reader_peek(&in) == 'n')
		return 0;
	if (reader_peek(&in) == '{')
		decode_object(&in, shape, shape->name, out);
	else
		reader_misfit(&in, reader_kind(&in), format(mem, "value of type api.%s", shape->name));
	*why = in.why;
	return in.why ? -1 : 0;
}

int json_decode(TALLOC_CTX *mem, struct text text, const struct json_shape *shape, void *out, const char **why)
{
	return json_check(mem, text, why) ? decode_checked(mem, text, shape, out, why) : -1;
}

int json_decode_first(TALLOC_CTX *mem, struct text text, const struct json_shape *shape, void *out, const char **why)
{
	return json_check_first(mem, &text, why) ? decode_checked(mem, text, shape, out, why) : -1;
}

int json_decode_value(TALLOC_CTX *mem, struct json_object *value, const struct json_shape *shape, void *out, const char **why)
{
	return json_decode(mem, json_canonical(mem, value), shape, out, why);
}
