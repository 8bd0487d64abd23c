/* ban.c: how long an administrator bans somebody (contract 05 section 1.9). */
#include "account_int.h"

int ban_duration_parse(struct request *req, struct text text, moment *until, bool *given)
{
	duration span = 0;
	const char *why;

	*given = !text_is_empty(text);
	*until = MOMENT_NONE;
	if (!*given || text_is(text, "none"))
		return 0;
	if (!duration_parse(req, text, &span, &why))
		return fail(req, 400, "validation_failed", "invalid format for ban duration: %s", why);
	if (span != 0)
		*until = moment_add(moment_now(), span);
	return 0;
}
