/* http_answer.c: what goes out: CORS, 404 and 405, gates in order, errors, redirects (contract 01 sections 2.3, 4, 6, 7). */
#include "tests/unit/http_fixture.h"

#include "cgi-src/http/http_int.h"
#include "latchkey/api.h"

/* ---- a table of its own ---- */

enum { GATE_A = 1, GATE_B = 2, GATE_C = 4 };
static unsigned refused_at; /* gate bits that refuse */
static unsigned passed[16]; /* those that ran */
static size_t passed_count;
static enum limiter limited; /* the last limiter */

static int say(struct request *req)
{
	struct json_writer out = http_reply(req, 200);

	json_text(&out, req->http->captures[0]);
	return 0;
}

static int fail_as_told(struct request *req)
{
	(void)req;
	return -1;
}

static int not_there(struct request *req)
{
	return reply_raw_json(req, 404, TEXT("\"own\""));
}

const struct route api_routes[] = {
	{METHOD_GET, "/health", .handler = say, .bare = true},
	{METHOD_GET, "/user", .trailing_slash = true, .handler = say},
	{METHOD_PUT, "/user", .trailing_slash = true, .limiter = LIMIT_USER, .handler = say},
	{METHOD_GET, "/user/identities/authorize", .gates = GATE_C, .handler = say},
	{METHOD_DELETE, "/user/identities/{identity_id}", .handler = say},
	{METHOD_POST, "/factors/{factor_id}/verify", .handler = say},
	{METHOD_DELETE, "/factors/{factor_id}", .trailing_slash = true, .handler = say},
	{METHOD_POST, "/fails", .handler = fail_as_told},
	{METHOD_GET, "/own/x", .handler = say},
	{.pattern = NULL},
};
const struct route_group api_groups[] = {
	{"/user", .gates = GATE_A},
	{"/user/identities", .gates = GATE_B},
	{"/factors/{factor_id}", .gates = GATE_B},
	{"/own/fixed", .gates = 0},
	{"/own/{any}", .gates = GATE_C},
	{"/verify", .limiter = LIMIT_VERIFY},
	{"/own/x/y", .gates = 0},
	{"/scim", .gates = 0, .not_found = not_there},
	{NULL},
};

int gates_pass(struct request *req, unsigned gates, enum limiter limiter)
{
	passed[passed_count++ % 16] = gates;
	if (limiter)
		limited = limiter;
	return gates & refused_at ? fail(req, 401, "no_authorization", "no") : 0;
}

int cleanup_after_request(struct request *req, int64_t *affected)
{
	(void)req;
	*affected = 0;
	return 0;
}

/* ---- asking ---- */

static TALLOC_CTX *mem;
static struct settings *settings;

