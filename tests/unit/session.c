/* session.c: validity of sessions, claims of access tokens, what a hook may make of them, claims of input, fragments, PKCE (contract 04). */
#include "tests/unit/test.h"

#include "cgi-src/session/session_int.h"
#include "latchkey/hook.h"
#include "latchkey/jose.h"

#define T0 ((moment)1700000000 * 1000000) /* the time of the vector of section 2.6 */
#define S ((moment)1000000)

static struct settings settings;

static struct request *fresh(void)
{
	struct request *req;

	settings = (struct settings){.jwt = {.issuer = "", .exp = 3600}};
	req = request_new(NULL, &settings);
	req->started = T0;
	return req;
}

static struct json_object *parsed(struct request *req, const char *json)
{
	struct json_object *value;
	const char *why;

	if (json_parse(req, text_of(json), &value, &why) < 0)
		fail_msg("%s: %s", json, why);
	return value;
}

static struct user person(struct request *req)
{
	struct user user = {.aud = "authenticated", .role = "authenticated", .email = "user@example.com", .phone = "", .loaded = true};

	uuid_parse(TEXT("3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b"), &user.id);
	user.app_metadata = parsed(req, "{\"providers\":[\"email\"],\"provider\":\"email\"}");
	user.user_metadata = parsed(req, "{\"a\":\"<b> &\"}");
	user.banned_until = user.deleted_at = MOMENT_NONE;
	return user;
}

static struct session opened(moment at)
{
	struct session session = {.created_at = at, .refreshed_at = MOMENT_NONE, .not_after = MOMENT_NONE, .aal = "aal1", .tag = "", .scopes = ""};

	uuid_parse(TEXT("11111111-1111-4111-8111-111111111111"), &session.id);
	return session;
}

/* ---- claims (sections 2.3, 2.4, 2.6) -------------------------------------------------------------------------------------------------- */

static const char vector_claims[] =
	"{\"iss\":\"https://auth.example.com\",\"sub\":\"3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b\",\"aud\":\"authenticated\",\"exp\":1700003600,"
	"\"iat\":1700000000,\"email\":\"user@example.com\",\"phone\":\"\",\"app_metadata\":{\"provider\":\"email\",\"providers\":[\"email\"]},"
	"\"user_metadata\":{\"a\":\"\\u003cb\\u003e \\u0026\"},\"role\":\"authenticated\",\"aal\":\"aal1\",\"amr\":[{\"method\":\"password\","
	"\"timestamp\":1700000000}],\"session_id\":\"11111111-1111-4111-8111-111111111111\",\"is_anonymous\":false}";

static void claims_are_those_of_the_vector(void **state)
{
	struct request *req = fresh();
	struct user user = person(req);
	struct session session = opened(T0);
	struct amr_claim amr[] = {{"password", T0}};
	struct jose_keys *keys;
	struct text claims, token;
	int64_t expires_at;
	const char *why;

	(void)state;
	settings.jwt.issuer = "https://auth.example.com";
	session.amr = amr;
	session.amr_count = 1;
	claims = access_claims(req, &user, &session, NULL, T0 + 999999, false, &expires_at);
	assert_string_equal(claims.data, vector_claims);
	assert_int_equal(expires_at, 1700003600);
	keys = jose_keys_make(req, TEXT_NONE, TEXT("testsecret"), TEXT(""), NULL, &why);
	assert_non_null(keys);
	token = jose_sign(req, keys, claims);
	assert_non_null(strstr(token.data, ".XEv5BYYfnIIHIpWsGItaG6MrLjqkfWqDhBoqtMicerA"));
	talloc_free(req);
}

static const char *claims_text(struct request *req, const struct user *user, const struct session *session, const struct uuid *client)
{
	int64_t expires_at;

	return access_claims(req, user, session, client, T0, false, &expires_at).data;
}

