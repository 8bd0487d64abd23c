/* stored.c: what second factors keep of a credential and of the answer (contract 08 section 6.7). */
#include <string.h>

#include "latchkey/crypto.h"
#include "webauthn_int.h"

void webauthn_member_bytes(struct json_writer *out, const char *name, enum base64_kind kind, struct text bytes)
{
	char *text;

	if (!bytes.data) {
		json_member_raw(out, name, TEXT("null"));
		return;
	}
	text = base64_encode(out->buffer, kind, bytes.data, bytes.len);
	json_member_string(out, name, text);
	talloc_free(text);
}

void webauthn_member_texts(struct json_writer *out, const char *name, const struct text_list *list)
{
	json_name(out, name);
	if (!list->set) {
		json_null(out);
		return;
	}
	json_open_array(out);
	for (size_t i = 0; i < list->count; i++)
		json_text(out, list->items[i]);
	json_close_array(out);
}

/* Only two names are kept. */
static struct text attachment_of(const struct webauthn_answer *answer)
{
	bool known = text_is(answer->attachment, "platform") || text_is(answer->attachment, "cross-platform");

	return known ? answer->attachment : TEXT("");
}

/* ---- web_authn_credential ------------------------------------------------------------------------------------------------------------------------ */

static void write_flags(struct json_writer *out, unsigned flags)
{
	json_name(out, "flags");
	json_open_object(out);
	json_member_truth(out, "userPresent", flags & AUTH_UP);
	json_member_truth(out, "userVerified", flags & AUTH_UV);
	json_member_truth(out, "backupEligible", flags & AUTH_BE);
	json_member_truth(out, "backupState", flags & AUTH_BS);
	json_close_object(out);
}

static void write_authenticator(struct json_writer *out, const struct webauthn_answer *answer)
{
	json_name(out, "authenticator");
	json_open_object(out);
	webauthn_member_bytes(out, "AAGUID", BASE64_STD, (struct text){(const char *)answer->auth.aaguid, sizeof(answer->auth.aaguid)});
	json_member_int(out, "signCount", answer->auth.counter);
	json_member_truth(out, "cloneWarning", false);
	json_member_text(out, "attachment", attachment_of(answer));
	json_close_object(out);
}

static void write_attestation(struct json_writer *out, const struct webauthn_answer *answer)
{
	unsigned char hash[32];

	sha256(answer->client_data_json, hash);
	json_name(out, "attestation");
	json_open_object(out);
	webauthn_member_bytes(out, "clientDataJSON", BASE64_STD, answer->client_data_json);
	webauthn_member_bytes(out, "clientDataHash", BASE64_STD, (struct text){(const char *)hash, sizeof(hash)});
	webauthn_member_bytes(out, "authenticatorData", BASE64_STD, answer->claimed_auth_data);
	json_member_int(out, "publicKeyAlgorithm", answer->claimed_algorithm);
	webauthn_member_bytes(out, "object", BASE64_STD, answer->attestation_object);
	json_close_object(out);
}

struct text webauthn_credential_json(TALLOC_CTX *mem, const struct webauthn_answer *answer)
{
	struct json_writer out = json_writer(buffer_new(mem, 2048));

	json_open_object(&out);
	webauthn_member_bytes(&out, "id", BASE64_STD, answer->auth.credential_id);
	webauthn_member_bytes(&out, "publicKey", BASE64_STD, answer->auth.public_key);
	json_member_text(&out, "attestationType", answer->format);
	webauthn_member_texts(&out, "transport", &answer->transports);
	write_flags(&out, answer->auth.flags);
	write_authenticator(&out, answer);
	write_attestation(&out, answer);
	json_close_object(&out);
	return buffer_as_text(out.buffer);
}

