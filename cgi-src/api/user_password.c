/* user_password.c: when the bearer may set a new password (contract 05 section 6.2). */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/user_update.h"

#define FRESH_SESSION (24 * HOUR)

static bool session_is_fresh(const struct request *req)
{
	const struct session *session = req->bearer->session;

	return session && moment_now() <= moment_add(session->created_at, FRESH_SESSION);
}

static int check_reauthentication(struct request *req, struct update *update)
{
	if (!req->settings->security.update_password_require_reauthentication || session_is_fresh(req))
		return 0;
	if (text_is_empty(update->params.nonce))
		return fail(req, 400, "reauthentication_needed", "Password update requires reauthentication");
	return reauthentication_verify(req, update->user, update->params.nonce);
}

/* Came in by a code or a link: whoever forgot the password cannot be asked for it. */
static bool session_is_recovery(const struct session *session)
{
	static const char *const methods[] = {"otp", "magiclink", "recovery"};

	for (size_t i = 0; session && i < session->amr_count; i++)
		for (size_t j = 0; j < sizeof(methods) / sizeof(methods[0]); j++)
			if (strcmp(session->amr[i].method, methods[j]) == 0)
				return true;
	return false;
}

static int check_current(struct request *req, struct update *update)
{
	static const char message[] = "Current password required when setting new password.";
	bool right;

	if (!req->settings->security.update_password_require_current_password || session_is_recovery(req->bearer->session))
		return 0;
	if (text_is_empty(update->params.current_password.text))
		return fail(req, 400, "current_password_required", message);
	if (password_matches(req, update->user, update->params.current_password.text, &right) < 0)
		return -1;
	return right ? 0 : fail(req, 400, "current_password_invalid", message);
}

static int check_old(struct request *req, struct update *update)
{
	bool same;

	if (!user_has_password(update->user))
		return 0;
	if (check_current(req, update) < 0 || password_matches(req, update->user, update->params.password.text, &same) < 0)
		return -1;
	return same ? fail(req, 422, "same_password", "New password should be different from the old password.") : 0;
}

int update_check_password(struct request *req, struct update *update)
{
	if (check_reauthentication(req, update) < 0 || check_old(req, update) < 0)
		return -1;
	return password_stored_form(req, update->user, update->params.password.text, true, &update->stored_password);
}
