/* function.c: the functions a template may call (contract 06 section 9.3). */
#include <string.h>

#include "cgi-src/template/template_int.h"

struct arguments {
	TALLOC_CTX *mem;
	struct json_object **items;
	size_t count;
	const char **why;
};

static struct json_object *truth(struct arguments *args, bool value)
{
	return json_hold(args->mem, must(json_object_new_boolean(value)));
}

static struct json_object *string(struct arguments *args, struct text text)
{
	return json_hold(args->mem, must(json_object_new_string_len(text.data ? text.data : "", (int)text.len)));
}

static int complain(struct arguments *args, const char *why)
{
	*args->why = why;
	return -1;
}

static int wrong_count(struct arguments *args, const char *name)
{
	return complain(args, format(args->mem, "wrong number of args for %s: got %zu", name, args->count));
}

/* ---- comparison ---- */

enum order { ORDER_LESS = -1, ORDER_EQUAL, ORDER_MORE, ORDER_NONE };

static bool same_kind(struct json_object *a, struct json_object *b)
{
	return json_object_get_type(a) == json_object_get_type(b);
}

static enum order order_texts(struct json_object *a, struct json_object *b)
{
	size_t left = (size_t)json_object_get_string_len(a), right = (size_t)json_object_get_string_len(b);
	int difference = memcmp(json_object_get_string(a), json_object_get_string(b), left < right ? left : right);

	if (difference == 0)
		return left == right ? ORDER_EQUAL : left < right ? ORDER_LESS : ORDER_MORE;
	return difference < 0 ? ORDER_LESS : ORDER_MORE;
}

static int compare(struct arguments *args, struct json_object *a, struct json_object *b, enum order *order)
{
	if (!same_kind(a, b))
		return complain(args, "incompatible types for comparison");
	switch (json_object_get_type(a)) {
	case json_type_int: {
		int64_t left = json_object_get_int64(a), right = json_object_get_int64(b);

		*order = left == right ? ORDER_EQUAL : left < right ? ORDER_LESS : ORDER_MORE;
		return 0;
	}
	case json_type_double: {
		double left = json_object_get_double(a), right = json_object_get_double(b);

		*order = left < right ? ORDER_LESS : left > right ? ORDER_MORE : ORDER_EQUAL;
		return 0;
	}
	case json_type_string:
		*order = order_texts(a, b);
		return 0;
	case json_type_boolean:
		*order = !json_object_get_boolean(a) == !json_object_get_boolean(b) ? ORDER_EQUAL : ORDER_NONE;
		return 0;
	default:
		return complain(args, "invalid type for comparison");
	}
}

static int equal_any(struct arguments *args, bool *found)
{
	*found = false;
	if (args->count < 2)
		return complain(args, "missing argument for comparison");
	for (size_t i = 1; i < args->count && !*found; i++) {
		enum order order = ORDER_NONE;

		if (!args->items[0] || !args->items[i])
			*found = !args->items[0] && !args->items[i]; /* nil is like nothing but nil */
		else if (compare(args, args->items[0], args->items[i], &order) < 0)
			return -1;
		else
			*found = order == ORDER_EQUAL;
	}
	return 0;
}

static int do_eq(struct arguments *args, struct json_object **result)
{
	bool found;

	if (equal_any(args, &found) < 0)
		return -1;
	*result = truth(args, found);
	return 0;
}

static int do_ne(struct arguments *args, struct json_object **result)
{
	bool found;

	if (args->count != 2)
		return wrong_count(args, "ne");
	if (equal_any(args, &found) < 0)
		return -1;
	*result = truth(args, !found);
	return 0;
}

static int order_of_two(struct arguments *args, enum order *order)
{
	if (args->count != 2)
		return complain(args, "wrong number of args for a comparison: want 2");
	if (!args->items[0] || !args->items[1])
		return complain(args, "invalid type for comparison");
	if (compare(args, args->items[0], args->items[1], order) < 0)
		return -1;
	return json_object_is_type(args->items[0], json_type_boolean) ? complain(args, "invalid type for comparison") : 0;
}

