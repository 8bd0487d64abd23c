/* base.h: what every room stands on: text, buffers, ids, time, encodings, the log.
 *
 * Ownership: whatever a function returns hangs off the talloc context it was given. A failed allocation ends the
 * process (see memory.c): a worker that has no memory left cannot answer anyway, and its manager starts another. */
#ifndef LATCHKEY_BASE_H
#define LATCHKEY_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <talloc.h>

/* ---- text: bytes from outside; may hold NUL, is not terminated unless said ------------------------------- */

struct text {
	const char *data;
	size_t len;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
#define TEXT_NONE ((struct text){NULL, 0})

struct text text_of(const char *string); /* of a terminated string; NULL gives TEXT_NONE */
bool text_is_empty(struct text text);
bool text_equal(struct text a, struct text b);
bool text_is(struct text text, const char *string);
bool text_equal_nocase(struct text a, struct text b); /* ASCII letters only */
bool text_starts(struct text text, const char *prefix);
bool text_has_nul(struct text text);
struct text text_trim(struct text text, const char *set);			   /* cuts bytes of set at both ends */
struct text text_trim_unicode_space(struct text text);				   /* as Go's strings.TrimSpace */
bool text_next_word(struct text *rest, struct text *word);			   /* as Go's strings.Fields; false: none is left */
struct text text_before(struct text text, char stop);				   /* up to the first stop, or all */
bool text_cut(struct text text, char at, struct text *before, struct text *after); /* false: at is not there */
char *text_string(TALLOC_CTX *mem, struct text text);				   /* a terminated copy; NUL inside stays inside */
struct text text_copy(TALLOC_CTX *mem, struct text text);			   /* a terminated copy */
struct text text_lower(TALLOC_CTX *mem, struct text text);			   /* Unicode simple lower-casing; invalid UTF-8 becomes U+FFFD */
bool utf8_valid(struct text text);
struct text utf8_repair(TALLOC_CTX *mem, struct text text); /* each invalid byte becomes U+FFFD; the same text where none is */
/* Reads one code point at *at and advances; an invalid byte gives 0xFFFD and advances by one. */
uint32_t utf8_next(struct text text, size_t *at);

struct text_list {
	struct text *items;
	size_t count;
	bool set; /* the list was given at all; an empty list may be set */
};
bool text_list_has(const struct text_list *list, struct text item);

/* ---- buffer: text that grows; a talloc child of what it was made under ------------------------------------ */

struct buffer {
	char *data; /* always terminated */
	size_t len, size;
};

struct buffer *buffer_new(TALLOC_CTX *mem, size_t size);
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *data, size_t len);
void buffer_text(struct buffer *buffer, struct text text);
void buffer_string(struct buffer *buffer, const char *string);
void buffer_char(struct buffer *buffer, char byte);
void buffer_point(struct buffer *buffer, uint32_t point); /* in UTF-8 */
void buffer_int(struct buffer *buffer, int64_t number);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_clear(struct buffer *buffer);
struct text buffer_as_text(const struct buffer *buffer);

/* ---- UUIDs (contract 01 section 5.6) ---------------------------------------------------------------------- */

struct uuid {
	unsigned char bytes[16];
};
#define UUID_TEXT_LEN 36

struct uuid uuid_v4(void);
bool uuid_parse(struct text text, struct uuid *uuid); /* canonical, 32 hex digits, braced, urn:uuid: */
bool uuid_is_nil(const struct uuid *uuid);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
void uuid_format(const struct uuid *uuid, char out[UUID_TEXT_LEN + 1]); /* lower-case canonical */
char *uuid_string(TALLOC_CTX *mem, const struct uuid *uuid);

/* ---- time --------------------------------------------------------------------------------------------------
 * A moment is the microseconds since 1970-01-01 UTC, as PostgreSQL keeps it; MOMENT_NONE is SQL NULL.
 * A duration is in nanoseconds, as Go's time.Duration. */

typedef int64_t moment;
typedef int64_t duration;

#define MOMENT_NONE INT64_MIN
#define NANOSECOND ((duration)1)
#define MICROSECOND (1000 * NANOSECOND)
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND (1000 * MILLISECOND)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

