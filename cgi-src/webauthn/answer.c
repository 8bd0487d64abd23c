/* answer.c: the JSON that navigator.credentials gave to the client, read into bytes (contract 08 section 10.3). */
#include "webauthn_int.h"

/* Members as they stand in the JSON; bytes are SOURCE: base64url is looked at before any JSON escape is undone. */
struct response {
	struct text client_data_json, attestation_object, authenticator_data, public_key, signature, user_handle;
	struct text_list transports;
	int64_t algorithm;
};
struct credential {
	struct text id, type, raw_id, extension_results, attachment;
	struct response response;
};

static const struct json_field registration_fields[] = {
	JSON_FIELD(struct response, client_data_json, "clientDataJSON", JSON_SOURCE),
	JSON_FIELD(struct response, attestation_object, "attestationObject", JSON_SOURCE),
	JSON_FIELD(struct response, authenticator_data, "authenticatorData", JSON_SOURCE),
	JSON_FIELD(struct response, public_key, "publicKey", JSON_SOURCE),
	JSON_FIELD(struct response, algorithm, "publicKeyAlgorithm", JSON_INT),
	JSON_FIELD(struct response, transports, "transports", JSON_TEXTS),
};
static const struct json_field assertion_fields[] = {
	JSON_FIELD(struct response, client_data_json, "clientDataJSON", JSON_SOURCE),
	JSON_FIELD(struct response, authenticator_data, "authenticatorData", JSON_SOURCE),
	JSON_FIELD(struct response, signature, "signature", JSON_SOURCE),
	JSON_FIELD(struct response, user_handle, "userHandle", JSON_SOURCE),
};
static const struct json_shape registration_shape = JSON_SHAPE("AuthenticatorAttestationResponse", registration_fields);
static const struct json_shape assertion_shape = JSON_SHAPE("AuthenticatorAssertionResponse", assertion_fields);

#define CREDENTIAL_FIELDS(response_shape)                                                                                   \
	{                                                                                                                   \
		JSON_FIELD(struct credential, id, "id", JSON_TEXT), JSON_FIELD(struct credential, type, "type", JSON_TEXT), \
			JSON_FIELD(struct credential, raw_id, "rawId", JSON_SOURCE),                                        \
			JSON_FIELD(struct credential, extension_results, "clientExtensionResults", JSON_SOURCE),            \
			JSON_FIELD(struct credential, attachment, "authenticatorAttachment", JSON_TEXT),                    \
		{                                                                                                           \
			"response", JSON_STRUCT, offsetof(struct credential, response), &(response_shape)                   \
		}                                                                                                           \
	}
static const struct json_field registration_credential[] = CREDENTIAL_FIELDS(registration_shape);
static const struct json_field assertion_credential[] = CREDENTIAL_FIELDS(assertion_shape);
static const struct json_shape registration_credential_shape = JSON_SHAPE("CredentialCreationResponse", registration_credential);
static const struct json_shape assertion_credential_shape = JSON_SHAPE("CredentialAssertionResponse", assertion_credential);

struct binding {
	struct text status, id;
};
static const struct json_field binding_fields[] = {
	JSON_FIELD(struct binding, status, "status", JSON_TEXT),
	JSON_FIELD(struct binding, id, "id", JSON_TEXT),
};
static const struct json_shape binding_shape = JSON_SHAPE("TokenBinding", binding_fields);
static const struct json_field client_fields[] = {
	JSON_FIELD(struct client_data, type, "type", JSON_TEXT),
	JSON_FIELD(struct client_data, challenge, "challenge", JSON_TEXT),
	JSON_FIELD(struct client_data, origin, "origin", JSON_TEXT),
	JSON_FIELD(struct client_data, top_origin, "topOrigin", JSON_TEXT),
	JSON_FIELD(struct client_data, cross_origin, "crossOrigin", JSON_BOOL),
	JSON_FIELD(struct client_data, token_binding, "tokenBinding", JSON_SOURCE),
	JSON_FIELD(struct client_data, hint, "new_keys_may_be_added_here", JSON_TEXT),
};
static const struct json_shape client_shape = JSON_SHAPE("CollectedClientData", client_fields);

static bool refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool is_null(struct text source)
{
	return source.len == 0 || text_is(source, "null");
}

/* base64url with or without its padding; TEXT_NONE for null and for what is not there. */
static bool read_bytes(TALLOC_CTX *mem, struct text source, struct text *bytes)
{
	struct text text;
	size_t len;

	*bytes = TEXT_NONE;
	if (is_null(source))
		return true;
	if (source.data[0] != '"')
		return false;
	text = (struct text){source.data + 1, source.len - 2};
	while (text.len && text.data[text.len - 1] == '=')
		text.len--;
	bytes->data = (const char *)base64_decode(mem, BASE64_URL_RAW, text, &len, NULL);
	bytes->len = bytes->data ? len : 0;
	return bytes->data;
}

