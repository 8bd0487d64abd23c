/* grant_refresh_token.c: POST /token?grant_type=refresh_token (contract 04 section 8.3). */
#include "cgi-src/api/grants.h"
#include "latchkey/hook.h"
#include "latchkey/session.h"

struct body {
	struct text refresh_token;
};
static const struct json_field fields[] = {JSON_FIELD(struct body, refresh_token, "refresh_token", JSON_TEXT)};
static const struct json_shape shape = JSON_SHAPE("RefreshTokenGrantParams", fields);

int grant_refresh_token(struct request *req)
{
	struct body body = {0};
	struct tokens tokens = {0};
	int lane;

	if (http_json(req, &shape, &body) < 0)
		return -1;
	lane = hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (lane != 0)
		return lane;
	if (session_refresh(req, body.refresh_token, NULL, &tokens) < 0)
		return -1;
	log_login(req, "token", &tokens.user->id, NULL, false);
	return reply_tokens(req, &tokens, WEAK_ABSENT, 0, NULL);
}
