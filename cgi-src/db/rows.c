/* rows.c: typed access to rows in PostgreSQL's binary formats; NULL reads as the type's empty value. */
#include <stdlib.h>
#include <string.h>

#include "db_int.h"

#define EPOCH_2000 INT64_C(946684800000000)
#define OID_JSONB 3802

static int clear_result(struct db_rows *rows)
{
	PQclear(rows->result);
	return 0;
}

struct db_rows *db_rows_new(TALLOC_CTX *mem, PGresult *result)
{
	struct db_rows *rows = must(talloc(mem, struct db_rows));

	rows->result = result;
	talloc_set_destructor(rows, clear_result);
	return rows;
}

int db_row_count(const struct db_rows *rows)
{
	return PQntuples(rows->result);
}

int64_t db_affected(const struct db_rows *rows)
{
	return strtoll(PQcmdTuples(rows->result), NULL, 10);
}

bool db_is_null(const struct db_rows *rows, int row, int column)
{
	return PQgetisnull(rows->result, row, column) != 0;
}

struct text db_get_text(const struct db_rows *rows, int row, int column)
{
	struct text text = {PQgetvalue(rows->result, row, column), (size_t)PQgetlength(rows->result, row, column)};

	if (PQftype(rows->result, column) == OID_JSONB && text.len > 0) {
		text.data++;
		text.len--;
	}
	return text;
}

const char *db_get_string(const struct db_rows *rows, int row, int column)
{
	return db_get_text(rows, row, column).data;
}

struct uuid db_get_uuid(const struct db_rows *rows, int row, int column)
{
	struct uuid uuid = {{0}};

	if (PQgetlength(rows->result, row, column) == (int)sizeof(uuid.bytes))
		memcpy(uuid.bytes, PQgetvalue(rows->result, row, column), sizeof(uuid.bytes));
	return uuid;
}

/* Signed and big endian, of 1 to 8 bytes. */
static int64_t number_of(const char *data, int len)
{
	uint64_t number = len > 0 && (data[0] & 0x80) ? UINT64_MAX : 0;

	for (int i = 0; i < len; i++)
		number = number << 8 | (unsigned char)data[i];
	return (int64_t)number;
}

int64_t db_get_int(const struct db_rows *rows, int row, int column)
{
	return number_of(PQgetvalue(rows->result, row, column), PQgetlength(rows->result, row, column));
}

moment db_get_moment(const struct db_rows *rows, int row, int column)
{
	int64_t since_2000;

	if (db_is_null(rows, row, column))
		return MOMENT_NONE;
	since_2000 = db_get_int(rows, row, column);
	if (since_2000 == INT64_MIN) /* -infinity */
		return INT64_MIN + 1;
	if (since_2000 > INT64_MAX - EPOCH_2000)
		return INT64_MAX;
	return since_2000 + EPOCH_2000;
}

bool db_get_bool(const struct db_rows *rows, int row, int column)
{
	return db_get_int(rows, row, column) != 0;
}

/* dimensions, flags, element type, count, lower bound; then length and bytes of each element, length -1 for NULL */
struct text_list db_get_texts(TALLOC_CTX *mem, const struct db_rows *rows, int row, int column)
{
	const char *data = PQgetvalue(rows->result, row, column), *end = data + PQgetlength(rows->result, row, column);
	struct text_list list = {.set = !db_is_null(rows, row, column)};
	int64_t count;

	if (end - data < 20 || number_of(data, 4) != 1)
		return list;
	count = number_of(data + 12, 4);
	data += 20;
	if (count < 0 || count > (end - data) / 4)
		return list;
	list.items = must(talloc_array(mem, struct text, (unsigned)count));
	while (list.count < (size_t)count && end - data >= 4) {
		int64_t len = number_of(data, 4);

		data += 4;
		if (len > end - data)
			break;
		list.items[list.count++] = text_copy(list.items, (struct text){data, len > 0 ? (size_t)len : 0});
		data += len > 0 ? len : 0;
	}
	return list;
}
