/* verify.c: GET and POST /verify: a link or code becomes a session (contract 06 sections 5.6 and 5.7), a link by a page where that is wanted. */
#include <string.h>

#include "cgi-src/api/accounts.h"
#include "cgi-src/api/address_change.h"
#include "cgi-src/api/verify.h"
#include "latchkey/crypto.h"

/* What the transaction gives. */
struct outcome {
	struct verification *verification;
	bool pkce; /* a code to exchange instead of a session */
	struct tokens tokens;
	struct text code;
};

static bool waits(const struct request *req, const struct verification *verification)
{
	if (hook_waits(req, HOOK_CUSTOM_ACCESS_TOKEN) || verify_asks_gateway(req, verification))
		return true;
	return (text_is(verification->wanted, "email_change") && email_change_waits(req)) ||
	       (text_is(verification->wanted, "phone_change") && phone_change_waits(req));
}

/* ---- the transaction ---- */

static int issue_code(struct request *req, struct outcome *outcome)
{
	struct verification *verification = outcome->verification;

	if (flow_state_issue_code(req, &verification->user->id, text_string(req, verification->wanted), &outcome->code) == 0)
		return 0;
	if (!failure_is(req, "flow_state_not_found"))
		return -1;
	return fail(req, 400, "flow_state_not_found", "No associated flow state found. %d: %s", req->failure.status, req->failure.message);
}

static int issue_session(struct request *req, struct outcome *outcome)
{
	struct grant grant = {.method = "otp", .not_after = MOMENT_NONE};

	return session_issue(req, outcome->verification->user, &grant, &outcome->tokens);
}

static int write_verification(struct request *req, void *arg)
{
	struct outcome *outcome = arg;
	struct verification *verification = outcome->verification;

	if (verify_check(req, verification) < 0 || verification->type->apply(req, verification) < 0)
		return -1;
	if (verification->half)
		return 0;
	user_recompute_providers(req, verification->user, NULL);
	if (user_reload(req, verification->user) < 0)
		return -1;
	return outcome->pkce ? issue_code(req, outcome) : issue_session(req, outcome);
}

/* ---- GET: links ---- */

static int check_link(struct request *req, const struct verification *verification, bool pkce)
{
	if (text_is_empty(verification->wanted))
		return fail(req, 400, "validation_failed", "Verify requires a verification type");
	if (text_is_empty(verification->token))
		return fail(req, 400, "validation_failed", "Verify requires a token or a token hash");
	if (pkce && !session_method(verification->wanted))
		return fail_unexpected(req, "unsupported authentication method %s", quote_go(req, verification->wanted).data);
	return 0;
}

/* A link that can be followed again after a moment shows why; all other errors go where the link leads. */
static bool is_passing(const struct failure *failure)
{
	return failure->final || failure->status == 504;
}

static int follow_link(struct request *req, struct verification *verification, bool pkce)
{
	struct outcome outcome = {.verification = verification, .pkce = pkce};
	int moved = waits(req, verification) ? lane_require(req, LANE_OUTBOUND) : 0;

	if (moved)
		return moved;
	verification->type = verify_type_named(verification->wanted);
	if (db_transaction(req, write_verification, &outcome) < 0)
		return is_passing(&req->failure) ? -1 : verify_redirect_failure(req, pkce);
	if (verification->half)
		return verify_redirect_half(req, pkce);
	if (pkce)
		return verify_redirect_code(req, outcome.code);
	log_login(req, "implicit", &verification->user->id, NULL, false);
	return verify_redirect_tokens(req, &outcome.tokens, verification->type->name);
}

/* 503 makes the browser ask again when somebody follows the link. */
static int refuse_prefetch(struct request *req)
{
	http_set_header(req, "Cache-Control", TEXT("no-store"));
	return fail(req, 503, "unexpected_failure", "This link is not fetched ahead: it works once");
}

int api_verify_link(struct request *req)
{
	struct verification verification = {.wanted = http_query(req, "type"), .token = http_query(req, "token"), .by_hash = true};
	bool pkce = text_starts(verification.token, "pkce_");

	if (check_link(req, &verification, pkce) < 0)
		return -1;
	if (req->settings->latchkey.verify_page)
		return verify_page(req, &verification);
	if (verify_is_prefetch(req))
		return refuse_prefetch(req);
	return follow_link(req, &verification, pkce);
}

