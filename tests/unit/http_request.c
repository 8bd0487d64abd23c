/* http_request.c: what comes in: paths, prefixes, query and form, versions, addresses (contract 01 sections 2.1, 5, 7.1, 11; 12). */
#include "tests/unit/http_fixture.h"

#include "cgi-src/http/http_int.h"

static void paths_as_they_are_matched(void **state)
{
	static const struct {
		const char *target, *path, *route;
	} cases[] = {
		{"/settings", "/settings", "/settings"},
		{"/a%20b", "/a b", "/a b"},
		{"/%73ettings", "/settings", "/%73ettings"},
		{"/factors/a%2Fb", "/factors/a/b", "/factors/a%2Fb"},
		{"/%7Bx%7D", "/{x}", "/{x}"},
		{"/%7bx%7d", "/{x}", "/%7bx%7d"},
		{"/custom%3Ax", "/custom:x", "/custom%3Ax"},
		{"/custom:x", "/custom:x", "/custom:x"},
		{"//settings", "//settings", "//settings"},
		{"/./settings", "/./settings", "/./settings"},
		{"/settings?a=%zz&b=1", "/settings", "/settings"},
		{"/%E2%82%AC", "/\xe2\x82\xac", "/\xe2\x82\xac"},
		{"/a+b", "/a+b", "/a+b"},
		{"http://a.io:80/settings?x=1", "/settings", "/settings"},
		{"/%zz", NULL, NULL},
		{"/%", NULL, NULL},
		{"/%1", NULL, NULL},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fixture_request(mem, settings, "GET", cases[i].target, NULL, NULL);

		if (req->http->bad_path != !cases[i].path)
			complain("%s", cases[i].target);
		if (!cases[i].path)
			continue;
		assert_text(req->http->path, cases[i].path);
		assert_text(req->http->route_path, cases[i].route);
	}
	talloc_free(mem);
}