static void methods_stand_newest_first_and_decide_the_level(void **state)
{
	struct request *req = fresh();
	struct user user = person(req);
	struct session session = opened(T0);
	struct amr_claim amr[] = {{"password", T0}, {"passkey", T0 + 5 * S}, {"mfa/phone", T0 + 9 * S}};
	const char *claims;

	(void)state;
	session.amr = amr;
	session.amr_count = 2;
	assert_string_equal(session_aal_computed(&session), "aal1");
	session.amr_count = 3;
	claims = claims_text(req, &user, &session, NULL);
	assert_non_null(strstr(claims, "\"aal\":\"aal2\",\"amr\":[{\"method\":\"mfa/phone\",\"timestamp\":1700000009},"
				       "{\"method\":\"passkey\",\"timestamp\":1700000005},{\"method\":\"password\",\"timestamp\":1700000000}],"));
	session.amr_count = 0;
	assert_null(strstr(claims_text(req, &user, &session, NULL), "amr"));
	talloc_free(req);
}

static void saml_names_its_provider_where_it_is_the_only_identity(void **state)
{
	struct request *req = fresh();
	struct user user = person(req);
	struct session session = opened(T0);
	struct amr_claim amr[] = {{"sso/saml", T0}};
	struct identity identities[] = {{.provider = "sso:0f0f"}, {.provider = "email"}};

	(void)state;
	session.amr = amr;
	session.amr_count = 1;
	user.identities = identities;
	user.identity_count = 1;
	assert_non_null(strstr(claims_text(req, &user, &session, NULL), "{\"method\":\"sso/saml\",\"timestamp\":1700000000,\"provider\":\"0f0f\"}"));
	user.identity_count = 2;
	assert_non_null(strstr(claims_text(req, &user, &session, NULL), "{\"method\":\"sso/saml\",\"timestamp\":1700000000}"));
	talloc_free(req);
}

static void clients_and_scopes_come_last(void **state)
{
	struct request *req = fresh();
	struct user user = person(req);
	struct session session = opened(T0);
	struct uuid client;
	const char *claims;

	(void)state;
	uuid_parse(TEXT("22222222-2222-4222-8222-222222222222"), &client);
	session.scopes = "openid email";
	claims = claims_text(req, &user, &session, &client);
	assert_non_null(strstr(claims, ",\"is_anonymous\":false,\"client_id\":\"22222222-2222-4222-8222-222222222222\",\"scope\":\"openid email\"}"));
	assert_null(strstr(claims_text(req, &user, &session, &(struct uuid){0}), "client_id"));
	talloc_free(req);
}

static int64_t expiry_of(struct request *req, const struct user *user, const struct session *session)
{
	int64_t expires_at;

	access_claims(req, user, session, NULL, T0, false, &expires_at);
	return expires_at;
}

static void a_low_level_shortens_the_token_of_who_could_do_better(void **state)
{
	struct request *req = fresh();
	struct user user = person(req);
	struct session session = opened(T0 - 10 * S + 500000);
	struct factor factor = {.status = "unverified", .type = "totp"};
	struct amr_claim amr[] = {{"totp", T0}};

	(void)state;
	settings.sessions.allow_low_aal = 5 * MINUTE;
	user.factors = &factor;
	user.factor_count = 1;
	assert_int_equal(expiry_of(req, &user, &session), 1700003600);
	factor.status = "verified";
	assert_int_equal(expiry_of(req, &user, &session), 1700000290);
	session.amr = amr;
	session.amr_count = 1;
	assert_int_equal(expiry_of(req, &user, &session), 1700003600);
	talloc_free(req);
}

/* ---- validity (section 6) --------------------------------------------------------------------------------------------------------------- */

static void each_limit_ends_a_session_only_when_it_is_passed(void **state)
{
	struct request *req = fresh();
	struct session session = opened(T0 - 60 * S);

	(void)state;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, true), SESSION_VALID);
	session.not_after = T0;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_VALID);
	session.not_after = T0 - 1;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_EXPIRED);
	session.not_after = MOMENT_NONE;
	settings.sessions.timebox = MINUTE;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_VALID);
	req->started++;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_EXPIRED);
	settings.sessions.timebox = 0;
	settings.sessions.inactivity_timeout = MINUTE;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_INACTIVE);
	assert_int_equal(session_validity(req, &session, T0 - 59 * S, false), SESSION_VALID);
	session.refreshed_at = T0 - 61 * S;
	assert_int_equal(session_validity(req, &session, T0, false), SESSION_INACTIVE);
	talloc_free(req);
}

