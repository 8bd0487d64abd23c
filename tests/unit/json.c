/* json.c: decoding and writing as contract 01 sections 5.4 and 6 say. */
#include "tests/unit/test.h"

#include "latchkey/json.h"

struct security {
	struct text captcha;
};
struct body {
	struct text email;
	struct json_opt_text password;
	bool confirm;
	int64_t count;
	struct text_list list;
	struct json_object *data;
	struct security security;
};
static const struct json_field security_fields[] = {JSON_FIELD(struct security, captcha, "captcha_token", JSON_TEXT)};
static const struct json_shape security_shape = JSON_SHAPE("Security", security_fields);
static const struct json_field body_fields[] = {
	JSON_FIELD(struct body, email, "email", JSON_TEXT),
	JSON_FIELD(struct body, password, "password", JSON_TEXT_OPT),
	JSON_FIELD(struct body, confirm, "confirm", JSON_BOOL),
	JSON_FIELD(struct body, count, "count", JSON_INT),
	JSON_FIELD(struct body, list, "list", JSON_TEXTS),
	JSON_FIELD(struct body, data, "data", JSON_MAP),
	{"gotrue_meta_security", JSON_STRUCT, offsetof(struct body, security), &security_shape},
};
static const struct json_shape body_shape = JSON_SHAPE("SignupParams", body_fields);

