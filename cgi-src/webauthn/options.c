/* options.c: what navigator.credentials is given, and what is kept until it answers (contract 08 sections 10.1, 10.2). */
#include <string.h>

#include "webauthn_int.h"

#define TIMEOUT_MS 300000

void webauthn_challenge(struct webauthn_options *options)
{
	unsigned char bytes[32];
	char *text;

	random_bytes(bytes, sizeof(bytes));
	text = base64_encode(NULL, BASE64_URL_RAW, bytes, sizeof(bytes));
	memcpy(options->challenge, text, sizeof(options->challenge));
	talloc_free(text);
}

static void member_algorithms(struct json_writer *out, const char *name)
{
	json_name(out, name);
	json_open_array(out);
	for (size_t i = 0; i < cose_offered_count; i++) {
		json_open_object(out);
		json_member_string(out, "type", "public-key");
		json_member_int(out, "alg", cose_offered[i]);
		json_close_object(out);
	}
	json_close_array(out);
}

/* transports: of every credential; NULL: each its own; an empty list: none. */
static void member_credentials(struct json_writer *out, const char *name, const struct webauthn_options *options, const struct text_list *transports)
{
	if (options->credential_count == 0)
		return;
	json_name(out, name);
	json_open_array(out);
	for (size_t i = 0; i < options->credential_count; i++) {
		const struct text_list *list = transports ? transports : &options->credentials[i].transports;

		json_open_object(out);
		json_member_string(out, "type", "public-key");
		webauthn_member_bytes(out, "id", BASE64_URL_RAW, options->credentials[i].id);
		if (list->count)
			webauthn_member_texts(out, "transports", list);
		json_close_object(out);
	}
	json_close_array(out);
}

static void member_party(struct json_writer *out, const struct settings *settings)
{
	json_name(out, "rp");
	json_open_object(out);
	json_member_string(out, "name", settings->webauthn.rp_display_name);
	json_member_string(out, "id", settings->webauthn.rp_id);
	json_close_object(out);
}

static void member_user(struct json_writer *out, const struct webauthn_options *options)
{
	json_name(out, "user");
	json_open_object(out);
	json_member_string(out, "name", options->user_name);
	json_member_string(out, "displayName", options->user_display_name);
	webauthn_member_bytes(out, "id", BASE64_URL_RAW, options->user_id);
	json_close_object(out);
}

void webauthn_creation_json(struct json_writer *out, const struct settings *settings, const struct webauthn_options *options)
{
	static struct text of_factors[] = {{"usb", 3}, {"nfc", 3}};
	static const struct text_list factor_transports = {of_factors, 2, true}, none = {NULL, 0, true};
	bool passkey = options->profile == WEBAUTHN_PASSKEY;

	json_open_object(out);
	member_party(out, settings);
	member_user(out, options);
	json_member_string(out, "challenge", options->challenge);
	member_algorithms(out, "pubKeyCredParams");
	json_member_int(out, "timeout", TIMEOUT_MS);
	member_credentials(out, "excludeCredentials", options, passkey ? &none : &factor_transports);
	json_name(out, "authenticatorSelection");
	json_open_object(out);
	if (passkey) {
		json_member_string(out, "residentKey", "required");
		json_member_string(out, "userVerification", "preferred");
	}
	json_close_object(out);
	if (passkey)
		json_member_string(out, "attestation", "none");
	json_close_object(out);
}

void webauthn_request_json(struct json_writer *out, const struct settings *settings, const struct webauthn_options *options)
{
	json_open_object(out);
	json_member_string(out, "challenge", options->challenge);
	json_member_int(out, "timeout", TIMEOUT_MS);
	json_member_string(out, "rpId", settings->webauthn.rp_id);
	member_credentials(out, "allowCredentials", options, NULL);
	if (options->profile == WEBAUTHN_PASSKEY)
		json_member_string(out, "userVerification", "preferred");
	json_close_object(out);
}

struct text webauthn_session_json(TALLOC_CTX *mem, const struct settings *settings, const struct webauthn_options *options, bool registration)
{
	struct json_writer out = json_writer(buffer_new(mem, 1024));

	json_open_object(&out);
	json_member_string(&out, "challenge", options->challenge);
	json_member_string(&out, "rpId", settings->webauthn.rp_id);
	webauthn_member_bytes(&out, "user_id", BASE64_STD, options->user_id);
	if (!registration && options->credential_count) {
		json_name(&out, "allowed_credentials");
		json_open_array(&out);
		for (size_t i = 0; i < options->credential_count; i++)
			json_string(&out, base64_encode(mem, BASE64_STD, options->credentials[i].id.data, options->credentials[i].id.len));
		json_close_array(&out);
	}
	json_member_string(&out, "expires", "0001-01-01T00:00:00Z"); /* Go's zero time: the row's own expiry counts */
	json_member_string(&out, "userVerification", options->profile == WEBAUTHN_PASSKEY ? "preferred" : "");
	if (registration)
		member_algorithms(&out, "credParams");
	json_close_object(&out);
	return buffer_as_text(out.buffer);
}

/* ---- reading it back ------------------------------------------------------------------------------------------------------------------------- */

static struct text bytes_of(TALLOC_CTX *mem, struct json_object *value)
{
	const char *string = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
	struct text bytes = TEXT_NONE;

	if (string)
		bytes.data = (const char *)base64_decode(mem, BASE64_STD, text_of(string), &bytes.len, NULL);
	return bytes.data ? bytes : TEXT_NONE;
}

static size_t length_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

bool webauthn_session_read(TALLOC_CTX *mem, struct text json, struct webauthn_session *session)
{
	struct json_object *value = NULL, *allowed, *algorithms;
	struct text expires;
	const char *why;
	moment at;

	if (json_parse(mem, json, &value, &why) < 0 || !json_object_is_type(value, json_type_object))
		return false;
	*session = (struct webauthn_session){.challenge = json_get_text(value, "challenge")};
	session->user_id = bytes_of(mem, json_get(value, "user_id"));
	session->uv_required = text_is(json_get_text(value, "userVerification"), "required");
	expires = json_get_text(value, "expires");
	session->expired = !text_starts(expires, "0001-01-01T00:00:00") && (!moment_parse(expires, &at) || at < moment_now());
	allowed = json_get(value, "allowed_credentials");
	session->allowed = must(talloc_array(mem, struct text, (unsigned)length_of(allowed) + 1));
	for (; session->allowed_count < length_of(allowed); session->allowed_count++)
		session->allowed[session->allowed_count] = bytes_of(mem, json_object_array_get_idx(allowed, session->allowed_count));
	algorithms = json_get(value, "credParams");
	session->algorithms = must(talloc_array(mem, int64_t, (unsigned)length_of(algorithms) + 1));
	for (; session->algorithm_count < length_of(algorithms); session->algorithm_count++)
		session->algorithms[session->algorithm_count] =
			json_object_get_int64(json_get(json_object_array_get_idx(algorithms, session->algorithm_count), "alg"));
	return true;
}
