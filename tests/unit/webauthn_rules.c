/* webauthn_rules.c: registrations and assertions against the contract's vector (08 section 15) and its rules; bad input of every sort. */
#include "config.h"

#include "tests/unit/test.h"

#include "cgi-src/webauthn/webauthn_int.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#ifdef HAVE_CBOR
/* ---- the contract's vector --------------------------------------------------------------------------------------------------------------------------- */

#define USER "5b6a7c8d-0000-4000-8000-000000000002"
#define ID "CKMOM7_Fkq-g3LEcRXFQwC0Dj_FPYFNra2EQwVsTYQk"
#define KEY                                                                                                                                \
	"a5010203262001215820a66d9dfa05c1ae29346c879d729e8ab6736aee7673d9e3a7b2f37f0899a82b86225820a1576640674078c4924e96a0ad7843c9f153c5" \
	"265163c116d6cd778b571e6c40"
#define CREATE_CHALLENGE "cYTR0tPc39dugevtbwYy75oqSMVgmgWSZuCBhBud9iQ"
#define CREATE_CLIENT                                                                                                                      \
	"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiY1lUUjB0UGMzOWR1Z2V2dGJ3WXk3NW9xU01WZ21nV1NadUNCaEJ1ZDlpUSIsIm9yaWdpbiI6Imh0" \
	"dHA6Ly9sb2NhbGhvc3Q6MzAwMCIsImNyb3NzT3JpZ2luIjpmYWxzZX0"
#define OBJECT                                                                                                                               \
	"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NdAAAAAOqbjWZNAR0hPOS2tIy1ddQAIAijDjO_xZKvoNyxHE" \
	"VxUMAtA4_xT2BTa2thEMFbE2EJpQECAyYgASFYIKZtnfoFwa4pNGyHnXKeirZzau52c9njp7LzfwiZqCuGIlggoVdmQGdAeMSSTpagrXhDyfFTxSZRY8EW1s13i1ceb"    \
	"EA"
#define GET_CHALLENGE "WfEoLJuRfZRxnW0eyF2qAyNxcHjGu6IMh1-_iGLS7Vg"
#define GET_CLIENT                                                                                                                         \
	"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2ZFb0xKdVJmWlJ4blcwZXlGMnFBeU54Y0hqR3U2SU1oMS1faUdMUzdWZyIsIm9yaWdpbiI6Imh0dHA6" \
	"Ly9sb2NhbGhvc3Q6MzAwMCIsImNyb3NzT3JpZ2luIjpmYWxzZX0"
#define AUTH_DATA "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAABw"
#define SIGNATURE "MEUCIQC3XuhTCwo6HJrvuWZAOoodC_z6PeUqddwVUsJSwXM4igIgBifHW9ox5SNz5E7jhvhxMpkdB3icmj3ZMe-j5u9MGGA"
#define HANDLE "NWI2YTdjOGQtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAy"

static struct text site[] = {TEXT("http://localhost:3000")};
static const struct settings party = {.webauthn = {.rp_id = "localhost", .rp_display_name = "Test App", .rp_origins = {site, 1, true}}};

static char *registration(TALLOC_CTX *mem, const char *client, const char *object)
{
	return format(mem,
		      "{\"id\":\"" ID "\",\"rawId\":\"" ID
		      "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\",\"attestationObject\":\"%s\"}}",
		      client, object);
}

static char *assertion(TALLOC_CTX *mem, const char *client, const char *data, const char *signature, const char *handle)
{
	return format(mem,
		      "{\"id\":\"" ID "\",\"rawId\":\"" ID
		      "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\","
		      "\"signature\":\"%s\",\"userHandle\":\"%s\"}}",
		      client, data, signature, handle);
}

static struct webauthn_session session_of(const char *challenge, const char *user)
{
	static int64_t offered[] = {-7, -35, -36, -257, -258, -259, -37, -38, -39, -8};

	return (struct webauthn_session){
		.challenge = text_of(challenge), .user_id = text_of(user), .algorithms = offered, .algorithm_count = COUNT(offered)};
}