bool webauthn_credential_read(TALLOC_CTX *mem, struct json_object *stored, struct webauthn_credential *credential)
{
	struct text id = json_get_text(stored, "id"), key = json_get_text(stored, "publicKey");
	struct json_object *transports = json_get(stored, "transport");
	size_t count = json_object_is_type(transports, json_type_array) ? json_object_array_length(transports) : 0;

	*credential = (struct webauthn_credential){.backup_eligible = json_get_true(json_get(stored, "flags"), "backupEligible")};
	credential->id.data = (const char *)base64_decode(mem, BASE64_STD, id, &credential->id.len, NULL);
	credential->public_key.data = (const char *)base64_decode(mem, BASE64_STD, key, &credential->public_key.len, NULL);
	credential->sign_count = (uint32_t)json_object_get_int64(json_get(json_get(stored, "authenticator"), "signCount"));
	credential->transports = (struct text_list){must(talloc_array(mem, struct text, (unsigned)count + 1)), 0, true};
	for (; credential->transports.count < count; credential->transports.count++)
		credential->transports.items[credential->transports.count] =
			text_of(json_object_get_string(json_object_array_get_idx(transports, credential->transports.count)));
	return id.len && key.len && credential->id.data && credential->public_key.data;
}

/* ---- credential_response ---------------------------------------------------------------------------------------------------------------------------- */

static void write_client_data(struct json_writer *out, const struct client_data *client)
{
	json_name(out, "CollectedClientData");
	json_open_object(out);
	json_member_text(out, "type", client->type);
	json_member_text(out, "challenge", client->challenge);
	json_member_text(out, "origin", client->origin);
	if (client->top_origin.len)
		json_member_text(out, "topOrigin", client->top_origin);
	if (client->cross_origin)
		json_member_truth(out, "crossOrigin", true);
	if (client->token_binding.len) {
		json_name(out, "tokenBinding");
		json_open_object(out);
		json_member_text(out, "status", client->binding_status);
		if (client->binding_id.len)
			json_member_text(out, "id", client->binding_id);
		json_close_object(out);
	}
	if (client->hint.len)
		json_member_text(out, "new_keys_may_be_added_here", client->hint);
	json_close_object(out);
}

static void write_auth_data(struct json_writer *out, const char *name, const struct authenticator_data *auth)
{
	struct text aaguid = {auth->attested ? (const char *)auth->aaguid : NULL, sizeof(auth->aaguid)};

	json_name(out, name);
	json_open_object(out);
	webauthn_member_bytes(out, "rpid", BASE64_STD, auth->rp_id_hash);
	json_member_int(out, "flags", auth->flags);
	json_member_int(out, "sign_count", auth->counter);
	json_name(out, "att_data");
	json_open_object(out);
	webauthn_member_bytes(out, "aaguid", BASE64_STD, aaguid);
	webauthn_member_bytes(out, "credential_id", BASE64_STD, auth->credential_id);
	webauthn_member_bytes(out, "public_key", BASE64_STD, auth->public_key);
	json_close_object(out);
	webauthn_member_bytes(out, "ext_data", BASE64_STD, auth->extensions);
	json_close_object(out);
}

/* Statements hold bytes, texts, numbers and lists of them; a map has no form in the reference's JSON. */
static bool write_node(struct json_writer *out, const struct cbor_node *node)
{
	switch (node->kind) {
	case NODE_INT:
		json_raw(out, text_of(node->negative && node->number == UINT64_MAX
					      ? "-18446744073709551616"
					      : format(out->buffer, "%s%llu", node->negative ? "-" : "",
						       (unsigned long long)(node->number + (node->negative ? 1 : 0)))));
		return true;
	case NODE_TEXT:
		json_text(out, node->text);
		return true;
	case NODE_BYTES:
		json_string(out, base64_encode(out->buffer, BASE64_STD, node->text.data, node->text.len));
		return true;
	case NODE_LIST:
		json_open_array(out);
		for (size_t i = 0; i < node->count; i++)
			if (!write_node(out, &node->items[i]))
				return false;
		json_close_array(out);
		return true;
	case NODE_OTHER:
		if (node->text.len != 1)
			return false; /* a fraction: no format has one */
		json_raw(out, (unsigned char)node->text.data[0] == 0xf5	  ? TEXT("true")
			      : (unsigned char)node->text.data[0] == 0xf4 ? TEXT("false")
									  : TEXT("null"));
		return true;
	case NODE_MAP:
		break;
	}
	return false;
}

