/* outbound.c: which addresses may be called, and through which proxy (contract 01 section 17, 02 section 3.20). */
#include "tests/unit/test.h"

#include <arpa/inet.h>

#include "cgi-src/outbound/outbound_int.h"
#include "latchkey/settings.h"

static const char *complaint_by(const char *(*judge)(const struct sockaddr *address), const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return judge((struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return judge((struct sockaddr *)&v6);
}

static const char *saved(const char *text)
{
	return complaint_by(address_complaint_saved, text);
}

static const char *connected(const char *text)
{
	return complaint_by(address_complaint_connected, text);
}

static void addresses_of_the_inside_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"127.0.0.1", "loopback"},   {"127.9.9.9", "loopback"},		{"::1", "loopback"},	       {"::ffff:127.0.0.1", "loopback"},
		{"10.1.2.3", "private"},     {"172.16.0.1", "private"},		{"172.31.255.255", "private"}, {"192.168.0.1", "private"},
		{"fd00::1", "private"},	     {"169.254.169.254", "link-local"}, {"fe80::1", "link-local"},     {"ff02::1", "link-local"},
		{"224.0.0.1", "link-local"}, {"239.1.1.1", "multicast"},	{"ff05::2", "multicast"},      {"0.0.0.0", "unspecified"},
		{"::", "unspecified"},	     {"ff12::1", "link-local"},		{"ff3e::1", "multicast"},      {"::ffff:10.0.0.1", "private"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_non_null(saved(cases[i][0]));
		assert_non_null(strstr(saved(cases[i][0]), cases[i][1]));
		assert_string_equal(connected(cases[i][0]), saved(cases[i][0]));
	}
}

/* Contract 07 section 13.1: not blocked where a URL is kept. What a gateway leads to is judged as the connection is made. */
static void addresses_that_lead_inside_are_told_as_they_are_called(void **state)
{
	static const char *const cases[][2] = {
		{"64:ff9b::7f00:1", "loopback"},   {"64:ff9b::a9fe:a9fe", "link-local"},
		{"2002:a00:1::", "private"},	   {"::192.168.0.1", "private"},
		{"0.1.2.3", "reserved"},	   {"255.255.255.255", "reserved"},
		{"64:ff9b::e000:1", "link-local"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(saved(cases[i][0]));
		assert_non_null(connected(cases[i][0]));
		assert_non_null(strstr(connected(cases[i][0]), cases[i][1]));
	}
}

static void public_addresses_pass(void **state)
{
	static const char *const cases[] = {"8.8.8.8",	  "172.32.0.1", "2606:4700::1111",  "169.253.0.1",
					    "100.64.0.1", "198.18.0.1", "64:ff9b::808:808", "2001:db8::1"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(saved(cases[i]));
		assert_null(connected(cases[i]));
	}
}

static void proxies_as_the_operator_set_them(void **state)
{
	struct settings settings = {0};

	(void)state;
	settings.outbound.https_proxy = "http://proxy:1";
	settings.outbound.http_proxy = "";
	settings.outbound.no_proxy = "example.org, .internal,api.example.net:8443";
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("api.example.com"), TEXT("")), "http://proxy:1");
	assert_string_equal(proxy_for(&settings, TEXT("http"), TEXT("api.example.com"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("localhost"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("127.0.0.1"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("example.org"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("a.example.org"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("badexample.org"), TEXT("")), "http://proxy:1");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("a.internal"), TEXT("")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("api.example.net"), TEXT("8443")), "");
	assert_string_equal(proxy_for(&settings, TEXT("https"), TEXT("api.example.net"), TEXT("")), "http://proxy:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_inside_are_refused),
		cmocka_unit_test(addresses_that_lead_inside_are_told_as_they_are_called),
		cmocka_unit_test(public_addresses_pass),
		cmocka_unit_test(proxies_as_the_operator_set_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