bool client_data_read(TALLOC_CTX *mem, struct text json, struct client_data *data, const char **why)
{
	struct binding binding = {TEXT_NONE, TEXT_NONE};

	*data = (struct client_data){.cross_origin = false};
	if (json_decode(mem, json, &client_shape, data, why) < 0)
		return false;
	if (is_null(data->token_binding))
		data->token_binding = TEXT_NONE;
	else if (json_decode(mem, data->token_binding, &binding_shape, &binding, why) < 0)
		return false;
	data->binding_status = binding.status;
	data->binding_id = binding.id;
	return true;
}

static bool extension_results(struct text source, struct text *results)
{
	*results = is_null(source) ? TEXT_NONE : source;
	return results->len == 0 || results->data[0] == '{';
}

/* What both kinds have in common, in the order of the contract's table: types, id, type, client data. */
static bool read_frame(TALLOC_CTX *mem, const struct credential *credential, struct webauthn_answer *answer, const char **why)
{
	struct text ignored;
	size_t len;

	if (!read_bytes(mem, credential->raw_id, &answer->raw_id) ||
	    !read_bytes(mem, credential->response.client_data_json, &answer->client_data_json) ||
	    !extension_results(credential->extension_results, &answer->extension_results))
		return refuse(why, "a member of the wrong type");
	answer->id = credential->id;
	answer->attachment = credential->attachment;
	ignored.data = (const char *)base64_decode(mem, BASE64_URL_RAW, credential->id, &len, NULL);
	if (credential->id.len == 0 || !ignored.data)
		return refuse(why, "id");
	if (!text_is(credential->type, "public-key"))
		return refuse(why, "type");
	return client_data_read(mem, answer->client_data_json, &answer->client, why);
}

static bool read_object(TALLOC_CTX *mem, struct webauthn_answer *answer, const char **why)
{
	struct cbor_node *object = must(talloc_zero(mem, struct cbor_node));
	static const struct cbor_node empty = {.kind = NODE_MAP};
	const struct cbor_node *format, *statement;
	size_t used;

	if (!cbor_read(mem, answer->attestation_object, object, &used) || object->kind != NODE_MAP)
		return refuse(why, "attestation object");
	format = cbor_member(object, "fmt");
	statement = cbor_member(object, "attStmt");
	if ((format && format->kind != NODE_TEXT) || (statement && statement->kind != NODE_MAP))
		return refuse(why, "attestation object: types");
	for (size_t i = 0; statement && i < statement->count; i += 2)
		if (statement->items[i].kind != NODE_TEXT)
			return refuse(why, "attestation statement: keys");
	answer->format = format ? format->text : TEXT_NONE;
	answer->statement = statement ? statement : &empty;
	if (!authenticator_data_read(mem, cbor_bytes(cbor_member(object, "authData")), &answer->auth, why))
		return false;
	return answer->auth.attested || refuse(why, "no attested data");
}

bool webauthn_read_registration(TALLOC_CTX *mem, struct text json, struct webauthn_answer *answer, const char **why)
{
	struct credential credential = {.response = {.algorithm = 0}};
	const struct response *response = &credential.response;

	*answer = (struct webauthn_answer){.claimed_algorithm = 0};
	if (json_decode(mem, json, &registration_credential_shape, &credential, why) < 0)
		return false;
	if (!read_bytes(mem, response->attestation_object, &answer->attestation_object) ||
	    !read_bytes(mem, response->authenticator_data, &answer->claimed_auth_data) ||
	    !read_bytes(mem, response->public_key, &answer->claimed_public_key))
		return refuse(why, "a member of the wrong type");
	answer->transports = response->transports;
	answer->claimed_algorithm = response->algorithm;
	return read_frame(mem, &credential, answer, why) && read_object(mem, answer, why);
}

bool webauthn_read_assertion(TALLOC_CTX *mem, struct text json, struct webauthn_answer *answer, const char **why)
{
	struct credential credential = {.response = {.algorithm = 0}};
	const struct response *response = &credential.response;
	struct text auth_data;

	*answer = (struct webauthn_answer){.claimed_algorithm = 0};
	if (!webauthn_built())
		return refuse(why, "this build has no libcbor");
	if (json_decode(mem, json, &assertion_credential_shape, &credential, why) < 0)
		return false;
	if (!read_bytes(mem, response->authenticator_data, &auth_data) || !read_bytes(mem, response->signature, &answer->signature) ||
	    !read_bytes(mem, response->user_handle, &answer->user_handle))
		return refuse(why, "a member of the wrong type");
	return read_frame(mem, &credential, answer, why) && authenticator_data_read(mem, auth_data, &answer->auth, why);
}
