/* crypto.c: digests, codes, envelopes and password hashes against the contract's and the RFCs' values. */
#include "config.h"

#include "tests/unit/test.h"

#include "cgi-src/crypto/crypto_int.h"
#include "latchkey/crypto.h"
#include "latchkey/settings.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct text repeated(TALLOC_CTX *mem, int byte, size_t count)
{
	char *data = must(talloc_size(mem, count + 1));

	memset(data, byte, count);
	return (struct text){data, count};
}

static void assert_hex(TALLOC_CTX *mem, const unsigned char *bytes, size_t len, const char *expected)
{
	assert_string_equal(hex_encode(mem, bytes, len), expected);
}

static void digests_of_fips_180(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char out[32];

	(void)state;
	sha256(TEXT("abc"), out);
	assert_hex(mem, out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_two(TEXT("a"), TEXT("bc"), out);
	assert_hex(mem, out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256(TEXT_NONE, out);
	assert_hex(mem, out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(sha224_hex(mem, TEXT("abc"), TEXT_NONE), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
	assert_string_equal(sha1_hex_upper(mem, TEXT("abc")), "A9993E364706816ABA3E25717850C26C9CD0D89D");
	talloc_free(mem);
}

static void a_pkce_challenge_of_rfc_7636(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char out[32];

	(void)state;
	sha256(TEXT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), out);
	assert_string_equal(base64_encode(mem, BASE64_URL_RAW, out, 32), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	talloc_free(mem);
}

static void a_deleted_users_address_of_contract_05(void **state)
{
	static const char *const cases[][2] = {
		{"user@example.com", "TggHF4VCnuCJSzCdXQqCjSvMfXQtPVKDUVJJ0a56foc"},
		{"", "z0xHMv07j4pVtghxlQovIsiT6nr9ddIUaCZTTj9nzEk"},
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sha256_two(TEXT("11111111-2222-4333-8444-555555555555"), text_of(cases[i][0]), out);
		assert_string_equal(base64_encode(mem, BASE64_URL_RAW, out, 32), cases[i][1]);
	}
	talloc_free(mem);
}

static void hmac_of_rfc_4231(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct {
		struct text key, data;
		const char *mac;
	} cases[] = {
		{repeated(mem, 0x0b, 20), TEXT("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{TEXT("Jefe"), TEXT("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{repeated(mem, 0xaa, 20), repeated(mem, 0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{repeated(mem, 0xaa, 131), TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
		 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	};
	unsigned char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hmac_key *key = hmac_key_new(mem, cases[i].key);

		hmac_sha256(cases[i].key, cases[i].data, out);
		assert_hex(mem, out, 32, cases[i].mac);
		hmac_with(key, TEXT("something else first"), out);
		hmac_with(key, cases[i].data, out);
		assert_hex(mem, out, 32, cases[i].mac);
	}
	talloc_free(mem);
}

static void hkdf_of_rfc_5869(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	unsigned char out[32], *master;
	size_t len;

	(void)state;
	hkdf_sha256(repeated(mem, 0x0b, 22), TEXT(""), out); /* test case 3 */
	assert_hex(mem, out, 32, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
	master = base64_decode(mem, BASE64_URL_RAW, TEXT("pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4"), &len, NULL);
	hkdf_sha256((struct text){(char *)master, len}, TEXT("3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b"), out); /* contract 04 section 12.1 */
	assert_hex(mem, out, 32, "3c34b840d2a45b2dfdc47ae1ac98c3fc694c768ce87d7e863816cd399e30ad93");
	talloc_free(mem);
}

/* ---- codes and random strings -------------------------------------------------------------------------------------- */

static bool made_of(const char *string, const char *characters)
{
	return strspn(string, characters) == strlen(string);
}

static size_t how_many(const char *string, const char *characters)
{
	size_t count = 0;

	for (; *string; string++)
		count += strchr(characters, *string) != NULL;
	return count;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static void codes_and_their_hash(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	bool leading_zero = false;

	(void)state;
	for (int i = 0; i < 400; i++) {
		char *code = otp_digits(mem, 6);

		assert_int_equal(strlen(code), 6);
		assert_true(made_of(code, DIGITS));
		leading_zero |= code[0] == '0';
	}
	assert_true(leading_zero);
	assert_int_equal(strlen(otp_digits(mem, 10)), 10);
	assert_string_equal(otp_hash(mem, TEXT("user@example.com"), TEXT("123456")), "b507a4ef007e1379d644aa6fe395cf98f1054ac96b63a052dca9a26a");
	talloc_free(mem);
}

static void random_identifiers(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	(void)state;
	for (size_t length = 0; length < 40; length++) {
		char *made = random_alphanumeric(mem, length);

		assert_int_equal(strlen(made), length < 8 ? 8 : length);
		assert_true(made_of(made, "abcdefghijklmnopqrstuvwxyz234567"));
	}
	talloc_free(mem);
}

static void generated_passwords(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text sets[] = {TEXT("!"), TEXT(""), TEXT(":;")};
	struct text_list list = {sets, COUNT(sets), true};

	(void)state;
	for (int i = 0; i < 50; i++) {
		char *admin = random_password(mem, PASSWORD_ADMIN_CREATED), *otp = random_password(mem, PASSWORD_OTP_SIGN_UP);
		char *link = random_password_with_sets(mem, 33, &list);

		assert_int_equal(strlen(admin), 64);
		assert_int_equal(how_many(admin, LETTERS), 54);
		assert_int_equal(how_many(admin, DIGITS), 10);
		assert_int_equal(strlen(otp), 64);
		assert_int_equal(how_many(otp, LETTERS), 53);
		assert_int_equal(how_many(otp, DIGITS), 10);
		assert_int_equal(how_many(otp, "~!@#$%^&*()_+`-={}|[]\\:\"<>?,./"), 1);
		assert_int_equal(strlen(link), 33);
		assert_int_equal(how_many(link, "!"), 1);
		assert_int_equal(how_many(link, ":;"), 1);
		assert_int_equal(how_many(link, LETTERS DIGITS), 31);
	}
	talloc_free(mem);
}

/* ---- envelopes --------------------------------------------------------------------------------------------------------- */

#define SEALED                                                                                            \
	"{\"key_id\":\"abc\",\"alg\":\"aes-gcm-hkdf\",\"data\":"                                          \
	"\"vNPQkjpIVDcaDbMcVrw3h5VG7CfuXRMY84oexBZ1EJaY/gJ0RmfxXNRGfHkqcZesyiohFOtsI1/eS0U=\",\"nonce\":" \
	"\"AAECAwQFBgcICQoL\"}"
#define OWNER "3f2b8c1e-5a47-4d0e-9b6f-1c2d3e4f5a6b"

static struct settings *encrypting(TALLOC_CTX *mem, const char *key_id, const char *key)
{
	struct settings *settings = must(talloc_zero(mem, struct settings));
	struct text_pair *pair = must(talloc_zero(settings, struct text_pair));
	size_t len;

	settings->security.encrypt = true;
	settings->security.encryption_key_id = key_id;
	settings->security.encryption_key = key;
	pair->name = text_of(key_id);
	pair->value.data = (char *)base64_decode(settings, BASE64_URL_RAW, text_of(key), &len, NULL);
	pair->value.len = len;
	settings->security.decryption_keys = (struct text_map){pair, 1};
	return settings;
}

static struct uuid uuid_of(const char *string)
{
	struct uuid uuid;

	assert_true(uuid_parse(text_of(string), &uuid));
	return uuid;
}

static void envelopes_of_the_contract(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = encrypting(mem, "abc", "pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4");
	struct settings *other = encrypting(mem, "k1", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
	struct uuid owner = uuid_of(OWNER), user = uuid_of("11111111-2222-4333-8444-555555555555");
	struct text plain;
	const char *why = NULL;

	(void)state;
	assert_true(envelope_is(TEXT(SEALED)));
	assert_int_equal(envelope_open(mem, settings, &owner, TEXT(SEALED), &plain, &why), 0);
	assert_true(text_is(plain, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
	assert_int_equal(envelope_open(mem, other, &user,
				       TEXT("{\"key_id\":\"k1\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"fHMaHa7/xXswf0sYdroll7BPxUU=\","
					    "\"nonce\":\"AAECAwQFBgcICQoL\"}"),
				       &plain, &why),
			 0);
	assert_true(text_is(plain, "data"));
	assert_int_equal(envelope_open(mem, settings, &user, TEXT(SEALED), &plain, &why), -1); /* another row's */
	assert_int_equal(envelope_open(mem, other, &owner, TEXT(SEALED), &plain, &why), -1);
	assert_string_equal(why, "crypto: decryption key with name \"abc\" does not exist");
	talloc_free(mem);
}

static void what_is_no_envelope_is_plain_text(void **state)
{
	static const char *const cases[] = {
		"",
		"$2a$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"{",
		"{}",
		"{\"key_id\":\"\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"AAAA\",\"nonce\":\"AAECAwQFBgcICQoL\"}",
		"{\"key_id\":\"a\",\"alg\":\"aes-gcm\",\"data\":\"AAAA\",\"nonce\":\"AAECAwQFBgcICQoL\"}",
		"{\"key_id\":\"a\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"\",\"nonce\":\"AAECAwQFBgcICQoL\"}",
		"{\"key_id\":\"a\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"AAAA\",\"nonce\":\"AAECAwQFBgcICQo=\"}",
		"{\"key_id\":1,\"alg\":\"aes-gcm-hkdf\",\"data\":\"AAAA\",\"nonce\":\"AAECAwQFBgcICQoL\"}",
		"{\"key_id\":\"a\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"A*AA\",\"nonce\":\"AAECAwQFBgcICQoL\"}",
	};
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = encrypting(mem, "a", "pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4");
	struct uuid owner = uuid_of(OWNER);
	struct text plain;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(envelope_is(text_of(cases[i])));
		assert_true(envelope_is_due(settings, text_of(cases[i])));
		assert_int_equal(envelope_open(mem, settings, &owner, text_of(cases[i]), &plain, &why), 0);
		assert_true(text_is(plain, cases[i]));
	}
	/* recognised, but too short to hold a tag */
	assert_int_equal(envelope_open(mem, settings, &owner,
				       TEXT("{\"key_id\":\"a\",\"alg\":\"aes-gcm-hkdf\",\"data\":\"AAAA\",\"nonce\":\"AAECAwQFBgcICQoL\"}"), &plain,
				       &why),
			 -1);
	talloc_free(mem);
}

static void sealed_and_opened(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct settings *settings = encrypting(mem, "a\"<", "pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4");
	struct uuid owner = uuid_of(OWNER);
	struct text sealed = envelope_seal(mem, settings, &owner, TEXT("a\0b")), plain;
	const char *why;

	(void)state;
	assert_true(text_starts(sealed, "{\"key_id\":\"a\\\"\\u003c\",\"alg\":\"aes-gcm-hkdf\",\"data\":\""));
	assert_false(envelope_is_due(settings, sealed));
	assert_int_equal(envelope_open(mem, settings, &owner, sealed, &plain, &why), 0);
	assert_true(text_equal(plain, TEXT("a\0b")));
	settings->security.encryption_key_id = "newer";
	assert_true(envelope_is_due(settings, sealed));
	settings->security.encrypt = false;
	assert_false(envelope_is_due(settings, TEXT("plain")));
	assert_true(text_is(envelope_seal(mem, settings, &owner, TEXT("plain")), "plain"));
	talloc_free(mem);
}

/* ---- password hashes ------------------------------------------------------------------------------------------------------ */

#define BCRYPT "$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
#define ARGON2ID "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg0etefnnZO3pmxciiye+fs"
#define ARGON2I "$argon2i$v=19$m=32,t=3,p=2$c2FsdHNhbHQxMg$Nx/yyqeBQ3wLPEwJbA65mg"
#define FIREBASE                                                                                                                          \
	"$fbscrypt$v=1,n=12,r=8,p=1,ss=Bw==,sk=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==$" \
	"c2FsdHNhbHQ5OQ==$OP0lVMbDqPM3g8F86CbewXlEia0do+TtT8/D7a+cCAgfOVuH+Kjbu1gbyb2UzGt824auqFio7IZjlSVz/CPvJg=="

static void imported_hashes_of_contract_05(void **state)
{
	static const char *const hashes[] = {
		BCRYPT,
#ifdef HAVE_ARGON2
		ARGON2ID,
		ARGON2I,
#endif
		FIREBASE,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		struct text hash = text_of(hashes[i]);

		assert_true(password_hash_acceptable(hash));
		assert_int_equal(password_verify(hash, TEXT("correct horse")), PASSWORD_RIGHT);
		assert_int_equal(password_verify(hash, TEXT("correct hors")), PASSWORD_WRONG);
		assert_int_equal(password_verify(hash, TEXT("correct horse\0x")), PASSWORD_WRONG);
		assert_int_equal(password_verify(hash, TEXT("")), PASSWORD_WRONG);
	}
}

static void refused_hashes_of_contract_05(void **state)
{
	static const char *const hashes[] = {
		"",
		"plaintext",
		"$argon2d$v=19$m=64,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=16$m=64,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$m=64,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1,data=abc$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1,keyid=abc$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=1048577,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=99999999999999999999,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=21,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=17$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1$$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQxMg$",
		"$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQxMg==$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=-1,t=2,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$fbscrypt$v=2,n=12,r=8,p=1,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=0,r=8,p=1,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=12,r=0,p=1,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=12,r=8,p=0,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=12,r=8,p=256,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=21,r=8,p=1,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l", /* 2 GiB */
		"$fbscrypt$v=1,n=4294967295,r=18446744073709551615,p=1,ss=Bw==,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=12,r=8,p=1,sk=AAEC,ss=Bw==$c2FsdHNhbHQ5OQ==$OP0l",
		"$fbscrypt$v=1,n=12,r=8,p=1,ss=Bw,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
		"$2b$03$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$2b$32$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$2b$1x$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$3b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (password_hash_acceptable(text_of(hashes[i])))
			print_error("accepted: %s\n", hashes[i]);
		assert_false(password_hash_acceptable(text_of(hashes[i])));
		assert_int_not_equal(password_verify(text_of(hashes[i]), TEXT("correct horse")), PASSWORD_RIGHT);
	}
}

static void hashes_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(password_verify(TEXT_NONE, TEXT("x")), PASSWORD_WRONG);
	assert_int_equal(password_verify(TEXT("plaintext"), TEXT("plaintext")), PASSWORD_UNUSABLE);
	assert_int_equal(password_verify(TEXT("$argon2d$"), TEXT("x")), PASSWORD_WRONG);
}

/* What the reference stores, and what is more than anyone may make the server compute, matches nothing, at once. */
static void hashes_that_are_not_computed(void **state)
{
	static const char *const hashes[] = {
		"$2a$31$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$2a$17$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		"$fbscrypt$v=1,n=12,r=8,p=1$c2FsdHNhbHQ5OQ==$OP0l", /* without a signer key */
		"$fbscrypt$v=1,n=20,r=8,p=255,sk=AAEC$c2FsdHNhbHQ5OQ==$OP0l",
#ifdef HAVE_ARGON2
		"$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=0$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=8,t=2,p=2$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1$c2FsdA$FktbU6WBWOqZC/0Wyt85eg",
		"$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQxMg$Fkt",
		"$argon2id$v=19$m=1048576,t=20,p=1$c2FsdHNhbHQxMg$FktbU6WBWOqZC/0Wyt85eg",
#endif
	};
	int64_t started = monotonic_now();

	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		assert_true(password_hash_acceptable(text_of(hashes[i])));
		assert_int_equal(password_verify(text_of(hashes[i]), TEXT("x")), PASSWORD_WRONG);
	}
	assert_true(monotonic_now() - started < SECOND);
}

/* Of the test suite that bcrypt implementations share (Openwall's crypt_blowfish). */
static void bcrypt_of_openwall(void **state)
{
	static const struct {
		const char *hash;
		struct text password;
	} cases[] = {
		{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", TEXT("U*U")},
		{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", TEXT("U*U*")},
		{"$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", TEXT("U*U*U")},
		{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", TEXT("")},
		{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", TEXT("\xa3")},
	};
	static const char letters[] = "abxyQ";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hash[61];

		memcpy(hash, cases[i].hash, sizeof(hash));
		for (const char *letter = letters; *letter; letter++) {
			hash[2] = *letter;
			assert_int_equal(password_verify(text_of(hash), cases[i].password), PASSWORD_RIGHT);
		}
		memmove(hash + 2, hash + 3, 58); /* $2$ */
		assert_true(password_hash_acceptable(text_of(hash)));
		assert_int_equal(password_verify(text_of(hash), cases[i].password), PASSWORD_RIGHT);
		assert_int_equal(password_verify(text_of(hash), TEXT("another")), PASSWORD_WRONG);
	}
}

/* A key repeats itself: the bytes x NUL x NUL are the key of the password x as well as of x NUL x. */
static void bcrypt_of_passwords_that_hold_nul(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	char *hash = password_hash(mem, TEXT("sec\0ret"));

	(void)state;
	assert_int_equal(password_verify(TEXT("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), TEXT("U*U\0U*U")), PASSWORD_RIGHT);
	assert_int_equal(password_verify(TEXT("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), TEXT("U*U\0U*X")), PASSWORD_WRONG);
	assert_int_equal(password_verify(text_of(hash), TEXT("sec\0ret")), PASSWORD_RIGHT);
	assert_int_equal(password_verify(text_of(hash), TEXT("sec")), PASSWORD_WRONG);
	assert_int_equal(password_verify(text_of(hash), TEXT("sec\0rex")), PASSWORD_WRONG);
	talloc_free(mem);
}

static void eksblowfish_equals_libxcrypt(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	static const char *const passwords[] = {"", "a", "correct horse", "\xff\xff\xa3\x80",
						"0123456789012345678901234567890123456789012345678901234567890123456789xy"};

	(void)state;
	for (size_t i = 0; i < COUNT(passwords); i++) {
		unsigned char raw[BCRYPT_RAW], salt[16];
		char hash[61] = "$2b$04$......................", encoded[32];
		uint32_t bits = 0;
		size_t made = 0;

		/* the salt ...... is sixteen zero bytes */
		memset(salt, 0, sizeof(salt));
		eksblowfish((const unsigned char *)passwords[i], strlen(passwords[i]) + 1, salt, 4, raw);
		for (int k = 0, have = 0; k < BCRYPT_RAW + 1; k++) {
			bits = bits << 8 | (k < BCRYPT_RAW ? raw[k] : 0);
			for (have += 8; have >= 6 && made < 31; have -= 6)
				encoded[made++] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[bits >> (have - 6) & 63];
		}
		encoded[31] = '\0';
		strcat(hash, encoded);
		assert_int_equal(password_verify(text_of(hash), text_of(passwords[i])), PASSWORD_RIGHT);
	}
	talloc_free(mem);
}

/* The shape of contract 05 section 2.3, for a password that nobody knows. */
static void a_hash_of_nothing(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	char *hash = password_hash_of_nothing(mem);

	(void)state;
	assert_int_equal(strlen(hash), 60);
	assert_true(text_starts(text_of(hash), "$2a$10$"));
	assert_true(password_hash_acceptable(text_of(hash)));
	assert_int_equal(strspn(hash + 7, "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 53);
	assert_true(strchr(".Oeu", hash[28])); /* two bits of the salt are left for its last character */
	assert_string_not_equal(hash, password_hash_of_nothing(mem));
	assert_int_equal(password_verify(text_of(hash), TEXT("")), PASSWORD_WRONG);
	talloc_free(mem);
}

static void only_72_bytes_count(void **state)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text longest = repeated(mem, 'a', 72), longer = repeated(mem, 'a', 600);
	char *hash = password_hash(mem, longest);

	(void)state;
	assert_int_equal(strlen(hash), 60);
	assert_true(text_starts(text_of(hash), "$2a$10$"));
	assert_int_equal(password_verify(text_of(hash), longest), PASSWORD_RIGHT);
	assert_int_equal(password_verify(text_of(hash), longer), PASSWORD_RIGHT);
	assert_int_equal(password_verify(text_of(hash), repeated(mem, 'a', 71)), PASSWORD_WRONG);
	assert_null(password_hash(mem, repeated(mem, 'a', 73)));
	assert_string_not_equal(hash, password_hash(mem, longest));
	talloc_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_of_fips_180),
		cmocka_unit_test(a_pkce_challenge_of_rfc_7636),
		cmocka_unit_test(a_deleted_users_address_of_contract_05),
		cmocka_unit_test(hmac_of_rfc_4231),
		cmocka_unit_test(hkdf_of_rfc_5869),
		cmocka_unit_test(codes_and_their_hash),
		cmocka_unit_test(random_identifiers),
		cmocka_unit_test(generated_passwords),
		cmocka_unit_test(envelopes_of_the_contract),
		cmocka_unit_test(what_is_no_envelope_is_plain_text),
		cmocka_unit_test(sealed_and_opened),
		cmocka_unit_test(imported_hashes_of_contract_05),
		cmocka_unit_test(refused_hashes_of_contract_05),
		cmocka_unit_test(hashes_that_are_none),
		cmocka_unit_test(hashes_that_are_not_computed),
		cmocka_unit_test(bcrypt_of_openwall),
		cmocka_unit_test(bcrypt_of_passwords_that_hold_nul),
		cmocka_unit_test(eksblowfish_equals_libxcrypt),
		cmocka_unit_test(a_hash_of_nothing),
		cmocka_unit_test(only_72_bytes_count),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
