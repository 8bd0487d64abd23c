/* sms.c: what SMS gateways are sent, and what is made of their answers (contract 06 section 12.5); test codes and texts (12.2, 12.3). */
#include "tests/unit/test.h"

#include "cgi-src/sms/sms_int.h"
#include "latchkey/shared.h"

/* ---- the outside world: one answer, and what it was asked ---- */

static struct {
	bool reached;
	int status;
	const char *body;
	const char *url, *form, *user, *authorization;
	const char *asked;   /* hosts, one after the other */
	const char *well;    /* part of the one host that takes a message, whatever the rest says; NULL: none */
	int64_t deadline[4]; /* the request's, as each call saw it */
	size_t calls;
} world;

static const char *host_of(struct request *req, const char *url)
{
	return text_string(req, text_before(text_of(url + strlen("https://")), '/'));
}

int outbound_call(struct request *req, const struct outbound_call *call, struct outbound_answer *answer)
{
	world.url = text_string(req, call->url);
	world.form = text_string(req, call->body);
	world.user = call->user ? format(req, "%s:%s", call->user, call->password) : "";
	world.authorization = call->header_count ? text_string(req, call->headers[0].value) : "";
	assert_string_equal(call->method, "POST");
	assert_string_equal(call->content_type, "application/x-www-form-urlencoded");
	world.asked = format(req, "%s %s", world.asked ? world.asked : "", host_of(req, world.url));
	world.deadline[world.calls++ % 4] = req->deadline;
	if (world.well && strstr(world.url, world.well)) {
		*answer = (struct outbound_answer){.status = 200, .body = TEXT("{\"status\":\"success\",\"messages\":[{\"status\":\"0\"}]}")};
		return 0;
	}
	*answer =
		(struct outbound_answer){.status = world.status, .body = text_of(world.body), .fault = OUTBOUND_UNREACHABLE, .why = "https://x: no"};
	return world.reached ? 0 : -1;
}

static struct settings settings;

/* What was asked before belonged to another test's request. */
static struct request *fresh(void)
{
	world.asked = NULL;
	settings = (struct settings){
		.sms =
			{
				.provider = "",
				.template_ = "",
				.test_otp_valid_until = MOMENT_NONE,
				.twilio = {"AC1", "tok", "MG1", ""},
				.twilio_verify = {"AC9", "tv", "VA9", ""},
				.messagebird = {"mb", "Latch"},
				.textlocal = {"tk", "LATCH"},
				.vonage = {"vk", "v s&=", "Latch"},
			},
	};
	return request_new(NULL, &settings);
}

static int send(struct request *req, const char *gateway, const char *channel, const char *text, struct sms_refusal *refusal)
{
	struct sms_message message = {TEXT("15551112222"), text_of(channel), text_of(text), TEXT("123456")};

	*refusal = (struct sms_refusal){0};
	return gateway_named(text_of(gateway))->send(req, &message, refusal);
}

/* ---- answers ---- */

