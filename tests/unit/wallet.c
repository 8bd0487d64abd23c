/* wallet.c: wallets: the vectors of contract 07 section 11.2, of Keccak's authors and of base 58, and the grammar of section 11.1. */
#include "config.h"

#include "tests/unit/test.h"

#include "cgi-src/oauth/wallet_int.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define SOLANA_MESSAGE                                                                                                               \
	"app.example wants you to sign in with your Solana account:\nAKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9\n\nHello\n\nURI: " \
	"https://app.example/\nVersion: 1\nIssued At: 2025-01-01T00:00:00Z"
#define SOLANA_PLAIN "rntVuRSBhSlZrnVCBnMoRtfXTDE8OuopVwwAZpwkj4s8RtHKkzF7d2BIia+qUb1ZKREfIvHsoVOfu1d+XxC3CQ=="
#define SOLANA_LEDGER "l2X+i9VIfuK7KCMaLDlW8+GKB6hJylhh4AH2tJbGFx3bufsEThltgmvMks4jBXP3pmGk9rD9bufJYqbn6RWcCw=="
#define ETHEREUM_MESSAGE                                                                                                             \
	"app.example wants you to sign in with your Ethereum account:\n0x5050A4F4b3f9338C3472dcC01A87C76A144b3c9c\n\nHello\n\nURI: " \
	"https://app.example/\nVersion: 1\nChain ID: 1\nNonce: abc12345\nIssued At: 2025-01-01T00:00:00Z"
#define ETHEREUM_HASH "e2983a18a5664f2820c8e2362cc4f817a9a0e5a44040ef6b67c03c2ce9511655"
#define ETHEREUM_SIGNATURE \
	"0x7532dec4395085b4dea3d68b80f8fa1632abad79034a40e08c7bf0d04ed6855e1e0cf435e5d707f84506798eeadf177067fcb0fe220d30c5efae7fd501c1b8981c"

static TALLOC_CTX *mem;

static int start(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static struct wallet_message parsed(enum wallet_chain chain, const char *message)
{
	struct wallet_message out;
	const char *why = "";

	if (wallet_message_parse(mem, chain, text_of(message), &out, &why) < 0)
		fail_msg("%s", why);
	return out;
}

static void refused(enum wallet_chain chain, struct text message, const char *why)
{
	struct wallet_message out;
	const char *said = "accepted";

	wallet_message_parse(mem, chain, message, &out, &said);
	assert_string_equal(said, why);
}

/* ---- digests and alphabets ---------------------------------------------------------------------------------------------------------------------- */

static void keccak_as_published(void **state)
{
	static const struct {
		const char *data, *digest;
	} cases[] = {
		{"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
		{"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"},
		{"\x19"
		 "Ethereum Signed Message:\n208" ETHEREUM_MESSAGE,
		 ETHEREUM_HASH},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char digest[32];

		keccak256(cases[i].data, strlen(cases[i].data), digest);
		assert_string_equal(hex_encode(mem, digest, sizeof(digest)), cases[i].digest);
	}
}

/* draft-msporny-base58-03 section 5 */
static void base58_as_published(void **state)
{
	unsigned char out[32];
	size_t len = sizeof(out);

	(void)state;
	assert_true(base58_decode(TEXT("2NEpo7TZRRrLZSi2U"), out, &len));
	assert_int_equal(len, 12);
	assert_memory_equal(out, "Hello World!", 12);
	len = sizeof(out);
	assert_true(base58_decode(TEXT("11233QC4"), out, &len));
	assert_int_equal(len, 6);
	assert_memory_equal(out, "\0\0\x28\x7f\xb4\xcd", 6);
	len = sizeof(out);
	assert_false(base58_decode(TEXT("0OIl"), out, &len));
	len = 11;
	assert_false(base58_decode(TEXT("2NEpo7TZRRrLZSi2U"), out, &len));
	len = 2;
	assert_false(base58_decode(TEXT("111"), out, &len));
}

/* ---- signatures ------------------------------------------------------------------------------------------------------------------------------------ */

static const unsigned char *bytes_of(const char *base64)
{
	size_t len;
	unsigned char *bytes = base64_decode(mem, BASE64_STD, text_of(base64), &len, NULL);

	assert_non_null(bytes);
	assert_int_equal(len, 64);
	return bytes;
}

static void solana_vectors(void **state)
{
	struct wallet_message message = parsed(WALLET_SOLANA, SOLANA_MESSAGE);
	struct text changed = text_copy(mem, TEXT(SOLANA_MESSAGE));

	(void)state;
	assert_true(wallet_solana_verify(mem, &message, TEXT(SOLANA_MESSAGE), bytes_of(SOLANA_PLAIN)));
	assert_true(wallet_solana_verify(mem, &message, TEXT(SOLANA_MESSAGE), bytes_of(SOLANA_LEDGER)));
	((char *)changed.data)[changed.len - 2] = '1';
	assert_false(wallet_solana_verify(mem, &message, changed, bytes_of(SOLANA_PLAIN)));
	assert_false(wallet_solana_verify(mem, &message, changed, bytes_of(SOLANA_LEDGER)));
	message.address = TEXT("AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ"); /* not 32 bytes */
	assert_false(wallet_solana_verify(mem, &message, TEXT(SOLANA_MESSAGE), bytes_of(SOLANA_PLAIN)));
}

static void ethereum_vectors(void **state)
{
	struct wallet_message message = parsed(WALLET_ETHEREUM, ETHEREUM_MESSAGE);
	struct text raw = text_copy(mem, TEXT(ETHEREUM_SIGNATURE));
	size_t v = raw.len - 2;

	(void)state;
	if (!wallet_ethereum_built_in())
		skip();
	assert_true(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), TEXT(ETHEREUM_SIGNATURE)));
	memcpy((char *)raw.data + v, "01", 2); /* 28 less 27 */
	assert_true(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), raw));
	memcpy((char *)raw.data + v, "00", 2);
	assert_false(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), raw));
	memcpy((char *)raw.data + v, "04", 2);
	assert_false(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), raw));
	assert_false(wallet_ethereum_verify(mem, &message, TEXT("another message"), TEXT(ETHEREUM_SIGNATURE)));
	assert_false(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), (struct text){ETHEREUM_SIGNATURE + 2, 130}));
	message.address = TEXT("0x5050A4F4b3f9338C3472dcC01A87C76A144b3c9d");
	assert_false(wallet_ethereum_verify(mem, &message, TEXT(ETHEREUM_MESSAGE), TEXT(ETHEREUM_SIGNATURE)));
}