static void a_registration(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_session session = session_of(CREATE_CHALLENGE, USER);
	struct webauthn_answer answer;
	const char *why = "";

	(void)state;
	assert_true(webauthn_read_registration(mem, text_of(registration(mem, CREATE_CLIENT, OBJECT)), &answer, &why));
	assert_int_equal(answer.auth.flags, 0x5d);
	assert_int_equal(answer.auth.counter, 0);
	assert_string_equal(hex_encode(mem, answer.auth.aaguid, 16), "ea9b8d664d011d213ce4b6b48cb575d4");
	assert_string_equal(base64_encode(mem, BASE64_URL_RAW, answer.auth.credential_id.data, answer.auth.credential_id.len), ID);
	assert_string_equal(hex_encode(mem, answer.auth.public_key.data, answer.auth.public_key.len), KEY);
	assert_string_equal(hex_encode(mem, answer.auth.rp_id_hash.data, 32), "49960de5880e8c687434170f6476605b8fe4aeb9a28632c7995cf3ba831d9763");
	assert_true(webauthn_check_registration(mem, &party, &session, TEXT(USER), &answer, &why));
	talloc_free(mem);
}

static void registrations_that_are_refused(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_session good = session_of(CREATE_CHALLENGE, USER), session;
	static struct text other_site[] = {TEXT("http://localhost:3001")};
	struct settings settings = party;
	struct webauthn_answer answer;
	const char *why = "";

	(void)state;
	assert_true(webauthn_read_registration(mem, text_of(registration(mem, CREATE_CLIENT, OBJECT)), &answer, &why));
	assert_false(webauthn_check_registration(mem, &party, &good, TEXT("5b6a7c8d-0000-4000-8000-000000000003"), &answer, &why));
	session = session_of(GET_CHALLENGE, USER);
	assert_false(webauthn_check_registration(mem, &party, &session, TEXT(USER), &answer, &why));
	session = session_of("", USER);
	assert_false(webauthn_check_registration(mem, &party, &session, TEXT(USER), &answer, &why));
	session = good;
	session.algorithm_count = 0;
	assert_false(webauthn_check_registration(mem, &party, &session, TEXT(USER), &answer, &why));
	session = good;
	session.expired = true;
	assert_false(webauthn_check_registration(mem, &party, &session, TEXT(USER), &answer, &why));
	settings.webauthn.rp_id = "example.com";
	assert_false(webauthn_check_registration(mem, &settings, &good, TEXT(USER), &answer, &why));
	settings = party;
	settings.webauthn.rp_origins.items = other_site;
	assert_false(webauthn_check_registration(mem, &settings, &good, TEXT(USER), &answer, &why));
	answer.auth.flags &= ~(unsigned)AUTH_UP;
	assert_false(webauthn_check_registration(mem, &party, &good, TEXT(USER), &answer, &why));
	answer.auth.flags |= AUTH_UP;
	answer.format = TEXT("None");
	assert_false(webauthn_check_registration(mem, &party, &good, TEXT(USER), &answer, &why));
	answer.format = TEXT("none");
	answer.client.type = TEXT("webauthn.get");
	assert_false(webauthn_check_registration(mem, &party, &good, TEXT(USER), &answer, &why));
	talloc_free(mem);
}

/* Every prefix of the object, and every byte of it changed: nothing is read beyond it, and nothing with another key passes for it. */
static void objects_that_are_cut_or_changed(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_session session = session_of(CREATE_CHALLENGE, USER);
	struct webauthn_answer answer;
	const char *why;
	size_t len;
	unsigned char *object = base64_decode(mem, BASE64_URL_RAW, TEXT(OBJECT), &len, NULL);

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		TALLOC_CTX *part = talloc_new(mem);
		char *text = base64_encode(part, BASE64_URL_RAW, object, cut);

		assert_false(webauthn_read_registration(part, text_of(registration(part, CREATE_CLIENT, text)), &answer, &why));
		talloc_free(part);
	}
	for (size_t at = 0; at < len; at++) {
		TALLOC_CTX *part = talloc_new(mem);

		object[at] ^= 0x80;
		if (webauthn_read_registration(part, text_of(registration(part, CREATE_CLIENT, base64_encode(part, BASE64_URL_RAW, object, len))),
					       &answer, &why))
			webauthn_check_registration(part, &party, &session, TEXT(USER), &answer, &why);
		object[at] ^= 0x80;
		talloc_free(part);
	}
	talloc_free(mem);
}

static void frames_that_are_refused(void **state)
{
	static const char *const cases[] = {
		"null",
		"[]",
		"{}",
		"\"x\"",
		"{\"id\":\"\",\"type\":\"public-key\"}",
		"{\"id\":\"" ID "=\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"Public-Key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":1,\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"\\u0041\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"a+b/\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID
		"\",\"type\":\"public-key\",\"clientExtensionResults\":[],\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":[]}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\",\"transports\":[1]}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT
		"\",\"attestationObject\":\"" OBJECT "\",\"publicKeyAlgorithm\":\"-7\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID
		"\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"aGVsbG8\",\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":{\"attestationObject\":\"" OBJECT "\"}}",
		"{\"id\":\"" ID "\",\"rawId\":\"" ID "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" CREATE_CLIENT "\"}}",
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct webauthn_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why = NULL;

		if (webauthn_read_registration(mem, text_of(cases[i]), &answer, &why))
			fail_msg("case %zu should be refused", i);
		assert_non_null(why);
	}
	talloc_free(mem);
}
struct asserting {
	TALLOC_CTX *mem;
	struct webauthn_session session;
	struct webauthn_credential credential;
	struct webauthn_answer answer;
	const struct webauthn_credential *used;
	const char *why;
};

