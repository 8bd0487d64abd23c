/* time.c: moments: the clock, RFC 3339 out and in. */
#include <string.h>
#include <time.h>

#include "latchkey/base.h"

moment moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (moment)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

moment moment_add(moment at, duration span)
{
	moment sum;

	if (__builtin_add_overflow(at, span / MICROSECOND, &sum))
		return span < 0 ? INT64_MIN + 1 : INT64_MAX;
	return sum;
}

/* Days since 1970-01-01 to a civil date and back, proleptic Gregorian (Howard Hinnant's public algorithms). */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned of_era = (unsigned)(shifted - era * 146097);
	unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned part = (5 * of_year + 2) / 153;

	*day = of_year - (153 * part + 2) / 5 + 1;
	*month = part < 10 ? part + 3 : part - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t era;
	unsigned of_era, of_year, year_of_era;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = (unsigned)(year - era * 400);
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
	return era * 146097 + of_era - 719468;
}

static char *put(char *out, unsigned number, int width)
{
	for (int i = width - 1; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + width;
}

size_t moment_format(moment at, char out[MOMENT_TEXT_MAX])
{
	int64_t seconds = at / 1000000, fraction = at % 1000000, days, year;
	unsigned month, day, rest;
	char *end = out;

	if (fraction < 0) {
		fraction += 1000000;
		seconds--;
	}
	days = seconds / 86400;
	if (seconds % 86400 < 0)
		days--;
	rest = (unsigned)(seconds - days * 86400);
	civil(days, &year, &month, &day);
	if (year < 0)
		*end++ = '-';
	end = put(end, (unsigned)(year < 0 ? -year : year), year > 9999 || year < -9999 ? 6 : 4);
	*end++ = '-';
	end = put(end, month, 2);
	*end++ = '-';
	end = put(end, day, 2);
	*end++ = 'T';
	end = put(end, rest / 3600, 2);
	*end++ = ':';
	end = put(end, rest / 60 % 60, 2);
	*end++ = ':';
	end = put(end, rest % 60, 2);
	if (fraction) {
		*end++ = '.';
		end = put(end, (unsigned)fraction, 6);
		while (end[-1] == '0')
			end--;
	}
	*end++ = 'Z';
	*end = '\0';
	return (size_t)(end - out);
}

static bool number(struct text text, size_t at, size_t width, unsigned *out)
{
	unsigned value = 0;

	if (text.len < at + width)
		return false;
	for (size_t i = at; i < at + width; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*out = value;
	return true;
}

static bool parse_offset(struct text text, int64_t *seconds)
{
	unsigned hours, minutes;

	*seconds = 0;
	if (text.len == 1 && text.data[0] == 'Z')
		return true;
	if (text.len != 6 || (text.data[0] != '+' && text.data[0] != '-') || text.data[3] != ':' || !number(text, 1, 2, &hours) ||
	    !number(text, 4, 2, &minutes) || hours > 24 || minutes > 59)
		return false;
	*seconds = (int64_t)(hours * 3600 + minutes * 60) * (text.data[0] == '-' ? -1 : 1);
	return true;
}

bool moment_parse(struct text text, moment *at)
{
	static const unsigned char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year, month, day, hour, minute, second, micros = 0, last;
	size_t end = 19, digits = 0;
	int64_t offset;

	if (!number(text, 0, 4, &year) || !number(text, 5, 2, &month) || !number(text, 8, 2, &day) || !number(text, 11, 2, &hour) ||
	    !number(text, 14, 2, &minute) || !number(text, 17, 2, &second) || text.data[4] != '-' || text.data[7] != '-' || text.data[10] != 'T' ||
	    text.data[13] != ':' || text.data[16] != ':')
		return false;
	if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
		return false;
	last = length[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	if (day < 1 || day > last)
		return false;
	if (text.len > end && (text.data[end] == '.' || text.data[end] == ',')) {
		for (end++; end < text.len && text.data[end] >= '0' && text.data[end] <= '9'; end++)
			if (digits++ < 6)
				micros = micros * 10 + (unsigned)(text.data[end] - '0');
		if (digits == 0)
			return false;
		for (; digits < 6; digits++)
			micros *= 10;
	}
	if (!parse_offset((struct text){text.data + end, text.len - end}, &offset))
		return false;
	*at = (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset) * 1000000 + micros;
	return true;
}
