/* cbor.c: CBOR as far as authenticators may use it, bounded before anything is kept (contract 08 sections 10.7, 17.16). */
#include <stdlib.h>
#include <string.h>

#include "webauthn_int.h"

#ifdef HAVE_CBOR
#include <cbor.h>

enum { DEPTH_MAX = 4, NODES_MAX = 4096 };

struct scan {
	TALLOC_CTX *mem;
	struct text in;
	size_t at, nodes;
	struct cbor_node *node; /* the item whose head is being read */
	size_t announced;	/* members of a list, pairs of a map */
	bool known;		/* the head was one that may be here */
};

/* ---- heads: libcbor tells what stands at the place ---------------------------------------------------------------------------------------- */

static void set_number(struct scan *scan, bool negative, uint64_t number)
{
	scan->node->kind = NODE_INT;
	scan->node->negative = negative;
	scan->node->number = number;
	scan->known = true;
}

static void on_uint8(void *scan, uint8_t number)
{
	set_number(scan, false, number);
}
static void on_uint16(void *scan, uint16_t number)
{
	set_number(scan, false, number);
}
static void on_uint32(void *scan, uint32_t number)
{
	set_number(scan, false, number);
}
static void on_uint64(void *scan, uint64_t number)
{
	set_number(scan, false, number);
}
static void on_negint8(void *scan, uint8_t number)
{
	set_number(scan, true, number);
}
static void on_negint16(void *scan, uint16_t number)
{
	set_number(scan, true, number);
}
static void on_negint32(void *scan, uint32_t number)
{
	set_number(scan, true, number);
}
static void on_negint64(void *scan, uint64_t number)
{
	set_number(scan, true, number);
}

static void on_bytes(void *arg, cbor_data data, size_t len)
{
	struct scan *scan = arg;

	scan->node->kind = NODE_BYTES;
	scan->node->text = (struct text){(const char *)data, len};
	scan->known = true;
}

static void on_text(void *arg, cbor_data data, size_t len)
{
	struct scan *scan = arg;

	scan->node->kind = NODE_TEXT;
	scan->node->text = (struct text){(const char *)data, len};
	scan->known = utf8_valid(scan->node->text);
}

static void on_list(void *arg, size_t count)
{
	struct scan *scan = arg;

	scan->node->kind = NODE_LIST;
	scan->announced = count;
	scan->known = true;
}

static void on_map(void *arg, size_t count)
{
	struct scan *scan = arg;

	scan->node->kind = NODE_MAP;
	scan->announced = count;
	scan->known = true;
}

static void on_other(void *arg)
{
	struct scan *scan = arg;

	scan->node->kind = NODE_OTHER;
	scan->known = true;
}
static void on_float(void *scan, float number)
{
	(void)number;
	on_other(scan);
}
static void on_double(void *scan, double number)
{
	(void)number;
	on_other(scan);
}
static void on_bool(void *scan, bool truth)
{
	(void)truth;
	on_other(scan);
}

/* What has no callback of its own stays unknown: tags and everything of indefinite length. */
static struct cbor_callbacks callbacks_of_heads(void)
{
	struct cbor_callbacks callbacks = cbor_empty_callbacks;

	callbacks.uint8 = on_uint8;
	callbacks.uint16 = on_uint16;
	callbacks.uint32 = on_uint32;
	callbacks.uint64 = on_uint64;
	callbacks.negint8 = on_negint8;
	callbacks.negint16 = on_negint16;
	callbacks.negint32 = on_negint32;
	callbacks.negint64 = on_negint64;
	callbacks.byte_string = on_bytes;
	callbacks.string = on_text;
	callbacks.array_start = on_list;
	callbacks.map_start = on_map;
	callbacks.float2 = on_float;
	callbacks.float4 = on_float;
	callbacks.float8 = on_double;
	callbacks.null = on_other;
	callbacks.undefined = on_other;
	callbacks.boolean = on_bool;
	return callbacks;
}

static bool read_head(struct scan *scan, struct cbor_node *node)
{
	struct cbor_callbacks callbacks = callbacks_of_heads();
	struct cbor_decoder_result result;
	const unsigned char *start;

	if (scan->at >= scan->in.len || ++scan->nodes > NODES_MAX)
		return false;
	start = (const unsigned char *)scan->in.data + scan->at;
	scan->node = node;
	scan->known = false;
	scan->announced = 0;
	*node = (struct cbor_node){.kind = NODE_OTHER};
	result = cbor_stream_decode(start, scan->in.len - scan->at, &callbacks, scan);
	if (result.status != CBOR_DECODER_FINISHED || !scan->known)
		return false;
	if (node->kind == NODE_OTHER)
		node->text = (struct text){(const char *)start, result.read};
	scan->at += result.read;
	return true;
}

/* ---- items ------------------------------------------------------------------------------------------------------------------------------------ */

static int by_encoding(const void *a, const void *b)
{
	const struct text *one = a, *other = b;
	size_t shorter = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->data, other->data, shorter);

	return order ? order : (one->len > other->len) - (one->len < other->len);
}

static bool keys_are_unique(TALLOC_CTX *mem, const struct cbor_node *map)
{
	size_t pairs = map->count / 2;
	struct text *keys = must(talloc_array(mem, struct text, (unsigned)pairs + 1));

	for (size_t i = 0; i < pairs; i++)
		keys[i] = cbor_canonical(mem, &map->items[2 * i]);
	qsort(keys, pairs, sizeof(keys[0]), by_encoding);
	for (size_t i = 1; i < pairs; i++)
		if (text_equal(keys[i - 1], keys[i]))
			return false;
	return true;
}