static int begin(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	settings = fixture_settings(mem);
	log_set_level(LOG_PANIC);
	refused_at = 0;
	passed_count = 0;
	limited = LIMIT_NONE;
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static struct request *handle(struct request *req)
{
	enum lane lane;

	assert_int_equal(http_handle(req, &lane), 0);
	return req;
}

static struct request *ask(const char *method, const char *target, const char *header, const char *second, const char *third)
{
	return handle(fixture_request(mem, settings, method, target, NULL, header, second, third, NULL));
}

static const char *body(const struct request *req)
{
	return req->http->out->data;
}

static void unknown_paths(void **state)
{
	static const char *const paths[] = {"/health/",	 "//health", "/HEALTH", "/nope", "/%68ealth", "/user//", "/user/identities/authorize/",
					    "/factors/", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct request *req = ask("GET", paths[i], NULL, NULL, NULL);

		if (req->http->status != 404 || strcmp(body(req), "404 page not found\n") != 0)
			complain("%s", paths[i]);
		assert_string_equal(fixture_header(req, "Content-Type", 0), "text/plain; charset=utf-8");
		assert_string_equal(fixture_header(req, "X-Content-Type-Options", 0), "nosniff");
		assert_string_equal(fixture_header(req, "Vary", 0), "Origin");
	}
	assert_string_equal(body(ask("GET", "/scim/x", NULL, NULL, NULL)), "\"own\"");
}

static void methods_that_a_path_does_not_have(void **state)
{
	struct request *req = ask("POST", "/health", NULL, NULL, NULL);

	(void)state;
	assert_int_equal(req->http->status, 405);
	assert_int_equal(req->http->out->len, 0);
	assert_null(fixture_header(req, "Content-Type", 0));
	assert_string_equal(fixture_header(req, "Allow", 0), "GET");
	assert_null(fixture_header(req, "Allow", 1));
	req = ask("PATCH", "/user/", NULL, NULL, NULL);
	assert_string_equal(fixture_header(req, "Allow", 0), "GET");
	assert_string_equal(fixture_header(req, "Allow", 1), "PUT");
	assert_int_equal(ask("HEAD", "/health", NULL, NULL, NULL)->http->status, 405);
	assert_int_equal(ask("HEAD", "/nope", NULL, NULL, NULL)->http->status, 404);
	assert_int_equal(ask("OPTIONS", "/health", NULL, NULL, NULL)->http->status, 405);
	req = ask("FOO", "/nope", NULL, NULL, NULL);
	assert_int_equal(req->http->status, 405);
	assert_null(fixture_header(req, "Allow", 0));
	assert_int_equal(ask("get", "/health", NULL, NULL, NULL)->http->status, 405);
	req = ask("GET", "/%zz", NULL, NULL, NULL);
	assert_int_equal(req->http->status, 400);
	assert_string_equal(body(req), "400 Bad Request");
}

static void paths_with_parameters(void **state)
{
	(void)state;
	assert_string_equal(body(ask("DELETE", "/user/identities/authorize", NULL, NULL, NULL)), "\"authorize\"");
	assert_string_equal(body(ask("POST", "/factors//verify", NULL, NULL, NULL)), "\"\"");
	assert_string_equal(body(ask("POST", "/factors/a%2Fb/verify", NULL, NULL, NULL)), "\"a%2Fb\"");
	assert_string_equal(body(ask("DELETE", "/factors/x/", NULL, NULL, NULL)), "\"x\"");
	assert_int_equal(ask("DELETE", "/factors/x//", NULL, NULL, NULL)->http->status, 404);
}

static void gates_of_groups_come_before_method_and_path(void **state)
{
	(void)state;
	refused_at = GATE_A;
	assert_int_equal(ask("PATCH", "/user", NULL, NULL, NULL)->http->status, 401);
	assert_int_equal(ask("GET", "/user/nothing", NULL, NULL, NULL)->http->status, 401);
	assert_int_equal(ask("GET", "/users", NULL, NULL, NULL)->http->status, 404);
	refused_at = GATE_C;
	assert_int_equal(ask("PATCH", "/user/identities/authorize", NULL, NULL, NULL)->http->status, 405); /* an endpoint's gate */
	passed_count = 0;
	assert_int_equal(ask("GET", "/user/identities/authorize", NULL, NULL, NULL)->http->status, 401);
	assert_int_equal(passed_count, 3);
	assert_int_equal(passed[0], GATE_A);
	assert_int_equal(passed[1], GATE_B);
	assert_int_equal(passed[2], GATE_C);
	assert_int_equal(ask("GET", "/own/fixed/z", NULL, NULL, NULL)->http->status, 404); /* the fixed group, not the one with a parameter */
	assert_int_equal(ask("GET", "/own/other", NULL, NULL, NULL)->http->status, 401);
	assert_int_equal(ask("PUT", "/verify", NULL, NULL, NULL)->http->status, 404);
	assert_int_equal(limited, LIMIT_VERIFY);
}

/* ---- CORS ---- */

#define ORIGIN "HTTP_ORIGIN=https://x.example"
#define ACRM(method) "HTTP_ACCESS_CONTROL_REQUEST_METHOD=" method
#define ACRH(list) "HTTP_ACCESS_CONTROL_REQUEST_HEADERS=" list

static bool grants(const char *header, const char *second, const char *third)
{
	struct request *req = ask("OPTIONS", "/nope", header, second, third);

	assert_int_equal(req->http->status, 204);
	assert_int_equal(req->http->out->len, 0);
	assert_string_equal(fixture_header(req, "Vary", 0), "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
	return fixture_header(req, "Access-Control-Allow-Origin", 0) != NULL;
}

static void preflights(void **state)
{
	struct request *req = ask("OPTIONS", "/token", ORIGIN, ACRM("POST"), ACRH("authorization,content-type,x-client-info"));

	(void)state;
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Origin", 0), "*");
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Methods", 0), "POST");
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Headers", 0), "authorization,content-type,x-client-info");
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Credentials", 0), "true");
	assert_true(grants(ORIGIN, ACRM("DELETE"), NULL));
	assert_true(grants(ORIGIN, ACRM("OPTIONS"), NULL));
	assert_false(grants(ACRM("POST"), NULL, NULL));
	assert_false(grants(ORIGIN, ACRM("HEAD"), NULL));
	assert_false(grants(ORIGIN, ACRM("post"), NULL));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("authorization, content-type")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("content-type,authorization")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("accept,accept")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("Authorization")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("accept,")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("apikey")));
}