static void mount_prefixes(void **state)
{
	static const struct {
		const char *set, *target, *script, *info, *route;
	} cases[] = {
		/* lighttpd and mod_fcgid below a path */
		{"", "/auth/v1/settings", "/auth/v1", "/settings", "/settings"},
		{"", "/auth/v1/factors/a%2Fb", "/auth/v1", "/factors/a/b", "/factors/a%2Fb"},
		{"", "/auth/v1/%73ettings", "/auth/v1", "/settings", "/%73ettings"},
		{"", "/auth/v1//settings", "/auth/v1", "/settings", "//settings"}, /* the web server has cleaned its own copy */
		{"", "/auth/v1/./settings", "/auth/v1", "/settings", "/./settings"},
		/* a rewrite to a program elsewhere */
		{"", "/auth/v1/settings", "/latchkey.fcgi", "/settings", "/settings"},
		/* at the root */
		{"", "/settings", "", "/settings", "/settings"},
		{"", "/settings", "/settings", "", "/settings"},
		{"", "/auth/v1/settings", "/auth/v1/settings", "", "/auth/v1/settings"},
		/* as set */
		{"/auth/v1", "/auth/v1/settings", "/auth/v1/settings", "", "/settings"},
		{"/auth/v1/", "/auth/v1/settings", "", "", "/settings"},
		{"/auth/v1", "/auth/v1", "", "", ""},
		{"/auth/v1", "/auth/v1x/settings", "", "", "/auth/v1x/settings"},
		{"/auth/v1", "/settings", "", "", "/settings"}, /* stripped already */
		{"/", "/settings", "", "", "/settings"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req;

		settings->latchkey.prefix = cases[i].set;
		req = fixture_request(mem, settings, "GET", cases[i].target, NULL, talloc_asprintf(mem, "SCRIPT_NAME=%s", cases[i].script),
				      talloc_asprintf(mem, "PATH_INFO=%s", cases[i].info), NULL);
		assert_text(req->http->route_path, cases[i].route);
	}
	talloc_free(mem);
}

static void query_strings(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req = fixture_request(mem, settings, "GET", "/x?a=1&&b&c=x+y%21&a=2&d=%zz&e;f=1&=g&h=1=2&i=%00", NULL, NULL);
	struct text all[4];

	(void)state;
	assert_text(http_query(req, "a"), "1");
	assert_int_equal(http_query_all(req, "a", all, 4), 2);
	assert_text(all[1], "2");
	assert_non_null(http_query(req, "b").data);
	assert_int_equal(http_query(req, "b").len, 0);
	assert_text(http_query(req, "c"), "x y!");
	assert_null(http_query(req, "d").data);
	assert_null(http_query(req, "e;f").data);
	assert_text(http_query(req, ""), "g");
	assert_text(http_query(req, "h"), "1=2");
	assert_int_equal(http_query(req, "i").len, 1);
	assert_null(http_query(req, "j").data);
	talloc_free(mem);
}

static void too_many_pieces_are_none(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct buffer *target = buffer_new(mem, 64);

	(void)state;
	buffer_string(target, "/x?a=1");
	for (int i = 1; i < 10000; i++)
		buffer_string(target, "&b");
	assert_text(http_query(fixture_request(mem, settings, "GET", target->data, NULL, NULL), "a"), "1");
	buffer_string(target, "&b");
	assert_null(http_query(fixture_request(mem, settings, "GET", target->data, NULL, NULL), "a").data);
	talloc_free(mem);
}

#define FORM "CONTENT_TYPE=application/x-www-form-urlencoded; charset=utf-8"

static void forms(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req = fixture_request(mem, settings, "POST", "/token?a=query&b=query", "a=body", FORM, NULL);

	(void)state;
	assert_text(http_form(req, "a"), "body");
	assert_text(http_form(req, "b"), "query");
	assert_text(http_query(req, "a"), "query");
	assert_true(req->http->body_is_form);
	/* no body of other methods and types */
	req = fixture_request(mem, settings, "DELETE", "/x", "a=body", FORM, NULL);
	assert_null(http_form(req, "a").data);
	req = fixture_request(mem, settings, "POST", "/x", "a=body", "CONTENT_TYPE=multipart/form-data; boundary=x", NULL);
	assert_null(http_form(req, "a").data);
	assert_false(req->http->body_is_form);
	/* the header leaves the body to the handler, but for /token */
	req = fixture_request(mem, settings, "POST", "/x", "a=body", FORM, "HTTP_REDIRECT_TO=https://x.test", NULL);
	assert_false(req->http->body_is_form);
	assert_text(http_form(req, "a"), "body");
	req = fixture_request(mem, settings, "POST", "/token", "a=body", FORM, "HTTP_REDIRECT_TO=https://x.test", NULL);
	assert_true(req->http->body_is_form);
	talloc_free(mem);
}

struct email {
	struct text email;
};
static const struct json_field email_fields[] = {JSON_FIELD(struct email, email, "email", JSON_TEXT)};
static const struct json_shape email_shape = JSON_SHAPE("RecoverParams", email_fields);

static const char *json_failure(struct request *req, int (*read)(struct request *, const struct json_shape *, void *))
{
	struct email params = {0};

	return read(req, &email_shape, &params) < 0 ? req->failure.message : NULL;
}

static void json_bodies(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct email params = {0};
	struct request *req = fixture_request(mem, settings, "POST", "/recover", "{\"EMAIL\":\"a@b.c\"}", "CONTENT_TYPE=text/plain", NULL);

	(void)state;
	assert_int_equal(http_json(req, &email_shape, &params), 0);
	assert_text(params.email, "a@b.c");
	req = fixture_request(mem, settings, "POST", "/recover", "email=a@b.c", FORM, NULL);
	assert_string_equal(json_failure(req, http_json), "Could not parse request body as JSON: unexpected end of JSON input");
	assert_int_equal(req->failure.status, 400);
	assert_string_equal(req->failure.code, "bad_json");
	req = fixture_request(mem, settings, "POST", "/recover", "", NULL);
	assert_null(json_failure(req, http_json_optional));
	assert_non_null(json_failure(req, http_json));
	req = fixture_request(mem, settings, "POST", "/recover", "{}", NULL);
	req->http->body_too_large = true;
	assert_string_equal(json_failure(req, http_json), "Request body too large (max 1048576 bytes)");
	assert_int_equal(req->failure.status, 413);
	talloc_free(mem);
}

/* Contract 09 section 4. */
static void uuids_in_json(void **state)
{
	static const struct {
		bool set;
		const char *text, *why; /* why NULL: it is taken */
	} cases[] = {
		{false, "", NULL},
		{true, "{00000000-0000-4000-8000-00000000000A}", NULL},
		{true, "", "uuid: incorrect UUID length 0 in string \"\""},
		{true, "a\"c", "uuid: incorrect UUID length 3 in string \"a\\\"c\""},
		{true, "00000000+0000-4000-8000-00000000000a", "uuid: incorrect UUID format in string \"00000000+0000-4000-8000-00000000000a\""},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fixture_request(mem, settings, "POST", "/sso", "{}", NULL);
		struct json_opt_text member = {.set = cases[i].set, .text = text_of(cases[i].text)};
		struct uuid uuid = uuid_v4();

		assert_int_equal(http_json_uuid(req, &member, &uuid), cases[i].why ? -1 : 0);
		assert_int_equal(uuid_is_nil(&uuid), !cases[i].set || cases[i].why);
		if (!cases[i].why)
			continue;
		assert_string_equal(req->failure.message, format(mem, "Could not parse request body as JSON: %s", cases[i].why));
		assert_int_equal(req->failure.status, 400);
		assert_string_equal(req->failure.code, "bad_json");
	}
	talloc_free(mem);
}

static void headers(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req = fixture_request(mem, settings, "GET", "/", NULL, "HTTP_X_JWT_AUD= other ", "HTTP_X_JWT_AUDIENCE=no", NULL);

	(void)state;
	assert_text(http_header(req, "x-jwt-aud"), "other");
	assert_text(request_audience(req), "other");
	assert_null(http_header(req, "Authorization").data);
	req = fixture_request(mem, settings, "GET", "/", NULL, "REDIRECT_HTTP_AUTHORIZATION=Bearer a", NULL);
	assert_text(http_header(req, "Authorization"), "Bearer a");
	req = fixture_request(mem, settings, "GET", "/", NULL, "REDIRECT_HTTP_AUTHORIZATION=Bearer a", "HTTP_AUTHORIZATION=Bearer b", NULL);
	assert_text(http_header(req, "Authorization"), "Bearer b");
	talloc_free(mem);
}

/* Web servers join the lines of a header; the reference reads the first alone (section 5.1). */
static void headers_that_came_in_several_lines(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	static const char *const authorizations[][2] = {
		{"Bearer a, Bearer b", "Bearer a"},
		{"Basic YTpi, Bearer b", "Basic YTpi"},
		{"Bearer a, b", "Bearer a, b"}, /* one line that is no bearer token */
		{"Bearer a,Bearer b", "Bearer a,Bearer b"},
	};

	(void)state;
	fixture_allow(settings, "https://a.test/**");
	struct request *req =
		fixture_request(mem, settings, "GET", "/", NULL, "HTTP_X_JWT_AUD=one, two", "HTTP_X_SUPABASE_API_VERSION=2024-01-01, 2020-01-01",
				"HTTP_REFERER=https://a.test/x, https://b.test/y", NULL);

	assert_true(req->http->new_api);
	assert_text(request_audience(req), "one");
	assert_text(redirect_referrer(req), "https://a.test/x");
	for (size_t i = 0; i < sizeof(authorizations) / sizeof(authorizations[0]); i++) {
		req = fixture_request(mem, settings, "GET", "/", NULL, talloc_asprintf(mem, "HTTP_AUTHORIZATION=%s", authorizations[i][0]), NULL);
		assert_text(http_authorization(req), authorizations[i][1]);
	}
	talloc_free(mem);
}

static void request_ids(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct uuid id;

	(void)state;
	assert_true(uuid_parse(fixture_request(mem, settings, "GET", "/", NULL, NULL)->id, &id));
	settings->api.request_id_header = "X-Rid";
	assert_text(fixture_request(mem, settings, "GET", "/", NULL, "HTTP_X_RID=r1", NULL)->id, "r1");
	assert_int_equal(fixture_request(mem, settings, "GET", "/", NULL, NULL)->id.len, 0);
	talloc_free(mem);
}

static void api_versions(void **state)
{
	static const struct {
		const char *header;
		bool readable, new_api;
	} cases[] = {
		{"", true, false},	    {"2024-01-01", true, true},	   {"2024-01-02", true, true},	 {"2030-05-06", true, true},
		{"2024-02-29", true, true}, {"2023-12-31", true, false},   {"2023-02-29", false, false}, {"2024-02-30", false, false},
		{"2024-1-1", false, false}, {"2024-13-01", false, false},  {"2024-00-01", false, false}, {"2024-01-00", false, false},
		{"nonsense", false, false}, {"2024-01-01 ", false, false}, {"2024/01/01", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool new_api;

		if (version_receive(text_of(cases[i].header), &new_api) != cases[i].readable || new_api != cases[i].new_api)
			complain("%s", cases[i].header);
	}
}

/* ---- who asks ---- */

#define PEER "REMOTE_ADDR=192.0.2.1"

static void the_reference_s_addresses(void **state)
{
	static const char *const cases[][2] = {
		{"203.0.113.7", "203.0.113.7"}, {"10.0.0.9, 203.0.113.7", "10.0.0.9"}, {"unknown, 198.51.100.1", "198.51.100.1"}, {"", "192.0.2.1"},
		{"junk", "192.0.2.1"},		{"2001:DB8:0::1", "2001:db8::1"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	(void)state;
	settings->rate_limit.header = "X-Forwarded-For";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *forwarded = talloc_asprintf(mem, "HTTP_X_FORWARDED_FOR=%s", cases[i][0]);

		assert_text(fixture_request(mem, settings, "GET", "/", NULL, PEER, forwarded, NULL)->address, cases[i][1]);
	}
	talloc_free(mem);
}

static void nobody_is_believed_where_nothing_is_set(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req = fixture_request(mem, settings, "GET", "/", NULL, PEER, "HTTP_X_FORWARDED_FOR=203.0.113.7", NULL);
	struct text key;

	(void)state;
	assert_text(req->address, "192.0.2.1");
	assert_true(client_limit_key(req, &key));
	assert_text(key, "192.0.2.1");
	talloc_free(mem);
}

static void the_right_most_untrusted_hop(void **state)
{
	static const char *const cases[][2] = {
		{"203.0.113.7", "203.0.113.7"},		  {"6.6.6.6, 203.0.113.7", "203.0.113.7"},
		{"203.0.113.7, 10.0.0.1", "203.0.113.7"}, {"6.6.6.6,203.0.113.7,10.0.0.1,10.0.0.2", "203.0.113.7"},
		{"10.0.0.3, 10.0.0.2", "10.0.0.3"},	  {"", "192.0.2.1"},
		{"203.0.113.7, junk", "192.0.2.1"},	  {"203.0.113.7, junk, 10.0.0.1", "10.0.0.1"},
	};
	struct text trusted[] = {TEXT("192.0.2.1"), TEXT("10.0.0.0/8")};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct text key;
	struct request *req;

	(void)state;
	settings->latchkey.trusted_proxies = (struct text_list){.items = trusted, .count = 2, .set = true};
	settings->rate_limit.header = "X-RL";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		req = fixture_request(mem, settings, "GET", "/", NULL, PEER, talloc_asprintf(mem, "HTTP_X_FORWARDED_FOR=%s", cases[i][0]), NULL);
		assert_text(req->address, cases[i][1]);
		assert_true(client_limit_key(req, &key));
		assert_text(key, cases[i][1]);
	}
	req = fixture_request(mem, settings, "GET", "/", NULL, "REMOTE_ADDR=198.51.100.9", "HTTP_X_FORWARDED_FOR=203.0.113.7", NULL);
	assert_text(req->address, "198.51.100.9");
	talloc_free(mem);
}

static void the_key_of_a_named_header(void **state)
{
	static const char *const cases[][2] = {
		{"1.1.1.1, 9.9.9.9", "1.1.1.1"},
		{"1.1.1.1 ,8.8.8.8", "1.1.1.1"},
		{",1.1.1.1", NULL},
		{"", NULL},
		{"no address at all", "no address at all"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);

	(void)state;
	log_set_level(LOG_ERROR);
	settings->rate_limit.header = "X-RL";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fixture_request(mem, settings, "GET", "/", NULL, PEER, talloc_asprintf(mem, "HTTP_X_RL=%s", cases[i][0]), NULL);
		struct text key;
		bool limited = client_limit_key(req, &key);

		assert_int_equal(limited, cases[i][1] != NULL);
		if (limited)
			assert_text(key, cases[i][1]);
	}
	talloc_free(mem);
}

static void sb_forwarded_for_goes_first_where_it_is_on(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = fixture_settings(mem);
	struct request *req;
	struct text key;

	(void)state;
	settings->rate_limit.header = "X-RL";
	req = fixture_request(mem, settings, "GET", "/", NULL, PEER, "HTTP_SB_FORWARDED_FOR=5.5.5.5", NULL);
	assert_text(req->address, "192.0.2.1");
	settings->security.sb_forwarded_for_enabled = true;
	req = fixture_request(mem, settings, "GET", "/", NULL, PEER, "HTTP_SB_FORWARDED_FOR= 5.5.5.5 , 6.6.6.6", "HTTP_X_RL=b", NULL);
	assert_text(req->address, "5.5.5.5");
	assert_true(client_limit_key(req, &key));
	assert_text(key, "5.5.5.5");
	req = fixture_request(mem, settings, "GET", "/", NULL, PEER, "HTTP_SB_FORWARDED_FOR=invalid", "HTTP_X_RL=b", NULL);
	assert_true(req->http->forwarded_bad);
	assert_text(req->address, "192.0.2.1");
	assert_true(client_limit_key(req, &key));
	assert_text(key, "b");
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_as_they_are_matched),
		cmocka_unit_test(mount_prefixes),
		cmocka_unit_test(query_strings),
		cmocka_unit_test(too_many_pieces_are_none),
		cmocka_unit_test(forms),
		cmocka_unit_test(json_bodies),
		cmocka_unit_test(uuids_in_json),
		cmocka_unit_test(headers),
		cmocka_unit_test(headers_that_came_in_several_lines),
		cmocka_unit_test(request_ids),
		cmocka_unit_test(api_versions),
		cmocka_unit_test(the_reference_s_addresses),
		cmocka_unit_test(nobody_is_believed_where_nothing_is_set),
		cmocka_unit_test(the_right_most_untrusted_hop),
		cmocka_unit_test(the_key_of_a_named_header),
		cmocka_unit_test(sb_forwarded_for_goes_first_where_it_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
