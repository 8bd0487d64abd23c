/* hibp.c: is a password known to Have I Been Pwned? Only five characters of its digest leave the process (contract 05 section 2.2). */
#include <string.h>

#include "account_int.h"
#include "latchkey/crypto.h"
#include "latchkey/outbound.h"

#define PREFIX_LEN 5
#define SUFFIX_LEN 35
#define DEFAULT_USER_AGENT "https://github.com/supabase/gotrue"

/* Fetches the range of a prefix. -1: unavailable, *why for the log. */
static int fetch_range(struct request *req, const char *prefix, struct text *range, const char **why)
{
	const char *configured = req->settings->password.hibp_user_agent;
	struct outbound_header agent = {"User-Agent", text_of(configured[0] ? configured : DEFAULT_USER_AGENT)};
	struct outbound_call call = {
		.method = "GET",
		.url = text_of(format(req, "https://api.pwnedpasswords.com/range/%s", prefix)),
		.headers = &agent,
		.header_count = 1,
		.timeout = 5 * SECOND,
	};
	struct outbound_answer answer;

	if (outbound_call(req, &call, &answer) < 0) {
		*why = answer.why;
		return -1;
	}
	*why = format(req, "status %d", answer.status);
	*range = answer.body;
	return answer.status == 200 ? 0 : -1;
}

static bool is_hex(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F');
}

/* A line `SUFFIX:COUNT` with a count other than 0 (those pad the answer). */
static bool line_suffix(struct text line, struct text *suffix)
{
	struct text count;

	if (!text_cut(line, ':', suffix, &count) || suffix->len != SUFFIX_LEN)
		return false;
	for (size_t i = 0; i < suffix->len; i++)
		if (!is_hex(suffix->data[i]))
			return false;
	count = text_trim(count, " \t\r\n\f\v");
	for (size_t i = 0; i < count.len; i++)
		if (count.data[i] < '0' || count.data[i] > '9')
			return false;
	return count.len > 0 && !text_is(count, "0");
}

/* Whether the range has the digest; all that it has goes into the cache. */
static bool range_has(struct request *req, struct text range, const char *digest)
{
	char known[HIBP_DIGEST];
	struct text line, suffix, rest = range;
	bool found = false, more = true;

	memcpy(known, digest, PREFIX_LEN);
	while (more) {
		more = text_cut(rest, '\n', &line, &rest);
		if (!line_suffix(line, &suffix))
			continue;
		memcpy(known + PREFIX_LEN, suffix.data, SUFFIX_LEN);
		hibp_cache_add(req->settings, known);
		found = found || memcmp(known, digest, sizeof(known)) == 0;
	}
	return found;
}

enum pwned hibp_check(struct request *req, struct text password)
{
	char *digest = sha1_hex_upper(req, password);
	struct text range;
	const char *why;

	if (hibp_cache_has(req->settings, digest))
		return PWNED_YES;
	if (fetch_range(req, must(talloc_strndup(req, digest, PREFIX_LEN)), &range, &why) < 0) {
		request_log_to(req, LOG_WARNING, "Unable to perform password strength check with HaveIBeenPwned.org, pwned passwords are permitted",
			       log_text("error", why));
		return PWNED_UNKNOWN;
	}
	return range_has(req, range, digest) ? PWNED_YES : PWNED_NO;
}
