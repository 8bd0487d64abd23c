/* rates.c: rates and moments (contract 02 sections 2.2 and 2.3). */
#include "internal.h"

#define EVENTS_BITS 52

static bool parse_burst(TALLOC_CTX *mem, struct text value, struct text events_text, struct text over_text, struct rate *rate, const char **why)
{
	struct text quoted = quote_go(mem, value);
	uint64_t events;
	const char *reason;

	if (!parse_decimal(mem, events_text, EVENTS_BITS, &events, &reason)) {
		*why = format(mem, "rate: events part of rate value %s failed to parse as uint64: %s", quoted.data, reason);
		return false;
	}
	if (!duration_parse(mem, over_text, &rate->over, &reason)) {
		*why = format(mem, "rate: over-time part of rate value %s failed to parse as duration: %s", quoted.data, reason);
		return false;
	}
	if (rate->over <= 0)
		rate->over = HOUR;
	rate->kind = RATE_BURST;
	rate->events = (double)events;
	return true;
}

bool parse_rate(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct rate *rate = field;
	struct text events, over, more;
	const char *ignored;

	*rate = (struct rate){.kind = RATE_INTERVAL, .over = HOUR, .raw = text_string(mem, value)};
	if (parse_float(mem, value, &rate->events, &ignored))
		return true;
	if (text_cut(value, '/', &events, &over) && !text_cut(over, '/', &more, &more))
		return parse_burst(mem, value, events, over, rate, why);
	*why = format(mem, "rate: value does not match rate syntax %s", quote_go(mem, value).data);
	return false;
}

/* Where Go's time.Parse stops reading an RFC 3339 time. */
static struct text unread(struct text text, const char **element)
{
	static const struct {
		const char *name;
		size_t digits;
	} elements[] = {{"2006", 4}, {"-", 0}, {"01", 2}, {"-", 0}, {"02", 2}, {"T", 0}, {"15", 2}, {":", 0}, {"04", 2}, {":", 0}, {"05", 2}};

	for (size_t i = 0; i < COUNT_OF(elements); i++) {
		size_t len = elements[i].digits ? elements[i].digits : 1, good = 0;

		*element = elements[i].name;
		while (good < len && good < text.len &&
		       (elements[i].digits ? text.data[good] >= '0' && text.data[good] <= '9' : text.data[good] == *elements[i].name))
			good++;
		if (good < len)
			return text;
		text = (struct text){text.data + len, text.len - len};
	}
	*element = "Z07:00";
	return text;
}

bool parse_time(TALLOC_CTX *mem, struct text value, void *field, const char **why)
{
	struct text text = text_trim_unicode_space(value), rest;
	const char *element;

	*(moment *)field = MOMENT_NONE;
	if (text.len == 0 || moment_parse(text, field))
		return true;
	rest = unread(text, &element);
	*why = format(mem, "parsing time %s as \"2006-01-02T15:04:05Z07:00\": cannot parse %s as \"%s\"", quote_go(mem, text).data,
		      quote_go(mem, rest).data, element);
	return false;
}
