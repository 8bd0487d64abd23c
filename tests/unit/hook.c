/* hook.c: what is sent to a hook and what its answers mean (contract 11). */
#include "tests/unit/test.h"

#include "cgi-src/hook/hook_int.h"

static struct settings settings;

static struct request *fresh(void)
{
	settings = (struct settings){0};
	settings.hooks[HOOK_SEND_SMS] = (struct settings_hook){.enabled = true, .uri = "https://user:pass%40word@hooks.example.com/sms?key=1"};
	return request_new(NULL, &settings);
}

/* ---- signatures (section 7.4) ----------------------------------------------------------------------------------------------------------- */

static const char vector_body[] =
	"{\"metadata\":{\"uuid\":\"7d6f0f3a-6a39-4d0e-9f0a-0d5a6c1d2b3e\",\"time\":\"2023-11-14T22:13:20.5Z\",\"name\":\"password-"
	"verification\",\"ip_address\":\"203.0.113.7\"},\"user_id\":\"16e3c032-a7ea-4388-b880-756c0d02202c\",\"valid\":true}";

static const char *sign(struct request *req, const char *first, const char *second, const char **why)
{
	struct text items[] = {text_of(first), text_of(second)};
	struct text_list secrets = {items, second ? 2 : first ? 1 : 0, true};

	*why = NULL;
	return hook_signature(req, &secrets, "16e3c032-a7ea-4388-b880-756c0d02202c", "1700000000", text_of(vector_body), why);
}

static void signatures_are_those_of_the_vector(void **state)
{
	struct request *req = fresh();
	const char *why;

	(void)state;
	assert_int_equal(strlen(vector_body), 212);
	assert_string_equal(
		sign(req, "v1,whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "v1,whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=", &why),
		"v1,GwFV6w5fJPmkfLO9Kvc9vTwZU5FbrBYmet/nBz7jPWo=, v1,1HvbUL0+c+xVy0sTuw1Yp3UKoq3TzL42o4afgoDHReo=");
	assert_string_equal(sign(req, NULL, NULL, &why), "");
	talloc_free(req);
}

static void secrets_that_cannot_sign_say_why(void **state)
{
	struct request *req = fresh();
	const char *why;

	(void)state;
	assert_null(sign(req, "v1a,whpk_abc:whsk_def", NULL, &why));
	assert_string_equal(why, "invalid signature format");
	assert_null(sign(req, "v1,whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", " ", &why));
	assert_null(sign(req, "v1,whsec_0123456789abcdef0123456789abcdef=====", NULL, &why));
	assert_string_equal(why, "unable to create webhook, err: illegal base64 data at input byte 32");
	talloc_free(req);
}

/* ---- Content-Type (section 7.3) --------------------------------------------------------------------------------------------------------- */

static void content_types(void **state)
{
	static const struct {
		const char *header, *type, *why;
	} cases[] = {
		{"application/json", "application/json", NULL},
		{"Application/JSON; charset=utf-8", "application/json", NULL},
		{" application/json ;", "application/json", NULL},
		{"application/json; a=\"x;y\\\"z\"", "application/json", NULL},
		{"json", "json", NULL},
		{"text/plain", "text/plain", NULL},
		{";/", NULL, "mime: no media type"},
		{"application json", NULL, "mime: expected slash after first token"},
		{"application/", NULL, "mime: expected token after slash"},
		{"application/json x", NULL, "mime: unexpected content after media subtype"},
		{"application/json; charset", NULL, "mime: invalid media parameter"},
		{"application/json; a=1; A=2", NULL, "mime: duplicate parameter name"},
		{"application/json; charset=utf-8; Charset=\"utf-8\"", "application/json", NULL},
		{"application/json;;", NULL, "mime: invalid media parameter"},
	};
	struct request *req = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL, *type = mime_type(req, text_of(cases[i].header), &why);

		if (!type != !cases[i].type || (type && strcmp(type, cases[i].type) != 0) || (!type && strcmp(why, cases[i].why) != 0))
			fail_msg("%s: %s, %s", cases[i].header, type ? type : "(none)", why ? why : "(no reason)");
	}
	talloc_free(req);
}