/* ---- the grammar ------------------------------------------------------------------------------------------------------------------------------------ */

#define HEAD "app.example wants you to sign in with your Solana account:\nAKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9\n\n"
#define TAIL "URI: https://app.example/\nVersion: 1\nIssued At: 2025-01-01T00:00:00Z"

static void fields_are_read(void **state)
{
	struct wallet_message message = parsed(
		WALLET_SOLANA, HEAD " Hello \n\n" TAIL "\nChain ID: solana:mainnet\nNonce: n\nRequest ID: r\nNot Before: 2025-01-01T00:00:00.5Z\n"
				    "Expiration Time: 2025-01-01T02:00:00+01:00\nResources:\n- https://a.example/\n- /path\nOther: x");

	(void)state;
	assert_string_equal(text_string(mem, message.domain), "app.example");
	assert_string_equal(text_string(mem, message.statement), " Hello ");
	assert_true(message.has_statement);
	assert_string_equal(text_string(mem, message.chain_id), "solana:mainnet");
	assert_string_equal(text_string(mem, message.nonce), "n");
	assert_string_equal(text_string(mem, message.request_id), "r");
	assert_int_equal(message.issued_at, INT64_C(1735689600) * 1000000);
	assert_int_equal(message.not_before, INT64_C(1735689600) * 1000000 + 500000);
	assert_false(parsed(WALLET_SOLANA, HEAD TAIL).has_statement);
}