static void prepare(struct asserting *it)
{
	it->mem = talloc_new(NULL);
	it->session = session_of(GET_CHALLENGE, "");
	it->credential = (struct webauthn_credential){.public_key = from_hex(it->mem, KEY), .backup_eligible = true};
	it->credential.id.data = (char *)base64_decode(it->mem, BASE64_URL_RAW, TEXT(ID), &it->credential.id.len, NULL);
	assert_true(webauthn_read_assertion(it->mem, text_of(assertion(it->mem, GET_CLIENT, AUTH_DATA, SIGNATURE, HANDLE)), &it->answer, &it->why));
}

static bool passes(struct asserting *it, enum webauthn_profile profile)
{
	return webauthn_check_assertion(it->mem, &party, profile, &it->session, TEXT(USER), &it->credential, 1, &it->answer, &it->used, &it->why);
}

static void an_assertion(void **state)
{
	struct asserting it;

	(void)state;
	prepare(&it);
	assert_true(passes(&it, WEBAUTHN_PASSKEY));
	assert_ptr_equal(it.used, &it.credential);
	assert_int_equal(it.answer.auth.counter, 7);
	assert_int_equal(webauthn_counter(it.used, &it.answer), 7);
	it.credential.sign_count = 7;
	assert_int_equal(webauthn_counter(it.used, &it.answer), 7);
	it.credential.sign_count = 9;
	assert_int_equal(webauthn_counter(it.used, &it.answer), 9);
	talloc_free(it.mem);
}

static void of_a_second_factor(void **state)
{
	struct asserting it;
	struct text other = TEXT("other");

	(void)state;
	prepare(&it);
	it.session.user_id = TEXT(USER);
	it.session.allowed = &it.credential.id;
	it.session.allowed_count = 1;
	assert_true(passes(&it, WEBAUTHN_FACTOR));
	it.answer.user_handle = TEXT_NONE;
	assert_true(passes(&it, WEBAUTHN_FACTOR));
	it.answer.user_handle = TEXT("5B6A7C8D-0000-4000-8000-000000000002");
	assert_false(passes(&it, WEBAUTHN_FACTOR));
	it.answer.user_handle = TEXT_NONE;
	it.session.allowed = &other;
	assert_false(passes(&it, WEBAUTHN_FACTOR));
	talloc_free(it.mem);
}