static void answers(void **state)
{
	static const struct {
		const char *gateway;
		int status;
		const char *body, *refusal; /* NULL: taken */
	} cases[] = {
		{"twilio", 201, "{\"sid\":\"SM1\",\"status\":\"queued\",\"error_code\":null,\"error_message\":null}", NULL},
		{"twilio", 200, "{\"sid\":\"SM1\",\"status\":\"sent\"}", NULL},
		{"twilio", 400, "{\"code\":21211,\"message\":\"M\",\"more_info\":\"I\",\"status\":400}", "M More information: I"},
		{"twilio", 202, "{\"sid\":\"SM9\",\"message\":\"m2\",\"more_info\":\"i2\"}", "m2 More information: i2"},
		{"twilio", 500, "{}", " More information: "},
		{"twilio", 400, "{\"code\":\"21211\",\"message\":\"M\"}", "the provider's answer could not be read"},
		{"twilio", 200, "{\"sid\":\"SM2\",\"status\":\"failed\",\"error_code\":\"30008\",\"error_message\":\"Unknown error\"}",
		 "twilio error: Unknown error 30008 for message SM2"},
		{"twilio", 200, "{\"sid\":\"SM3\",\"status\":\"undelivered\",\"error_code\":null}", "twilio error:   for message SM3"},
		{"twilio", 200, "{\"sid\":\"SM3\",\"status\":\"failed\",\"error_code\":30008}", "the provider's answer could not be read"},
		{"twilio", 200, "<html>", "the provider's answer could not be read"},
		{"twilio_verify", 201, "{\"sid\":\"VE1\",\"status\":\"pending\"}", NULL},
		{"twilio_verify", 404, "{\"message\":\"gone\",\"more_info\":\"x\"}", "gone More information: x"},
		{"messagebird", 201, "{\"recipients\":{\"totalSentCount\":1}}", NULL},
		{"messagebird", 500, "{\"recipients\":{\"totalSentCount\":2}}", NULL},
		{"messagebird", 200, "{\"recipients\":{\"totalSentCount\":0}}", "messagebird error: total sent count is 0"},
		{"messagebird", 404, "{\"errors\":[{\"description\":\"not read\"}]}", "messagebird error: total sent count is 0"},
		{"messagebird", 401, "{\"errors\":[{\"description\":\"Request not allowed\"},{\"description\":\"b\"}]}", "Request not allowed"},
		{"messagebird", 422, "{\"errors\":[]}", "messagebird error: status 422 without a reason"},
		{"textlocal", 403, "{\"status\":\"success\"}", NULL},
		{"textlocal", 200, "{\"status\":\"failure\",\"errors\":[{\"code\":3,\"message\":\"Invalid login details\"}]}",
		 "textlocal error: Invalid login details (code: 3) message "},
		{"textlocal", 200,
		 "{\"status\":\"failure\",\"errors\":[{\"code\":5,\"message\":\"Bad\"},{\"code\":80}],\"messages\":[{\"id\":\"t2\"}]}",
		 "textlocal error: Bad (code: 5) message t2"},
		{"textlocal", 200, "{\"status\":\"failure\",\"errors\":[{\"code\":80,\"message\":\"Invalid template\"}]}",
		 "textlocal error: Invalid template (code: 80) template message: Code 1"},
		{"textlocal", 200, "{\"status\":\"failure\"}", "textlocal error: it gave no reason"},
		{"vonage", 500, "{\"messages\":[{\"status\":\"0\"}]}", NULL},
		{"vonage", 200, "{\"messages\":[{\"status\":\"2\",\"error-text\":\"Missing to param\",\"message-id\":\"v2\"}]}",
		 "vonage error: Missing to param (status: 2) for message v2"},
		{"vonage", 200, "{\"messages\":[{\"status\":\"1\",\"error-text\":\"Throttled\"},{\"status\":\"0\"}]}",
		 "vonage error: Throttled (status: 1) for message "},
		{"vonage", 200, "{\"messages\":[]}", "vonage error: Internal Error"},
		{"vonage", 200, "{}", "vonage error: Internal Error"},
		{"vonage", 200, "{\"messages\":{}}", "the provider's answer could not be read"},
	};
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	world.reached = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.status = cases[i].status;
		world.body = cases[i].body;
		assert_int_equal(send(req, cases[i].gateway, "sms", "Code 1", &refusal), cases[i].refusal ? -1 : 0);
		if (cases[i].refusal)
			assert_string_equal(refusal.message, cases[i].refusal);
	}
	talloc_free(req);
}

static void a_gateway_that_is_away(void **state)
{
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	world.reached = false;
	assert_int_equal(send(req, "twilio", "sms", "x", &refusal), -1);
	assert_string_equal(refusal.message, "the provider could not be reached"); /* without the URL, which holds the account */
	assert_string_equal(refusal.cause, "https://x: no");
	talloc_free(req);
}

/* ---- what is sent ---- */