moment moment_now(void);		     /* wall clock */
int64_t monotonic_now(void);		     /* nanoseconds; for deadlines and waiting */
moment moment_add(moment at, duration span); /* saturates */
#define MOMENT_TEXT_MAX 40
size_t moment_format(moment at, char out[MOMENT_TEXT_MAX]); /* RFC 3339 in UTC, fraction without trailing zeros */
bool moment_parse(struct text text, moment *at);	    /* RFC 3339 with offset */

/* Go durations (contract 02 section 2.2, 05 section 1.9). On failure *why is a text such as
 * `time: missing unit in duration "10"`, allocated under mem. */
bool duration_parse(TALLOC_CTX *mem, struct text text, duration *span, const char **why);
char *duration_string(TALLOC_CTX *mem, duration span); /* as Go prints it: 1h0m0s, 5ms, 0s */

/* ---- quoting and encodings --------------------------------------------------------------------------------- */

/* Go's strconv.Quote (contract 04 section 11). */
struct text quote_go(TALLOC_CTX *mem, struct text text);
bool is_printable(uint32_t point); /* as Go's unicode.IsPrint, near enough */

char *hex_encode(TALLOC_CTX *mem, const void *data, size_t len);   /* lower case */
bool hex_decode(struct text text, unsigned char *out, size_t len); /* exactly len bytes */
/* Base64 of RFC 4648. Decoders give NULL on bad input and, where bad_at is given, the offset of the first bad byte. */
enum base64_kind { BASE64_URL_RAW, BASE64_URL, BASE64_STD, BASE64_STD_RAW };
char *base64_encode(TALLOC_CTX *mem, enum base64_kind kind, const void *data, size_t len);
unsigned char *base64_decode(TALLOC_CTX *mem, enum base64_kind kind, struct text text, size_t *len, size_t *bad_at);
char *base32_lower_raw(TALLOC_CTX *mem, const void *data, size_t len); /* RFC 4648 alphabet, lower case, unpadded */
uint32_t crc32_of(const void *data, size_t len);

/* application/x-www-form-urlencoded and URL escaping (contract 01 section 5.2) */
bool percent_decode(TALLOC_CTX *mem, struct text text, bool plus_is_space, struct text *out); /* false: a bad escape */
struct text query_escape(TALLOC_CTX *mem, struct text text);				      /* Go's url.QueryEscape */

bool secret_equal(struct text a, struct text b); /* constant time for equal lengths */
void secret_hold(const void *block);		 /* a talloc block without a destructor: wiped when it is freed; NULL: nothing */
void random_bytes(void *out, size_t len);	 /* ends the process when the system has none */
uint64_t random_below(uint64_t bound);		 /* uniform in [0, bound) */

/* ---- the log (contract 02 section 7) ------------------------------------------------------------------------
 * One JSON object a line, members sorted, one write(2) each. Never give it secrets, tokens or personal data. */

enum log_level { LOG_PANIC, LOG_FATAL, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };

struct log_field {
	const char *name;
	enum { LOG_TEXT, LOG_NUMBER, LOG_TRUTH, LOG_JSON } kind; /* LOG_JSON: text is a JSON value as it stands */
	struct text text;
	int64_t number;
};

struct log_field log_text(const char *name, const char *value);
struct log_field log_bytes(const char *name, struct text value);
struct log_field log_number(const char *name, int64_t value);
struct log_field log_truth(const char *name, bool value);
struct log_field log_json(const char *name, struct text value);

bool log_level_parse(struct text text, enum log_level *level);
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
int log_open(const char *path); /* appends to path from now on; -1 with errno and stderr kept */
void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count);
#define LOG_FIELDS(...) ((struct log_field[]){__VA_ARGS__}), sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)
/* log_to(LOG_INFO, "text", log_text("name", value), …) */
#define log_to(level, msg, ...) log_write(level, msg, LOG_FIELDS(__VA_ARGS__))
#define log_plain(level, msg) log_write(level, msg, NULL, 0)

/* ---- memory ------------------------------------------------------------------------------------------------ */

/* Ends the process with a log entry; for what cannot go on. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *must(void *allocated); /* dies on NULL */
char *format(TALLOC_CTX *mem, const char *text, ...) __attribute__((format(printf, 2, 3)));

#endif