static void wrong_messages_are_named(void **state)
{
	static const struct {
		const char *message, *why;
	} cases[] = {
		{"a\nb\nc", "siws: message needs at least 6 lines"},
		{"x\n\n\n\n\n\n", "siws: message first line does not end in \" wants you to sign in with your Solana account:\""},
		{"app_example wants you to sign in with your Solana account:\n\n\n\n\n\n", "siws: domain in first line of message is not valid"},
		{"app.e wants you to sign in with your Solana account:\n\n\n\n\n\n", "siws: domain in first line of message is not valid"},
		{"app.example:123456 wants you to sign in with your Solana account:\n\n\n\n\n\n",
		 "siws: domain in first line of message is not valid"},
		{"localhost wants you to sign in with your Solana account:\nshort\n\n\n\n\n", "siws: wallet address is not in base58 format"},
		{HEAD "Hello\n\n" TAIL "\nnothing", "siws: encountered unparsable line at index 8"},
		{HEAD TAIL "\nResources:\n- nowhere", "siws: Resource at position 0 has invalid URI"},
		{HEAD TAIL "\nChain ID: 1", "siws: Chain ID is not valid"},
		{HEAD TAIL "\nVersion: 2", "siws: Version value is not supported, expected 1 got \"2\""},
		{HEAD "URI: app.example\nVersion: 1\nIssued At: 2025-01-01T00:00:00Z", "siws: URI is not valid"},
		{HEAD "URI: /\nVersion: 1\nNonce: x", "siws: Issued At is not specified"},
		{HEAD "Nonce: /\nVersion: 1\nIssued At: 2025-01-01T00:00:00Z", "siws: URI is not specified"},
		{HEAD TAIL "\nExpiration Time: 2024-12-31T23:59:59Z", "siws: Issued At is after Expiration Time"},
		{HEAD TAIL "\nExpiration Time: 2025-01-01T00:00:01Z\nNot Before: 2025-01-01T00:00:02Z", "siws: Not Before is after Expiration Time"},
		{HEAD TAIL "\nNot Before: yesterday", "siws: Not Before is not a valid ISO8601 timestamp"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		refused(WALLET_SOLANA, text_of(cases[i].message), cases[i].why);
	refused(WALLET_ETHEREUM, TEXT("app.example wants you to sign in with your Ethereum account:\n0x12\n\n\n\n\n"),
		"siwe: wallet address is not a valid Ethereum address");
	refused(WALLET_SOLANA,
		TEXT("app.example wants you to sign in with your Solana account:\nAKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9\n\r\n"
		     "\n\n\n"),
		"siws: third line must be empty");
}

/* Section 16.14 */
static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t micros; /* -1: refused */
	} cases[] = {
		{"1970-01-01T00:00:01Z", 1000000},
		{"1970-01-01T0:00:01Z", 1000000},
		{"1970-01-01T00:00:00.25Z", 250000},
		{"1970-01-01T00:00:00,25Z", 250000},
		{"1970-01-01T00:00:00.1234567890123456789Z", 123456},
		{"1970-01-01T01:00:00+01:00", 0},
		{"2024-02-29T00:00:00Z", INT64_C(1709164800) * 1000000},
		{"2023-02-29T00:00:00Z", -1},
		{"1970-01-01T24:00:00Z", -1},
		{"1970-01-01T00:00:60Z", -1},
		{"1970-01-01t00:00:00Z", -1},
		{"1970-01-01T00:00:00z", -1},
		{"1970-01-01T00:00:00", -1},
		{"1970-01-01T00:00:00.Z", -1},
		{"1970-13-01T00:00:00Z", -1},
		{"", -1},
	};
	moment at;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool good = wallet_time_parse(text_of(cases[i].text), &at);

		if (good != (cases[i].micros >= 0) || (good && at != cases[i].micros))
			fail_msg("%s", cases[i].text);
	}
	assert_true(wallet_time_parse(TEXT("0001-01-01T00:00:00Z"), &at));
	assert_true(at == MOMENT_NONE);
}

static void uris(void **state)
{
	static const char *const good[] = {"https://a.example/", "/path", "mailto:x", "https://a.example/#f", "/a#b", "*"};
	static const char *const bad[] = {"", "a.example", "path/x", "https://a b/", "https://a.example/%zz", "https://a#b/", ":x"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!wallet_uri_valid(mem, text_of(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (wallet_uri_valid(mem, text_of(bad[i])))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keccak_as_published, start, stop),
		cmocka_unit_test_setup_teardown(base58_as_published, start, stop),
		cmocka_unit_test_setup_teardown(solana_vectors, start, stop),
		cmocka_unit_test_setup_teardown(ethereum_vectors, start, stop),
		cmocka_unit_test_setup_teardown(fields_are_read, start, stop),
		cmocka_unit_test_setup_teardown(wrong_messages_are_named, start, stop),
		cmocka_unit_test_setup_teardown(times, start, stop),
		cmocka_unit_test_setup_teardown(uris, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