static void configured_request_headers(void **state)
{
	struct text items[] = {TEXT("ApiKey"), TEXT(" x-other")};
	struct text star[] = {TEXT("*"), TEXT("x-a")};

	(void)state;
	settings->cors_allowed_headers = (struct text_list){.items = items, .count = 2};
	assert_true(grants(ORIGIN, ACRM("POST"), ACRH("apikey,authorization")));
	assert_false(grants(ORIGIN, ACRM("POST"), ACRH("x-other")));
	settings->cors_allowed_headers = (struct text_list){.items = star, .count = 1};
	assert_true(grants(ORIGIN, ACRM("POST"), ACRH("Anything, at all")));
	settings->cors_allowed_headers.count = 2;
	assert_true(grants(ORIGIN, ACRM("POST"), ACRH("zzz,aaa")));
}

static void answers_to_other_origins(void **state)
{
	struct request *req = ask("GET", "/nope", ORIGIN, NULL, NULL);

	(void)state;
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Origin", 0), "*");
	assert_string_equal(fixture_header(req, "Access-Control-Expose-Headers", 0), "X-Total-Count, Link, X-Supabase-Api-Version");
	assert_string_equal(fixture_header(req, "Access-Control-Allow-Credentials", 0), "true");
	req = ask("OPTIONS", "/user", ORIGIN, NULL, NULL);
	assert_int_equal(req->http->status, 405);
	assert_non_null(fixture_header(req, "Access-Control-Allow-Origin", 0));
	assert_null(fixture_header(ask("HEAD", "/user", ORIGIN, NULL, NULL), "Access-Control-Allow-Origin", 0));
	assert_null(fixture_header(ask("GET", "/user", NULL, NULL, NULL), "Access-Control-Allow-Origin", 0));
}

/* ---- errors ---- */

static struct request *failing(bool new_api)
{
	struct request *req = fixture_request(mem, settings, "POST", "/fails", NULL, new_api ? "HTTP_X_SUPABASE_API_VERSION=2030-01-01" : NULL, NULL);

	req->id = TEXT("r\"<1");
	return req;
}