static void the_stored_level_counts_for_the_low_level_limit(void **state)
{
	struct request *req = fresh();
	struct session session = opened(T0 - 61 * S);
	struct amr_claim amr[] = {{"totp", T0}};

	(void)state;
	settings.sessions.allow_low_aal = MINUTE;
	session.amr = amr;
	session.amr_count = 1;
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, false), SESSION_VALID);
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, true), SESSION_LOW_AAL);
	session.aal = "";
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, true), SESSION_LOW_AAL);
	session.aal = "aal2";
	assert_int_equal(session_validity(req, &session, MOMENT_NONE, true), SESSION_VALID);
	talloc_free(req);
}

static void a_session_was_last_refreshed_when_its_token_was_unless_it_says_so(void **state)
{
	struct session session = opened(T0);

	(void)state;
	assert_int_equal(session_last_refreshed(&session, MOMENT_NONE), T0);
	assert_int_equal(session_last_refreshed(&session, T0 - 1), T0);
	assert_int_equal(session_last_refreshed(&session, T0 + 1), T0 + 1);
	session.refreshed_at = T0 - 5;
	assert_int_equal(session_last_refreshed(&session, T0 + 1), T0 - 5);
}

static void an_unknown_tag_is_the_first(void **state)
{
	struct text tags[] = {TEXT("web"), TEXT("app")};
	struct session session = opened(T0);

	(void)state;
	settings = (struct settings){0};
	session.tag = "app";
	assert_true(text_is_empty(session_tag(&settings, &session)));
	settings.sessions.tags = (struct text_list){tags, 2, true};
	assert_true(text_is(session_tag(&settings, &session), "app"));
	session.tag = "other";
	assert_true(text_is(session_tag(&settings, &session), "web"));
}

/* ---- what a hook gives (section 2.5) -------------------------------------------------------------------------------------------------------- */

#define GOOD                                                                                                               \
	"\"aud\":[\"a\",1],\"exp\":1704067200.0,\"iat\":1e30,\"sub\":\"\",\"email\":\"\",\"phone\":\"\",\"aal\":\"aal1\"," \
	"\"session_id\":\"s\",\"is_anonymous\":3"
#define SAID "output claims do not conform to the expected schema: \n"

static void check_hook(const char *answer, const char *said)
{
	struct request *req = fresh();
	struct hook_answer given = {true, text_of(answer)};
	struct json_object *claims;
	int result = claims_check(req, &given, &claims);

	assert_int_equal(result, said ? -1 : 0);
	if (said) {
		assert_int_equal(req->failure.status, 500);
		assert_string_equal(req->failure.message, said);
	}
	talloc_free(req);
}

static void hook_claims_are_held_to_the_schema(void **state)
{
	(void)state;
	check_hook("{\"claims\":{" GOOD ",\"role\":\"x\",\"amr\":[\"a\",{}],\"scope\":1,\"own\":null}}", NULL);
	check_hook("{\"claims\":{" GOOD "}}", SAID "- (root): role is required\n");
	check_hook("{\"claims\":{" GOOD ",\"role\":null}}", SAID "- role: Invalid type. Expected: string, given: null\n");
	check_hook("{\"claims\":{" GOOD ",\"role\":1.5}}", SAID "- role: Invalid type. Expected: string, given: number\n");
	check_hook("{\"claims\":{" GOOD ",\"role\":\"x\",\"nbf\":\"1\"}}", SAID "- nbf: Invalid type. Expected: integer, given: string\n");
	check_hook("{\"claims\":{" GOOD ",\"role\":\"x\",\"aud\":3}}", SAID "- aud: Invalid type. Expected: [string,array], given: integer\n");
	check_hook("{\"claims\":{" GOOD ",\"role\":\"x\",\"amr\":[1]}}",
		   SAID "- amr.0: Must validate at least one schema (anyOf)\n- amr.0: Invalid type. Expected: string, given: integer\n");
	check_hook("{\"claims\":{}}", SAID "- (root): aud is required\n- (root): exp is required\n- (root): iat is required\n"
					   "- (root): sub is required\n- (root): email is required\n- (root): phone is required\n"
					   "- (root): role is required\n- (root): aal is required\n- (root): session_id is required\n"
					   "- (root): is_anonymous is required\n");
	check_hook("{\"claims\":null}", SAID "- (root): Invalid type. Expected: object, given: null\n");
	check_hook("{}", "output claims field is missing");
	check_hook("null", "output claims field is missing");
	check_hook("{\"claims\":[]}", "Error unmarshaling JSON output.");
}

