/* escape_tree.c: marks every action of a template with the context its output stands in (contract 06 section 9.4). */
#include <string.h>

#include "cgi-src/template/template_int.h"

struct escaper {
	TALLOC_CTX *mem;
	struct template *template;
	int depth;
	size_t nodes;
	const char *why;
};

static bool bad(struct escaper *in, const char *why)
{
	if (!in->why)
		in->why = why;
	return false;
}

static bool escape_list(struct escaper *in, struct node *node, struct context *context);

/* Branches may end apart only in how much of a URL they have written. */
static bool join(struct escaper *in, struct context *into, struct context other, const char *why)
{
	struct context a = *into, b = other;

	if (context_equal(&a, &b))
		return true;
	a.url_part = b.url_part = URL_UNKNOWN;
	if (context_equal(&a, &b)) {
		*into = a;
		return true;
	}
	a = context_for_action(*into);
	b = context_for_action(other);
	if (context_equal(&a, &b)) {
		*into = a;
		return true;
	}
	return bad(in, why);
}

static bool escape_branch(struct escaper *in, struct node *node, struct context *context)
{
	struct context otherwise = *context, body = *context;

	if (!escape_list(in, node->body, &body) || !escape_list(in, node->otherwise, &otherwise))
		return false;
	if (node->kind == NODE_RANGE && !join(in, &body, *context, "{{range}} branches end in different contexts"))
		return false;
	*context = body;
	return join(in, context, otherwise, "{{if}} branches end in different contexts");
}

static struct node *copy_list(struct escaper *in, const struct node *node)
{
	struct node *first = NULL, **end = &first;

	for (; node && ++in->nodes < 100000; node = node->next) {
		*end = must(talloc(in->mem, struct node));
		**end = *node;
		(*end)->body = copy_list(in, node->body);
		(*end)->otherwise = copy_list(in, node->otherwise);
		(*end)->next = NULL;
		end = &(*end)->next;
	}
	return first;
}

/* A called template is escaped anew for each place it is called from. */
static bool escape_call(struct escaper *in, struct node *node, struct context *context)
{
	struct definition *definition = find_definition(in->template, node->name);

	if (!definition)
		return true; /* shows when it runs */
	node->body = copy_list(in, definition->body);
	return in->nodes < 100000 ? escape_list(in, node->body, context) : bad(in, "templates call each other too often");
}

static bool escape_node(struct escaper *in, struct node *node, struct context *context)
{
	struct buffer *kept;

	switch (node->kind) {
	case NODE_TEXT:
		kept = buffer_new(in->mem, node->text.len + 1);
		context_text(context, node->text, kept);
		node->text = buffer_as_text(kept);
		return true;
	case NODE_ACTION:
		if (node->pipe->declared_count)
			return true;
		*context = node->context = context_for_action(*context);
		if (context->place == PLACE_URL && context->url_part == URL_UNKNOWN)
			return bad(in, "an action appears in an ambiguous context within a URL");
		return true;
	case NODE_IF:
	case NODE_WITH:
	case NODE_RANGE:
		return escape_branch(in, node, context);
	case NODE_TEMPLATE:
		return escape_call(in, node, context);
	case NODE_BREAK:
	case NODE_CONTINUE:
		return true;
	}
	return true;
}

static bool escape_list(struct escaper *in, struct node *node, struct context *context)
{
	if (++in->depth > NESTING_MAX)
		return bad(in, "templates are nested too deeply");
	for (; node; node = node->next)
		if (!escape_node(in, node, context))
			return false;
	in->depth--;
	return true;
}

bool escape_tree(TALLOC_CTX *mem, struct template *template, const char **why)
{
	struct escaper in = {.mem = mem, .template = template};
	struct context context = {.place = PLACE_TEXT};

	if (escape_list(&in, template->body, &context) && context.place != PLACE_TEXT)
		bad(&in, "the template ends in a non-text context");
	*why = in.why;
	return !in.why;
}