/* The button of the page. */
static int press(struct request *req)
{
	struct verification verification = {.wanted = http_form(req, "type"), .token = http_form(req, "token"), .by_hash = true};
	bool pkce = text_starts(verification.token, "pkce_");

	return check_link(req, &verification, pkce) < 0 ? -1 : follow_link(req, &verification, pkce);
}

/* ---- POST: codes and hashes ---- */

struct verify_params {
	struct text type, token, token_hash, email, phone, redirect_to;
};
static const struct json_field verify_fields[] = {
	JSON_FIELD(struct verify_params, type, "type", JSON_TEXT),
	JSON_FIELD(struct verify_params, token, "token", JSON_TEXT),
	JSON_FIELD(struct verify_params, token_hash, "token_hash", JSON_TEXT),
	JSON_FIELD(struct verify_params, email, "email", JSON_TEXT),
	JSON_FIELD(struct verify_params, phone, "phone", JSON_TEXT),
	JSON_FIELD(struct verify_params, redirect_to, "redirect_to", JSON_TEXT),
};
static const struct json_shape verify_shape = JSON_SHAPE("VerifyParams", verify_fields);

static int check_code(struct request *req, const struct verify_params *params, struct verification *verification)
{
	bool email = !text_is_empty(params->email), phone = !text_is_empty(params->phone);

	verification->token = params->token;
	if (email == phone)
		return fail(req, 400, "validation_failed", "Only an email address or phone number should be provided on verify");
	if (phone)
		return phone_validate(req, params->phone, &verification->phone);
	if (email_validate(req, params->email, &verification->email) < 0)
		return fail(req, 422, "validation_failed", "Invalid email format");
	return 0;
}

static int check_hash(struct request *req, const struct verify_params *params, struct verification *verification)
{
	verification->token = params->token_hash;
	verification->by_hash = true;
	if (!text_is_empty(params->email) || !text_is_empty(params->phone) || !text_is_empty(params->redirect_to))
		return fail(req, 400, "validation_failed", "Only the token_hash and type should be provided");
	return 0;
}

static int check(struct request *req, const struct verify_params *params, struct verification *verification)
{
	bool token = !text_is_empty(params->token), hash = !text_is_empty(params->token_hash);

	verification->wanted = params->type;
	if (text_is_empty(params->type))
		return fail(req, 400, "validation_failed", "Verify requires a verification type");
	if (token == hash)
		return fail(req, 400, "validation_failed", "Verify requires either a token or a token hash");
	return token ? check_code(req, params, verification) : check_hash(req, params, verification);
}

static int reply_half(struct request *req)
{
	struct json_writer out = http_reply(req, 200);

	json_open_object(&out);
	json_member_string(&out, "code", "200"); /* a string, as clients know it */
	json_member_string(&out, "msg", HALF_CONFIRMED);
	json_close_object(&out);
	return 0;
}

int api_verify_code(struct request *req)
{
	struct verify_params params = {0};
	struct verification verification = {0};
	struct outcome outcome = {.verification = &verification};
	int moved;

	if (req->settings->latchkey.verify_page && http_sends_form(req))
		return press(req);
	if (http_json(req, &verify_shape, &params) < 0 || check(req, &params, &verification) < 0)
		return -1;
	verification.type = verify_type_named(verification.wanted);
	moved = waits(req, &verification) ? lane_require(req, LANE_OUTBOUND) : 0;
	if (moved)
		return moved;
	if (verify_asks_gateway(req, &verification) && verify_ask_gateway(req, &verification) < 0)
		return -1;
	if (db_transaction(req, write_verification, &outcome) < 0)
		return -1;
	if (verification.half)
		return reply_half(req);
	log_login(req, "otp", &verification.user->id, verification.type->by_phone ? "phone" : "email", false);
	return reply_tokens(req, &outcome.tokens, WEAK_ABSENT, 0, NULL);
}