static void no_answer_of_a_hook_is_a_null_document(void **state)
{
	struct request *req = fresh();
	struct json_object *claims;

	(void)state;
	assert_int_equal(claims_check(req, &(struct hook_answer){false, TEXT_NONE}, &claims), -1);
	assert_string_equal(req->failure.message, SAID "- (root): Invalid type. Expected: object, given: null\n");
	talloc_free(req);
}

/* ---- claims of input (sections 3.2, 3.3) ----------------------------------------------------------------------------------------------------- */

static const char *detail_of(struct request *req, const char *json, struct claims *claims)
{
	const char *detail = NULL;

	return claims_read(req, parsed(req, json), claims, &detail) ? NULL : detail;
}

static void input_claims_are_read_by_type(void **state)
{
	static const char *const malformed[] = {
		"{\"sub\":1}",
		"{\"exp\":\"soon\"}",
		"{\"exp\":true}",
		"{\"aud\":[1]}",
		"{\"aud\":{}}",
		"{\"app_metadata\":[]}",
		"{\"is_anonymous\":\"true\"}",
		"{\"amr\":{}}",
		"{\"amr\":[1]}",
		"{\"amr\":[{\"method\":1}]}",
		"{\"jti\":5}",
		"{\"amr\":[{\"timestamp\":1.5}]}",
	};
	struct request *req = fresh();
	struct claims claims;

	(void)state;
	assert_null(detail_of(req,
			      "{\"sub\":\"u\",\"aud\":[\"x\",\"y\"],\"exp\":\"99999999999\",\"iat\":1.7e9,\"amr\":[\"a\",{\"method\":\"b\"}],"
			      "\"is_anonymous\":true,\"session_id\":null,\"other\":[]}",
			      &claims));
	assert_true(text_is(claims.sub, "u"));
	assert_int_equal(claims.aud.count, 2);
	assert_true(text_is(claims.aud.items[1], "y"));
	assert_int_equal(claims.exp, (moment)99999999999 * 1000000);
	assert_int_equal(claims.iat, T0);
	assert_true(claims.is_anonymous);
	assert_true(text_is_empty(claims.session_id));
	assert_null(detail_of(req, "{\"amr\":[null,{\"method\":null},{\"method\":\"otp\",\"timestamp\":1700000000}]}", &claims));
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		assert_non_null(strstr(detail_of(req, malformed[i], &claims), "token is malformed: could not JSON decode claim: "));
	talloc_free(req);
}

static void times_of_input_have_no_leeway(void **state)
{
	struct request *req = fresh();
	struct claims claims;

	(void)state;
	assert_null(detail_of(req, "{}", &claims));
	assert_int_equal(claims.exp, MOMENT_NONE);
	assert_string_equal(detail_of(req, "{\"exp\":1700000000.9}", &claims), "token has invalid claims: token is expired");
	assert_string_equal(detail_of(req, "{\"nbf\":1e300}", &claims), "token has invalid claims: token is not valid yet");
	assert_string_equal(detail_of(req, "{\"nbf\":99999999999,\"exp\":-1e300}", &claims),
			    "token has invalid claims: token is expired, token is not valid yet");
	talloc_free(req);
}

/* ---- the fragment (section 4) --------------------------------------------------------------------------------------------------------------------- */

static void a_fragment_is_sorted_and_appended_as_text(void **state)
{
	struct request *req = fresh();
	struct tokens tokens = {.access_token = TEXT("a.b.c"), .refresh_token = TEXT("r+ t"), .expires_at = 1};
	const char *const extra[] = {"type", "signup", "provider_token", "p t", NULL};
	struct text url = tokens_fragment(req, TEXT("http://x/#y"), &tokens, extra);

	(void)state;
	assert_true(text_starts(url, "http://x/#y#access_token=a.b.c&expires_at=1&expires_in=-"));
	assert_non_null(strstr(url.data, "&provider_token=p+t&refresh_token=r%2B+t&sb=&token_type=bearer&type=signup"));
	talloc_free(req);
}