static void assertions_that_are_refused(void **state)
{
	struct asserting it, good;
	char *signature;

	(void)state;
	prepare(&good);
	it = good;
	it.session.user_id = TEXT(USER); /* a registration's challenge */
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.session.challenge = TEXT(CREATE_CHALLENGE);
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.user_handle = TEXT_NONE;
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.user_handle = TEXT("5b6a7c8d-0000-4000-8000-000000000003");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.raw_id = TEXT("another");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.client.type = TEXT("webauthn.create");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.client.origin = TEXT("http://localhost:3001");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.auth.flags = 0x1c; /* nobody was there */
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.credential.backup_eligible = false; /* it was registered as another kind */
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.auth.flags = 0x15;
	it.credential.backup_eligible = false; /* backed up, but not eligible for it */
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.auth.rp_id_hash = (struct text){"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32}; /* W1 */
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.client_data_json = TEXT("{}");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.answer.signature = TEXT_NONE;
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	it = good;
	it.credential.public_key = TEXT("\xa0");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	/* the point is off its curve: it could be stored, and fails here (W15) */
	it = good;
	it.credential.public_key =
		from_hex(good.mem, "a5010203262001215820a66d9dfa05c1ae29346c879d729e8ab6736aee7673d9e3a7b2f37f0899a82b86225820a1576640674078"
				   "c4924e96a0ad7843c9f153c5265163c116d6cd778b571e6c41");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	/* the algorithm of another curve */
	it = good;
	it.credential.public_key =
		from_hex(good.mem, "a501020338222001215820a66d9dfa05c1ae29346c879d729e8ab6736aee7673d9e3a7b2f37f0899a82b86225820a157664067407"
				   "8c4924e96a0ad7843c9f153c5265163c116d6cd778b571e6c40");
	assert_false(passes(&it, WEBAUTHN_PASSKEY));
	for (size_t i = 0; i < good.answer.signature.len; i++) {
		it = good;
		signature = text_string(good.mem, good.answer.signature);
		signature[i] ^= 1;
		it.answer.signature.data = signature;
		assert_false(passes(&it, WEBAUTHN_PASSKEY));
	}
	talloc_free(good.mem);
}

static void a_signature_may_have_a_tail(void **state)
{
	struct asserting it;
	struct buffer *tailed;

	(void)state;
	prepare(&it);
	tailed = buffer_new(it.mem, 128);
	buffer_text(tailed, it.answer.signature);
	buffer_string(tailed, "tail");
	it.answer.signature = buffer_as_text(tailed);
	assert_true(passes(&it, WEBAUTHN_PASSKEY));
	talloc_free(it.mem);
}

/* The anchors are the certificates of section 10.8. */
static void chains_without_a_known_root(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct certificates none = {NULL, 0};

	(void)state;
	assert_false(certificates_chain(&none, ANCHOR_APPLE));
	assert_false(certificates_chain(&none, ANCHOR_ANDROID));
	talloc_free(mem);
}
/* SEQUENCE { [1] { OCTET STRING } } around the hash. */
static void nonces_of_apple(void **state)
{
	static const char hash[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	static const struct {
		const char *before;
		bool right;
	} cases[] = {{"3024a1220420", true}, {"3024a2220420", false}, {"3024a1220320", false}, {"3124a1220420", false}, {"3024a1220421", false}};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(apple_nonce_is(from_hex(mem, format(mem, "%s%s", cases[i].before, hash)), from_hex(mem, hash)), cases[i].right);
	assert_false(apple_nonce_is(TEXT_NONE, from_hex(mem, hash)));
	assert_false(apple_nonce_is(from_hex(mem, format(mem, "3024a1220420%s", hash)), from_hex(mem, "00")));
	talloc_free(mem);
}

/* KeyDescription of Android's key attestation: challenge abcd, then what software and what hardware enforce. */
static void descriptions_of_androids_keys(void **state)
{
	static const struct {
		const char *software, *hardware;
		bool right;
	} cases[] = {
		{"3000", "300eA1053103020102bf853e03020100", true},
		{"300eA1053103020102bf853e03020100", "3000", true},
		{"3000", "3011A1083106020103020102bf853e03020100", true}, /* two purposes */
		{"3000", "3007A1053103020102", true},			  /* no origin is told */
		{"3000", "300eA1053103020103bf853e03020100", false},	  /* verifying is its purpose */
		{"3000", "3007bf853e03020100", false},			  /* none is */
		{"3000", "300eA1053103020102bf853e03020102", false},	  /* imported */
		{"3006bf84580205"
		 "00",
		 "300eA1053103020102bf853e03020100", false}, /* for all applications */
		{"3000",
		 "3014A1053103020102bf84580205"
		 "00bf853e03020100",
		 false},
	};
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t lens = (strlen(cases[i].software) + strlen(cases[i].hardware)) / 2;
		char *hex = format(mem, "30%02zx0201030a01010201040a01010402abcd0400%s%s", lens + 12 + 4 + 2, cases[i].software, cases[i].hardware);
		struct text extension;

		for (char *at = hex; *at; at++)
			*at = (char)(*at >= 'A' && *at <= 'F' ? *at + 32 : *at);
		extension = from_hex(mem, hex);
		if (android_description_is_right(extension, TEXT("\xab\xcd")) != cases[i].right)
			fail_msg("case %zu should %sbe right", i, cases[i].right ? "" : "not ");
		assert_false(android_description_is_right(extension, TEXT("\xab\xce")));
		for (size_t cut = 0; cut < extension.len; cut++)
			assert_false(android_description_is_right((struct text){extension.data, cut}, TEXT("\xab\xcd")));
	}
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration),
		cmocka_unit_test(registrations_that_are_refused),
		cmocka_unit_test(objects_that_are_cut_or_changed),
		cmocka_unit_test(frames_that_are_refused),
		cmocka_unit_test(an_assertion),
		cmocka_unit_test(of_a_second_factor),
		cmocka_unit_test(assertions_that_are_refused),
		cmocka_unit_test(a_signature_may_have_a_tail),
		cmocka_unit_test(chains_without_a_known_root),
		cmocka_unit_test(nonces_of_apple),
		cmocka_unit_test(descriptions_of_androids_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	return 77; /* skipped: nothing of this is built */
}
#endif
