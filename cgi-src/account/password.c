/* password.c: how strong a password has to be (contract 05 section 2.1). */
#include <string.h>

#include "account_int.h"

#define PASSWORD_BYTES_MAX 72
#define PASSWORD_BYTES_MIN 6 /* whatever the setting says */

const char *weak_reason_name(unsigned bit)
{
	switch (bit) {
	case WEAK_LENGTH:
		return "length";
	case WEAK_CHARACTERS:
		return "characters";
	default:
		return "pwned";
	}
}

static bool has_code_point(struct text text, uint32_t wanted)
{
	for (size_t at = 0; at < text.len;)
		if (utf8_next(text, &at) == wanted)
			return true;
	return false;
}

static bool has_any_of(struct text password, struct text set)
{
	for (size_t at = 0; at < set.len;)
		if (has_code_point(password, utf8_next(set, &at)))
			return true;
	return false;
}

static bool misses_characters(struct text password, const struct text_list *sets)
{
	for (size_t i = 0; i < sets->count; i++)
		if (sets->items[i].len && !has_any_of(password, sets->items[i]))
			return true;
	return false;
}

static void add_sentence(struct buffer *message)
{
	if (message->len)
		buffer_char(message, ' ');
}

static unsigned check_length(const struct request *req, struct text password, struct buffer *message)
{
	int64_t least = req->settings->password.min_length > PASSWORD_BYTES_MIN ? req->settings->password.min_length : PASSWORD_BYTES_MIN;

	if ((int64_t)password.len >= least)
		return 0;
	buffer_format(message, "Password should be at least %lld characters.", (long long)least);
	return WEAK_LENGTH;
}

static unsigned check_characters(const struct request *req, struct text password, struct buffer *message)
{
	const struct text_list *sets = &req->settings->password.required_characters;

	if (!misses_characters(password, sets))
		return 0;
	add_sentence(message);
	buffer_string(message, "Password should contain at least one character of each: ");
	for (size_t i = 0; i < sets->count; i++) {
		if (i > 0)
			buffer_string(message, ", ");
		buffer_text(message, sets->items[i]);
	}
	buffer_char(message, '.');
	return WEAK_CHARACTERS;
}

/* -1 only where an unanswered question refuses the password (GOTRUE_PASSWORD_HIBP_FAIL_CLOSED). */
static int check_pwned(struct request *req, struct text password, struct buffer *message, unsigned *weak)
{
	switch (hibp_check(req, password)) {
	case PWNED_NO:
		return 0;
	case PWNED_UNKNOWN:
		if (req->settings->password.hibp_fail_closed)
			return fail_server(req, "Unable to perform password strength check with HaveIBeenPwned.org.");
		return 0;
	case PWNED_YES:
		break;
	}
	add_sentence(message);
	buffer_string(message, "Password is known to be weak and easy to guess, please choose a different one.");
	*weak |= WEAK_PWNED;
	return 0;
}

int password_weakness(struct request *req, struct text password, unsigned *weak, const char **message)
{
	struct buffer *text = buffer_new(req, 128);

	*weak = 0;
	*message = "";
	if (password.len > PASSWORD_BYTES_MAX)
		return fail(req, 400, "validation_failed", "Password cannot be longer than 72 characters");
	*weak |= check_length(req, password, text);
	*weak |= check_characters(req, password, text);
	if (req->settings->password.hibp_enabled && check_pwned(req, password, text, weak) < 0)
		return -1;
	*message = text->data;
	return 0;
}

int password_check_strength(struct request *req, struct text password)
{
	unsigned weak;
	const char *message;

	if (password_weakness(req, password, &weak, &message) < 0)
		return -1;
	if (!weak)
		return 0;
	fail(req, 422, "weak_password", "%s", message);
	req->failure.kind = FAILURE_WEAK_PASSWORD;
	req->failure.weak = weak;
	return -1;
}
