/* flow_state.c: what is remembered of a sign-in that goes on elsewhere, and PKCE (contract 04 section 9, RFC 7636). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "latchkey/crypto.h"
#include "session_int.h"

#define CHALLENGE_MIN 43
#define CHALLENGE_MAX 128

/* ---- making (section 9.1) ------------------------------------------------------------------------------------------------------------- */

static bool has_challenge_alphabet(struct text challenge)
{
	for (size_t i = 0; i < challenge.len; i++) {
		unsigned char byte = (unsigned char)challenge.data[i];

		if (byte >= 0x80 || !(isalnum(byte) || byte == '.' || byte == '_' || byte == '~' || byte == '-'))
			return false;
	}
	return true;
}

int pkce_validate(struct request *req, struct text challenge, struct text method)
{
	if (!challenge.len != !method.len)
		return fail(req, 400, "validation_failed", "PKCE flow requires code_challenge_method and code_challenge");
	if (!challenge.len)
		return 0;
	if (challenge.len < CHALLENGE_MIN || challenge.len > CHALLENGE_MAX)
		return fail(req, 400, "validation_failed", "code challenge has to be between 43 and 128 characters");
	if (!has_challenge_alphabet(challenge))
		return fail(req, 400, "validation_failed",
			    "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes");
	return 0;
}

static int set_challenge(struct request *req, struct flow_state *flow, struct text challenge, struct text method)
{
	struct uuid code = uuid_v4();

	flow->auth_code = flow->code_challenge = flow->code_challenge_method = NULL;
	if (!challenge.len)
		return 0;
	if (text_equal_nocase(method, TEXT("s256")))
		flow->code_challenge_method = "s256";
	else if (text_equal_nocase(method, TEXT("plain")))
		flow->code_challenge_method = "plain";
	else
		return fail_unexpected(req, "unsupported code challenge method");
	flow->code_challenge = text_string(req, challenge);
	flow->auth_code = uuid_string(req, &code);
	return 0;
}

int flow_state_create(struct request *req, struct flow_state *flow, struct text challenge, struct text method)
{
	if (set_challenge(req, flow, challenge, method) < 0)
		return -1;
	flow->id = uuid_v4();
	flow->created_at = moment_now();
	flow->auth_code_issued_at = MOMENT_NONE;
	flow->provider_access_token = flow->provider_refresh_token = "";
	db_later(req, NULL, STMT_FLOW_STATE_INSERT,
		 DB_ARGS(db_uuid(&flow->id), db_uuid_opt(&flow->user_id), db_string(flow->auth_code), db_string(flow->code_challenge),
			 db_string(flow->code_challenge_method), db_string(flow->provider_type), db_string(flow->authentication_method),
			 db_moment(flow->created_at), db_string(flow->invite_token), db_string(flow->referrer),
			 db_uuid_opt(&flow->oauth_client_state_id), db_uuid_opt(&flow->linking_target_id), db_bool(flow->email_optional)));
	return failed(req) ? -1 : 0;
}

const char *session_method(struct text stored)
{
	static const char *const methods[] = {
		"oauth",    "password", "otp",	     "totp",	     "mfa/phone",     "mfa/webauthn", "sso/saml",
		"recovery", "invite",	"magiclink", "email_change", "token_refresh", "web3",	      "oauth_provider/authorization_code",
		"passkey",
	};
	struct text end = TEXT("signup");

	if (stored.len >= end.len && memcmp(stored.data + stored.len - end.len, end.data, end.len) == 0)
		return "email/signup";
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (text_is(stored, methods[i]))
			return methods[i];
	return NULL;
}

/* ---- finding ---------------------------------------------------------------------------------------------------------------------------- */

static const char *string_or_null(const struct db_rows *rows, int column)
{
	return db_is_null(rows, 0, column) ? NULL : db_get_string(rows, 0, column);
}

static struct flow_state *flow_state_from_row(struct request *req, const struct db_rows *rows)
{
	struct flow_state *flow = must(talloc(req, struct flow_state));

