/* types.c: the table of value types: how each is read and written (contract 02 section 2.2). */
#include <math.h>

#include "internal.h"

static void show_text(struct buffer *out, const void *field)
{
	const char *const *text = field;

	buffer_string(out, *text ? *text : "");
}

static void show_bool(struct buffer *out, const void *field)
{
	buffer_string(out, *(const bool *)field ? "true" : "false");
}

static void show_switch(struct buffer *out, const void *field)
{
	buffer_string(out, *(const bool *)field ? "on" : "off");
}

static void show_whole(struct buffer *out, const void *field)
{
	buffer_int(out, *(const int64_t *)field);
}

static void show_float(struct buffer *out, const void *field)
{
	buffer_format(out, "%.15g", *(const double *)field);
}

static void show_duration(struct buffer *out, const void *field)
{
	buffer_string(out, duration_string(out, *(const duration *)field));
}

static void show_duration_set(struct buffer *out, const void *field)
{
	if (*(const duration *)field)
		show_duration(out, field);
}

static void show_items(struct buffer *out, const struct text_list *list, const char *between)
{
	for (size_t i = 0; i < list->count; i++) {
		buffer_string(out, i ? between : "");
		buffer_text(out, list->items[i]);
	}
}

static void show_list(struct buffer *out, const void *field)
{
	show_items(out, field, ",");
}

static void show_secrets(struct buffer *out, const void *field)
{
	show_items(out, field, "|");
}

static void show_charsets(struct buffer *out, const void *field)
{
	const struct text_list *list = field;

	for (size_t i = 0; i < list->count; i++) {
		buffer_string(out, i ? ":" : "");
		for (size_t at = 0; at < list->items[i].len; at++) {
			if (list->items[i].data[at] == ':')
				buffer_char(out, '\\');
			buffer_char(out, list->items[i].data[at]);
		}
	}
}

static void show_pairs(struct buffer *out, const struct text_map *map, char between)
{
	for (size_t i = 0; i < map->count; i++) {
		buffer_string(out, i ? "," : "");
		buffer_text(out, map->items[i].name);
		buffer_char(out, between);
		buffer_text(out, map->items[i].value);
	}
}

static void show_map(struct buffer *out, const void *field)
{
	show_pairs(out, field, ':');
}

static void show_domains(struct buffer *out, const void *field)
{
	show_pairs(out, field, '=');
}

static void show_time(struct buffer *out, const void *field)
{
	char text[MOMENT_TEXT_MAX];

	if (*(const moment *)field == MOMENT_NONE)
		return;
	moment_format(*(const moment *)field, text);
	buffer_string(out, text);
}

static void show_rate(struct buffer *out, const void *field)
{
	const struct rate *rate = field;

	buffer_string(out, rate->raw ? rate->raw : "");
}

/* Keys are made after all else (validate.c); here only that they are there counts. */
static bool parse_keys(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	(void)mem;
	(void)field;
	if (!text_is_empty(text_trim(value, " \t\r\n")))
		return true;
	*why = "unexpected end of JSON input";
	return false;
}

static void show_keys(struct buffer *out, const void *field)
{
	(void)out;
	(void)field;
}

static const struct setting_kind kinds[SETTING_TYPES] = {
	[SETTING_TEXT] = {"string", "text", parse_text, show_text, NO_NUMBER, sizeof(char *)},
	[SETTING_BOOL] = {"bool", "true or false", parse_bool, show_bool, NO_NUMBER, sizeof(bool)},
	[SETTING_SWITCH] = {"switch", "on or off", parse_switch, show_switch, NO_NUMBER, sizeof(bool)},
	[SETTING_INT] = {"int", "whole number", parse_int, show_whole, WHOLE_NUMBER, sizeof(int64_t)},
	[SETTING_INT64] = {"int64", "whole number", parse_int, show_whole, WHOLE_NUMBER, sizeof(int64_t)},
	[SETTING_UINT] = {"uint", "whole number, not negative", parse_uint, show_whole, WHOLE_NUMBER, sizeof(int64_t)},
	[SETTING_FLOAT] = {"float64", "number", parse_float, show_float, REAL_NUMBER, sizeof(double)},
	[SETTING_WHOLE_FLOAT] = {"float64", "number, its fraction cut", parse_whole_float, show_whole, WHOLE_NUMBER, sizeof(int64_t)},
	[SETTING_DURATION] = {"time.Duration", "duration", parse_duration, show_duration, WHOLE_NUMBER, sizeof(duration)},
	[SETTING_DURATION_SET] = {"*time.Duration", "duration", parse_duration, show_duration_set, WHOLE_NUMBER, sizeof(duration)},
	[SETTING_LIST] = {"[]string", "list", parse_list, show_list, NO_NUMBER, sizeof(struct text_list)},
	[SETTING_WORDS] = {"words", "list, also parted by blanks", parse_words, show_list, NO_NUMBER, sizeof(struct text_list)},
	[SETTING_MAP] = {"map[string]string", "pairs name:value", parse_map, show_map, NO_NUMBER, sizeof(struct text_map)},
	[SETTING_TIME] = {"conf.Time", "RFC 3339 time", parse_time, show_time, NO_NUMBER, sizeof(moment)},
	[SETTING_RATE] = {"conf.Rate", "rate", parse_rate, show_rate, NO_NUMBER, sizeof(struct rate)},
	[SETTING_KEYS] = {"conf.JwtKeysDecoder", "JSON array of JWKs", parse_keys, show_keys, NO_NUMBER, sizeof(void *)},
	[SETTING_SECRETS] = {"conf.HTTPHookSecrets", "secrets parted by |", parse_secrets, show_secrets, NO_NUMBER, sizeof(struct text_list)},
	[SETTING_CHARSETS] = {"conf.PasswordRequiredCharacters", "sets parted by :", parse_charsets, show_charsets, NO_NUMBER,
			      sizeof(struct text_list)},
	[SETTING_DOMAINS] = {"conf.ProviderLinkingDomains", "pairs name=value", parse_domains, show_domains, NO_NUMBER, sizeof(struct text_map)},
	[SETTING_JSON] = {"string", "JSON", parse_text, show_text, NO_NUMBER, sizeof(char *)},
};

const struct setting_kind *setting_kind(enum setting_type type)
{
	return &kinds[type];
}

int setting_compare(enum setting_type type, const void *a, const void *b)
{
	if (kinds[type].number == REAL_NUMBER) {
		double left = *(const double *)a, right = *(const double *)b;

		/* NaN counts as less than anything */
		return isnan(left) ? -1 : (left > right) - (left < right);
	}
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}
