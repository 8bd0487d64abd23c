/* escape_tree.c: marks every action of a template with the context its output stands in (contract 06 section 9.4). */
#include <string.h>

#include "cgi-src/template/template_int.h"

#define NODES_MAX 100000

/* Where break and continue leave a loop. */
struct loop {
	struct context left[64];
	size_t count;
};

struct escaper {
	TALLOC_CTX *mem;
	struct template *template;
	struct derived *derived;
	struct loop *loop;
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

/* Branches may end apart only in how much of a URL they have written or in what a slash would mean. */
static bool join(struct escaper *in, struct context *into, struct context other, const char *why)
{
	struct context a = *into, b = other;

	if (a.dead || b.dead || context_equal(&a, &b)) {
		*into = a.dead ? b : a;
		return true;
	}
	a.url_part = b.url_part = URL_UNKNOWN;
	if (!context_equal(&a, &b)) {
		a = *into;
		b = other;
		a.slash = b.slash = SLASH_UNKNOWN;
	}
	if (!context_equal(&a, &b)) {
		a = context_for_action(*into);
		b = context_for_action(other);
	}
	if (!context_equal(&a, &b))
		return bad(in, why);
	*into = a;
	return true;
}

static struct node *copy_list(struct escaper *in, const struct node *node)
{
	struct node *first = NULL, **end = &first;

	for (; node && ++in->nodes < NODES_MAX; node = node->next) {
		*end = must(talloc(in->mem, struct node));
		**end = *node;
		(*end)->body = copy_list(in, node->body);
		(*end)->otherwise = copy_list(in, node->otherwise);
		(*end)->next = NULL;
		end = &(*end)->next;
	}
	return first;
}

/* One pass through a loop's body, with what leaves it early. */
static bool escape_pass(struct escaper *in, struct node *body, struct context *context)
{
	struct loop loop = {.count = 0}, *outer = in->loop;
	bool good;

	in->loop = &loop;
	good = escape_list(in, body, context);
	in->loop = outer;
	for (size_t i = 0; good && i < loop.count; i++)
		good = join(in, context, loop.left[i], "{{range}} branches end in different contexts");
	return good;
}

/* A second pass has to end where the first did. */
static bool escape_loop(struct escaper *in, struct node *node, struct context *context)
{
	struct node *again = copy_list(in, node->body);
	struct context once, twice;

	if (in->nodes >= NODES_MAX)
		return bad(in, "the template is too large");
	if (!escape_pass(in, node->body, context))
		return false;
	once = twice = *context;
	if (!escape_pass(in, again, &twice) || !join(in, &once, twice, "{{range}} branches end in different contexts"))
		return false;
	*context = once;
	return true;
}

static bool escape_branch(struct escaper *in, struct node *node, struct context *context)
{
	struct context otherwise = *context;

	if (!(node->kind == NODE_RANGE ? escape_loop(in, node, context) : escape_list(in, node->body, context)))
		return false;
	if (!escape_list(in, node->otherwise, &otherwise))
		return false;
	return join(in, context, otherwise, "{{if}} branches end in different contexts");
}

static bool escape_jump(struct escaper *in, struct context *context)
{
	if (in->loop->count == sizeof(in->loop->left) / sizeof(in->loop->left[0]))
		return bad(in, "too many {{break}} and {{continue}} in a {{range}}");
	in->loop->left[in->loop->count++] = *context;
	*context = (struct context){.dead = true};
	return true;
}

static struct derived *find_derived(struct escaper *in, const struct definition *definition, const struct context *from)
{
	for (struct derived *at = in->derived; at; at = at->next)
		if (at->definition == definition && context_equal(&at->from, from))
			return at;
	return NULL;
}

static bool derive(struct escaper *in, struct derived *derived)
{
	struct context to = derived->from;
	struct loop *loop = in->loop;
	bool good;

	derived->body = copy_list(in, derived->definition->body);
	if (in->nodes >= NODES_MAX)
		return bad(in, "templates call each other too often");
	in->loop = NULL;
	good = escape_list(in, derived->body, &to);
	in->loop = loop;
	if (!good)
		return false;
	if (derived->assumed && !context_equal(&to, &derived->to))
		return bad(in, "cannot compute output context for a template that calls itself");
	derived->to = to;
	return true;
}

/* A called template is escaped for each context it is called from; one that calls itself has to end where it begins. */
static bool escape_call(struct escaper *in, struct node *node, struct context *context)
{
	struct definition *definition = find_definition(in->template, node->name);
	struct derived *derived;

	if (!definition)
		return bad(in, format(in->mem, "no such template \"%s\"", node->name));
	derived = find_derived(in, definition, context);
	if (derived) {
		derived->assumed = true;
	} else {
		derived = must(talloc_zero(in->mem, struct derived));
		*derived = (struct derived){.definition = definition, .from = *context, .to = *context, .next = in->derived};
		in->derived = derived;
		if (!derive(in, derived))
			return false;
	}
	node->derived = derived;
	*context = derived->to;
	return true;
}

static bool is_predefined(const char *name)
{
	return strcmp(name, "html") == 0 || strcmp(name, "urlquery") == 0;
}

/* html and urlquery may only come last, where they take the place of the context's own; and html not where that does more. */
static bool check_escapers(struct escaper *in, const struct pipe *pipe, const struct context *context)
{
	for (const struct command *command = pipe->commands; command; command = command->next) {
		const struct operand *first = command->operands;

		if (first->kind != OPERAND_FUNCTION || !is_predefined(first->name))
			continue;
		if (command->next || (context->place == PLACE_ATTRIBUTE && context->quote == ' ' && strcmp(first->name, "html") == 0))
			return bad(in, format(in->mem, "predefined escaper \"%s\" disallowed in template", first->name));
	}
	return true;
}

static bool is_url(enum place place)
{
	return place == PLACE_URL || (place >= PLACE_STYLE_DOUBLE && place <= PLACE_STYLE_URL_SINGLE);
}

static bool escape_action(struct escaper *in, struct node *node, struct context *context)
{
	if (node->pipe->declared_count)
		return true;
	*context = node->context = context_for_action(*context);
	if (!check_escapers(in, node->pipe, context))
		return false;
	if (is_url(context->place) && context->url_part == URL_UNKNOWN)
		return bad(in, "an action appears in an ambiguous context within a URL");
	if (context->place == PLACE_SCRIPT)
		context->slash = SLASH_DIVIDES;
	return true;
}

static bool escape_text(struct escaper *in, struct node *node, struct context *context)
{
	struct buffer *kept = buffer_new(in->mem, node->text.len + 1);
	const char *why;

	if (!context_text(in->mem, context, node->text, kept, &why))
		return bad(in, why);
	node->text = buffer_as_text(kept);
	return true;
}

static bool escape_node(struct escaper *in, struct node *node, struct context *context)
{
	switch (node->kind) {
	case NODE_TEXT:
		return escape_text(in, node, context);
	case NODE_ACTION:
		return escape_action(in, node, context);
	case NODE_IF:
	case NODE_WITH:
	case NODE_RANGE:
		return escape_branch(in, node, context);
	case NODE_TEMPLATE:
		return escape_call(in, node, context);
	case NODE_BREAK:
	case NODE_CONTINUE:
		return escape_jump(in, context);
	}
	return true;
}

static bool escape_list(struct escaper *in, struct node *node, struct context *context)
{
	if (++in->depth > NESTING_MAX)
		return bad(in, "templates are nested too deeply");
	for (; node && !context->dead; node = node->next)
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