static void errors_in_both_versions(void **state)
{
	struct request *req = failing(false);

	(void)state;
	fail(req, 400, "bad_json", "a < b & c");
	handle(req);
	assert_int_equal(req->http->status, 400);
	assert_string_equal(body(req), "{\"code\":400,\"error_code\":\"bad_json\",\"msg\":\"a \\u003c b \\u0026 c\"}");
	assert_string_equal(fixture_header(req, "x-sb-error-code", 0), "bad_json");
	assert_null(fixture_header(req, "X-Supabase-Api-Version", 0));
	req = failing(true);
	fail(req, 400, "bad_json", "no");
	handle(req);
	assert_string_equal(body(req), "{\"code\":\"bad_json\",\"message\":\"no\"}");
	assert_string_equal(fixture_header(req, "x-sb-error-code", 0), "bad_json");
	assert_string_equal(fixture_header(req, "X-Supabase-Api-Version", 0), "2024-01-01");
	req = failing(false);
	fail_server(req, "Database error saving new user");
	handle(req);
	assert_string_equal(
		body(req),
		"{\"code\":500,\"error_code\":\"unexpected_failure\",\"msg\":\"Database error saving new user\",\"error_id\":\"r\\\"\\u003c1\"}");
}

static void errors_without_a_code(void **state)
{
	struct request *req = failing(false);

	(void)state;
	fail(req, 403, NULL, "no");
	handle(req);
	assert_string_equal(body(req), "{\"code\":403,\"error_code\":\"unknown\",\"msg\":\"no\"}");
	assert_null(fixture_header(req, "x-sb-error-code", 0));
	req = failing(true);
	fail(req, 500, NULL, "no");
	handle(req);
	assert_string_equal(body(req), "{\"code\":\"unexpected_failure\",\"message\":\"no\"}");
}

static void other_kinds_of_errors(void **state)
{
	struct request *req = failing(false);

	(void)state;
	fail_unexpected(req, "the cause");
	handle(req);
	assert_string_equal(body(req), "{\"code\":500,\"error_code\":\"unexpected_failure\",\"msg\":\"Unexpected failure, please check server "
				       "logs for more information\"}");
	assert_null(fixture_header(req, "x-sb-error-code", 0));
	req = failing(false);
	fail_fault(req, "the cause");
	handle(req);
	assert_string_equal(body(req), "{\"code\":500,\"error_code\":\"unexpected_failure\",\"msg\":\"Internal Server Error\"}");
	req = failing(true);
	fail_fault(req, "the cause");
	handle(req);
	assert_string_equal(body(req), "{\"code\":\"unexpected_failure\",\"message\":\"Internal Server Error\"}");
	req = failing(true);
	fail_oauth(req, "invalid request", "why");
	handle(req);
	assert_int_equal(req->http->status, 400);
	assert_string_equal(body(req), "{\"error\":\"invalid request\",\"error_description\":\"why\"}");
	assert_null(fixture_header(req, "x-sb-error-code", 0));
	assert_string_equal(fixture_header(req, "X-Supabase-Api-Version", 0), "2024-01-01");
	req = failing(false);
	fail_oauth(req, "invalid_grant", "%s", "");
	handle(req);
	assert_string_equal(body(req), "{\"error\":\"invalid_grant\"}");
	handle(req = failing(false)); /* no reason given */
	assert_int_equal(req->http->status, 500);
}

static void weak_passwords(void **state)
{
	struct request *req = failing(false);

	(void)state;
	fail(req, 422, "weak_password", "weak");
	req->failure.kind = FAILURE_WEAK_PASSWORD;
	req->failure.weak = WEAK_LENGTH | WEAK_PWNED;
	handle(req);
	assert_string_equal(
		body(req), "{\"code\":422,\"error_code\":\"weak_password\",\"msg\":\"weak\",\"weak_password\":{\"reasons\":[\"length\",\"pwned\"]}}");
	assert_string_equal(fixture_header(req, "x-sb-error-code", 0), "weak_password");
	req = failing(true);
	fail(req, 422, "weak_password", "weak");
	req->failure.kind = FAILURE_WEAK_PASSWORD;
	handle(req);
	assert_string_equal(body(req), "{\"code\":\"weak_password\",\"message\":\"weak\",\"weak_password\":{}}");
	assert_null(fixture_header(req, "x-sb-error-code", 0));
}

