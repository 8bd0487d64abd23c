/* passwords.c: hashing on behalf of a request: where, and not twice when the request moves on to another lane. */
#include "cgi-src/api/accounts.h"
#include "latchkey/crypto.h"

/* ---- lanes ----------------------------------------------------------------------------------------------------------------------------- */

int lane_for_password(struct request *req, bool waits)
{
	return lane_require(req, waits || req->settings->password.hibp_enabled ? LANE_OUTBOUND : LANE_HASH);
}

int lane_for_strength(struct request *req)
{
	return req->settings->password.hibp_enabled ? lane_require(req, LANE_OUTBOUND) : 0;
}

/* ---- what has been worked out already: lines "key value" in req->carried ----------------------------------------------------------------- */

static struct text key_of(struct request *req, const char *what, struct text hash, struct text password)
{
	unsigned char digest[32];

	sha256_two(text_of(format(req, "%s %zu %s ", what, hash.len, text_string(req, hash))), password, digest);
	return text_of(base64_encode(req, BASE64_STD, digest, sizeof(digest)));
}

static bool recall(const struct request *req, struct text key, struct text *value)
{
	struct text rest = req->carried, line, name;

	while (rest.len) {
		text_cut(rest, '\n', &line, &rest);
		if (text_cut(line, ' ', &name, value) && secret_equal(name, key))
			return true;
	}
	return false;
}

static void remember(struct request *req, struct text key, struct text value)
{
	struct buffer *out = buffer_new(req, req->carried.len + key.len + value.len + 2);

	buffer_text(out, req->carried);
	buffer_text(out, key);
	buffer_char(out, ' ');
	buffer_text(out, value);
	buffer_char(out, '\n');
	req->carried = buffer_as_text(out);
}

/* ---- comparing and hashing ---------------------------------------------------------------------------------------------------------------- */

static int compare(struct request *req, struct text hash, struct text password, enum password_match *match)
{
	struct text key = key_of(req, "is", hash, password), known;

	if (recall(req, key, &known)) {
		*match = text_is(known, "1") ? PASSWORD_RIGHT : PASSWORD_WRONG;
		return 0;
	}
	if (hashing_begin(req) < 0)
		return -1;
	*match = password_verify(hash, password);
	hashing_end(req);
	if (*match != PASSWORD_UNUSABLE)
		remember(req, key, *match == PASSWORD_RIGHT ? TEXT("1") : TEXT("0"));
	return 0;
}

int password_matches(struct request *req, const struct user *user, struct text password, bool *right)
{
	enum password_match match;
	struct text hash;
	const char *why;

	*right = false;
	if (!user_has_password(user))
		return 0;
	if (envelope_open(req, req->settings, &user->id, text_of(user->encrypted_password), &hash, &why) < 0)
		return fail_unexpected(req, "password: %s", why);
	if (compare(req, hash, password, &match) < 0)
		return -1;
	*right = match == PASSWORD_RIGHT;
	return match == PASSWORD_UNUSABLE ? fail_unexpected(req, "password: the stored hash has no known form") : 0;
}

static int hash_new(struct request *req, struct text password, struct text *hash)
{
	struct text key = key_of(req, "new", TEXT(""), password);

	if (recall(req, key, hash))
		return 0;
	if (hashing_begin(req) < 0)
		return -1;
	*hash = text_of(password_hash(req, password));
	hashing_end(req);
	if (!hash->data)
		return fail(req, 400, "validation_failed", "bcrypt: password length exceeds 72 bytes");
	remember(req, key, *hash);
	return 0;
}

int password_stored_form(struct request *req, const struct user *user, struct text password, bool seal, const char **stored)
{
	struct text hash;

	if (hash_new(req, password, &hash) < 0)
		return -1;
	*stored = seal ? envelope_seal(req, req->settings, &user->id, hash).data : text_string(req, hash);
	return 0;
}