static void requests(void **state)
{
	static const struct {
		const char *gateway, *channel, *text, *url, *form;
	} cases[] = {
		{"twilio", "sms", "Code 1", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
		 "Body=Code+1&Channel=sms&From=MG1&To=%2B15551112222"},
		{"twilio", "whatsapp", "Code 1", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
		 "Body=Code+1&Channel=whatsapp&From=MG1&To=whatsapp%3A%2B15551112222"},
		{"twilio_verify", "whatsapp", "Code 1", "https://verify.twilio.com/v2/Services/VA9/Verifications",
		 "Channel=whatsapp&To=%2B15551112222"},
		{"messagebird", "sms", "Code 1", "https://rest.messagebird.com/messages",
		 "body=Code+1&datacoding=unicode&originator=Latch&recipients=15551112222&type=sms"},
		{"textlocal", "sms", "Code 1", "https://api.textlocal.in/send", "apikey=tk&message=Code+1&numbers=15551112222&sender=LATCH"},
		{"vonage", "sms", "Code 1", "https://rest.nexmo.com/sms/json",
		 "api_key=vk&api_secret=v+s%26%3D&from=Latch&text=Code+1&to=15551112222"},
		{"vonage", "sms", "\xc3\xa9", "https://rest.nexmo.com/sms/json",
		 "api_key=vk&api_secret=v+s%26%3D&from=Latch&text=%C3%A9&to=15551112222&type=unicode"},
	};
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	world.reached = true;
	world.status = 200;
	world.body = "{}";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send(req, cases[i].gateway, cases[i].channel, cases[i].text, &refusal);
		assert_string_equal(world.url, cases[i].url);
		assert_string_equal(world.form, cases[i].form);
	}
	talloc_free(req);
}

static void whatsapp_senders(void **state)
{
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	world.reached = true;
	world.status = 201;
	world.body = "{}";
	settings.sms.twilio.message_service_sid = "+1 555 000 9999"; /* a number, not a service */
	send(req, "twilio", "whatsapp", "Code 1", &refusal);
	assert_non_null(strstr(world.form, "&From=whatsapp%3A%2B1+555+000+9999&"));
	settings.sms.twilio.message_service_sid = "MG1";
	settings.sms.twilio.content_sid = "HX42";
	send(req, "twilio", "whatsapp", "Code 1", &refusal);
	assert_string_equal(world.form, "Channel=whatsapp&ContentSid=HX42&ContentVariables=%7B%221%22%3A+%22123456%22%7D&From=MG1&"
					"To=whatsapp%3A%2B15551112222");
	assert_string_equal(world.user, "AC1:tok");
	send(req, "messagebird", "sms", "Code 1", &refusal);
	assert_string_equal(world.authorization, "AccessKey mb");
	talloc_free(req);
}

/* ---- codes that the gateway checks ---- */

static void checks(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum sms_check result;
	} cases[] = {
		{200, "{\"status\":\"approved\",\"valid\":true}", SMS_CHECK_RIGHT},
		{201, "{\"status\":\"approved\",\"valid\":true}", SMS_CHECK_RIGHT},
		{200, "{\"status\":\"approved\",\"valid\":false}", SMS_CHECK_WRONG},
		{200, "{\"status\":\"pending\",\"valid\":true}", SMS_CHECK_WRONG},
		{202, "{\"status\":\"approved\",\"valid\":true}", SMS_CHECK_WRONG},
		{404, "{\"message\":\"gone\"}", SMS_CHECK_WRONG},
		{200, "", SMS_CHECK_WRONG},
	};
	struct request *req = fresh();

	(void)state;
	log_set_level(LOG_ERROR);
	world.reached = true;
	settings.sms.provider = "twilio_verify";
	assert_true(sms_gateway_checks(req));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.status = cases[i].status;
		world.body = cases[i].body;
		assert_int_equal(sms_check_code(req, TEXT("15551112222"), TEXT("1 2")), cases[i].result);
		assert_string_equal(world.form, "Code=1+2&To=%2B15551112222");
	}
	settings.sms.twilio_verify.auth_token = "";
	assert_int_equal(sms_check_code(req, TEXT("15551112222"), TEXT("1")), SMS_CHECK_NO_GATEWAY);
	settings.sms.provider = "twilio";
	assert_false(sms_gateway_checks(req));
	talloc_free(req);
}