static struct request *database_failure(bool new_api, const char *sqlstate, const char *detail, bool raised)
{
	struct request *req = failing(new_api);
	struct db_error *error = talloc_zero(req, struct db_error);

	strncpy(error->sqlstate, sqlstate, 5);
	error->message = "no";
	error->detail = detail;
	error->hint = raised ? "ask" : NULL;
	error->raised = raised;
	fail_server(req, "Database error saving new user");
	req->failure.db = error;
	return handle(req);
}

static void database_errors(void **state)
{
	struct request *req = database_failure(false, "P0001", "why", true);

	(void)state;
	assert_int_equal(req->http->status, 500);
	assert_string_equal(body(req), "{\"code\":\"P0001\",\"message\":\"no\",\"hint\":\"ask\",\"detail\":\"why\"}");
	assert_string_equal(fixture_header(req, "x-sb-error-code", 0), "unexpected_failure");
	assert_string_equal(body(database_failure(true, "P0001", "why", true)),
			    "{\"code\":\"unexpected_failure\",\"message\":\"Database error saving new user\"}");
	req = database_failure(false, "PT402", NULL, false);
	assert_int_equal(req->http->status, 402);
	assert_string_equal(body(req), "{\"code\":\"PT402\",\"message\":\"no\"}");
	assert_int_equal(database_failure(false, "PT599", NULL, false)->http->status, 599);
	assert_int_equal(database_failure(false, "PT000", NULL, false)->http->status, 500);
	req = database_failure(false, "PT042", NULL, false); /* no status */
	assert_int_equal(req->http->status, 500);
	assert_string_equal(body(req), "{\"code\":500,\"error_code\":\"unexpected_failure\",\"msg\":\"Internal Server Error\"}");
	assert_null(fixture_header(req, "x-sb-error-code", 0));
	assert_int_equal(database_failure(false, "PT100", NULL, false)->http->status, 500);
	/* detail: what repeats the caller's input, and what the operator's code says; a row never (contract 12) */
	assert_string_equal(body(database_failure(false, "23505", "Key (email)=(a@example.com) already exists.", false)),
			    "{\"code\":\"23505\",\"message\":\"no\",\"detail\":\"Key (email)=(a@example.com) already exists.\"}");
	assert_string_equal(body(database_failure(false, "23514", "Failing row contains (x).", false)), "{\"code\":\"23514\",\"message\":\"no\"}");
	assert_string_equal(body(database_failure(false, "23503", "Key (id)=(x) is not present.", false)), "{\"code\":\"23503\",\"message\":\"no\"}");
	assert_string_equal(body(database_failure(false, "23514", "why", true)),
			    "{\"code\":\"23514\",\"message\":\"no\",\"hint\":\"ask\",\"detail\":\"why\"}");
	/* every other state: the endpoint's own words */
	req = database_failure(false, "42P01", "why", false);
	assert_non_null(strstr(body(req), "Database error saving new user"));
}

static void deadlines(void **state)
{
	struct request *req = fixture_request(mem, settings, "GET", "/user", NULL, NULL);

	(void)state;
	req->id = TEXT("r1");
	req->deadline = monotonic_now() - 1;
	handle(req);
	assert_int_equal(req->http->status, 504);
	assert_string_equal(body(req),
			    "{\"code\":504,\"error_code\":\"request_timeout\",\"msg\":\"Processing this request timed out, please retry after "
			    "a moment.\",\"error_id\":\"r1\"}");
	settings->api.max_request_duration = 10 * SECOND;
	assert_int_equal(ask("GET", "/user", NULL, NULL, NULL)->http->status, 200);
}

static void busy(void **state)
{
	struct request *req = fixture_request(mem, settings, "GET", "/user", NULL, NULL);

	(void)state;
	http_reply_busy(req);
	assert_int_equal(req->http->status, 503);
	assert_string_equal(fixture_header(req, "Retry-After", 0), "1");
}

