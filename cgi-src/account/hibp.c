/* hibp.c: is a password known to Have I Been Pwned? Only five characters of its digest leave the process (contract 05 section 2.2). */
#include <string.h>

#include "account_int.h"
#include "latchkey/crypto.h"

#define PREFIX_LEN 5
#define SUFFIX_LEN 35

/* Fetches the range of a prefix. -1: unavailable. The outgoing call belongs to the outbound room and is not there yet. */
static int fetch_range(struct request *req, const char *prefix, struct text *range)
{
	(void)req;
	(void)prefix;
	*range = TEXT_NONE;
	return -1;
}

static bool is_hex(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F');
}

/* A line `SUFFIX:COUNT` with a count other than 0 (those pad the answer) for this suffix. */
static bool line_names(struct text line, const char *suffix)
{
	struct text found, count;

	if (!text_cut(line, ':', &found, &count) || found.len != SUFFIX_LEN)
		return false;
	for (size_t i = 0; i < found.len; i++)
		if (!is_hex(found.data[i]))
			return false;
	count = text_trim(count, " \t\r\n\f\v");
	for (size_t i = 0; i < count.len; i++)
		if (count.data[i] < '0' || count.data[i] > '9')
			return false;
	return count.len > 0 && !text_is(count, "0") && text_is(found, suffix);
}

static bool range_has(struct text range, const char *suffix)
{
	struct text line, rest = range;

	while (text_cut(rest, '\n', &line, &rest))
		if (line_names(line, suffix))
			return true;
	return line_names(line, suffix);
}

enum pwned hibp_check(struct request *req, struct text password)
{
	char *digest = sha1_hex_upper(req, password);
	char *prefix = must(talloc_strndup(req, digest, PREFIX_LEN));
	struct text range;

	if (fetch_range(req, prefix, &range) < 0) {
		request_log(req, LOG_WARNING, "Unable to perform password strength check with HaveIBeenPwned.org, pwned passwords are permitted",
			    NULL, 0);
		return PWNED_UNKNOWN;
	}
	return range_has(range, digest + PREFIX_LEN) ? PWNED_YES : PWNED_NO;
}