/* ---- answers (sections 5.1, 5.2) --------------------------------------------------------------------------------------------------------- */

static void check_answer(const char *body, int status, const char *message, enum failure_kind kind)
{
	struct request *req = fresh();
	struct hook_output output = {body != NULL, text_of(body)};
	struct hook_answer answer;
	int result = hook_read_output(req, &settings.hooks[HOOK_SEND_SMS], &output, &answer);

	if ((result < 0) != (status != 0))
		fail_msg("%s: %d", body, result);
	if (status &&
	    (req->failure.kind != kind || (kind == FAILURE_HTTP && (req->failure.status != status || strcmp(req->failure.message, message) != 0))))
		fail_msg("%s: kind %d, status %d, %s", body, (int)req->failure.kind, req->failure.status, req->failure.message);
	talloc_free(req);
}

static void answers_pass_or_refuse(void **state)
{
	(void)state;
	check_answer(NULL, 0, NULL, FAILURE_NONE);
	check_answer("{}", 0, NULL, FAILURE_NONE);
	check_answer(" null ", 0, NULL, FAILURE_NONE);
	check_answer("{\"error\":null,\"unknown\":[1]}", 0, NULL, FAILURE_NONE);
	check_answer("{\"error\":{\"http_code\":403,\"message\":\"no\"}}", 403, "no", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"no\"}}", 500, "no", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"no\",\"http_code\":0}}", 500, "no", FAILURE_HTTP);
	check_answer("{\"Error\":{\"MESSAGE\":\"x\",\"HTTP_CODE\":409}}", 409, "x", FAILURE_HTTP);
	check_answer("{\"error\":{\"me\xc5\xbf\xc5\xbf"
		     "age\":\"x\",\"http_code\":409}}",
		     409, "x", FAILURE_HTTP); /* two long s */
	check_answer("{\"error\":{\"message\":\"x\"},\"Error\":{\"http_code\":403}}", 403, "x", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"x\"},\"error\":{\"message\":\"y\",\"http_code\":403}}", 403, "y", FAILURE_HTTP);
	check_answer("{\"error\":\"no\",\"error\":null}", 500, "The request was refused by a hook", FAILURE_HTTP);
	check_answer("{\"unknown\":1e400}", 0, NULL, FAILURE_NONE); /* nobody reads it */
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":150}}", 500, "x", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":42}}", 500, NULL, FAILURE_FAULT);
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":1000}}", 500, NULL, FAILURE_FAULT);
	check_answer("[]", 500, "Error unmarshaling JSON output.", FAILURE_HTTP);
	check_answer("\"x\"", 500, "Error unmarshaling JSON output.", FAILURE_HTTP);
	check_answer("{} x", 500, "Error unmarshaling JSON output.", FAILURE_HTTP);
	check_answer("", 500, "Error unmarshaling JSON output.", FAILURE_HTTP);
}

static void a_refusal_keeps_every_byte_of_its_message(void **state)
{
	struct request *req = fresh();
	struct hook_output output = {true, TEXT("{\"error\":{\"message\":\"a\\u0000b\",\"http_code\":403}}")};
	struct hook_answer answer;

	(void)state;
	assert_int_equal(hook_read_output(req, &settings.hooks[HOOK_SEND_SMS], &output, &answer), -1);
	assert_true(text_equal(failure_message(&req->failure), TEXT("a\0b")));
	fail(req, 400, NULL, "c"); /* another wording replaces all of it */
	assert_true(text_equal(failure_message(&req->failure), TEXT("c")));
	talloc_free(req);
}

/* A policy must not fail open (chapter 12). */
static void malformed_refusals_refuse(void **state)
{
	static const char *const bodies[] = {
		"{\"error\":{\"http_code\":403}}",
		"{\"error\":{\"message\":\"\"}}",
		"{\"error\":\"no\"}",
		"{\"error\":[]}",
		"{\"error\":{\"message\":5}}",
		"{\"error\":true}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		check_answer(bodies[i], 500, "The request was refused by a hook", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":\"403\"}}", 500, "x", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":400.0}}", 500, "x", FAILURE_HTTP);
	check_answer("{\"error\":{\"message\":\"x\",\"http_code\":4e2}}", 500, "x", FAILURE_HTTP);
}