static int do_lt(struct arguments *args, struct json_object **result)
{
	enum order order;

	if (order_of_two(args, &order) < 0)
		return -1;
	*result = truth(args, order == ORDER_LESS);
	return 0;
}

static int do_le(struct arguments *args, struct json_object **result)
{
	enum order order;

	if (order_of_two(args, &order) < 0)
		return -1;
	*result = truth(args, order != ORDER_MORE);
	return 0;
}

static int do_gt(struct arguments *args, struct json_object **result)
{
	enum order order;

	if (order_of_two(args, &order) < 0)
		return -1;
	*result = truth(args, order == ORDER_MORE);
	return 0;
}

static int do_ge(struct arguments *args, struct json_object **result)
{
	enum order order;

	if (order_of_two(args, &order) < 0)
		return -1;
	*result = truth(args, order != ORDER_LESS);
	return 0;
}

static int do_not(struct arguments *args, struct json_object **result)
{
	if (args->count != 1)
		return wrong_count(args, "not");
	*result = truth(args, !value_true(args->items[0]));
	return 0;
}

/* ---- parts ---- */

static int do_len(struct arguments *args, struct json_object **result)
{
	size_t len;

	if (args->count != 1)
		return wrong_count(args, "len");
	if (json_object_is_type(args->items[0], json_type_string))
		len = (size_t)json_object_get_string_len(args->items[0]);
	else if (json_object_is_type(args->items[0], json_type_array))
		len = json_object_array_length(args->items[0]);
	else if (json_object_is_type(args->items[0], json_type_object))
		len = (size_t)json_object_object_length(args->items[0]);
	else
		return complain(args, format(args->mem, "len of type %s", value_type(args->items[0])));
	*result = json_hold(args->mem, must(json_object_new_int64((int64_t)len)));
	return 0;
}

static int index_one(struct arguments *args, struct json_object *key, struct json_object **value)
{
	if (json_object_is_type(*value, json_type_object) && json_object_is_type(key, json_type_string)) {
		*value = json_get(*value, json_object_get_string(key));
		return 0;
	}
	if (json_object_is_type(*value, json_type_array) && json_object_is_type(key, json_type_int)) {
		int64_t at = json_object_get_int64(key);

		if (at < 0 || (uint64_t)at >= json_object_array_length(*value))
			return complain(args, format(args->mem, "error calling index: index out of range: %lld", (long long)at));
		*value = json_object_array_get_idx(*value, (size_t)at);
		return 0;
	}
	if (json_object_is_type(*value, json_type_string) && json_object_is_type(key, json_type_int)) {
		int64_t at = json_object_get_int64(key);

		if (at < 0 || at >= json_object_get_string_len(*value))
			return complain(args, format(args->mem, "error calling index: index out of range: %lld", (long long)at));
		*value = json_hold(args->mem, must(json_object_new_int64((unsigned char)json_object_get_string(*value)[at])));
		return 0;
	}
	return complain(args, format(args->mem, "error calling index: can't index item of type %s", value_type(*value)));
}

static int do_index(struct arguments *args, struct json_object **result)
{
	if (args->count < 1)
		return wrong_count(args, "index");
	if (args->count == 1 && !args->items[0])
		return complain(args, "error calling index: index of untyped nil");
	*result = args->items[0];
	for (size_t i = 1; i < args->count; i++)
		if (index_one(args, args->items[i], result) < 0)
			return -1;
	return 0;
}

static int do_slice(struct arguments *args, struct json_object **result)
{
	bool is_string = args->count && json_object_is_type(args->items[0], json_type_string);
	int64_t len, from = 0, to, most, *bounds[] = {&from, &to, &most}; /* the third is a capacity, of no effect but as a bound */
	struct json_object *made;

	if (args->count < 1 || args->count > (is_string ? 3 : 4) || (!is_string && !json_object_is_type(args->items[0], json_type_array)))
		return complain(args, "error calling slice: slice of a value that has no parts");
	len = is_string ? json_object_get_string_len(args->items[0]) : (int64_t)json_object_array_length(args->items[0]);
	to = most = len;
	for (size_t i = 1; i < args->count; i++) {
		if (!json_object_is_type(args->items[i], json_type_int))
			return complain(args, "error calling slice: cannot index slice with this type");
		*bounds[i - 1] = json_object_get_int64(args->items[i]);
	}
	if (from < 0 || to < from || most < to || most > len)
		return complain(args, "error calling slice: index out of range");
	if (is_string) {
		*result = string(args, (struct text){json_object_get_string(args->items[0]) + from, (size_t)(to - from)});
		return 0;
	}
	made = *result = json_hold(args->mem, must(json_object_new_array()));
	for (int64_t i = from; i < to; i++)
		json_object_array_add(made, json_object_get(json_object_array_get_idx(args->items[0], (size_t)i)));
	return 0;
}