/* ---- test codes, texts, credentials ---- */

static void test_codes(void **state)
{
	struct request *req = fresh();
	struct text_pair items[] = {{TEXT("15551234567"), TEXT("123456")}, {TEXT("15550000000"), TEXT("")}};

	(void)state;
	settings.sms.test_otp = (struct text_map){items, 2};
	assert_true(text_is(sms_test_code(req, TEXT("15551234567")), "123456"));
	assert_null(sms_test_code(req, TEXT("15550000000")).data); /* an empty one suppresses nothing */
	assert_null(sms_test_code(req, TEXT("15557777777")).data);
	settings.sms.test_otp_valid_until = moment_add(moment_now(), HOUR);
	assert_true(text_is(sms_test_code(req, TEXT("15551234567")), "123456"));
	settings.sms.test_otp_valid_until = moment_add(moment_now(), -SECOND);
	assert_null(sms_test_code(req, TEXT("15551234567")).data);
	talloc_free(req);
}

static void texts(void **state)
{
	struct request *req = fresh();
	struct text text;
	const char *why;

	(void)state;
	assert_int_equal(sms_render(req, "", TEXT("12"), &text, &why), 0);
	assert_true(text_is(text, "Your code is 12"));
	assert_int_equal(sms_render(req, "<b>{{ .Code }}</b> & \"x\"", TEXT("12"), &text, &why), 0);
	assert_true(text_is(text, "<b>12</b> & \"x\"")); /* nothing is escaped */
	assert_int_equal(sms_render(req, "{{ .Token }}", TEXT("12"), &text, &why), -1);
	assert_int_equal(sms_render(req, "{{ .Code", TEXT("12"), &text, &why), -1);
	talloc_free(req);
}

static const struct sms_gateway *configured(const struct request *req)
{
	const struct sms_gateway *list[GATEWAYS_MAX];

	return gateways_configured(req->settings, list) ? list[0] : NULL;
}

static void missing_credentials(void **state)
{
	static const char *const names[] = {"twilio", "twilio_verify", "messagebird", "textlocal", "vonage"};
	struct request *req = fresh();

	(void)state;
	assert_null(configured(req));
	settings.sms.provider = "carrier-pigeon";
	assert_null(configured(req));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		settings.sms.provider = names[i];
		assert_string_equal(configured(req)->name, names[i]);
	}
	settings.sms.twilio.auth_token = settings.sms.twilio_verify.message_service_sid = settings.sms.messagebird.originator =
		settings.sms.textlocal.sender = settings.sms.vonage.from = "";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		settings.sms.provider = names[i];
		assert_null(configured(req));
	}
	talloc_free(req);
}

/* ---- several providers ---- */

static struct text_list listed;
static struct text names[4];

static void providers(const char *first, const char *second, const char *third)
{
	const char *all[] = {first, second, third};

	listed = (struct text_list){.items = names};
	for (size_t i = 0; i < 3 && all[i]; i++)
		names[listed.count++] = text_of(all[i]);
	settings.latchkey.sms_providers = listed;
	world.asked = NULL;
	world.well = NULL;
	world.calls = 0;
}

static int deliver_one(struct request *req, const char *channel, struct sms_refusal *refusal)
{
	struct sms_message message = {TEXT("15551112222"), text_of(channel), TEXT("Code 1"), TEXT("123456")};
	const struct sms_gateway *by;

	return sms_deliver(req, &message, refusal, &by);
}

#define TWILIO " api.twilio.com"
#define VONAGE " rest.nexmo.com"
#define TEXTLOCAL " api.textlocal.in"