static void members_of_an_answer_have_types(void **state)
{
	struct decision {
		struct text decision;
		bool logout;
	};
	static const struct json_field fields[] = {
		JSON_FIELD(struct decision, decision, "decision", JSON_TEXT),
		JSON_FIELD(struct decision, logout, "should_logout_user", JSON_BOOL),
	};
	static const struct json_shape shape = JSON_SHAPE("Decision", fields);
	static const struct {
		const char *body;
		bool good, rejects;
	} cases[] = {
		{"{\"DECISION\":\"reject\"}", true, true},
		{"{\"decision\":null}", true, false},
		{"{\"decision\":\"continue\",\"Decision\":\"reject\"}", true, true}, /* the last one */
		{"{\"decision\":\"reject\",\"Decision\":\"continue\"}", true, false},
		{"{\"decision\":5}", false, false},
		{"{\"should_logout_user\":\"true\"}", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fresh();
		struct hook_output output = {true, text_of(cases[i].body)};
		struct hook_answer answer;
		struct decision decision = {0};

		assert_int_equal(hook_read_output(req, &settings.hooks[HOOK_SEND_SMS], &output, &answer), 0);
		assert_int_equal(hook_decode(req, &answer, &shape, &decision) == 0, cases[i].good);
		assert_int_equal(text_is(decision.decision, "reject"), cases[i].rejects);
		if (!cases[i].good)
			assert_string_equal(req->failure.message, "Error unmarshaling JSON output.");
		talloc_free(req);
	}
}

/* ---- names ------------------------------------------------------------------------------------------------------------------------------- */

static void uris_are_shown_without_credentials(void **state)
{
	struct request *req = fresh();

	(void)state;
	assert_string_equal(hook_uri_shown(req, &settings.hooks[HOOK_SEND_SMS]), "https://hooks.example.com/sms?key=1");
	settings.hooks[HOOK_SEND_SMS].uri = "pg-functions://postgres/public/f";
	assert_string_equal(hook_uri_shown(req, &settings.hooks[HOOK_SEND_SMS]), "pg-functions://postgres/public/f");
	talloc_free(req);
}

static void points_have_two_names(void **state)
{
	enum hook_point point;

	(void)state;
	assert_true(hook_point_of(TEXT("CUSTOM_ACCESS_TOKEN"), &point) && point == HOOK_CUSTOM_ACCESS_TOKEN);
	assert_true(hook_point_of(TEXT("customize-access-token"), &point) && point == HOOK_CUSTOM_ACCESS_TOKEN);
	assert_true(hook_point_of(TEXT("Send_Email"), &point) && point == HOOK_SEND_EMAIL);
	assert_false(hook_point_of(TEXT("send"), &point));
	assert_false(hook_point_of(TEXT(""), &point));
}

static void samples_are_documents(void **state)
{
	struct request *req = fresh();

	(void)state;
	for (int i = 0; i < SETTINGS_HOOKS; i++) {
		struct json_writer out = hook_sample(req, (enum hook_point)i);
		struct json_object *value;
		const char *why;

		json_close_object(&out);
		if (json_parse(req, buffer_as_text(out.buffer), &value, &why) < 0)
			fail_msg("%s: %s", hook_name((enum hook_point)i), why);
		assert_string_equal(json_object_get_string(json_get(json_get(value, "metadata"), "name")), hook_name((enum hook_point)i));
	}
	talloc_free(req);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_the_vector),
		cmocka_unit_test(secrets_that_cannot_sign_say_why),
		cmocka_unit_test(content_types),
		cmocka_unit_test(answers_pass_or_refuse),
		cmocka_unit_test(a_refusal_keeps_every_byte_of_its_message),
		cmocka_unit_test(malformed_refusals_refuse),
		cmocka_unit_test(members_of_an_answer_have_types),
		cmocka_unit_test(uris_are_shown_without_credentials),
		cmocka_unit_test(points_have_two_names),
		cmocka_unit_test(samples_are_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
