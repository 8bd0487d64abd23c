/* grant_id_token.c: POST /token?grant_type=id_token: a provider's ID token becomes a session (contract 07 section 10.1). */
#include "cgi-src/api/external.h"
#include "cgi-src/api/grants.h"

static const struct json_field fields[] = {
	JSON_FIELD(struct id_token_request, id_token, "id_token", JSON_TEXT),
	JSON_FIELD(struct id_token_request, access_token, "access_token", JSON_TEXT),
	JSON_FIELD(struct id_token_request, nonce, "nonce", JSON_TEXT),
	JSON_FIELD(struct id_token_request, provider, "provider", JSON_TEXT),
	JSON_FIELD(struct id_token_request, client_id, "client_id", JSON_TEXT),
	JSON_FIELD(struct id_token_request, issuer, "issuer", JSON_TEXT),
	JSON_FIELD(struct id_token_request, link_identity, "link_identity", JSON_BOOL),
};
static const struct json_shape shape = JSON_SHAPE("IdTokenGrantParams", fields);

struct sign_in {
	struct external_login login;
	bool links;
	struct tokens tokens;
};

static int transaction(struct request *req, void *arg)
{
	struct sign_in *sign_in = arg;
	struct grant grant = {.method = "oauth", .not_after = MOMENT_NONE};

	if (sign_in->links ? external_link(req, &sign_in->login) < 0 : external_sign_in(req, &sign_in->login) < 0)
		return -1;
	return session_issue(req, sign_in->login.user, &grant, &sign_in->tokens);
}

static int check_form(struct request *req, const struct id_token_request *asked)
{
	if (!asked->id_token.len)
		return fail_oauth(req, "invalid request", "id_token required");
	if (!asked->provider.len && (!asked->client_id.len || !asked->issuer.len))
		return fail_oauth(req, "invalid request", "provider or client_id and issuer required");
	if (!asked->link_identity)
		return 0;
	if (!http_header(req, "Authorization").len)
		return fail_oauth(req, "invalid request", "Linking requires a valid user access token in Authorization");
	return gate_bearer(req);
}

static int run(struct request *req, struct sign_in *sign_in)
{
	struct external_login *login = &sign_in->login;

	if (!sign_in->links && hook_enabled(req, HOOK_BEFORE_USER_CREATED) && external_ask_hook(req, login, hook_before_user_created) < 0)
		return -1;
	if (db_transaction(req, transaction, sign_in) < 0)
		return external_failure_json(req);
	if (!sign_in->links && login->decision == DECIDED_CREATE && hook_after_user_created(req, login->user) < 0)
		return -1;
	log_login(req, "oidc", &login->user->id, login->provider, false);
	return reply_tokens(req, &sign_in->tokens, WEAK_ABSENT, 0, NULL);
}

int grant_id_token(struct request *req)
{
	struct id_token_request asked = {0};
	struct id_token_login checked = {0};
	struct sign_in sign_in = {0};
	int moved;

	if (http_json(req, &shape, &asked) < 0 || check_form(req, &asked) < 0)
		return -1;
	moved = lane_require(req, LANE_OUTBOUND);
	if (moved)
		return moved;
	if (id_token_check(req, &asked, &checked) < 0)
		return -1;
	sign_in.links = asked.link_identity;
	sign_in.login = (struct external_login){.provider = checked.provider,
						.profile = &checked.profile,
						.email_optional = checked.email_optional,
						.user = asked.link_identity ? req->bearer->user : NULL};
	return run(req, &sign_in);
}