static bool read_item(struct scan *scan, struct cbor_node *node, int depth)
{
	size_t count;

	if (!read_head(scan, node))
		return false;
	if (node->kind != NODE_LIST && node->kind != NODE_MAP)
		return true;
	/* every member takes a byte at least: what announces more than there is left is refused before room is made for it */
	if (depth == DEPTH_MAX || scan->announced > (scan->in.len - scan->at) / (node->kind == NODE_MAP ? 2 : 1))
		return false;
	count = node->kind == NODE_MAP ? scan->announced * 2 : scan->announced;
	if (count > NODES_MAX)
		return false;
	node->items = must(talloc_array(scan->mem, struct cbor_node, (unsigned)count + 1));
	for (; node->count < count; node->count++)
		if (!read_item(scan, &node->items[node->count], depth + 1))
			return false;
	return node->kind == NODE_LIST || keys_are_unique(scan->mem, node);
}

bool cbor_read(TALLOC_CTX *mem, struct text in, struct cbor_node *node, size_t *used)
{
	struct scan scan = {.mem = mem, .in = in};

	if (!read_item(&scan, node, 0))
		return false;
	*used = scan.at;
	return true;
}

/* ---- canonical form ------------------------------------------------------------------------------------------------------------------------------ */

static void put(struct buffer *out, const struct cbor_node *node);

static void put_head(struct buffer *out, uint8_t major, uint64_t number)
{
	unsigned char head[9];
	size_t len = major == 0	  ? cbor_encode_uint(number, head, sizeof(head))
		     : major == 1 ? cbor_encode_negint(number, head, sizeof(head))
		     : major == 2 ? cbor_encode_bytestring_start(number, head, sizeof(head))
		     : major == 3 ? cbor_encode_string_start(number, head, sizeof(head))
		     : major == 4 ? cbor_encode_array_start(number, head, sizeof(head))
				  : cbor_encode_map_start(number, head, sizeof(head));

	buffer_add(out, head, len);
}

struct pair {
	struct text key; /* encoded; first, so that by_encoding compares it */
	const struct cbor_node *value;
};

static void put_map(struct buffer *out, const struct cbor_node *map)
{
	size_t count = map->count / 2;
	struct pair *pairs = must(talloc_array(out, struct pair, (unsigned)count + 1));

	for (size_t i = 0; i < count; i++)
		pairs[i] = (struct pair){cbor_canonical(pairs, &map->items[2 * i]), &map->items[2 * i + 1]};
	qsort(pairs, count, sizeof(pairs[0]), by_encoding);
	put_head(out, 5, count);
	for (size_t i = 0; i < count; i++) {
		buffer_text(out, pairs[i].key);
		put(out, pairs[i].value);
	}
	talloc_free(pairs);
}

static void put(struct buffer *out, const struct cbor_node *node)
{
	switch (node->kind) {
	case NODE_INT:
		put_head(out, node->negative ? 1 : 0, node->number);
		break;
	case NODE_BYTES:
	case NODE_TEXT:
		put_head(out, node->kind == NODE_BYTES ? 2 : 3, node->text.len);
		buffer_text(out, node->text);
		break;
	case NODE_LIST:
		put_head(out, 4, node->count);
		for (size_t i = 0; i < node->count; i++)
			put(out, &node->items[i]);
		break;
	case NODE_MAP:
		put_map(out, node);
		break;
	case NODE_OTHER:
		buffer_text(out, node->text);
		break;
	}
}

struct text cbor_canonical(TALLOC_CTX *mem, const struct cbor_node *node)
{
	struct buffer *out = buffer_new(mem, 64);

	put(out, node);
	return buffer_as_text(out);
}

bool webauthn_built(void)
{
	return true;
}

#else

bool cbor_read(TALLOC_CTX *mem, struct text in, struct cbor_node *node, size_t *used)
{
	(void)mem;
	(void)in;
	(void)node;
	*used = 0;
	return false;
}

struct text cbor_canonical(TALLOC_CTX *mem, const struct cbor_node *node)
{
	(void)mem;
	(void)node;
	return TEXT_NONE;
}

bool webauthn_built(void)
{
	return false;
}

#endif

/* ---- looking ---------------------------------------------------------------------------------------------------------------------------------------- */

bool cbor_has_kind(const struct cbor_node *node, enum node_kind kind)
{
	return node && node->kind == kind;
}

const struct cbor_node *cbor_member(const struct cbor_node *map, const char *name)
{
	for (size_t i = 0; map->kind == NODE_MAP && i + 1 < map->count; i += 2)
		if (map->items[i].kind == NODE_TEXT && text_is(map->items[i].text, name))
			return &map->items[i + 1];
	return NULL;
}

bool cbor_int(const struct cbor_node *node, int64_t *number)
{
	if (!node || node->kind != NODE_INT || node->number > INT64_MAX)
		return false;
	*number = node->negative ? -1 - (int64_t)node->number : (int64_t)node->number;
	return true;
}

const struct cbor_node *cbor_label(const struct cbor_node *map, int64_t label)
{
	int64_t number;

	for (size_t i = 0; map->kind == NODE_MAP && i + 1 < map->count; i += 2)
		if (cbor_int(&map->items[i], &number) && number == label)
			return &map->items[i + 1];
	return NULL;
}

struct text cbor_bytes(const struct cbor_node *node)
{
	return node && node->kind == NODE_BYTES ? node->text : TEXT_NONE;
}
