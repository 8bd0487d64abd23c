/* access_token.c: the access token: its claims, the operator's say in them, its signature (contract 04 sections 2.2 to 2.5). */
#include <string.h>

#include "latchkey/hook.h"
#include "latchkey/jose.h"
#include "session_int.h"

#define MICROSECONDS_A_SECOND 1000000
#define LIFETIME_DEFAULT 3600
#define TOKEN_FAILED "error generating jwt token"

/* Whole seconds, towards the past. */
static int64_t seconds_of(moment at)
{
	int64_t seconds = at / MICROSECONDS_A_SECOND;

	return at % MICROSECONDS_A_SECOND < 0 ? seconds - 1 : seconds;
}

/* The provider that an `sso/saml` entry names: only where it is beyond doubt; else NULL. */
static const char *saml_provider(const struct user *user, const char *method)
{
	if (strcmp(method, "sso/saml") != 0 || user->identity_count != 1 || strncmp(user->identities[0].provider, "sso:", 4) != 0)
		return NULL;
	return user->identities[0].provider + 4;
}

static const struct amr_claim **newest_first(TALLOC_CTX *mem, const struct session *session)
{
	const struct amr_claim **sorted = must(talloc_array(mem, const struct amr_claim *, (unsigned)session->amr_count + 1));

	for (size_t i = 0; i < session->amr_count; i++) {
		size_t at = i;

		for (; at > 0 && seconds_of(sorted[at - 1]->updated_at) < seconds_of(session->amr[i].updated_at); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = &session->amr[i];
	}
	return sorted;
}

static void member_amr(struct json_writer *out, TALLOC_CTX *mem, const struct user *user, const struct session *session)
{
	const struct amr_claim **sorted;

	if (session->amr_count == 0)
		return;
	sorted = newest_first(mem, session);
	json_name(out, "amr");
	json_open_array(out);
	for (size_t i = 0; i < session->amr_count; i++) {
		json_open_object(out);
		json_member_string(out, "method", sorted[i]->method);
		json_member_int(out, "timestamp", seconds_of(sorted[i]->updated_at));
		json_member_string_opt(out, "provider", saml_provider(user, sorted[i]->method));
		json_close_object(out);
	}
	json_close_array(out);
}

static void member_metadata(struct json_writer *out, const char *name, struct json_object *metadata)
{
	if (metadata)
		json_member_value(out, name, metadata);
	else
		json_member_raw(out, name, TEXT("{}"));
}

static void member_audience(struct json_writer *out, const char *aud, bool listed)
{
	json_name(out, "aud");
	if (listed)
		json_open_array(out);
	json_string(out, aud);
	if (listed)
		json_close_array(out);
}

static int64_t expiry(const struct request *req, const struct user *user, const struct session *session, const char *aal, moment now)
{
	int64_t lifetime = req->settings->jwt.exp ? req->settings->jwt.exp : LIFETIME_DEFAULT;
	duration limit = req->settings->sessions.allow_low_aal;
	int64_t expires = seconds_of(now) + lifetime;

	if (limit > 0 && strcmp(aal, "aal1") == 0 && user_has_verified_factor(user)) {
		int64_t low = seconds_of(moment_add(session->created_at, limit));

		return low < expires ? low : expires;
	}
	return expires;
}

struct text access_claims(struct request *req, const struct user *user, const struct session *session, const struct uuid *client_id, moment now,
			  bool listed, int64_t *expires_at)
{
	struct buffer *claims = buffer_new(req, 1024);
	struct json_writer out = json_writer(claims);
	const char *aal = session_aal_computed(session);

	*expires_at = expiry(req, user, session, aal, now);
	json_open_object(&out);
	json_member_string_opt(&out, "iss", req->settings->jwt.issuer);
	json_member_uuid(&out, "sub", &user->id);
	member_audience(&out, user->aud, listed);
	json_member_int(&out, "exp", *expires_at);
	json_member_int(&out, "iat", seconds_of(now));
	json_member_string(&out, "email", user->email);
	json_member_string(&out, "phone", user->phone);
	member_metadata(&out, "app_metadata", user->app_metadata);
	member_metadata(&out, "user_metadata", user->user_metadata);
	json_member_string(&out, "role", user->role);
	json_member_string(&out, "aal", aal);
	member_amr(&out, req, user, session);
	json_member_uuid(&out, "session_id", &session->id);
	json_member_truth(&out, "is_anonymous", user->is_anonymous);
	if (client_id && !uuid_is_nil(client_id))
		json_member_uuid(&out, "client_id", client_id);
	json_member_string_opt(&out, "scope", session->scopes);
	json_close_object(&out);
	return buffer_as_text(claims);
}

/* What the hook makes of the claims, in canonical form. */
static int ask_hook(struct request *req, const struct user *user, const char *method, struct text *claims)
{
	struct json_writer input = hook_input(req, HOOK_CUSTOM_ACCESS_TOKEN);
	struct hook_answer answer;
	struct json_object *changed;

	json_member_uuid(&input, "user_id", &user->id);
	json_member_raw(&input, "claims", *claims);
	json_member_string(&input, "authentication_method", method);
	if (hook_call(req, HOOK_CUSTOM_ACCESS_TOKEN, &input, &answer) < 0)
		return req->failure.kind == FAILURE_UNEXPECTED && !req->failure.final ? fail_server(req, TOKEN_FAILED) : -1; /* 11 section 9.3 */
	if (claims_check(req, &answer, &changed) < 0)
		return -1;
	*claims = json_canonical(req, changed);
	return 0;
}

/* The reference tells its hook of the audience as a list until it has signed a token; scenarios of chapter 11 pin it. */
static bool is_first_with_hook(const struct request *req)
{
	return shared_counter(req->shared, COUNT_TOKENS_WITH_HOOK) == 0;
}

int access_token_make(struct request *req, const struct user *user, const struct session *session, const char *method, const struct uuid *client_id,
		      struct text *token, int64_t *expires_at)
{
	bool asks = hook_enabled(req, HOOK_CUSTOM_ACCESS_TOKEN);
	struct text claims = access_claims(req, user, session, client_id, moment_now(), asks && is_first_with_hook(req), expires_at);

	if (asks && ask_hook(req, user, method, &claims) < 0)
		return -1;
	*token = jose_sign(req, req->settings->jwt.keys, claims);
	if (!token->len)
		return fail_server(req, TOKEN_FAILED);
	if (asks)
		shared_count(req->shared, COUNT_TOKENS_WITH_HOOK);
	return 0;
}