/* ---- printing ---- */

static int do_print(struct arguments *args, struct json_object **result)
{
	struct buffer *out = buffer_new(args->mem, 64);

	for (size_t i = 0; i < args->count; i++) {
		/* a space between neighbours of which neither is a string */
		if (i && !json_object_is_type(args->items[i - 1], json_type_string) && !json_object_is_type(args->items[i], json_type_string))
			buffer_char(out, ' ');
		value_print(out, args->items[i], true);
	}
	*result = string(args, buffer_as_text(out));
	return 0;
}

static int do_println(struct arguments *args, struct json_object **result)
{
	struct buffer *out = buffer_new(args->mem, 64);

	for (size_t i = 0; i < args->count; i++) {
		if (i)
			buffer_char(out, ' ');
		value_print(out, args->items[i], true);
	}
	buffer_char(out, '\n');
	*result = string(args, buffer_as_text(out));
	return 0;
}

static int do_printf(struct arguments *args, struct json_object **result)
{
	struct buffer *out = buffer_new(args->mem, 64);

	if (args->count < 1 || !json_object_is_type(args->items[0], json_type_string))
		return complain(args, "wrong type for value; expected string");
	format_values(args->mem, out, value_text(args->mem, args->items[0]), args->items + 1, args->count - 1);
	*result = string(args, buffer_as_text(out));
	return 0;
}

static struct text joined(struct arguments *args)
{
	struct json_object *result;

	for (size_t i = 0; i < args->count; i++)
		if (!args->items[i])
			args->items[i] = string(args, TEXT("<no value>"));
	if (args->count == 1 && json_object_is_type(args->items[0], json_type_string))
		return value_text(args->mem, args->items[0]);
	do_print(args, &result);
	return value_text(args->mem, result);
}

static int do_html(struct arguments *args, struct json_object **result)
{
	*result = string(args, escape_html(args->mem, joined(args)));
	return 0;
}

static int do_js(struct arguments *args, struct json_object **result)
{
	*result = string(args, escape_js(args->mem, joined(args)));
	return 0;
}

static int do_urlquery(struct arguments *args, struct json_object **result)
{
	*result = string(args, query_escape(args->mem, joined(args)));
	return 0;
}

static int do_call(struct arguments *args, struct json_object **result)
{
	(void)result;
	return complain(args, "error calling call: a value that is no function");
}

static const struct function {
	const char *name;
	int (*call)(struct arguments *args, struct json_object **result); /* NULL: and, or, which the caller evaluates */
} functions[] = {
	{"and", NULL},	     {"or", NULL},	    {"not", do_not},	     {"eq", do_eq},	{"ne", do_ne},	     {"lt", do_lt},
	{"le", do_le},	     {"gt", do_gt},	    {"ge", do_ge},	     {"len", do_len},	{"index", do_index}, {"slice", do_slice},
	{"print", do_print}, {"printf", do_printf}, {"println", do_println}, {"html", do_html}, {"js", do_js},	     {"urlquery", do_urlquery},
	{"call", do_call},
};

bool is_function(struct text name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (text_is(name, functions[i].name))
			return true;
	return false;
}

int call_function(TALLOC_CTX *mem, const char *name, struct json_object **args, size_t count, struct json_object **result, const char **why)
{
	struct arguments arguments = {mem, args, count, why};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].call && strcmp(functions[i].name, name) == 0)
			return functions[i].call(&arguments, result);
	return complain(&arguments, "no such function");
}