	*flow = (struct flow_state){
		.id = db_get_uuid(rows, 0, 0),
		.user_id = db_get_uuid(rows, 0, 1),
		.auth_code = string_or_null(rows, 2),
		.code_challenge = string_or_null(rows, 3),
		.code_challenge_method = string_or_null(rows, 4),
		.provider_type = db_get_string(rows, 0, 5),
		.authentication_method = db_get_string(rows, 0, 6),
		.provider_access_token = db_get_string(rows, 0, 7),
		.provider_refresh_token = db_get_string(rows, 0, 8),
		.created_at = db_get_moment(rows, 0, 9),
		.auth_code_issued_at = db_get_moment(rows, 0, 10),
		.invite_token = string_or_null(rows, 11),
		.referrer = string_or_null(rows, 12),
		.oauth_client_state_id = db_get_uuid(rows, 0, 13),
		.linking_target_id = db_get_uuid(rows, 0, 14),
		.email_optional = db_get_bool(rows, 0, 15),
	};
	return flow;
}

static int find(struct request *req, enum statement statement, const struct db_value *args, size_t count, struct flow_state **flow)
{
	struct db_rows *rows;

	*flow = NULL;
	if (db_fetch(req, statement, args, count, &rows) < 0)
		return -1;
	if (db_row_count(rows) > 0)
		*flow = flow_state_from_row(req, rows);
	return 0;
}

int flow_state_by_code(struct request *req, struct text code, struct flow_state **flow)
{
	*flow = NULL;
	if (text_has_nul(code) || !utf8_valid(code))
		return 0; /* nothing that the database could hold */
	return find(req, STMT_FLOW_STATE_BY_CODE, DB_ARGS(db_text(code)), flow);
}

int flow_state_by_id(struct request *req, const struct uuid *id, struct flow_state **flow)
{
	return find(req, STMT_FLOW_STATE_BY_ID, DB_ARGS(db_uuid(id)), flow);
}

bool flow_state_expired(const struct request *req, const struct flow_state *flow)
{
	bool from_issue = flow->auth_code_issued_at != MOMENT_NONE && strcmp(flow->authentication_method, "magiclink") == 0;
	moment base = from_issue ? flow->auth_code_issued_at : flow->created_at;

	return req->started > moment_add(base, req->settings->external.flow_state_expiry);
}

/* ---- verifying (section 9.2) -------------------------------------------------------------------------------------------------------------- */

int pkce_verify(struct request *req, const struct flow_state *flow, struct text verifier)
{
	const char *method = flow->code_challenge_method ? flow->code_challenge_method : "";
	struct text wanted = text_of(flow->code_challenge), given = verifier;
	unsigned char digest[32];

	if (strcasecmp(method, "s256") == 0) {
		sha256(verifier, digest);
		given = text_of(base64_encode(req, BASE64_URL_RAW, digest, sizeof(digest)));
	} else if (strcasecmp(method, "plain") != 0) {
		return fail(req, 400, "bad_code_verifier", "code challenge method not supported");
	}
	if (!secret_equal(given, wanted))
		return fail(req, 400, "bad_code_verifier", "code challenge does not match previously saved code verifier");
	return 0;
}

/* ---- handing the code out (section 9.4) ------------------------------------------------------------------------------------------------------ */

int flow_state_issue_code(struct request *req, const struct uuid *user_id, const char *method, struct text *code)
{
	struct flow_state *flow;

	method = session_method(text_of(method));
	if (find(req, STMT_FLOW_STATE_NEWEST, DB_ARGS(db_uuid(user_id), db_string(method)), &flow) < 0)
		return -1;
	if (!flow)
		return fail(req, 422, "flow_state_not_found", "No valid flow state found for user.");
	if (!flow->auth_code)
		return fail(req, 422, "flow_state_not_found", "Flow state does not have an auth code (not a PKCE flow).");
	db_later(req, NULL, STMT_FLOW_STATE_ISSUE, DB_ARGS(db_uuid(&flow->id), db_moment(moment_now())));
	*code = text_of(flow->auth_code);
	return failed(req) ? -1 : 0;
}