/* ---- redirects and header safety ---- */

static struct request *redirect(const char *method, const char *path, const char *target)
{
	struct request *req = fixture_request(mem, settings, method, path, NULL, NULL);

	reply_redirect(req, 303, text_of(target));
	return req;
}

static void redirects(void **state)
{
	struct request *req = redirect("GET", "/verify", "https://a.io/x?a=1&b='\"<>");

	(void)state;
	assert_string_equal(fixture_header(req, "Location", 0), "https://a.io/x?a=1&b='\"<>");
	assert_string_equal(fixture_header(req, "Content-Type", 0), "text/html; charset=utf-8");
	assert_string_equal(body(req), "<a href=\"https://a.io/x?a=1&amp;b=&#39;&#34;&lt;&gt;\">See Other</a>.\n\n");
	req = redirect("POST", "/verify", "https://a.io/#a\r\nX-Y: z\xe2\x82\xac");
	assert_string_equal(fixture_header(req, "Location", 0), "https://a.io/#a  X-Y: z%e2%82%ac");
	assert_null(fixture_header(req, "Content-Type", 0));
	assert_int_equal(req->http->out->len, 0);
	assert_string_equal(fixture_header(redirect("GET", "/a/b", "c/../d/./"), "Location", 0), "/a/d/");
	assert_string_equal(fixture_header(redirect("GET", "/a/b", "/x//y?q=../z"), "Location", 0), "/x/y?q=../z");
	assert_string_equal(fixture_header(redirect("GET", "/a/b", "../../.."), "Location", 0), "/");
	assert_string_equal(fixture_header(redirect("GET", "/a/b", "app:x"), "Location", 0), "app:x");
}

/* ---- base URL ---- */

static void external_hosts(void **state)
{
	static const struct {
		const char *host, *proto, *url;
	} cases[] = {
		{"a.io", "", "https://a.io"},
		{"b.io", "", "http://localhost:9999"},
		{"", "", "http://localhost:9999"},
		{"localhost", "http", "http://localhost"},
		{"localhost", "https", "https://localhost"},
		{"a.io", "http", "https://a.io"},
		{"A.io", "", "http://localhost:9999"},
	};
	struct text hosts[] = {TEXT("a.io"), TEXT("localhost"), TEXT("bad host")};

	(void)state;
	settings->mailer.external_hosts = (struct text_list){.items = hosts, .count = 3};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = ask("GET", "/user", talloc_asprintf(mem, "HTTP_X_FORWARDED_HOST=%s", cases[i].host),
					  talloc_asprintf(mem, "HTTP_X_FORWARDED_PROTO=%s", cases[i].proto), NULL);

		assert_text(req->http->external_url, cases[i].url);
	}
	assert_text(ask("GET", "http://a.io:80/user", NULL, NULL, NULL)->http->external_url, "https://a.io");
	assert_text(ask("GET", "http://a.io/user", "HTTP_X_FORWARDED_HOST=b.io", NULL, NULL)->http->external_url, "http://localhost:9999");
	assert_int_equal(ask("GET", "/user", "HTTP_X_FORWARDED_HOST=bad host", NULL, NULL)->http->status, 500);
	assert_int_equal(ask("GET", "/health", "HTTP_X_FORWARDED_HOST=bad host", NULL, NULL)->http->status, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unknown_paths),
		TEST(methods_that_a_path_does_not_have),
		TEST(paths_with_parameters),
		TEST(gates_of_groups_come_before_method_and_path),
		TEST(preflights),
		TEST(configured_request_headers),
		TEST(answers_to_other_origins),
		TEST(errors_in_both_versions),
		TEST(errors_without_a_code),
		TEST(other_kinds_of_errors),
		TEST(weak_passwords),
		TEST(database_errors),
		TEST(deadlines),
		TEST(busy),
		TEST(redirects),
		TEST(external_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