/* ---- PKCE (section 9) ----------------------------------------------------------------------------------------------------------------------------------- */

static void challenges_are_checked_in_order(void **state)
{
	static const char good[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
	static const struct {
		const char *challenge, *method, *said;
	} cases[] = {
		{"", "", NULL},
		{good, "anything", NULL},
		{good, "", "PKCE flow requires code_challenge_method and code_challenge"},
		{"", "s256", "PKCE flow requires code_challenge_method and code_challenge"},
		{"short", "s256", "code challenge has to be between 43 and 128 characters"},
		{"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "s256",
		 "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes"},
	};
	struct request *req = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		failure_clear(req);
		assert_int_equal(pkce_validate(req, text_of(cases[i].challenge), text_of(cases[i].method)), cases[i].said ? -1 : 0);
		if (cases[i].said)
			assert_string_equal(req->failure.message, cases[i].said);
	}
	talloc_free(req);
}

static void verifiers_are_matched_as_rfc_7636_says(void **state)
{
	struct flow_state flow = {.code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", .code_challenge_method = "s256"};
	struct text verifier = TEXT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	struct request *req = fresh();

	(void)state;
	assert_int_equal(pkce_verify(req, &flow, verifier), 0);
	assert_int_equal(pkce_verify(req, &flow, (struct text){"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 44}), -1);
	assert_string_equal(req->failure.message, "code challenge does not match previously saved code verifier");
	flow.code_challenge_method = "plain";
	assert_int_equal(pkce_verify(req, &flow, verifier), -1);
	assert_int_equal(pkce_verify(req, &flow, text_of(flow.code_challenge)), 0);
	flow.code_challenge_method = NULL;
	assert_int_equal(pkce_verify(req, &flow, verifier), -1);
	assert_string_equal(req->failure.message, "code challenge method not supported");
	talloc_free(req);
}

static void only_magic_links_live_from_when_they_were_clicked(void **state)
{
	struct flow_state flow = {.authentication_method = "recovery", .created_at = T0 - 301 * S, .auth_code_issued_at = T0 - 10 * S};
	struct request *req = fresh();

	(void)state;
	settings.external.flow_state_expiry = 300 * SECOND;
	assert_true(flow_state_expired(req, &flow));
	flow.authentication_method = "magiclink";
	assert_false(flow_state_expired(req, &flow));
	flow.auth_code_issued_at = MOMENT_NONE;
	assert_true(flow_state_expired(req, &flow));
	flow.created_at = T0 - 300 * S;
	assert_false(flow_state_expired(req, &flow));
	talloc_free(req);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_those_of_the_vector),
		cmocka_unit_test(methods_stand_newest_first_and_decide_the_level),
		cmocka_unit_test(saml_names_its_provider_where_it_is_the_only_identity),
		cmocka_unit_test(clients_and_scopes_come_last),
		cmocka_unit_test(a_low_level_shortens_the_token_of_who_could_do_better),
		cmocka_unit_test(each_limit_ends_a_session_only_when_it_is_passed),
		cmocka_unit_test(the_stored_level_counts_for_the_low_level_limit),
		cmocka_unit_test(a_session_was_last_refreshed_when_its_token_was_unless_it_says_so),
		cmocka_unit_test(an_unknown_tag_is_the_first),
		cmocka_unit_test(hook_claims_are_held_to_the_schema),
		cmocka_unit_test(no_answer_of_a_hook_is_a_null_document),
		cmocka_unit_test(input_claims_are_read_by_type),
		cmocka_unit_test(times_of_input_have_no_leeway),
		cmocka_unit_test(a_fragment_is_sorted_and_appended_as_text),
		cmocka_unit_test(challenges_are_checked_in_order),
		cmocka_unit_test(verifiers_are_matched_as_rfc_7636_says),
		cmocka_unit_test(only_magic_links_live_from_when_they_were_clicked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
