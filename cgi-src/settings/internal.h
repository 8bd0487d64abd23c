/* internal.h: what the files of the settings room share: the table's rows, the merged variables, one run of settings_make. */
#ifndef LATCHKEY_SETTINGS_INTERNAL_H
#define LATCHKEY_SETTINGS_INTERNAL_H

#include "latchkey/settings.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* ---- the table --------------------------------------------------------------------------------------------------------- */

enum setting_type {
	SETTING_TEXT,
	SETTING_BOOL,
	SETTING_SWITCH, /* on or off; ours */
	SETTING_INT,
	SETTING_INT64, /* as SETTING_INT; other name in messages */
	SETTING_UINT,
	SETTING_FLOAT,
	SETTING_WHOLE_FLOAT, /* a float kept as int64_t */
	SETTING_DURATION,
	SETTING_DURATION_SET, /* not set differs from 0 */
	SETTING_LIST,
	SETTING_WORDS, /* separated by commas or blanks, trimmed; ours */
	SETTING_MAP,
	SETTING_TIME,
	SETTING_RATE,
	SETTING_KEYS,
	SETTING_SECRETS,
	SETTING_CHARSETS,
	SETTING_DOMAINS,
	SETTING_JSON,
	SETTING_TYPES
};

/* What happens to a number outside of [least, most] (contract 02 section 2.6). */
enum outside { OUTSIDE_REFUSED, OUTSIDE_MOVED, OUTSIDE_RESET };

enum setting_flag {
	SETTING_REQUIRED = 1,
	SETTING_SECRET = 2,	 /* never shown, also not in messages; NAME_FILE names a file that holds it */
	SETTING_PRIVATE = 4,	 /* not shown in listings */
	SETTING_UNUSED = 8,	 /* read and checked, without effect; no field */
	SETTING_ENVIRONMENT = 16 /* taken from the process environment only */
};

struct setting {
	const char *name; /* wins over bare; in a family `*` stands for the member */
	const char *bare; /* tried where name is not set at all; NULL: none */
	enum setting_type type;
	const char *fallback;	  /* the value where it is not set; NULL: zero, empty, not set */
	const char *instead;	  /* the value where it is zero or empty; NULL: that stays */
	const char *least, *most; /* NULL: open */
	enum outside outside;
	const char *reset; /* OUTSIDE_RESET: the value taken */
	unsigned flags;
	size_t offset;	     /* of the field in struct settings; in a family from its base */
	const char *meaning; /* a sentence's worth, no full stop */
	/* set when the table is made */
	const struct section *section;
	const struct family *family;
};
#define AT(member) offsetof(struct settings, member)

/* Rows that repeat: for member i of names the field stands at base + i * stride + its offset. */
struct family {
	const char *const *names;
	size_t count, base, stride;
};

struct section {
	const char *title;
	const char *prefix; /* cut from a name, it leaves the name that messages give the field */
	const struct setting *rows;
	size_t count;
	const struct family *family; /* NULL: plain rows */
};

extern const struct section section_api, section_database, section_providers, section_external, section_custom_oauth, section_oauth_server,
	section_log, section_profiler, section_tracing, section_metrics, section_smtp, section_audit_log, section_rate_limits, section_site,
	section_password, section_jwt, section_mailer, section_mail_subjects, section_mail_templates, section_mail_links, section_mail_notifications,
	section_sms, section_sign_up, section_hooks, section_security, section_sessions, section_mfa, section_saml, section_webauthn, section_passkey,
	section_cors, section_index_worker, section_experimental, section_reloading, section_outgoing_calls, section_ours;
extern const char *const provider_names[SETTINGS_PROVIDERS]; /* as in variables: "GOOGLE" */
const struct section *const *all_sections(size_t *count);    /* in the order of processing (contract 02 section 2.1) */

const struct setting *all_settings(size_t *count);		     /* made once, kept for good */
const struct setting *setting_named(const char *name);		     /* by name or bare name; NULL */
const struct setting *setting_at(size_t offset);		     /* by its field; NULL */
size_t setting_index(const struct setting *setting);		     /* its place in the table */
bool setting_wants_file(const struct setting *setting);		     /* NAME_FILE is read too */
char *setting_field(TALLOC_CTX *mem, const struct setting *setting); /* the field's name in messages: "Port" */

/* ---- types ---------------------------------------------------------------------------------------------------------------- */

/* Parses value into *field; what it allocates is a child of mem. false: *why is the detail of contract 02 section 2.2. */
typedef bool setting_parser(TALLOC_CTX *mem, struct text value, void *field, const char **why);