/* What passes goes on to the next, what is about the number does not. */
static void the_next_is_asked(void **state)
{
	static const struct {
		const char *first;
		bool reached;
		int status;
		const char *body;
		bool goes_on, left_alone;
	} cases[] = {
		{"twilio", false, 0, "", true, true},
		{"twilio", true, 500, "{\"code\":20500,\"message\":\"M\"}", true, true},
		{"twilio", true, 429, "{\"code\":20429,\"message\":\"M\"}", true, true},
		{"twilio", true, 401, "{\"code\":20003,\"message\":\"M\"}", true, true},
		{"twilio", true, 502, "<html>", true, true},
		{"twilio", true, 400, "{\"code\":21408,\"message\":\"no such region\"}", true, false},
		{"twilio", true, 201, "{\"status\":\"failed\",\"error_code\":\"30008\"}", true, false},
		{"twilio", true, 400, "{\"code\":21211,\"message\":\"no number\"}", false, false},
		{"twilio", true, 400, "{\"code\":21610,\"message\":\"unsubscribed\"}", false, false},
		{"twilio", true, 201, "{\"status\":\"undelivered\",\"error_code\":\"30006\"}", false, false},
		{"messagebird", true, 401, "{\"errors\":[{\"code\":2,\"description\":\"not allowed\",\"parameter\":\"access_key\"}]}", true, true},
		{"messagebird", true, 200, "{\"recipients\":{\"totalSentCount\":0}}", true, false},
		{"messagebird", true, 422, "{\"errors\":[{\"code\":9,\"description\":\"no recipients\",\"parameter\":\"recipients\"}]}", false,
		 false},
		{"messagebird", true, 422, "{\"errors\":[{\"code\":25,\"description\":\"no balance\",\"parameter\":null}]}", true, false},
		{"textlocal", true, 200, "{\"status\":\"failure\",\"errors\":[{\"code\":7,\"message\":\"credit\"}]}", true, true},
		{"textlocal", true, 200, "{\"status\":\"failure\",\"errors\":[{\"code\":80,\"message\":\"template\"}]}", true, false},
		{"textlocal", true, 200, "{\"status\":\"failure\",\"errors\":[{\"code\":32,\"message\":\"number\"}]}", false, false},
	};
	struct sms_refusal refusal;

	(void)state;
	log_set_level(LOG_ERROR);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fresh();

		req->shared = shared_open(req, NULL, true);
		providers(cases[i].first, "vonage", NULL);
		world.reached = cases[i].reached;
		world.status = cases[i].status;
		world.body = cases[i].body;
		world.well = "nexmo";
		assert_int_equal(deliver_one(req, "sms", &refusal), cases[i].goes_on ? 0 : -1);
		assert_int_equal(strstr(world.asked, VONAGE) != NULL, cases[i].goes_on);
		world.asked = NULL;
		deliver_one(req, "sms", &refusal);
		assert_int_equal(strcmp(world.asked, VONAGE) == 0, cases[i].left_alone);
		talloc_free(req);
	}
}

static void vonage_passes_on(void **state)
{
	static const struct {
		const char *status;
		bool goes_on;
	} cases[] = {{"1", true}, {"4", true}, {"9", true}, {"12", true}, {"3", false}, {"7", false}, {"33", false}};
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	log_set_level(LOG_ERROR);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		providers("vonage", "textlocal", NULL);
		world.reached = true;
		world.status = 200;
		world.body = format(req, "{\"messages\":[{\"status\":\"%s\",\"error-text\":\"E\"}]}", cases[i].status);
		world.well = "textlocal";
		assert_int_equal(deliver_one(req, "sms", &refusal), cases[i].goes_on ? 0 : -1);
		assert_string_equal(world.asked, cases[i].goes_on ? VONAGE TEXTLOCAL : VONAGE);
	}
	talloc_free(req);
}

/* The last is asked also where all are left alone: a code is of no use later. Its words are the answer. */
static void where_all_fail(void **state)
{
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	log_set_level(LOG_ERROR);
	req->shared = shared_open(req, NULL, true);
	providers("twilio", "vonage", NULL);
	world.reached = true;
	world.status = 503;
	world.body = "{}";
	assert_int_equal(deliver_one(req, "sms", &refusal), -1);
	assert_string_equal(world.asked, TWILIO VONAGE);
	assert_string_equal(refusal.message, "vonage error: Internal Error");
	world.asked = NULL;
	assert_int_equal(deliver_one(req, "sms", &refusal), -1);
	assert_string_equal(world.asked, VONAGE);
	providers("twilio", NULL, NULL);
	assert_int_equal(deliver_one(req, "sms", &refusal), -1);
	assert_string_equal(world.asked, TWILIO);
	talloc_free(req);
}

