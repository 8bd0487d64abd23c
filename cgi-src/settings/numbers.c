/* numbers.c: truths and numbers as Go spells them (contract 02 section 2.2). */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool refuse(TALLOC_CTX *mem, const char *function, struct text value, const char *reason, const char **why)
{
	*why = format(mem, "strconv.%s: parsing %s: %s", function, quote_go(mem, value).data, reason);
	return false;
}

static const char bad_syntax[] = "invalid syntax", out_of_range[] = "value out of range";

bool parse_bool(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	static const char *const spellings[2][6] = {{"0", "f", "F", "FALSE", "false", "False"}, {"1", "t", "T", "TRUE", "true", "True"}};

	for (size_t truth = 0; truth < 2; truth++) {
		for (size_t i = 0; i < COUNT_OF(spellings[0]); i++) {
			if (!text_is(value, spellings[truth][i]))
				continue;
			*(bool *)field = truth == 1;
			return true;
		}
	}
	return refuse(mem, "ParseBool", value, bad_syntax, why);
}

bool parse_switch(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	const char *ignored;

	if (text_is(value, "on") || text_is(value, "off")) {
		*(bool *)field = value.len == 2;
		return true;
	}
	if (parse_bool(mem, value, field, &ignored))
		return true;
	*why = "neither on nor off";
	return false;
}

static int digit_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A' + 10;
	return 99;
}

/* The base that a prefix says; *digits is cut after it. A leading 0 alone means octal. */
static int cut_base(struct text *digits)
{
	static const struct {
		char letter;
		int base;
	} prefixes[] = {{'x', 16}, {'o', 8}, {'b', 2}};

	if (digits->len < 2 || digits->data[0] != '0')
		return 10;
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		if ((digits->data[1] | 0x20) != prefixes[i].letter)
			continue;
		*digits = (struct text){digits->data + 2, digits->len - 2};
		return prefixes[i].base;
	}
	*digits = (struct text){digits->data + 1, digits->len - 1};
	return 8;
}

enum scan { SCAN_GOOD, SCAN_SYNTAX, SCAN_RANGE };

/* Digits without sign, base by prefix, `_` between digits and after a prefix. */
static enum scan scan_whole(struct text digits, uint64_t *number)
{
	int base = cut_base(&digits);
	bool full = false, digit_before = base != 10;
	uint64_t value = 0;

	if (digits.len == 0)
		return SCAN_SYNTAX;
	for (size_t i = 0; i < digits.len; i++) {
		int digit = digit_value(digits.data[i]);

		if (digits.data[i] == '_') {
			if (!digit_before || i + 1 == digits.len)
				return SCAN_SYNTAX;
			digit_before = false;
			continue;
		}
		if (digit >= base)
			return SCAN_SYNTAX;
		digit_before = true;
		full = full || __builtin_mul_overflow(value, (uint64_t)base, &value) || __builtin_add_overflow(value, (uint64_t)digit, &value);
	}
	*number = value;
	return full ? SCAN_RANGE : SCAN_GOOD;
}

bool parse_int(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	bool negative = value.len && value.data[0] == '-', sign = negative || (value.len && value.data[0] == '+');
	struct text digits = {value.data + (sign ? 1 : 0), value.len - (sign ? 1 : 0)};
	uint64_t number = 0, most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	enum scan scan = scan_whole(digits, &number);

	if (scan == SCAN_SYNTAX)
		return refuse(mem, "ParseInt", value, bad_syntax, why);
	if (scan == SCAN_RANGE || number > most)
		return refuse(mem, "ParseInt", value, out_of_range, why);
	*(int64_t *)field = negative ? (int64_t)(0 - number) : (int64_t)number;
	return true;
}

/* Kept as int64_t; what is beyond counts as the most there is. */
bool parse_uint(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	uint64_t number = 0;
	enum scan scan = scan_whole(value, &number);

	if (scan != SCAN_GOOD)
		return refuse(mem, "ParseUint", value, scan == SCAN_SYNTAX ? bad_syntax : out_of_range, why);
	*(int64_t *)field = number > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)number;
	return true;
}

bool parse_decimal(TALLOC_CTX *mem, struct text value, unsigned bits, uint64_t *number, const char **why)
{
	bool full = false;

	*number = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return refuse(mem, "ParseUint", value, bad_syntax, why);
		full = full || __builtin_mul_overflow(*number, 10u, number) ||
		       __builtin_add_overflow(*number, (uint64_t)(value.data[i] - '0'), number);
	}
	if (value.len == 0)
		return refuse(mem, "ParseUint", value, bad_syntax, why);
	if (full || *number >> bits)
		return refuse(mem, "ParseUint", value, out_of_range, why);
	return true;
}

static bool is_named_float(struct text digits)
{
	static const char *const names[] = {"inf", "infinity", "nan"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_equal_nocase(digits, text_of(names[i])))
			return true;
	return false;
}

/* Skips digits of base; `_` only between them. Gives how many, -1 where a `_` stands wrong. */
static int skip_digits(const char **at, int base, bool digit_before)
{
	int count = 0;

	for (;; (*at)++) {
		if (**at == '_') {
			if (!digit_before || digit_value((*at)[1]) >= base)
				return -1;
			digit_before = false;
			continue;
		}
		if (digit_value(**at) >= base)
			return count;
		digit_before = true;
		count++;
	}
}

/* Digits, a fraction, an exponent; hexadecimal ones need the exponent p. */
static bool is_float_literal(const char *at)
{
	int base = 10, whole, part = 0;
	char exponent = 'e';

	if (at[0] == '0' && (at[1] | 0x20) == 'x') {
		base = 16;
		exponent = 'p';
		at += 2;
	}
	whole = skip_digits(&at, base, base == 16);
	if (whole < 0)
		return false;
	if (*at == '.') {
		at++;
		part = skip_digits(&at, base, false);
	}
	if (part < 0 || whole + part == 0)
		return false;
	if ((*at | 0x20) == exponent) {
		at++;
		if (*at == '+' || *at == '-')
			at++;
		if (skip_digits(&at, 10, false) < 1)
			return false;
	} else if (base == 16) {
		return false;
	}
	return *at == '\0';
}

static double read_float(const char *text)
{
	static locale_t plain;

	if (!plain)
		plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return strtod_l(text, NULL, plain);
}

bool parse_float(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	char *copy = text_string(mem, value), *to = copy;
	const char *unsigned_part = copy + (copy[0] == '+' || copy[0] == '-' ? 1 : 0);
	bool named = is_named_float(text_of(unsigned_part));
	double number;

	if (text_has_nul(value) || (!named && !is_float_literal(unsigned_part)))
		return refuse(mem, "ParseFloat", value, bad_syntax, why);
	for (const char *from = copy; *from; from++)
		if (*from != '_')
			*to++ = *from;
	*to = '\0';
	errno = 0;
	number = read_float(copy);
	if (!named && __builtin_isinf(number))
		return refuse(mem, "ParseFloat", value, out_of_range, why);
	*(double *)field = number;
	return true;
}

bool parse_whole_float(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	double number;

	if (!parse_float(mem, value, &number, why))
		return false;
	if (!(number > -9.2e18)) /* and NaN */
		number = 0;
	*(int64_t *)field = number > 9.2e18 ? INT64_MAX : (int64_t)number;
	return true;
}

bool parse_duration(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	return duration_parse(mem, value, field, why);
}
