/* wallet_time.c: the times of wallet messages: RFC 3339 with what the reference's parser lets pass (contract 07 section 16.14). */
#include "wallet_int.h"

struct scan {
	struct text rest;
	bool good;
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static int64_t number(struct scan *at, size_t min, size_t max)
{
	int64_t value = 0;
	size_t digits = 0;

	while (digits < max && digits < at->rest.len && is_digit(at->rest.data[digits]))
		value = value * 10 + (at->rest.data[digits++] - '0');
	at->good = at->good && digits >= min;
	at->rest = (struct text){at->rest.data + digits, at->rest.len - digits};
	return value;
}

static void literal(struct scan *at, char byte)
{
	at->good = at->good && at->rest.len && at->rest.data[0] == byte;
	if (at->good)
		at->rest = (struct text){at->rest.data + 1, at->rest.len - 1};
}

/* Microseconds; further digits are read and dropped. */
static int64_t fraction(struct scan *at)
{
	int64_t value = 0, scale = 100000;

	if (!at->good || !at->rest.len || (at->rest.data[0] != '.' && at->rest.data[0] != ','))
		return 0;
	at->rest = (struct text){at->rest.data + 1, at->rest.len - 1};
	at->good = at->rest.len && is_digit(at->rest.data[0]);
	while (at->rest.len && is_digit(at->rest.data[0])) {
		value += (at->rest.data[0] - '0') * scale;
		scale /= 10;
		at->rest = (struct text){at->rest.data + 1, at->rest.len - 1};
	}
	return value;
}

/* Seconds east of UTC. */
static int64_t offset(struct scan *at)
{
	int64_t hours, minutes;
	bool west = at->rest.len && at->rest.data[0] == '-';

	if (!at->good || !at->rest.len)
		return at->good = false;
	if (at->rest.data[0] == 'Z') {
		literal(at, 'Z');
		return 0;
	}
	literal(at, west ? '-' : '+');
	hours = number(at, 2, 2);
	literal(at, ':');
	minutes = number(at, 2, 2);
	at->good = at->good && hours <= 24 && minutes <= 60;
	return (west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 in the Gregorian calendar. */
static int64_t days_from_epoch(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool wallet_time_parse(struct text text, moment *at)
{
	struct scan in = {text, true};
	int64_t year = number(&in, 4, 4), month, day, hour, minute, second, micros, east;

	literal(&in, '-');
	month = number(&in, 2, 2);
	literal(&in, '-');
	day = number(&in, 2, 2);
	literal(&in, 'T');
	hour = number(&in, 1, 2);
	literal(&in, ':');
	minute = number(&in, 2, 2);
	literal(&in, ':');
	second = number(&in, 2, 2);
	micros = fraction(&in);
	east = offset(&in);
	if (!in.good || in.rest.len || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	*at = ((days_from_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - east;
	*at = *at * 1000000 + micros;
	if (*at == days_from_epoch(1, 1, 1) * 86400 * 1000000)
		*at = MOMENT_NONE; /* the zero time counts as missing */
	return true;
}
