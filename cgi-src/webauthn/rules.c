/* rules.c: whether a registration or an assertion is what was asked for (contract 08 sections 10.4, 10.5). */
#include <openssl/crypto.h>
#include <string.h>

#include "latchkey/crypto.h"
#include "webauthn_int.h"

static bool refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool binding_is_known(const struct client_data *client)
{
	static const char *const known[] = {"present", "supported", "not-supported"};

	if (client->token_binding.len == 0)
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_is(client->binding_status, known[i]))
			return true;
	return false;
}

/* Rules 2 to 8 of section 10.4. */
static bool check_common(TALLOC_CTX *mem, const struct settings *settings, const struct webauthn_session *session, const char *type,
			 const struct webauthn_answer *answer, const char **why)
{
	const struct client_data *client = &answer->client;
	unsigned char hash[32];

	if (session->expired)
		return refuse(why, "the ceremony has expired");
	if (!text_is(client->type, type))
		return refuse(why, "type of the client data");
	if (session->challenge.len == 0 || !secret_equal(client->challenge, session->challenge))
		return refuse(why, "challenge");
	if (!webauthn_origin_allowed(mem, &settings->webauthn.rp_origins, client->origin))
		return refuse(why, "origin");
	if (!binding_is_known(client))
		return refuse(why, "token binding");
	sha256(text_of(settings->webauthn.rp_id), hash);
	if (CRYPTO_memcmp(hash, answer->auth.rp_id_hash.data, sizeof(hash)) != 0)
		return refuse(why, "RP id");
	if (!(answer->auth.flags & AUTH_UP))
		return refuse(why, "nobody was present");
	if (session->uv_required && !(answer->auth.flags & AUTH_UV))
		return refuse(why, "the user was not verified");
	return true;
}

static bool was_offered(const struct webauthn_session *session, int64_t alg)
{
	for (size_t i = 0; i < session->algorithm_count; i++)
		if (session->algorithms[i] == alg)
			return true;
	return false;
}

bool webauthn_check_registration(TALLOC_CTX *mem, const struct settings *settings, const struct webauthn_session *session, struct text user_id,
				 const struct webauthn_answer *answer, const char **why)
{
	struct cose_key key;

	if (!text_equal(session->user_id, user_id))
		return refuse(why, "another user's challenge");
	if (!check_common(mem, settings, session, "webauthn.create", answer, why))
		return false;
	if (!cose_read(mem, answer->auth.public_key, &key))
		return refuse(why, "no key that is known here");
	if (!was_offered(session, key.alg))
		return refuse(why, "an algorithm that was not offered");
	return attestation_accepted(mem, answer, why);
}

/* ---- assertions ------------------------------------------------------------------------------------------------------------------------------ */

static const struct webauthn_credential *find(const struct webauthn_credential *credentials, size_t count, struct text id)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(credentials[i].id, id))
			return &credentials[i];
	return NULL;
}

/* Rule 2: all that were allowed are still the user's, and it is one of them. */
static bool was_allowed(const struct webauthn_session *session, const struct webauthn_credential *credentials, size_t count, struct text id)
{
	bool listed = session->allowed_count == 0;

	for (size_t i = 0; i < session->allowed_count; i++) {
		if (!find(credentials, count, session->allowed[i]))
			return false;
		listed |= text_equal(session->allowed[i], id);
	}
	return listed;
}

/* Rules 1 and 3. */
static bool is_the_user(enum webauthn_profile profile, const struct webauthn_session *session, struct text user_id, struct text user_handle)
{
	if (profile == WEBAUTHN_PASSKEY)
		return session->user_id.len == 0 && user_handle.len > 0 && text_equal(user_handle, user_id);
	return text_equal(session->user_id, user_id) && (user_handle.len == 0 || text_equal(user_handle, user_id));
}

static struct text signed_bytes(TALLOC_CTX *mem, const struct webauthn_answer *answer)
{
	struct buffer *out = buffer_new(mem, answer->auth.bytes.len + 32);
	unsigned char hash[32];

	sha256(answer->client_data_json, hash);
	buffer_text(out, answer->auth.bytes);
	buffer_add(out, hash, sizeof(hash));
	return buffer_as_text(out);
}

bool webauthn_check_assertion(TALLOC_CTX *mem, const struct settings *settings, enum webauthn_profile profile, const struct webauthn_session *session,
			      struct text user_id, const struct webauthn_credential *credentials, size_t count, const struct webauthn_answer *answer,
			      const struct webauthn_credential **used, const char **why)
{
	bool eligible = answer->auth.flags & AUTH_BE;
	struct cose_key key;

	if (!is_the_user(profile, session, user_id, answer->user_handle))
		return refuse(why, "user");
	*used = find(credentials, count, answer->raw_id);
	if (!*used || !was_allowed(session, credentials, count, answer->raw_id))
		return refuse(why, "no credential of the user that was asked for");
	if (!check_common(mem, settings, session, "webauthn.get", answer, why))
		return false;
	if (!cose_read(mem, (*used)->public_key, &key) || !cose_verify(&key, signed_bytes(mem, answer), answer->signature))
		return refuse(why, "signature");
	if (eligible != (*used)->backup_eligible)
		return refuse(why, "the credential's backup eligibility has changed");
	if (!eligible && (answer->auth.flags & AUTH_BS))
		return refuse(why, "backed up, but not eligible for it");
	return true;
}

uint32_t webauthn_counter(const struct webauthn_credential *credential, const struct webauthn_answer *answer)
{
	return answer->auth.counter > credential->sign_count ? answer->auth.counter : credential->sign_count;
}