struct setting_kind {
	const char *name;  /* in messages: "time.Duration" */
	const char *words; /* in the manual: "duration" */
	setting_parser *parse;
	void (*show)(struct buffer *out, const void *field); /* as it would be written in a variable */
	enum { NO_NUMBER, WHOLE_NUMBER, REAL_NUMBER } number;
	size_t size;
};
const struct setting_kind *setting_kind(enum setting_type type);
int setting_compare(enum setting_type type, const void *a, const void *b); /* numbers */

setting_parser parse_text, parse_bool, parse_switch, parse_int, parse_uint, parse_float, parse_whole_float, parse_duration;
setting_parser parse_list, parse_words, parse_map, parse_secrets, parse_charsets, parse_domains, parse_rate, parse_time;
/* Go's strconv.ParseUint in base 10 with so many bits. */
bool parse_decimal(TALLOC_CTX *mem, struct text value, unsigned bits, uint64_t *number, const char **why);

void list_add(TALLOC_CTX *mem, struct text_list *list, struct text item);
void map_put(TALLOC_CTX *mem, struct text_map *map, struct text name, struct text value);

/* ---- sources --------------------------------------------------------------------------------------------------------------- */

struct entry {
	const char *name;
	struct text value;
	const char *origin; /* "environment" or the file's name */
};

struct settings_source {
	struct entry *entries; /* sorted by name */
	size_t count, size;
};

enum put { PUT_OVERRIDES, PUT_FILLS_GAPS };
struct settings_source *source_new(TALLOC_CTX *mem);
void source_put(struct settings_source *source, struct text name, struct text value, const char *origin, enum put put);
void source_merge(struct settings_source *source, const struct settings_source *other, enum put put);
const struct entry *source_get(const struct settings_source *source, const char *name);

/* Each adds what the text holds. -1: *why says what is wrong where, without content. */
int dotenv_read(struct settings_source *source, const char *path, struct text text, const char **why);
int json_file_read(struct settings_source *source, const char *path, struct text text, const char **why);
/* By the name's extension. *why begins with ReadDotenv or ReadJSON. */
int content_read(struct settings_source *source, const char *path, struct text text, const char **why);
/* By the name's extension. *why begins with ReadFile, ReadDotenv or ReadJSON. */
int file_read(struct settings_source *source, const char *path, const char **why);
/* The files of a folder in order; those before a failing one stay. *why begins with LoadDir. */
int folder_read(struct settings_source *source, const char *path, const char **why);

#define FILE_MAX ((size_t)4 * 1048576)
/* The content of an open file; -1 with *why `read PATH: …`. */
int descriptor_read(TALLOC_CTX *mem, int fd, const char *path, struct text *text, const char **why);
/* -1: *why is `open PATH: no such file or directory` or the like; *missing where there is none. */
int path_read(TALLOC_CTX *mem, const char *path, struct text *text, bool *missing, const char **why);
const char *system_words(TALLOC_CTX *mem, int error); /* strerror, lower case */

/* ---- making ------------------------------------------------------------------------------------------------------------------ */

/* What was found for a row. */
struct finding {
	const char *name;   /* the variable that gave the value; NULL: none */
	const char *origin; /* where that came from; "default" where it is not set */
	struct text value;
	bool failed;
};

struct making {
	TALLOC_CTX *mem;
	const struct settings_source *source;
	struct settings *settings;
	struct text_list problems, notes; /* children of mem */
	struct finding *findings;	  /* one a row of the table */
};

/* Everything, whether there are problems or not; making is a child of mem. */
struct making *settings_work_out(TALLOC_CTX *mem, const struct settings_source *source);

void find_settings(struct making *making);   /* make.c: look-up, parsing, ranges */
void derive_settings(struct making *making); /* section 2.6 */
void validate_settings(struct making *making);
void validate_hooks(struct making *making);
void validate_encryption(struct making *making);
void validate_saml(struct making *making);
void validate_headers(struct making *making);
void note_names(struct making *making);	   /* unknown names, names that look valid (section 3.21) */
void note_old_ways(struct making *making); /* section 3.22 */
void note_admin_group(struct making *making);

/* A problem of the setting whose field this is; nothing where its value did not parse anyway. because: the field of the setting
 * that makes it one; NULL: none. */
void problem(struct making *making, const void *field, const void *because, const char *text, ...) __attribute__((format(printf, 4, 5)));
/* A note: what the log says, and its cause or NULL. */
void note(struct making *making, const char *text, const char *error);
const char *name_of(const struct making *making, const void *field);  /* the variable that gave it, or its name */
struct text value_of(const struct making *making, const void *field); /* as it was given; TEXT_NONE */
bool is_given(const struct making *making, const void *field);
bool is_usable(const struct making *making, const void *field); /* it parsed, or has its default */

/* Go's url.ParseRequestURI, as far as section 2.7 needs it. false: *why is the text of section 2.7. */
bool api_url_check(TALLOC_CTX *mem, const char *url, const char **why);

#endif