/* None of them may use up the time of those behind it. */
static void shares_of_the_time(void **state)
{
	struct request *req = fresh();
	int64_t began = monotonic_now();
	struct sms_refusal refusal;

	(void)state;
	log_set_level(LOG_ERROR);
	req->deadline = began + 10 * SECOND;
	providers("twilio", "vonage", "textlocal");
	world.reached = false;
	assert_int_equal(deliver_one(req, "sms", &refusal), -1);
	assert_string_equal(world.asked, TWILIO VONAGE TEXTLOCAL);
	assert_in_range(world.deadline[0] - began, 3 * SECOND, 4 * SECOND);
	assert_in_range(world.deadline[1] - began, 4 * SECOND, 5 * SECOND);
	assert_int_equal(world.deadline[2], began + 10 * SECOND);
	assert_int_equal(req->deadline, began + 10 * SECOND);
	talloc_free(req);
}

static void whatsapp_by_those_that_have_it(void **state)
{
	struct request *req = fresh();
	struct sms_refusal refusal;

	(void)state;
	providers("vonage", "twilio", NULL);
	world.reached = true;
	world.status = 201;
	world.body = "{\"status\":\"queued\"}";
	assert_int_equal(deliver_one(req, "whatsapp", &refusal), 0);
	assert_string_equal(world.asked, TWILIO);
	assert_int_equal(sms_channel_valid(req, TEXT("whatsapp")), 0);
	providers("vonage", "messagebird", NULL);
	assert_int_equal(sms_channel_valid(req, TEXT("whatsapp")), -1);
	assert_int_equal(deliver_one(req, "whatsapp", &refusal), -1);
	assert_string_equal(refusal.message, "channel type \"whatsapp\" is not supported for Vonage");
	talloc_free(req);
}

static void lists(void **state)
{
	static const struct {
		const char *names[3];
		const char *wrong; /* part of it; NULL: nothing */
	} cases[] = {
		{{"twilio", "vonage", NULL}, NULL},
		{{"twilio_verify", NULL, NULL}, NULL},
		{{NULL, NULL, NULL}, NULL},
		{{"twilio", "pigeon", NULL}, "\"pigeon\" is no provider"},
		{{"twilio", "twilio_verify", NULL}, "twilio_verify makes and checks codes of its own"},
		{{"vonage", "twilio", "vonage"}, "vonage is there twice"},
		{{"vonage", "messagebird", NULL}, "credentials of messagebird are missing"},
	};
	struct request *req = fresh();

	(void)state;
	settings.sms.messagebird.access_key = "";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *wrong;

		providers(cases[i].names[0], cases[i].names[1], cases[i].names[2]);
		wrong = sms_providers_check(req, &settings);
		assert_int_equal(wrong != NULL, cases[i].wrong != NULL);
		if (wrong)
			assert_non_null(strstr(wrong, cases[i].wrong));
	}
	settings.sms.provider = "vonage";
	providers("twilio", "vonage", NULL);
	assert_true(text_is(sms_provider(&settings), "twilio"));
	providers(NULL, NULL, NULL);
	assert_true(text_is(sms_provider(&settings), "vonage"));
	talloc_free(req);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(a_gateway_that_is_away),
		cmocka_unit_test(requests),
		cmocka_unit_test(whatsapp_senders),
		cmocka_unit_test(checks),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(texts),
		cmocka_unit_test(missing_credentials),
		cmocka_unit_test(the_next_is_asked),
		cmocka_unit_test(vonage_passes_on),
		cmocka_unit_test(where_all_fail),
		cmocka_unit_test(shares_of_the_time),
		cmocka_unit_test(whatsapp_by_those_that_have_it),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