static void what_is_no_json(void **state)
{
	static const char *const cases[][2] = {
		{"", "unexpected end of JSON input"},
		{"  ", "unexpected end of JSON input"},
		{"{\"a\":", "unexpected end of JSON input"},
		{"\"abc", "unexpected end of JSON input"},
		{"email=a", "invalid character 'e' looking for beginning of value"},
		{"\xef\xbb\xbf{}", "invalid character '\xc3\xaf' looking for beginning of value"},
		{"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
		{"{a:1}", "invalid character 'a' looking for beginning of object key string"},
		{"{\"a\" 1}", "invalid character '1' after object key"},
		{"{\"a\":1 2}", "invalid character '2' after object key:value pair"},
		{"[1 2]", "invalid character '2' after array element"},
		{"{}x", "invalid character 'x' after top-level value"},
		{"{\"a\":\"\n\"}", "invalid character '\\n' in string literal"},
		{"{\"a\":\"\\x\"}", "invalid character 'x' in string escape code"},
		{"{'a':1}", "invalid character '\\'' looking for beginning of object key string"},
		{"01", "invalid character '1' after top-level value"},
		{"[\"a\",", "unexpected end of JSON input"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct json_object *value;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(json_parse(mem, text_of(cases[i][0]), &value, &why), -1);
		assert_string_equal(why, cases[i][1]);
	}
	talloc_free(mem);
}

static void depth_is_bounded(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct buffer *text = buffer_new(mem, 64);
	struct json_object *value;
	const char *why;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buffer_char(text, '[');
	for (int i = 0; i < 10000; i++)
		buffer_char(text, ']');
	assert_int_equal(json_parse(mem, buffer_as_text(text), &value, &why), 0);
	buffer_clear(text);
	for (int i = 0; i < 10001; i++)
		buffer_char(text, '[');
	assert_int_equal(json_parse(mem, buffer_as_text(text), &value, &why), -1);
	assert_string_equal(why, "exceeded max depth");
	talloc_free(mem);
}

static int decode(TALLOC_CTX *mem, const char *text, struct body *body, const char **why)
{
	memset(body, 0, sizeof(*body));
	return json_decode(mem, text_of(text), &body_shape, body, why);
}

static void members_of_a_body(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why;
	struct body body;

	(void)state;
	assert_int_equal(decode(mem, "{\"EMAIL\":\"a\",\"email\":\"b\",\"confirm\":true,\"x\":[{\"y\":null}],\"count\":-12}", &body, &why), 0);
	assert_true(text_is(body.email, "b"));
	assert_true(body.confirm);
	assert_int_equal(body.count, -12);
	assert_int_equal(decode(mem, "{\"email\":\"a\",\"email\":null,\"pa\xc5\xbf\xc5\xbfword\":\"\"}", &body, &why), 0);
	assert_true(text_is(body.email, "a"));
	assert_true(body.password.set);
	assert_int_equal(decode(mem, "{\"password\":\"x\",\"password\":null,\"data\":null}", &body, &why), 0);
	assert_false(body.password.set);
	assert_int_equal(decode(mem,
				"{\"data\":{\"a\":1},\"Data\":{\"b\":2},\"gotrue_meta_security\":{\"captcha_token\":\"t\"},"
				"\"gotrue_meta_security\":{}}",
				&body, &why),
			 0);
	assert_true(text_is(json_canonical(mem, body.data), "{\"a\":1,\"b\":2}"));
	assert_true(text_is(body.security.captcha, "t"));
	assert_int_equal(decode(mem, "{\"data\":{\"k\\u0000\":1}}", &body, &why), 0);
	assert_string_equal(json_canonical(mem, body.data).data, "{\"k\\u0000\":1}");
	assert_int_equal(decode(mem, "null", &body, &why), 0);
	assert_int_equal(decode(mem, "{\"email\":\"a\\u0000b\\ud800\"}", &body, &why), 0);
	assert_int_equal(body.email.len, 6);
	assert_memory_equal(body.email.data, "a\0b\xef\xbf\xbd", 6);
	talloc_free(mem);
}

static void members_of_a_wrong_type(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	const char *why;
	struct body body;

	(void)state;
	assert_int_equal(decode(mem, "{\"email\":1}", &body, &why), -1);
	assert_string_equal(why, "json: cannot unmarshal number into Go struct field SignupParams.email of type string");
	assert_int_equal(decode(mem, "{\"confirm\":\"true\"}", &body, &why), -1);
	assert_int_equal(decode(mem, "{\"count\":1.5}", &body, &why), -1);
	assert_string_equal(why, "json: cannot unmarshal number 1.5 into Go struct field SignupParams.count of type int");
	assert_int_equal(decode(mem, "{\"count\":9223372036854775808}", &body, &why), -1);
	assert_int_equal(decode(mem, "[]", &body, &why), -1);
	assert_string_equal(why, "json: cannot unmarshal array into Go value of type api.SignupParams");
	assert_int_equal(decode(mem, "{\"gotrue_meta_security\":{\"captcha_token\":{}}}", &body, &why), -1);
	assert_int_equal(decode(mem, "{\"list\":[\"a\",true]}", &body, &why), -1);
	assert_string_equal(why, "json: cannot unmarshal bool into Go struct field SignupParams.list of type string");
	talloc_free(mem);
}

static void canonical_text(void **state)
{
	static const char *const cases[][2] = {
		{"{\"b\": 1, \"a\": [true, null, \"x\"]}", "{\"a\":[true,null,\"x\"],\"b\":1}"},
		{"1.0", "1"},
		{"12345678901234567890", "12345678901234567000"},
		{"82666108611384502959", "82666108611384510000"},
		{"-123456789012345678901", "-123456789012345680000"},
		{"99999999999999999999", "100000000000000000000"},
		{"1e21", "1e+21"},
		{"1e-7", "1e-7"},
		{"0.000001", "0.000001"},
		{"1.5e300", "1.5e+300"},
		{"0.1", "0.1"},
		{"-0.25", "-0.25"},
		{"123456.789", "123456.789"},
		{"9007199254740993", "9007199254740992"},
		{"\"<b> & \\u2028 \\/ \\u0001 \\u007f \\t\"", "\"\\u003cb\\u003e \\u0026 \\u2028 / \\u0001 \x7f \\t\""},
		{"{\"a\\u0000\":1}", "{\"a\\u0000\":1}"},
		{"\"\xff\"", "\"\xef\xbf\xbd\""},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(json_canonical_text(mem, text_of(cases[i][0])).data, cases[i][1]);
	talloc_free(mem);
}

static void names_in_byte_order(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct json_object *object;
	const char *why, **names;
	size_t count;

	(void)state;
	assert_int_equal(json_parse(mem, text_of("{\"b\":1,\"\u00e4\":2,\"B\":3,\"aa\":4,\"a\":5}"), &object, &why), 0);
	names = json_names_sorted(mem, object, &count);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(names[i], ((const char *const[]){"B", "a", "aa", "b", "\xc3\xa4"})[i]);
	json_names_sorted(mem, NULL, &count);
	assert_int_equal(count, 0);
	json_names_sorted(mem, json_get(object, "b"), &count);
	assert_int_equal(count, 0);
	talloc_free(mem);
}

static void merging_metadata(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct json_object *base, *changes;
	const char *why;

	(void)state;
	json_parse(mem, TEXT("{\"a\":1,\"b\":{\"c\":2},\"z\":true}"), &base, &why);
	json_parse(mem, TEXT("{\"a\":null,\"b\":{\"d\":3}}"), &changes, &why);
	assert_string_equal(json_canonical(mem, json_merge(mem, base, changes)).data, "{\"b\":{\"d\":3},\"z\":true}");
	assert_string_equal(json_canonical(mem, json_merge(mem, NULL, changes)).data, "{\"a\":null,\"b\":{\"d\":3}}");
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json),	   cmocka_unit_test(depth_is_bounded), cmocka_unit_test(members_of_a_body),
		cmocka_unit_test(members_of_a_wrong_type), cmocka_unit_test(canonical_text),   cmocka_unit_test(names_in_byte_order),
		cmocka_unit_test(merging_metadata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
