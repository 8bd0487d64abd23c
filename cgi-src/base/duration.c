/* duration.c: Go's durations, as settings and ban_duration spell them (contract 02 section 2.2, 05 section 1.9). */
#include <string.h>

#include "latchkey/base.h"

static const struct unit {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{"ns", 1},	 {"us", 1000},	    {"\xc2\xb5s", 1000},       {"\xce\xbcs", 1000},
	{"ms", 1000000}, {"s", 1000000000}, {"m", 60ull * 1000000000}, {"h", 3600ull * 1000000000},
};

/* The text in quotes, as Go's time package prints it: `"` and `\` escaped, bytes that are no printable ASCII as \xNN. */
static const char *quoted(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, text.len + 8);

	buffer_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte < ' ' || byte >= 0x80)
			buffer_format(out, "\\x%02x", byte);
		else if (byte == '"' || byte == '\\')
			buffer_format(out, "\\%c", byte);
		else
			buffer_char(out, (char)byte);
	}
	buffer_char(out, '"');
	return out->data;
}

static bool is_digit(struct text text, size_t at)
{
	return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool invalid(TALLOC_CTX *mem, struct text text, const char **why)
{
	*why = format(mem, "time: invalid duration %s", quoted(mem, text));
	return false;
}

/* One number with its unit; false with *why set. *total grows. */
static bool parse_part(TALLOC_CTX *mem, struct text text, size_t *at, uint64_t *total, const char **why)
{
	const uint64_t most = (uint64_t)1 << 63;
	uint64_t whole = 0, part = 0;
	double scale = 1;
	size_t start = *at, unit_start;
	bool digits = false, full = false;
	struct text name;

	for (; is_digit(text, *at); (*at)++, digits = true) {
		if (whole > most / 10)
			return invalid(mem, text, why);
		whole = whole * 10 + (uint64_t)(text.data[*at] - '0');
		if (whole > most)
			return invalid(mem, text, why);
	}
	if (*at < text.len && text.data[*at] == '.') {
		for ((*at)++; is_digit(text, *at); (*at)++, digits = true) {
			if (full || part > (most - 1) / 10) {
				full = true;
				continue;
			}
			part = part * 10 + (uint64_t)(text.data[*at] - '0');
			scale *= 10;
		}
	}
	if (!digits || *at == start)
		return invalid(mem, text, why);
	unit_start = *at;
	while (*at < text.len && text.data[*at] != '.' && !is_digit(text, *at))
		(*at)++;
	name = (struct text){text.data + unit_start, *at - unit_start};
	if (name.len == 0) {
		*why = format(mem, "time: missing unit in duration %s", quoted(mem, text));
		return false;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!text_is(name, units[i].name))
			continue;
		if (whole > most / units[i].nanoseconds)
			return invalid(mem, text, why);
		whole *= units[i].nanoseconds;
		whole += (uint64_t)((double)part * ((double)units[i].nanoseconds / scale));
		if (whole > most || *total + whole > most)
			return invalid(mem, text, why);
		*total += whole;
		return true;
	}
	*why = format(mem, "time: unknown unit %s in duration %s", quoted(mem, name), quoted(mem, text));
	return false;
}

bool duration_parse(TALLOC_CTX *mem, struct text text, duration *span, const char **why)
{
	size_t at = 0;
	bool negative = false;
	uint64_t total = 0;

	if (text.len && (text.data[0] == '-' || text.data[0] == '+'))
		negative = text.data[at++] == '-';
	if (text.len - at == 1 && text.data[at] == '0') {
		*span = 0;
		return true;
	}
	if (at == text.len)
		return invalid(mem, text, why);
	while (at < text.len) {
		if (text.data[at] != '.' && !is_digit(text, at))
			return invalid(mem, text, why);
		if (!parse_part(mem, text, &at, &total, why))
			return false;
	}
	if (!negative && total > INT64_MAX)
		return invalid(mem, text, why);
	*span = negative ? (duration)(0 - total) : (duration)total;
	return true;
}

static void put_fraction(struct buffer *out, uint64_t value, uint64_t unit, const char *name)
{
	uint64_t rest = value % unit;

	buffer_int(out, (int64_t)(value / unit));
	if (rest) {
		buffer_char(out, '.');
		for (uint64_t digit = unit / 10; rest; digit /= 10) {
			buffer_char(out, (char)('0' + rest / digit));
			rest %= digit;
		}
	}
	buffer_string(out, name);
}

char *duration_string(TALLOC_CTX *mem, duration span)
{
	uint64_t value = span < 0 ? 0 - (uint64_t)span : (uint64_t)span, second = (uint64_t)SECOND;
	struct buffer *out = buffer_new(mem, 32);

	if (span < 0)
		buffer_char(out, '-');
	if (value == 0) {
		buffer_string(out, "0s");
	} else if (value < 1000) {
		put_fraction(out, value, 1, "ns");
	} else if (value < 1000000) {
		put_fraction(out, value, 1000, "\xc2\xb5s");
	} else if (value < second) {
		put_fraction(out, value, 1000000, "ms");
	} else {
		if (value >= 3600 * second)
			buffer_format(out, "%lluh", (unsigned long long)(value / (3600 * second)));
		if (value >= 60 * second)
			buffer_format(out, "%llum", (unsigned long long)(value / (60 * second) % 60));
		put_fraction(out, value % (60 * second), second, "s");
	}
	return out->data;
}
