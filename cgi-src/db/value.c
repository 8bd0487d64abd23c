/* value.c: parameters of statements, in the forms that PostgreSQL takes. */
#include <string.h>

#include "db_int.h"

/* PostgreSQL counts from 2000-01-01 */
#define EPOCH_2000 INT64_C(946684800000000)
#define OID_TEXT 25

struct db_value db_null(void)
{
	return (struct db_value){.kind = DB_NULL};
}

struct db_value db_text(struct text text)
{
	return (struct db_value){.kind = DB_TEXT, .data = text.data ? text.data : "", .len = text.len};
}

struct db_value db_string(const char *string)
{
	return string ? db_text(text_of(string)) : db_null();
}

struct db_value db_string_opt(const char *string)
{
	return string && *string ? db_text(text_of(string)) : db_null();
}

/* A binary value that is copied with its struct: data NULL says that it is inlined. */
static struct db_value inlined(const void *data, size_t len)
{
	struct db_value value = {.kind = DB_BINARY, .data = NULL, .len = len};

	memcpy(value.inlined, data, len);
	return value;
}

static struct db_value big_endian(uint64_t number, size_t len)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)(number >> (8 * (len - 1 - i)));
	return inlined(bytes, len);
}

struct db_value db_uuid(const struct uuid *uuid)
{
	return uuid ? inlined(uuid->bytes, sizeof(uuid->bytes)) : db_null();
}

struct db_value db_uuid_opt(const struct uuid *uuid)
{
	return uuid && !uuid_is_nil(uuid) ? db_uuid(uuid) : db_null();
}

struct db_value db_moment(moment at)
{
	if (at == MOMENT_NONE)
		return db_null();
	/* INT64_MIN and INT64_MAX are PostgreSQL's infinities */
	if (at < INT64_MIN + 1 + EPOCH_2000)
		return db_int8(INT64_MIN);
	return db_int8(at == INT64_MAX ? INT64_MAX : at - EPOCH_2000);
}

struct db_value db_int4(int32_t number)
{
	return big_endian((uint32_t)number, 4);
}

struct db_value db_int8(int64_t number)
{
	return big_endian((uint64_t)number, 8);
}

struct db_value db_bool(bool truth)
{
	return inlined(truth ? "\1" : "\0", 1);
}

struct db_value db_double(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return big_endian(bits, 8);
}

struct db_value db_bytes(struct text bytes)
{
	return (struct db_value){.kind = DB_BINARY, .data = bytes.data ? bytes.data : "", .len = bytes.len};
}

static void add_int4(struct buffer *buffer, uint32_t number)
{
	unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16), (unsigned char)(number >> 8), (unsigned char)number};

	buffer_add(buffer, bytes, sizeof(bytes));
}

/* The binary form of an array: dimensions, has-null flag, element type, then length and lower bound, then the elements. */
struct db_value db_text_array(TALLOC_CTX *mem, const struct text_list *list)
{
	struct buffer *buffer = buffer_new(mem, 20 + 32 * list->count);

	add_int4(buffer, list->count > 0);
	add_int4(buffer, 0);
	add_int4(buffer, OID_TEXT);
	if (list->count > 0) {
		add_int4(buffer, (uint32_t)list->count);
		add_int4(buffer, 1);
	}
	for (size_t i = 0; i < list->count; i++) {
		add_int4(buffer, (uint32_t)list->items[i].len);
		buffer_text(buffer, list->items[i]);
	}
	return db_bytes(buffer_as_text(buffer));
}

static void scratch_reserve(struct db *db, const struct db_value *args, size_t count)
{
	size_t needed = 1;

	for (size_t i = 0; i < count; i++)
		if (args[i].kind == DB_TEXT)
			needed += args[i].len + 1;
	if (needed <= db->scratch_size)
		return;
	talloc_free(db->scratch);
	db->scratch = must(talloc_size(db, needed));
	db->scratch_size = needed;
}

void db_bind(struct db *db, const struct db_value *args, size_t count, const char **values, int *lengths, int *formats)
{
	char *at;

	if (count > DB_PARAMS_MAX)
		die("a statement has %zu parameters, more than %d", count, DB_PARAMS_MAX);
	scratch_reserve(db, args, count);
	at = db->scratch;
	for (size_t i = 0; i < count; i++) {
		const struct db_value *arg = &args[i];

		lengths[i] = (int)arg->len;
		formats[i] = arg->kind == DB_BINARY;
		if (arg->kind == DB_NULL) {
			values[i] = NULL;
		} else if (arg->kind == DB_BINARY) {
			values[i] = arg->data ? arg->data : (const char *)arg->inlined;
		} else {
			memcpy(at, arg->data, arg->len);
			at[arg->len] = '\0';
			values[i] = at;
			/* as text it would end at the NUL; in binary the server sees and refuses it (22021) */
			formats[i] = memchr(at, '\0', arg->len) != NULL;
			at += arg->len + 1;
		}
	}
}
