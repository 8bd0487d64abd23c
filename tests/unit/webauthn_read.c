/* webauthn_read.c: sites, CBOR and what authenticators say: what is read, and what is not (contract 08 sections 1, 10, 16). */
#include "config.h"

#include "tests/unit/test.h"

#include "cgi-src/webauthn/webauthn_int.h"
#include "latchkey/passkey.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- sites -------------------------------------------------------------------------------------------------------------------------------------- */

static void rp_ids(void **state)
{
	static const char *const good[] = {"localhost", "example.com", "a.b.example.com", "127.0.0.1", "::1", "xn--bcher-kva.example"};
	static const char *const bad[] = {
		"", "example", "https://example.com", "example.com:443", "example.com/path", "example.com?x=1", "example.com#part", "localhost:3000"};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(webauthn_rp_id_acceptable(mem, text_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(webauthn_rp_id_acceptable(mem, text_of(bad[i])));
	talloc_free(mem);
}

static void origins(void **state)
{
	static struct text allowed[] = {TEXT("http://localhost:3000"), TEXT("https://Example.com:443"), TEXT("android:apk-key-hash:abc"),
					TEXT("http://plain.example")};
	static const struct text_list list = {allowed, COUNT(allowed), true};
	static const struct {
		const char *origin;
		bool allowed;
	} cases[] = {
		{"http://localhost:3000", true},
		{"HTTP://LOCALHOST:3000", true},
		{"http://localhost:3000/some/path?x=1", true},
		{"http://user@localhost:3000", true},
		{"https://example.com", true},
		{"https://EXAMPLE.com:443/", true},
		{"http://plain.example:80", true},
		{"android:apk-key-hash:abc", true},
		{"http://localhost", false},
		{"http://localhost:3001", false},
		{"https://localhost:3000", false},
		{"https://example.com:444", false},
		{"http://example.com:443", false},
		{"https://example.com.evil.example", false},
		{"https://sub.example.com", false},
		{"https://example.com@evil.example", false},
		{"android:apk-key-hash:ABC", false},
		{"android:apk-key-hash:abc ", false},
		{"localhost:3000", false},
		{"http://", false},
		{"", false},
		{"null", false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (webauthn_origin_allowed(mem, &list, text_of(cases[i].origin)) != cases[i].allowed)
			fail_msg("%s should %sbe allowed", cases[i].origin, cases[i].allowed ? "" : "not ");
	talloc_free(mem);
}

/* Section 16. */
static void makes_of_authenticators(void **state)
{
	static const struct {
		const char *aaguid, *name;
	} cases[] = {
		{"0076631bd4a0427f57730ec71c9e0279", "HYPR FIDO2 Authenticator"},
		{"ea9b8d664d011d213ce4b6b48cb575d4", "Google Password Manager"},
		{"eabb46cce24180bfae9e96fa6d2975cf", "TOKEN2 PIN Plus Security Key Series "},
		{"891494da2c904d31a9cd4eab0aed1309", "Sésame"},
		{"ff4dac45ede84ec2aced"
		 "cf66103f4335",
		 "YubiKey 5 Series"},
		{"00000000000000000000000000000000", "Passkey"},
		{"ffffffffffffffffffffffffffffffff", "Passkey"},
	};
	unsigned char aaguid[16];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(hex_decode(text_of(cases[i].aaguid), aaguid, 16));
		assert_string_equal(passkey_name(aaguid), cases[i].name);
	}
}

#ifdef HAVE_CBOR
/* ---- CBOR -------------------------------------------------------------------------------------------------------------------------------------------- */

static void items_that_are_taken(void **state)
{
	static const struct {
		const char *in;
		size_t used;
		const char *canonical;
	} cases[] = {
		{"00", 1, "00"},
		{"1817", 2, "17"}, /* not in the shortest form */
		{"1b0000000000000001", 9, "01"},
		{"3818", 2, "3818"},
		{"4101ff", 2, "4101"}, /* what follows is not looked at */
		{"58020102", 4, "420102"},
		{"63e282ac", 4, "63e282ac"},
		{"83010203", 4, "83010203"},
		{"a203010102", 5, "a201020301"}, /* keys in another order */
		{"a2200101"
		 "02",
		 5, "a201022001"},
		{"81818180", 4, "81818180"},
		{"f5", 1, "f5"},
		{"f6", 1, "f6"},
		{"fb3ff199999999999a", 9, "fb3ff199999999999a"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct cbor_node node;
	size_t used;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text canonical;

		if (!cbor_read(mem, from_hex(mem, cases[i].in), &node, &used))
			fail_msg("%s should be read", cases[i].in);
		canonical = cbor_canonical(mem, &node);
		assert_int_equal(used, cases[i].used);
		assert_string_equal(hex_encode(mem, canonical.data, canonical.len), cases[i].canonical);
	}
	talloc_free(mem);
}

static void items_that_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"18",		      /* a head cut short */
		"42ff",		      /* bytes cut short */
		"5bffffffffffffffff", /* lengths beyond the input */
		"7bffffffffffffffff00",
		"9bffffffffffffffff00",
		"bbffffffffffffffff00",
		"9a00ffffff00",
		"ba7fffffff00",
		"62c328", /* no UTF-8 */
		"9f01ff", /* of indefinite length */
		"bfff",
		"5f4101ff",
		"7f6161ff",
		"ff",
		"c001", /* a tag */
		"a2010101"
		"02",		/* one key twice */
		"a20101180102", /* and in another form */
		"a2616101616102",
		"8181818180", /* five deep */
		"a101a101a101a101a0",
		"1c", /* reserved */
		"fc",
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct cbor_node node;
	size_t used;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (cbor_read(mem, from_hex(mem, cases[i]), &node, &used))
			fail_msg("%s should be refused", cases[i]);
	talloc_free(mem);
}

/* A megabyte of ones, as many as they say, takes no tree of a megabyte of nodes. */
static void bombs(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	char *bomb = must(talloc_size(mem, 1 << 20));
	struct cbor_node node;
	size_t used, before;

	(void)state;
	memset(bomb, 1, 1 << 20);
	memcpy(bomb, "\x9a\x00\x0f\xff\x00", 5);
	before = talloc_total_size(mem);
	assert_false(cbor_read(mem, (struct text){bomb, 1 << 20}, &node, &used));
	assert_true(talloc_total_size(mem) - before < 1 << 20);
	memset(bomb, 0x81, 1 << 20);
	assert_false(cbor_read(mem, (struct text){bomb, 1 << 20}, &node, &used));
	talloc_free(mem);
}

static void client_data(void **state)
{
	static const struct {
		const char *json;
		bool read;
	} cases[] = {
		{"{}", true},
		{"null", true}, /* says nothing, and is refused by the rules */
		{"{\"TYPE\":\"x\"}", true},
		{"{\"type\":\"x\",\"more\":{\"a\":[1,2]}}", true},
		{"{\"tokenBinding\":null}", true},
		{"{\"tokenBinding\":{\"status\":\"odd\",\"id\":\"x\"}}", true},
		{"", false},
		{"[]", false},
		{"\"x\"", false},
		{"{\"type\":1}", false},
		{"{\"challenge\":[]}", false},
		{"{\"origin\":{}}", false},
		{"{\"crossOrigin\":\"false\"}", false},
		{"{\"topOrigin\":true}", false},
		{"{\"tokenBinding\":\"present\"}", false},
		{"{\"tokenBinding\":{\"status\":1}}", false},
		{"{\"new_keys_may_be_added_here\":1}", false},
		{"{} x", false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct client_data data;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (client_data_read(mem, text_of(cases[i].json), &data, &why) != cases[i].read)
			fail_msg("%s should %sbe read", cases[i].json, cases[i].read ? "" : "not ");
	talloc_free(mem);
}

static void authenticator_data_of_wrong_lengths(void **state)
{
#define HASH "49960de5880e8c687434170f6476605b8fe4aeb9a28632c7995cf3ba831d9763"
#define GUID "00000000000000000000000000000000"
	static const struct {
		const char *hex;
		bool read;
	} cases[] = {
		{HASH "0100000000", true},
		{HASH "01000000", false},
		{HASH "010000000000", false},
		{HASH "8100000000", false},  /* extensions that are not there */
		{HASH "8100000000ff", true}, /* extensions are taken as they are */
		{HASH "4100000000" GUID "0000a0", true},
		{HASH "4100000000" GUID "0000", false},	  /* no key */
		{HASH "4100000000" GUID "0001a0", false}, /* the id takes the key's place */
		{HASH "4100000000" GUID "ffffa0", false}, /* longer than there is */
		{HASH "4100000000" GUID "0400a0", false},
		{HASH "4100000000" GUID "0000a000", false}, /* a byte left over */
		{HASH "4100000000" GUID "0000b800", false}, /* a key in a longer form leaves one too */
		{HASH "c100000000" GUID "0000a0", false},
		{HASH "c100000000" GUID "0000a0a0", true},
		{HASH "4100000000" GUID "0000bf", false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct authenticator_data data;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (authenticator_data_read(mem, from_hex(mem, cases[i].hex), &data, &why) != cases[i].read)
			fail_msg("case %zu should %sbe read", i, cases[i].read ? "" : "not ");
	talloc_free(mem);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rp_ids),
		cmocka_unit_test(origins),
		cmocka_unit_test(makes_of_authenticators),
#ifdef HAVE_CBOR
		cmocka_unit_test(items_that_are_taken),
		cmocka_unit_test(items_that_are_refused),
		cmocka_unit_test(bombs),
		cmocka_unit_test(client_data),
		cmocka_unit_test(authenticator_data_of_wrong_lengths),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