static bool write_statement(struct json_writer *out, const struct cbor_node *statement)
{
	if (statement->count == 0)
		return true;
	json_name(out, "attStmt");
	json_open_object(out);
	for (size_t i = 0; i + 1 < statement->count; i += 2) {
		json_name(out, text_string(out->buffer, statement->items[i].text));
		if (!write_node(out, &statement->items[i + 1]))
			return false;
	}
	json_close_object(out);
	return true;
}

/* Members that stand beside the response, in both forms; extension results only where there are some. */
static void write_optional(struct json_writer *out, const struct webauthn_answer *answer)
{
	struct json_object *value = NULL;
	const char *why;

	if (answer->extension_results.len && json_parse(out->buffer, answer->extension_results, &value, &why) == 0 &&
	    json_object_object_length(value) > 0)
		json_member_value(out, "clientExtensionResults", value);
}

static bool write_parsed(struct json_writer *out, const struct webauthn_answer *answer, bool registration)
{
	json_name(out, "Response");
	json_open_object(out);
	write_client_data(out, &answer->client);
	if (registration) {
		json_name(out, "AttestationObject");
		json_open_object(out);
		write_auth_data(out, "AuthData", &answer->auth);
		webauthn_member_bytes(out, "authData", BASE64_STD, answer->auth.bytes);
		json_member_text(out, "fmt", answer->format);
		if (!write_statement(out, answer->statement))
			return false;
		json_close_object(out);
		webauthn_member_texts(out, "Transports", &answer->transports);
	} else {
		write_auth_data(out, "AuthenticatorData", &answer->auth);
		webauthn_member_bytes(out, "Signature", BASE64_STD, answer->signature);
		webauthn_member_bytes(out, "UserHandle", BASE64_STD, answer->user_handle);
	}
	json_close_object(out);
	return true;
}

static void write_raw(struct json_writer *out, const struct webauthn_answer *answer, bool registration)
{
	json_name(out, "Raw");
	json_open_object(out);
	json_member_text(out, "id", answer->id);
	json_member_string(out, "type", "public-key");
	webauthn_member_bytes(out, "rawId", BASE64_URL_RAW, answer->raw_id);
	write_optional(out, answer);
	if (answer->attachment.len)
		json_member_text(out, "authenticatorAttachment", answer->attachment);
	json_name(out, "response");
	json_open_object(out);
	webauthn_member_bytes(out, "clientDataJSON", BASE64_URL_RAW, answer->client_data_json);
	if (registration) {
		if (answer->transports.count)
			webauthn_member_texts(out, "transports", &answer->transports);
		webauthn_member_bytes(out, "authenticatorData", BASE64_URL_RAW, answer->claimed_auth_data);
		webauthn_member_bytes(out, "publicKey", BASE64_URL_RAW, answer->claimed_public_key);
		json_member_int(out, "publicKeyAlgorithm", answer->claimed_algorithm);
		webauthn_member_bytes(out, "attestationObject", BASE64_URL_RAW, answer->attestation_object);
	} else {
		webauthn_member_bytes(out, "authenticatorData", BASE64_URL_RAW, answer->auth.bytes);
		webauthn_member_bytes(out, "signature", BASE64_URL_RAW, answer->signature);
		if (answer->user_handle.len)
			webauthn_member_bytes(out, "userHandle", BASE64_URL_RAW, answer->user_handle);
	}
	json_close_object(out);
	json_close_object(out);
}

bool webauthn_response_json(struct json_writer *out, const struct webauthn_answer *answer, bool registration)
{
	json_open_object(out);
	json_member_text(out, "ID", answer->id);
	json_member_string(out, "Type", "public-key");
	webauthn_member_bytes(out, "rawId", BASE64_STD, answer->raw_id);
	write_optional(out, answer);
	if (attachment_of(answer).len)
		json_member_text(out, "authenticatorAttachment", attachment_of(answer));
	if (!write_parsed(out, answer, registration))
		return false;
	write_raw(out, answer, registration);
	json_close_object(out);
	return true;
}
