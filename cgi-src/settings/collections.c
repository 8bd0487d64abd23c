/* collections.c: lists, pairs, sets of characters, secrets (contract 02 sections 2.2 and 2.4). */
#include <string.h>

#include "internal.h"

void list_add(TALLOC_CTX *mem, struct text_list *list, struct text item)
{
	list->items = must(talloc_realloc(mem, list->items, struct text, (unsigned)list->count + 1));
	list->items[list->count++] = item;
	list->set = true;
}

void map_put(TALLOC_CTX *mem, struct text_map *map, struct text name, struct text value)
{
	for (size_t i = 0; i < map->count; i++) {
		if (!text_equal(map->items[i].name, name))
			continue;
		map->items[i].value = value;
		return;
	}
	map->items = must(talloc_realloc(mem, map->items, struct text_pair, (unsigned)map->count + 1));
	map->items[map->count++] = (struct text_pair){name, value};
}

struct text text_map_get(const struct text_map *map, struct text name)
{
	for (size_t i = 0; i < map->count; i++)
		if (text_equal(map->items[i].name, name))
			return map->items[i].value;
	return TEXT_NONE;
}

bool parse_text(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	if (text_has_nul(value)) {
		*why = "holds a NUL byte";
		return false;
	}
	*(const char **)field = text_string(mem, value);
	return true;
}

static bool is_blank(struct text text)
{
	return text_is_empty(text_trim_unicode_space(text));
}

bool parse_list(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text_list *list = field;
	struct text rest = text_copy(mem, value), item;
	bool more = !is_blank(value);

	(void)why;
	*list = (struct text_list){.set = true};
	while (more) {
		more = text_cut(rest, ',', &item, &rest);
		list_add(mem, list, item);
	}
	return true;
}

bool parse_words(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text_list *list = field;
	struct text rest = text_copy(mem, value);

	(void)why;
	*list = (struct text_list){.set = true};
	while (rest.len) {
		size_t len = 0;

		while (len < rest.len && !strchr(", \t\r\n", rest.data[len]))
			len++;
		if (len)
			list_add(mem, list, (struct text){rest.data, len});
		len += len < rest.len ? 1 : 0;
		rest = (struct text){rest.data + len, rest.len - len};
	}
	return true;
}

bool parse_map(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text rest = text_copy(mem, value), pair, name, content, more;
	bool go_on = !is_blank(value);

	while (go_on) {
		go_on = text_cut(rest, ',', &pair, &rest);
		if (!text_cut(pair, ':', &name, &content) || text_cut(content, ':', &content, &more)) {
			*why = format(mem, "invalid map item: %s", quote_go(mem, pair).data);
			return false;
		}
		map_put(mem, field, name, content);
	}
	return true;
}

bool parse_secrets(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text_list *list = field;
	struct text rest = text_copy(mem, value), item;
	bool more = true;

	(void)why;
	*list = (struct text_list){.set = true};
	while (more) {
		more = text_cut(rest, '|', &item, &rest);
		if (item.len)
			list_add(mem, list, item);
	}
	return true;
}

/* A set ends at a colon; a backslash right before the colon makes it one of the set's characters and goes. */
bool parse_charsets(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text_list *list = field;
	struct buffer *set = buffer_new(mem, value.len + 1);

	(void)why;
	*list = (struct text_list){.set = true};
	for (size_t i = 0; i <= value.len; i++) {
		if (i < value.len && value.data[i] == '\\' && i + 1 < value.len && value.data[i + 1] == ':') {
			buffer_char(set, ':');
			i++;
		} else if (i < value.len && value.data[i] != ':') {
			buffer_char(set, value.data[i]);
		} else if (set->len) {
			list_add(mem, list, text_copy(mem, buffer_as_text(set)));
			buffer_clear(set);
		}
	}
	return true;
}

bool parse_domains(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text rest = text_copy(mem, value), pair, provider, domain;
	bool more = value.len > 0;

	while (more) {
		bool cut;

		more = text_cut(rest, ',', &pair, &rest);
		cut = text_cut(pair, '=', &provider, &domain);
		provider = text_trim_unicode_space(provider);
		domain = text_trim_unicode_space(domain);
		if (!cut || !provider.len || !domain.len) {
			*why = format(mem, "conf: invalid provider linking domain %s, %s", quote_go(mem, pair).data,
				      cut ? "provider and domain must be non-empty" : "expected format \"provider=domain\"");
			return false;
		}
		map_put(mem, field, provider, domain);
	}
	return true;
}
